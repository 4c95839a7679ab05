//! What verify must prove, from the same decisions that are rendered.

use std::collections::BTreeMap;

use serde_json::Value;

use super::rbac::{ALLOWED, DENIED, DENIED_IN_CLUSTER};
use super::types::{ClusterPlan, Plan, PoolPlan, Tenant};
use super::{DRIVER_CLASSES, burst_pod, claim, cpu_pod, gpu_pod, pods::Promise};
use crate::spec::Mode;

/// One statement about the live cluster, and the question that answers it.
#[derive(Debug, Clone)]
pub struct Expectation {
    /// Stable id, unique in a cluster: control family, namespace or object, question.
    pub id: String,
    /// The control family that it is evidence for.
    pub control: &'static str,
    /// What it is about: `namespace/<name>`, `policy/<id>`, `pool/<name>` …
    pub subject: String,
    /// What is claimed, as a sentence.
    pub claim: String,
    /// The question.
    pub ask: Ask,
}

/// A question to the live cluster, with the answer that satisfies it.
#[derive(Debug, Clone)]
pub enum Ask {
    /// The namespace carries exactly these labels in the platform's and Pod Security's domains.
    Labels {
        /// The namespace.
        namespace: String,
        /// All labels of the guarded domains.
        labels: BTreeMap<String, String>,
    },
    /// The live objects of the tenant's fence equal what is rendered, and nothing of the same kinds stands beside them.
    Fence {
        /// The namespace.
        namespace: String,
        /// Kind of the objects.
        kind: FenceKind,
    },
    /// The policy is there as rendered, ready, and acts as the mode says.
    Policy {
        /// Its id.
        id: String,
        /// Its mode.
        mode: Mode,
    },
    /// The API server's authoriser answers for a member of these groups.
    Access {
        /// The groups of the member.
        groups: Vec<String>,
        /// What is asked.
        request: Verb,
        /// The right answer.
        allowed: bool,
    },
    /// A dry-run create of a pod as a member of these groups.
    Pod {
        /// The groups of the member.
        groups: Vec<String>,
        /// The namespace.
        namespace: String,
        /// The pod.
        pod: Value,
        /// Who must refuse it; `None` when it must be admitted.
        denied_by: Option<Refuser>,
    },
    /// A dry-run create of a ResourceClaim as a member of these groups.
    Claim {
        /// The groups of the member.
        groups: Vec<String>,
        /// The namespace.
        namespace: String,
        /// The claim.
        claim: Value,
        /// Who must refuse it; `None` when it must be admitted.
        denied_by: Option<Refuser>,
    },
    /// The DRA driver publishes at least the devices of the pool's nodes that are promised.
    Devices {
        /// The pool.
        pool: String,
        /// Node labels that select its nodes.
        node_selector: BTreeMap<String, String>,
        /// What is promised: MIG profile, or `gpu` → count.
        promised: BTreeMap<String, u64>,
    },
    /// Nodes of the pool advertise at least what is promised.
    Capacity {
        /// The pool.
        pool: String,
        /// Node labels that select its nodes.
        node_selector: BTreeMap<String, String>,
        /// What is promised: resource → count.
        promised: BTreeMap<String, u64>,
    },
    /// Each tenant reads its own secrets and nobody else's.
    SecretBackend {
        /// Its name in the spec.
        name: String,
    },
    /// The exception has not ended.
    Waiver {
        /// Its last day, `YYYY-MM-DD`.
        expires: String,
    },
}

/// Who refuses a pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refuser {
    /// The policy with this id.
    Policy(String),
    /// A quota of the namespace: its team is frozen, or the pod asks for more than is guaranteed.
    Quota,
}

/// The objects that fence a tenant in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FenceKind {
    /// The ResourceQuota.
    ResourceQuota,
    /// The LimitRange.
    LimitRange,
    /// The NetworkPolicies.
    NetworkPolicy,
    /// The Role.
    Role,
    /// The RoleBindings.
    RoleBinding,
}

/// A request as the authoriser sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verb {
    /// The verb.
    pub verb: &'static str,
    /// API group, empty for core.
    pub group: &'static str,
    /// Resource, plural.
    pub resource: &'static str,
    /// Subresource, empty for none.
    pub subresource: &'static str,
    /// Namespace; empty for the cluster.
    pub namespace: String,
}

/// How many foreign namespaces each team is tested against; the sample is the next ones in order, so it is stable.
const FOREIGN_SAMPLE: usize = 3;

/// Everything that must hold on one cluster, in a stable order.
pub fn expectations(plan: &Plan, cluster: &ClusterPlan) -> Vec<Expectation> {
    let mut all = Vec::new();
    for policy in &cluster.policies {
        let mode = match policy.mode {
            Mode::Enforce => "enforced",
            Mode::Audit => "audited",
        };
        all.push(Expectation {
            id: format!("change-control/policy/{}", policy.id),
            control: "change-control",
            subject: format!("policy/{}", policy.id),
            claim: format!("policy `{}` is present as rendered and {mode}", policy.id),
            ask: Ask::Policy {
                id: policy.id.clone(),
                mode: policy.mode,
            },
        });
    }
    for (index, tenant) in cluster.tenants.iter().enumerate() {
        Builder {
            plan,
            cluster,
            tenant,
            index,
        }
        .all(&mut all);
    }
    for pool in cluster.pools.iter().filter(|pool| !pool.promised.is_empty()) {
        let name = pool.pool.name.to_string();
        all.push(Expectation {
            id: format!("gpu-limits/pool/{name}"),
            control: "gpu-limits",
            subject: format!("pool/{name}"),
            claim: format!("the nodes of pool `{name}` advertise what is promised"),
            ask: capacity(pool),
        });
    }
    for backend in &cluster.backends {
        let name = backend.name.to_string();
        all.push(Expectation {
            id: format!("secret-delivery/backend/{name}"),
            control: "secret-delivery",
            subject: format!("secret-backend/{name}"),
            claim: format!("each tenant reads its own secrets in `{name}` and nobody else's"),
            ask: Ask::SecretBackend { name },
        });
    }
    for (index, waiver) in plan.model.waivers.iter().enumerate() {
        all.push(Expectation {
            id: format!("change-control/waiver/{index}"),
            control: "change-control",
            subject: format!("waiver/{}", waiver.control),
            claim: format!(
                "the waiver of `{}` by {} has not ended ({})",
                waiver.control, waiver.owner, waiver.expires
            ),
            ask: Ask::Waiver {
                expires: waiver.expires.clone(),
            },
        });
    }
    all
}

/// Whether what is promised is there: the device plugin tells the nodes, the DRA driver publishes slices.
fn capacity(pool: &PoolPlan) -> Ask {
    let (name, node_selector) = (pool.pool.name.to_string(), pool.pool.node_selector.clone());
    if !pool.uses_dra() {
        return Ask::Capacity {
            pool: name,
            node_selector,
            promised: pool.promised.clone(),
        };
    }
    let devices = pool.promised.iter().map(|(resource, count)| {
        let profile = resource
            .strip_prefix("nvidia.com/mig-")
            .map(|name| name.replacen("gb.", "gb+", 1));
        (profile.unwrap_or_else(|| "gpu".to_owned()), *count)
    });
    Ask::Devices {
        pool: name,
        node_selector,
        promised: devices.collect(),
    }
}

struct Builder<'a> {
    plan: &'a Plan,
    cluster: &'a ClusterPlan,
    tenant: &'a Tenant,
    index: usize,
}

impl Builder<'_> {
    fn all(&self, all: &mut Vec<Expectation>) {
        self.fence(all);
        if self.tenant.groups.is_empty() {
            return; // nobody works here yet: there is no identity to ask as
        }
        self.access(all);
        self.pods(all);
        if self.cluster.uses_dra() {
            self.claims(all);
        }
    }

    fn push(&self, all: &mut Vec<Expectation>, control: &'static str, what: &str, claim: String, ask: Ask) {
        let namespace = &self.tenant.namespace;
        let id = format!("{control}/{namespace}/{what}");
        all.push(Expectation {
            id,
            control,
            subject: format!("namespace/{namespace}"),
            claim,
            ask,
        });
    }

    fn fence(&self, all: &mut Vec<Expectation>) {
        let namespace = self.tenant.namespace.to_string();
        let claim =
            format!("namespace `{namespace}` carries exactly its grants, team and Pod Security level");
        let labels = self.tenant.labels(&self.plan.model.name);
        self.push(
            all,
            "gpu-access",
            "labels",
            claim,
            Ask::Labels {
                namespace: namespace.clone(),
                labels,
            },
        );
        for (kind, control, what) in [
            (FenceKind::ResourceQuota, "quotas", "quota"),
            (FenceKind::LimitRange, "quotas", "limits"),
            (FenceKind::NetworkPolicy, "network-isolation", "network"),
            (FenceKind::Role, "team-rbac", "role"),
            (FenceKind::RoleBinding, "team-rbac", "bindings"),
        ] {
            let claim =
                format!("{kind:?} of namespace `{namespace}` is as rendered, and nothing stands beside it");
            self.push(
                all,
                control,
                what,
                claim,
                Ask::Fence {
                    namespace: namespace.clone(),
                    kind,
                },
            );
        }
    }

    fn access(&self, all: &mut Vec<Expectation>) {
        let own = self.tenant.namespace.as_str();
        let foreign: Vec<&str> = self.foreign().map(|tenant| tenant.namespace.as_str()).collect();
        let here = ALLOWED
            .iter()
            .map(|r| (r, own, true))
            .chain(DENIED.iter().map(|r| (r, own, false)));
        let cluster = DENIED_IN_CLUSTER.iter().map(|r| (r, "", false));
        const FOREIGN: [(&str, &str, &str, &str); 3] = [
            ("create", "", "pods", ""),
            ("list", "", "pods", ""),
            ("get", "", "secrets", ""),
        ];
        let abroad = foreign
            .iter()
            .flat_map(|namespace| FOREIGN.iter().map(|r| (r, *namespace, false)));
        for (&(verb, group, resource, subresource), namespace, allowed) in here.chain(cluster).chain(abroad) {
            let full = [resource, subresource]
                .iter()
                .filter(|s| !s.is_empty())
                .copied()
                .collect::<Vec<_>>()
                .join("/");
            let place = if namespace.is_empty() {
                "the cluster".to_owned()
            } else {
                format!("`{namespace}`")
            };
            let can = if allowed { "can" } else { "cannot" };
            let claim = format!("members of `{}` {can} {verb} {full} in {place}", self.tenant.team);
            let request = Verb {
                verb,
                group,
                resource,
                subresource,
                namespace: namespace.to_owned(),
            };
            let what = format!(
                "{verb}-{full}@{}",
                if namespace.is_empty() { "*" } else { namespace }
            );
            let ask = Ask::Access {
                groups: self.tenant.groups.clone(),
                request,
                allowed,
            };
            self.push(all, "team-rbac", &what, claim, ask);
        }
    }

    fn foreign(&self) -> impl Iterator<Item = &Tenant> {
        let tenants = &self.cluster.tenants;
        let others = (1..tenants.len()).map(move |step| &tenants[(self.index + step) % tenants.len()]);
        others
            .filter(|other| other.team != self.tenant.team)
            .take(FOREIGN_SAMPLE)
    }

    fn enforced(&self, policy: &str) -> bool {
        self.cluster
            .policies
            .iter()
            .any(|p| p.id == policy && p.mode == Mode::Enforce)
    }

    fn pods(&self, all: &mut Vec<Expectation>) {
        let namespace = &self.tenant.namespace;
        let promised = |what: &str, claim: String, pod: Value, all: &mut Vec<Expectation>| {
            let ask = Ask::Pod {
                groups: self.tenant.groups.clone(),
                namespace: namespace.to_string(),
                pod,
                denied_by: self.tenant.frozen.then_some(Refuser::Quota),
            };
            self.push(all, "gpu-access", what, claim, ask);
        };
        let is = match self.tenant.frozen {
            true => "is refused by the quota of the frozen team",
            false => "is admitted",
        };
        let claim = format!("a pod without GPU {is} in `{namespace}`");
        promised("pod-cpu", claim, cpu_pod(namespace, "platform-probe"), all);
        for promise in &self.tenant.promises {
            let claim = format!(
                "a pod with `{}` on pool `{}` {is} in `{namespace}`",
                promise.resource, promise.pool
            );
            let what = format!("pod-{}-{}", promise.pool, promise.resource.replace('/', "_"));
            promised(&what, claim, gpu_pod(namespace, "platform-probe", promise), all);
            if promise.burst > 0 && self.tenant.uses_burst_class(self.cluster) {
                let class = super::BURST_CLASS;
                let claim = format!(
                    "a pod of class `{class}` with `{}` on pool `{}` {is} in `{namespace}`",
                    promise.resource, promise.pool
                );
                let pod = burst_pod(namespace, "platform-probe", promise);
                promised(&format!("{what}-burst"), claim, pod, all);
            }
        }
        self.beyond_the_guarantee(all);
        if let Some(promise) = self.not_granted() {
            let pod = gpu_pod(namespace, "platform-probe", &promise);
            self.denied(
                all,
                "gpu-access",
                "pod-foreign-gpu",
                "gpu-entitlement",
                &format!("a pod with `{}`, which it was not granted,", promise.resource),
                pod,
            );
        }
        if let Some(promise) = self.tenant.promises.first() {
            let mut pod = gpu_pod(namespace, "platform-probe", promise);
            pod["spec"]["nodeSelector"] = Value::Null;
            self.denied(
                all,
                "node-pool",
                "pod-no-selector",
                "gpu-node-pool",
                "a GPU pod that does not select its pool",
                pod,
            );
        }
        let mut pod = cpu_pod(namespace, "platform-probe");
        pod["spec"]["containers"][0]["env"] =
            serde_json::json!([{"name": "NVIDIA_VISIBLE_DEVICES", "value": "all"}]);
        self.denied(
            all,
            "gpu-access",
            "pod-visible-devices",
            "gpu-isolation",
            "a pod with NVIDIA_VISIBLE_DEVICES=all",
            pod,
        );
        let mut pod = cpu_pod(namespace, "platform-probe");
        pod["spec"]["containers"][0]["env"] =
            serde_json::json!([{"name": "OPENAI_API_KEY", "value": "not-a-real-value"}]);
        self.denied(
            all,
            "no-plaintext-secrets",
            "pod-plaintext",
            "no-plaintext-secrets",
            "a pod with a plaintext OPENAI_API_KEY",
            pod,
        );
    }

    /// A claim of each granted class is admitted, one of another class is refused.
    fn claims(&self, all: &mut Vec<Expectation>) {
        let namespace = &self.tenant.namespace;
        let mut push = |class: &str, is: &str, denied_by: Option<Refuser>| {
            let ask = Ask::Claim {
                groups: self.tenant.groups.clone(),
                namespace: namespace.to_string(),
                claim: claim(namespace, "platform-probe", class),
                denied_by,
            };
            let sentence = format!("a claim of device class `{class}` {is} in `{namespace}`");
            self.push(all, "gpu-access", &format!("claim-{class}"), sentence, ask);
        };
        if self.tenant.classes.is_empty() {
            return; // members cannot make claims here, which the authoriser says
        }
        for class in self.tenant.classes.keys() {
            match self.tenant.frozen {
                true => push(
                    class,
                    "is refused by the quota of the frozen team",
                    Some(Refuser::Quota),
                ),
                false => push(class, "is admitted", None),
            }
        }
        let own = self
            .cluster
            .device_classes
            .iter()
            .map(|class| class.name.as_str());
        let mut other = own
            .chain(DRIVER_CLASSES)
            .filter(|class| !self.tenant.classes.contains_key(*class));
        if let Some(class) = other.next().filter(|_| self.enforced("gpu-entitlement")) {
            let by = Refuser::Policy("gpu-entitlement".to_owned());
            push(class, "is refused by policy `gpu-entitlement`", Some(by));
        }
    }

    /// Ordinary pods get no more than the guarantee, whatever may be used beyond it.
    fn beyond_the_guarantee(&self, all: &mut Vec<Expectation>) {
        let namespace = &self.tenant.namespace;
        let bursting = |promise: &&Promise| self.tenant.burst.contains_key(&promise.resource);
        let first = self.tenant.promises.iter().find(bursting);
        let Some(promise) = first.filter(|_| self.tenant.uses_burst_class(self.cluster)) else {
            return;
        };
        let guaranteed = self.tenant.gpus.get(&promise.resource).copied().unwrap_or(0);
        let mut pod = gpu_pod(namespace, "platform-probe", promise);
        for side in ["requests", "limits"] {
            pod["spec"]["containers"][0]["resources"][side][promise.resource.as_str()] =
                guaranteed.saturating_add(1).to_string().into();
        }
        let claim = format!(
            "a pod with more `{}` than the guaranteed {guaranteed} is refused in `{namespace}` by its quota",
            promise.resource
        );
        let ask = Ask::Pod {
            groups: self.tenant.groups.clone(),
            namespace: namespace.to_string(),
            pod,
            denied_by: Some(Refuser::Quota),
        };
        self.push(all, "quotas", "pod-beyond-guarantee", claim, ask);
    }

    fn denied(
        &self,
        all: &mut Vec<Expectation>,
        control: &'static str,
        what: &str,
        policy: &str,
        pod_is: &str,
        pod: Value,
    ) {
        if !self.enforced(policy) {
            return; // audited: the policy's own expectation says so
        }
        let namespace = self.tenant.namespace.to_string();
        let claim = format!("{pod_is} is refused in `{namespace}` by policy `{policy}`");
        let ask = Ask::Pod {
            groups: self.tenant.groups.clone(),
            namespace,
            pod,
            denied_by: Some(Refuser::Policy(policy.to_owned())),
        };
        self.push(all, control, what, claim, ask);
    }

    /// A promise of somebody else, else a whole GPU, that this tenant was not granted.
    fn not_granted(&self) -> Option<Promise> {
        let others = self.cluster.tenants.iter().flat_map(|tenant| &tenant.promises);
        let pool = self.cluster.pools.first()?.pool.name.clone();
        let whole = Promise {
            pool,
            resource: crate::catalog::boards::WHOLE_GPU.to_owned(),
            class: None,
            count: 1,
            burst: 0,
        };
        others
            .cloned()
            .chain([whole])
            .find(|promise| !self.tenant.gpus.contains_key(&promise.resource))
    }
}
