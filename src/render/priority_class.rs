//! The class of pods beyond a guarantee.

use serde_json::{Value, json};

use crate::plan::{BURST_CLASS, BURST_PRIORITY, MANAGED_BY};

/// The class of pods that use what is promised to others or to nobody, while it is free.
///
/// They start by taking from nobody, and the scheduler ends them for a pod that has a guarantee.
pub(super) fn burst() -> Value {
    json!({
        "apiVersion": "scheduling.k8s.io/v1",
        "kind": "PriorityClass",
        "metadata": {"name": BURST_CLASS, "labels": {MANAGED_BY.0: MANAGED_BY.1}},
        "value": BURST_PRIORITY,
        "globalDefault": false,
        "preemptionPolicy": "Never",
        "description": "GPUs beyond the team's guarantee, while they are free; pods with a guarantee take them back.",
    })
}
