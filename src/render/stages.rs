//! `clusters/<cluster>/`: one Flux Kustomization per stage that has objects, each waiting for the one before.

use serde_json::json;

use super::{Output, RenderError, blueprint};
use crate::plan::{ClusterPlan, Plan};
use crate::spec::PolicyEngine;

/// The stages in order: number, name, folder, how long it may take.
const STAGES: [(&str, &str, &str, &str); 4] = [
    ("10", "controllers", "infrastructure", "15m"),
    ("30", "policies", "policies", "5m"),
    ("40", "gpu", "gpu", "5m"),
    ("60", "tenants", "tenants", "10m"),
];

pub(super) fn render(plan: &Plan, cluster: &ClusterPlan, out: &mut Output) -> Result<(), RenderError> {
    let mut before: Option<String> = None;
    for (number, name, folder, timeout) in STAGES {
        let path = format!("{folder}/{}", cluster.name);
        if out.tree.get(&format!("{path}/kustomization.yaml")).is_none() {
            continue; // a stage without objects is not rendered
        }
        let stage = format!("{number}-{name}");
        let depends_on: Vec<String> = before.iter().cloned().collect();
        let values = json!({
            "name": stage,
            "path": format!("./{path}"),
            "depends_on": depends_on,
            "timeout": timeout,
            "kyverno_policies": name == "policies" && plan.engine() == PolicyEngine::Kyverno,
        });
        let text = blueprint::fill("gitops/flux/stage.yaml", &values)?;
        out.filled(
            format!("clusters/{}/{stage}.yaml", cluster.name),
            "gitops/flux/stage.yaml",
            &[text],
        )?;
        before = Some(stage);
    }
    Ok(())
}
