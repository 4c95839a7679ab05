//! The configuration of Kueue's manager, `config.kueue.x-k8s.io/v1beta2`. Source: kueue v0.19, "Kueue Configuration".

use serde_json::{Value, json};

use crate::plan::{ClusterPlan, TEAM_LABEL, WHOLE_GPU_CLASS};

/// The document for a cluster.
///
/// Everything of a team is queued, whether it names a queue or not; nothing elsewhere is. Quotas of Kueue count GPUs
/// alone: CPU and memory are bounded by the namespace's own quota.
pub fn config(cluster: &ClusterPlan) -> Value {
    let mut resources =
        json!({"excludeResourcePrefixes": ["cpu", "memory", "ephemeral-storage", "hugepages-"]});
    let mappings = mappings(cluster);
    if !mappings.is_empty() {
        resources["deviceClassMappings"] = mappings.into();
    }
    json!({
        "apiVersion": "config.kueue.x-k8s.io/v1beta2",
        "kind": "Configuration",
        "health": {"healthProbeBindAddress": ":8081"},
        "metrics": {"bindAddress": ":8443"},
        "webhook": {"port": 9443},
        "leaderElection": {"leaderElect": true, "resourceName": "c1f6bfd2.kueue.x-k8s.io"},
        "manageJobsWithoutQueueName": true,
        "managedJobsNamespaceSelector": {"matchExpressions": [{"key": TEAM_LABEL, "operator": "Exists"}]},
        "integrations": {"frameworks": ["batch/job", "pod", "deployment", "statefulset"]},
        "fairSharing": {"preemptionStrategies": ["LessThanOrEqualToFinalShare", "LessThanInitialShare"]},
        "resources": resources,
    })
}

/// Claims of a class count as the extended resource that leads to it, so that both ways draw on one quota.
fn mappings(cluster: &ClusterPlan) -> Vec<Value> {
    if !cluster.uses_dra() {
        return Vec::new();
    }
    let own = cluster
        .device_classes
        .iter()
        .map(|class| (class.resource.as_str(), class.name.as_str()));
    let all = own.chain([(crate::catalog::boards::WHOLE_GPU, WHOLE_GPU_CLASS)]);
    all.map(|(resource, class)| json!({"name": resource, "deviceClassNames": [class]}))
        .collect()
}
