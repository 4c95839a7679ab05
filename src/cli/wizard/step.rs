//! The questions in their order: which one follows an answer.

/// One question; the numbers are places in the spec: cluster, pool, team, GPU request, namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Name,
    AdminGroups,
    GitOpsEngine,
    Repository,
    Branch,
    PolicyEngine,
    PolicyMode,
    Overlays,
    Clusters,
    ClusterName(usize),
    ClusterContext(usize),
    Pools(usize),
    PoolName(usize, usize),
    PoolBoard(usize, usize),
    PoolNodes(usize, usize),
    PoolGpus(usize, usize),
    PoolSharing(usize, usize),
    PoolReplicas(usize, usize),
    Backend,
    BackendName,
    BackendAddress,
    BackendEgress,
    BackendDelivery,
    Teams,
    TeamName(usize),
    TeamGroups(usize),
    TeamOwners(usize),
    TeamNamespaces(usize),
    Gpus(usize),
    GpuNamespace(usize, usize),
    GpuProfile(usize, usize),
    GpuCount(usize, usize),
    TeamQuota(usize, usize),
    Summary,
}

impl Step {
    /// The flag that answers it, without the dashes.
    pub(super) fn flag(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::AdminGroups => "admin-group",
            Self::GitOpsEngine => "gitops",
            Self::Repository => "repository",
            Self::Branch => "branch",
            Self::PolicyEngine => "policy-engine",
            Self::PolicyMode => "policy-mode",
            Self::Overlays => "overlay",
            Self::Clusters | Self::ClusterName(_) | Self::ClusterContext(_) => "cluster",
            Self::Pools(_)
            | Self::PoolName(..)
            | Self::PoolBoard(..)
            | Self::PoolNodes(..)
            | Self::PoolGpus(..)
            | Self::PoolSharing(..)
            | Self::PoolReplicas(..) => "pool",
            Self::Backend | Self::BackendAddress => "secret-backend",
            Self::BackendName => "secret-name",
            Self::BackendEgress => "secret-egress",
            Self::BackendDelivery => "secret-delivery",
            Self::Teams | Self::TeamName(_) | Self::TeamGroups(_) => "team",
            Self::TeamOwners(_) => "owner",
            Self::TeamNamespaces(_) => "team-namespace",
            Self::Gpus(_) | Self::GpuNamespace(..) | Self::GpuProfile(..) | Self::GpuCount(..) => "gpu",
            Self::TeamQuota(..) => "quota",
            Self::Summary => "yes",
        }
    }

    /// The part of the wizard that it belongs to.
    pub(super) fn section(self) -> &'static str {
        match self {
            Self::Name | Self::AdminGroups => "The platform",
            Self::GitOpsEngine | Self::Repository | Self::Branch => "GitOps",
            Self::PolicyEngine | Self::PolicyMode | Self::Overlays => "Policies",
            Self::Clusters | Self::ClusterName(_) | Self::ClusterContext(_) => "Clusters",
            Self::Pools(_)
            | Self::PoolName(..)
            | Self::PoolBoard(..)
            | Self::PoolNodes(..)
            | Self::PoolGpus(..)
            | Self::PoolSharing(..)
            | Self::PoolReplicas(..) => "GPU pools",
            Self::Backend
            | Self::BackendName
            | Self::BackendAddress
            | Self::BackendEgress
            | Self::BackendDelivery => "Secrets",
            Self::Summary => "Summary",
            _ => "Teams",
        }
    }
}
