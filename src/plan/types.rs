//! What was decided.

use std::collections::{BTreeMap, BTreeSet};

use super::device_class::{DRIVER_CLASSES, DeviceClass, class_grant};
use super::gpu::{Distribution, Layouts, Present, Settled};
use super::pods::Promise;
use crate::model::{Admins, GitOps, Model, Pool, Quota, Reach, SecretPolicy};
use crate::overlay::Overlays;
use crate::spec::{Backend, Finding, Mode, PodSecurity, PolicyEngine, Queueing, Sharing};
use crate::units::DnsLabel;

/// All decisions of one tenancy.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What it was made from.
    pub model: Model,
    /// Per cluster, in the order of the spec.
    pub clusters: Vec<ClusterPlan>,
    /// What is laid over the spec and over the rendered objects.
    pub overlays: Overlays,
    /// Where the spec says what: `team <name>`, `cluster <name>` → `file:line:column`.
    pub places: BTreeMap<String, String>,
    /// What a person should know though nothing is wrong, by place.
    pub notes: Vec<Finding>,
}

/// The decisions of one cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterPlan {
    /// Its name.
    pub name: DnsLabel,
    /// The kubeconfig context that may be used.
    pub context: String,
    /// The pools in the order of the spec.
    pub pools: Vec<PoolPlan>,
    /// Whether jobs queue, and idle shares are lent by the queues.
    pub queueing: Queueing,
    /// Every GPU resource that a node of this cluster could advertise, sorted: a quota must name each.
    pub gpu_resources: BTreeSet<String>,
    /// The DRA device classes of ours, by name; none without DRA pools.
    pub device_classes: Vec<DeviceClass>,
    /// The policies with their modes, in the order of their ids.
    pub policies: Vec<PolicyPlan>,
    /// The secret backends that a tenant of this cluster uses.
    pub backends: Vec<BackendPlan>,
    /// The tenant namespaces, in the order of the spec.
    pub tenants: Vec<Tenant>,
}

/// One policy of a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyPlan {
    /// Its id.
    pub id: String,
    /// Whether a violation is denied.
    pub mode: Mode,
}

/// One pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolPlan {
    /// What the spec says.
    pub pool: Pool,
    /// MIG pools: what lies on which GPU, and why no fewer GPUs would do.
    pub settled: Option<Settled>,
    /// GPUs with at least one instance, slot or whole; slots are packed.
    pub gpus_used: u32,
    /// What is guaranteed: resource → count.
    pub promised: BTreeMap<String, u64>,
    /// What may be used beyond that while it is free: resource → count, without zeros.
    pub burst: BTreeMap<String, u64>,
}

impl ClusterPlan {
    /// Whether NVIDIA's DRA driver hands out GPUs here.
    pub fn uses_dra(&self) -> bool {
        self.pools.iter().any(PoolPlan::uses_dra)
    }

    /// Every device class that a quota of this cluster must name: ours and the driver's; none without DRA pools.
    pub fn class_names(&self) -> BTreeSet<&str> {
        let own = self.device_classes.iter().map(|class| class.name.as_str());
        own.chain(DRIVER_CLASSES).filter(|_| self.uses_dra()).collect()
    }
}

impl PoolPlan {
    /// Whether NVIDIA's DRA driver hands out its GPUs, not the device plugin.
    pub fn uses_dra(&self) -> bool {
        self.pool.sharing == Sharing::Dra
    }

    /// MIG pools: what lies on which GPU.
    pub fn layout(&self) -> Option<&Distribution> {
        self.settled.as_ref().map(|settled| &settled.distribution)
    }
}

/// A secret backend as one cluster uses it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackendPlan {
    /// Its name in the spec.
    pub name: DnsLabel,
    /// The product.
    pub backend: Backend,
    /// URL of its API.
    pub address: String,
    /// Audience of the tokens that it accepts.
    pub audience: String,
    /// Auth mount of this cluster.
    pub auth_mount: String,
    /// The namespaces that may log in, sorted.
    pub namespaces: Vec<String>,
    /// How long tokens live, and whether requests are recorded.
    pub policy: SecretPolicy,
}

/// One tenant namespace on one cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    /// The team.
    pub team: DnsLabel,
    /// Whether every entry of its quota is zero for now; what it is promised stays reserved.
    pub frozen: bool,
    /// The namespace.
    pub namespace: DnsLabel,
    /// Groups that work in it.
    pub groups: Vec<String>,
    /// Groups that own the team.
    pub owners: Vec<String>,
    /// Level of Pod Security that is enforced.
    pub pod_security: PodSecurity,
    /// What it is promised: resource → count, without zeros.
    pub gpus: BTreeMap<String, u64>,
    /// What it may use beyond that while it is free: resource → count, without zeros.
    pub burst: BTreeMap<String, u64>,
    /// The DRA device classes that it may take devices of, and how many at most, without zeros.
    pub classes: BTreeMap<String, u64>,
    /// The pools it may use, sorted.
    pub pools: BTreeSet<DnsLabel>,
    /// One promise per pool and resource.
    pub promises: Vec<Promise>,
    /// Limits beside GPUs.
    pub quota: Quota,
    /// Destinations beyond DNS and the own team.
    pub egress: Vec<EgressRule>,
    /// The secrets it reads.
    pub secrets: Vec<SecretPlan>,
    /// The repositories that the team's own applications may come from.
    pub sources: Vec<String>,
}

/// One permitted destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EgressRule {
    /// Why it is open.
    pub reason: String,
    /// Where to.
    pub to: Reach,
    /// TCP ports; empty means all ports and protocols.
    pub ports: Vec<u16>,
}

/// One secret of a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretPlan {
    /// The backend's name.
    pub backend: DnsLabel,
    /// The product.
    pub product: Backend,
    /// The audience of the token.
    pub audience: String,
    /// Auth mount.
    pub auth_mount: String,
    /// API path of the secret.
    pub path: String,
    /// File name in the pod.
    pub name: DnsLabel,
}

impl Plan {
    /// The engine that evaluates the policies.
    pub fn engine(&self) -> PolicyEngine {
        self.model.policy.engine
    }

    /// How the repository reaches the clusters.
    pub fn gitops(&self) -> &GitOps {
        &self.model.gitops
    }

    /// The admins.
    pub fn admins(&self) -> &Admins {
        &self.model.admins
    }

    /// What is there once the plan is realised, by cluster and MIG pool.
    pub fn layouts(&self) -> Layouts {
        let pools = self.clusters.iter().flat_map(|cluster| {
            let pools = cluster.pools.iter();
            pools.map(|pool| (cluster.name.to_string(), pool))
        });
        pools
            .filter_map(|(cluster, pool)| {
                let present = Present::of(&pool.pool.board, pool.layout()?);
                Some(((cluster, pool.pool.name.to_string()), present))
            })
            .collect()
    }

    /// A cluster by name.
    pub fn cluster(&self, name: &str) -> Option<&ClusterPlan> {
        self.clusters.iter().find(|cluster| cluster.name.as_str() == name)
    }
}

impl Tenant {
    /// The labels that the namespace must carry, and no other of the platform's domain.
    pub fn labels(&self, platform: &DnsLabel) -> BTreeMap<String, String> {
        let level = match self.pod_security {
            PodSecurity::Baseline => "baseline",
            PodSecurity::Restricted => "restricted",
        };
        let fixed = [
            (super::MANAGED_BY.0.to_owned(), super::MANAGED_BY.1.to_owned()),
            (super::TEAM_LABEL.to_owned(), self.team.to_string()),
            (super::PLATFORM_LABEL.to_owned(), platform.to_string()),
            ("pod-security.kubernetes.io/enforce".to_owned(), level.to_owned()),
            (
                "pod-security.kubernetes.io/enforce-version".to_owned(),
                "latest".to_owned(),
            ),
            (
                "pod-security.kubernetes.io/warn".to_owned(),
                "restricted".to_owned(),
            ),
            (
                "pod-security.kubernetes.io/warn-version".to_owned(),
                "latest".to_owned(),
            ),
        ];
        let grants = self
            .gpus
            .keys()
            .map(|r| super::grant_label(r))
            .chain(self.pools.iter().map(super::pool_label))
            .chain(self.class_grants());
        fixed
            .into_iter()
            .chain(grants.map(|label| (label, "allowed".to_owned())))
            .collect()
    }

    /// The grant labels of its device classes, and the one that lets it claim at all.
    fn class_grants(&self) -> impl Iterator<Item = String> {
        let any = (!self.classes.is_empty()).then(|| super::grant_label("dra"));
        let each = self
            .classes
            .keys()
            .map(|class| super::grant_label(&class_grant(class)));
        any.into_iter().chain(each)
    }
}
