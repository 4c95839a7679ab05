//! The limits of a tenant namespace, as its ResourceQuotas say them.
//!
//! ```text
//! quota `tenant`             every pod                    guarantee + burst, other GPU resources 0, CPU, memory …
//! quota `tenant-guaranteed`  every pod but those of       the guarantee of what may burst
//!                            class `platform-burst`
//! ```
//!
//! So pods beyond the guarantee are of the class, and give way to whoever was promised what they use. Where jobs queue,
//! the queues lend and take back instead, and there is one quota.

use std::collections::BTreeMap;

use super::device_class::class_quota_keys;
use super::types::{ClusterPlan, Tenant};
use crate::spec::Queueing;

/// What the quota of a frozen team has beside GPU resources, each zero.
const FROZEN: [&str; 6] = [
    "limits.cpu",
    "limits.memory",
    "pods",
    "requests.cpu",
    "requests.memory",
    "requests.storage",
];

impl Tenant {
    /// The limits of all pods: what is promised and what may be used beyond it, and an explicit zero for every other
    /// GPU resource and device class of the cluster; of a frozen team zeros alone.
    pub fn hard(&self, cluster: &ClusterPlan) -> BTreeMap<String, String> {
        let count = |of: &BTreeMap<String, u64>, name: &str| of.get(name).copied().unwrap_or(0);
        let amount = |amount: u64| if self.frozen { 0 } else { amount }.to_string();
        let resources = cluster.gpu_resources.iter().map(|resource| {
            let all = count(&self.gpus, resource).saturating_add(count(&self.burst, resource));
            (super::quota_key(resource), amount(all))
        });
        let classes = cluster.class_names().into_iter().flat_map(|class| {
            let all = amount(count(&self.classes, class));
            class_quota_keys(class).map(|key| (key, all.clone()))
        });
        let mut hard: BTreeMap<String, String> = resources.chain(classes).collect();
        if self.frozen {
            // Also what the spec does not limit: nothing new is to start.
            hard.extend(FROZEN.map(|entry| (entry.to_owned(), "0".to_owned())));
            return hard;
        }
        let mut both = |what: &str, amount: Option<String>| {
            for side in ["requests", "limits"] {
                hard.extend(amount.clone().map(|amount| (format!("{side}.{what}"), amount)));
            }
        };
        both("cpu", self.quota.cpu.as_ref().map(ToString::to_string));
        both("memory", self.quota.memory.as_ref().map(ToString::to_string));
        hard.extend(self.quota.pods.map(|pods| ("pods".to_owned(), pods.to_string())));
        hard.extend(
            self.quota
                .storage
                .as_ref()
                .map(|s| ("requests.storage".to_owned(), s.to_string())),
        );
        hard
    }

    /// The limits of the pods that are not of class [`super::BURST_CLASS`]; `None` where no such class is needed.
    ///
    /// They name only what may burst: everything else has the same limit for all pods.
    pub fn guaranteed(&self, cluster: &ClusterPlan) -> Option<BTreeMap<String, String>> {
        if !self.uses_burst_class(cluster) {
            return None;
        }
        let hard = self.burst.keys().map(|resource| {
            let promised = self.gpus.get(resource).copied().unwrap_or(0);
            let promised = if self.frozen { 0 } else { promised };
            (super::quota_key(resource), promised.to_string())
        });
        Some(hard.collect())
    }

    /// Whether pods beyond the guarantee are told apart by their priority class.
    pub fn uses_burst_class(&self, cluster: &ClusterPlan) -> bool {
        cluster.queueing == Queueing::None && !self.burst.is_empty()
    }
}

impl ClusterPlan {
    /// Whether the cluster needs the priority class of pods beyond a guarantee.
    pub fn uses_burst_class(&self) -> bool {
        self.tenants.iter().any(|tenant| tenant.uses_burst_class(self))
    }
}
