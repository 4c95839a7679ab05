//! What the rest of the program may rely on.

use std::collections::BTreeMap;

use crate::spec::{
    Backend, CrossTeamSharing, GitOpsEngine, Mode, PodSecurity, PolicyEngine, Queueing, Sharing,
};
use crate::units::{DnsLabel, Quantity, Ttl};

/// A valid tenancy.
#[derive(Debug, Clone)]
pub struct Model {
    /// Name of the platform.
    pub name: DnsLabel,
    /// Who may change what the platform owns.
    pub admins: Admins,
    /// How the repository reaches the clusters.
    pub gitops: GitOps,
    /// URL of the repository, when given; always given with Argo CD.
    pub repository: Option<String>,
    /// Branch that the clusters follow.
    pub branch: String,
    /// The admission policies.
    pub policy: Policy,
    /// Destinations that every tenant may reach.
    pub egress: Vec<Egress>,
    /// The secret backends, in the order of the spec.
    pub backends: Vec<SecretBackend>,
    /// The clusters, in the order of the spec.
    pub clusters: Vec<Cluster>,
    /// The teams, in the order of the spec.
    pub teams: Vec<Team>,
    /// The exceptions.
    pub waivers: Vec<Waiver>,
    /// Ids of the control catalogues to report against, in the order of the spec.
    pub compliance: Vec<String>,
}

/// How the repository reaches the clusters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GitOps {
    /// Who brings it there.
    pub engine: GitOpsEngine,
    /// What the API server puts before a group and the engine does not see.
    pub groups_prefix: String,
}

/// Identities that pass the protect policies.
#[derive(Debug, Clone)]
pub struct Admins {
    /// Groups.
    pub groups: Vec<String>,
    /// User names.
    pub users: Vec<String>,
}

/// The admission policies.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Who evaluates them.
    pub engine: PolicyEngine,
    /// The mode of each policy that is not in `modes`.
    pub mode: Mode,
    /// The mode of single policies.
    pub modes: BTreeMap<String, Mode>,
    /// Pod Security level of tenant namespaces.
    pub pod_security: PodSecurity,
    /// Namespaces that no policy applies to, sorted, each once.
    pub system_namespaces: Vec<String>,
    /// Whether a waiver may let teams share GPUs that isolate neither memory nor faults.
    pub cross_team_sharing: CrossTeamSharing,
    /// What every secret backend must grant and record.
    pub secrets: SecretPolicy,
}

/// What every secret backend must grant and record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretPolicy {
    /// How long a tenant's token lives unless it is renewed.
    pub token_ttl: Ttl,
    /// How long it lives at most.
    pub token_max_ttl: Ttl,
    /// Whether an audit device must be there.
    pub audit: bool,
}

impl Policy {
    /// The mode of one policy.
    pub fn mode_of(&self, id: &str) -> Mode {
        self.modes.get(id).copied().unwrap_or(self.mode)
    }
}

/// A destination outside the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Egress {
    /// An address block.
    pub cidr: String,
    /// TCP ports; empty means all ports and protocols.
    pub ports: Vec<u16>,
}

/// A Vault-compatible secret backend.
#[derive(Debug, Clone)]
pub struct SecretBackend {
    /// Name that teams refer to.
    pub name: DnsLabel,
    /// The product.
    pub backend: Backend,
    /// URL of its API, without a trailing slash.
    pub address: String,
    /// TCP port of its API.
    pub port: u16,
    /// Where pods reach it.
    pub reach: Reach,
    /// Audience of the tokens that it accepts.
    pub audience: String,
}

/// Where pods reach a secret backend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// An address block.
    Cidr(String),
    /// A namespace of the same cluster.
    Namespace(DnsLabel),
    /// Any address: the spec does not say where it is.
    Anywhere,
}

/// A cluster.
#[derive(Debug, Clone)]
pub struct Cluster {
    /// Its name.
    pub name: DnsLabel,
    /// The kubeconfig context that may be used.
    pub context: String,
    /// Job queueing.
    pub queueing: Queueing,
    /// Its GPU pools, in the order of the spec.
    pub pools: Vec<Pool>,
}

/// A pool of equal GPU nodes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pool {
    /// Its name.
    pub name: DnsLabel,
    /// Id of the board in the catalogue.
    pub board: String,
    /// Number of nodes.
    pub nodes: u32,
    /// Labels that the nodes carry.
    pub node_selector: BTreeMap<String, String>,
    /// GPUs in each node.
    pub gpus_per_node: u32,
    /// How one GPU is shared.
    pub sharing: Sharing,
    /// Whether its GPUs, but for the whole ones, are cut into MIG instances: all MIG pools, and DRA pools that are
    /// asked for instances.
    pub partitioned: bool,
    /// Shared slots per GPU; 1 unless the pool is time-sliced or MPS.
    pub replicas: u32,
    /// GPUs of a partitioned pool that stay whole.
    pub whole_gpus: u32,
    /// GPUs that the plan leaves free.
    pub reserve: u32,
    /// MIG instances that are made and promised to nobody, by profile, without zeros.
    pub spares: BTreeMap<String, u32>,
    /// GPUs whose MIG layout is fixed, in the order of the spec.
    pub pinned: Vec<PinnedGpu>,
}

/// A GPU of a MIG pool whose layout is fixed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PinnedGpu {
    /// Name of the node, as the cluster knows it.
    pub node: String,
    /// Index of the GPU in the node, below the pool's `gpus_per_node`; no GPU is pinned twice.
    pub gpu: u32,
    /// Its MIG instances by profile; they fit on the board.
    pub layout: BTreeMap<String, u32>,
}

impl Pool {
    /// GPUs in the pool.
    pub fn gpus(&self) -> u32 {
        self.nodes.saturating_mul(self.gpus_per_node)
    }
}

/// A team.
#[derive(Debug, Clone)]
pub struct Team {
    /// Its name.
    pub name: DnsLabel,
    /// Groups of its members.
    pub groups: Vec<String>,
    /// Groups of its owners.
    pub owners: Vec<String>,
    /// Its namespaces, in the order of the spec; at least one.
    pub namespaces: Vec<Namespace>,
    /// Indices of its clusters.
    pub clusters: Vec<usize>,
    /// The secrets it reads.
    pub secrets: Vec<SecretAccess>,
    /// Whether its quotas are zero for now.
    pub frozen: bool,
    /// Its share of what others leave idle, relative to the other teams, at least 1.
    pub weight: u32,
    /// The repositories that its own applications may come from, in the order of the spec.
    pub sources: Vec<String>,
}

/// A namespace of a team, on each of the team's clusters.
#[derive(Debug, Clone)]
pub struct Namespace {
    /// Its name.
    pub name: DnsLabel,
    /// The GPUs promised to it.
    pub gpus: Vec<GpuRequest>,
    /// Its other limits.
    pub quota: Quota,
}

/// GPUs promised to a namespace.
#[derive(Debug, Clone)]
pub struct GpuRequest {
    /// Index of the cluster.
    pub cluster: usize,
    /// Index of the pool in its cluster.
    pub pool: usize,
    /// What is asked for.
    pub share: Share,
    /// How many are guaranteed.
    pub count: u32,
    /// How many more may be used while they are free.
    pub burst: u32,
    /// Where the request stands: index of the team and of the entry in `gpus`.
    pub origin: (usize, usize),
}

/// The unit in which a GPU is asked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Share {
    /// A whole GPU, `nvidia.com/gpu`.
    Whole,
    /// A slot of a time-sliced or MPS GPU, `nvidia.com/gpu.shared`.
    Slot,
    /// A MIG instance of this profile.
    Profile(String),
}

impl Share {
    /// The extended resource that a pod asks for.
    pub fn resource(&self) -> String {
        match self {
            Self::Whole => "nvidia.com/gpu".to_owned(),
            Self::Slot => "nvidia.com/gpu.shared".to_owned(),
            Self::Profile(profile) => format!("nvidia.com/mig-{}", profile.replace('+', ".")),
        }
    }
}

/// Limits beside GPUs; absent means unlimited.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Quota {
    /// CPU cores.
    pub cpu: Option<Quantity>,
    /// Memory in bytes.
    pub memory: Option<Quantity>,
    /// Number of pods.
    pub pods: Option<u32>,
    /// Storage of all volume claims in bytes.
    pub storage: Option<Quantity>,
}

/// A secret that a team reads.
#[derive(Debug, Clone)]
pub struct SecretAccess {
    /// Index of the backend.
    pub backend: usize,
    /// Path below the namespace's own.
    pub path: String,
    /// Name of the file in the pod.
    pub name: DnsLabel,
}

/// An exception from a control.
#[derive(Debug, Clone)]
pub struct Waiver {
    /// The control.
    pub control: String,
    /// The pool, when it is about one.
    pub pool: Option<String>,
    /// The teams.
    pub teams: Vec<String>,
    /// Who answers for it.
    pub owner: String,
    /// Why it is needed.
    pub reason: String,
    /// Its last day, `YYYY-MM-DD`.
    pub expires: String,
}
