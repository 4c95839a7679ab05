//! `infrastructure/<cluster>/`: controllers as pinned Helm charts, installed in the way of the GitOps engine.

use serde_json::{Value, json};

use super::gitops::{self, Values};
use super::{Output, RenderError, kustomization, yaml};
use crate::catalog::components::{self, Component};
use crate::plan::{ClusterPlan, MANAGED_BY, Plan};
use crate::spec::{GitOpsEngine, PolicyEngine};

const VALUES_MAP: &str = "gpu-operator-values";

pub(super) fn render(plan: &Plan, cluster: &ClusterPlan, out: &mut Output) -> Result<(), RenderError> {
    let folder = format!("infrastructure/{}", cluster.name);
    let mut resources: Vec<String> = Vec::new();
    let engine = plan.gitops().engine;
    if plan.engine() == PolicyEngine::Kyverno {
        let kyverno = component("kyverno")?;
        let objects = gitops::release(engine, kyverno, &Values::Inline(&kyverno.values));
        out.objects(
            format!("{folder}/kyverno.yaml"),
            "components/kyverno.yaml",
            &objects,
        )?;
        resources.push("kyverno.yaml".to_owned());
    }
    if !cluster.pools.is_empty() {
        let operator = component("gpu-operator")?;
        let values = operator_values(cluster, operator);
        let origin = "components/gpu-operator.yaml";
        let objects = gitops::release(engine, operator, &Values::ConfigMap(VALUES_MAP, &values));
        out.objects(format!("{folder}/gpu-operator.yaml"), origin, &objects)?;
        resources.push("gpu-operator.yaml".to_owned());
        if gitops::reads_values_from_config_maps(engine) {
            let values_folder = format!("gpu/{}/operator", cluster.name);
            let map = values_map(&values, operator)?;
            out.objects(format!("{values_folder}/values.yaml"), origin, &[map])?;
            kustomization::write(out, &values_folder, "gpu/kustomization", &["values.yaml"])?;
            resources.push(format!("../../{values_folder}"));
        }
    }
    if resources.is_empty() {
        return Ok(());
    }
    let resources: Vec<&str> = resources.iter().map(String::as_str).collect();
    kustomization::write(out, &folder, "infrastructure/kustomization", &resources)
}

/// The charts that a cluster gets.
pub(super) fn components(plan: &Plan, cluster: &ClusterPlan) -> Result<Vec<&'static Component>, RenderError> {
    let needed = [
        ("kyverno", plan.engine() == PolicyEngine::Kyverno),
        ("gpu-operator", !cluster.pools.is_empty()),
    ];
    let ids = needed.into_iter().filter(|(_, needed)| *needed);
    ids.map(|(id, _)| component(id)).collect()
}

fn component(id: &str) -> Result<&'static Component, RenderError> {
    components::component(id)
        .map_err(|error| RenderError::Catalogue(error.to_string()))?
        .ok_or_else(|| RenderError::Catalogue(format!("component `{id}` is missing")))
}

/// Where a person finds the GPU operator's values, below the repository.
pub(super) fn operator_values_path(engine: GitOpsEngine) -> &'static str {
    if gitops::reads_values_from_config_maps(engine) {
        "gpu/<cluster>/operator/values.yaml"
    } else {
        "infrastructure/<cluster>/gpu-operator.yaml"
    }
}

/// The GPU operator's values; without MIG pools the MIG manager has nothing to configure.
fn operator_values(cluster: &ClusterPlan, operator: &Component) -> Value {
    let mut values = operator.values.clone();
    if !cluster.pools.iter().any(|pool| pool.layout().is_some()) {
        values["migManager"] = json!({"enabled": false});
    }
    values
}

/// The ConfigMap with the values.
fn values_map(values: &Value, operator: &Component) -> Result<Value, RenderError> {
    let bytes = yaml::write("values.yaml", "Values of the GPU operator's chart.", &[values])?;
    let text = String::from_utf8(bytes).map_err(|error| RenderError::Catalogue(error.to_string()))?;
    Ok(json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": VALUES_MAP,
            "namespace": operator.namespace.as_str(),
            "labels": {MANAGED_BY.0: MANAGED_BY.1},
        },
        "data": {"values.yaml": text},
    }))
}
