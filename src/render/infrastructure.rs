//! `infrastructure/<cluster>/`: controllers as pinned Helm charts, installed in the way of the GitOps engine.

use serde_json::{Value, json};

use super::gitops::{self, Values};
use super::gpu::kueue;
use super::{Output, RenderError, kustomization, nodes, queues, yaml};
use crate::catalog::components::{self, Component};
use crate::plan::{ClusterPlan, MANAGED_BY, Plan};
use crate::spec::{GitOpsEngine, PolicyEngine};

const DRA_DRIVER: &str = "nvidia-dra-driver-gpu";
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
    if cluster.uses_dra() {
        let driver = component(DRA_DRIVER)?;
        let objects = gitops::release(engine, driver, &Values::Inline(&driver.values));
        let file = format!("{DRA_DRIVER}.yaml");
        out.objects(
            format!("{folder}/{file}"),
            "components/nvidia-dra-driver-gpu.yaml",
            &objects,
        )?;
        resources.push(file);
    }
    if queues::is_queued(plan, cluster) {
        let kueue = component("kueue")?;
        let values = kueue_values(cluster, kueue)?;
        let objects = gitops::release(engine, kueue, &Values::Inline(&values));
        out.objects(format!("{folder}/kueue.yaml"), "components/kueue.yaml", &objects)?;
        resources.push("kueue.yaml".to_owned());
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
        (DRA_DRIVER, cluster.uses_dra()),
        ("kueue", queues::is_queued(plan, cluster)),
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

/// The GPU operator's values: without partitioned pools the MIG manager has nothing to configure, and with DRA pools
/// alone there is nothing for the device plugin.
fn operator_values(cluster: &ClusterPlan, operator: &Component) -> Value {
    let mut values = operator.values.clone();
    if !cluster.pools.iter().any(|pool| pool.layout().is_some()) {
        values["migManager"] = json!({"enabled": false});
    }
    if !nodes::has_device_plugin(cluster) {
        values["devicePlugin"] = json!({"enabled": false});
    }
    values
}

/// Kueue's values: the configuration of its manager is a document in a text.
fn kueue_values(cluster: &ClusterPlan, component: &Component) -> Result<Value, RenderError> {
    let about = "Configuration of Kueue's manager.";
    let bytes = yaml::write("controller_manager_config.yaml", about, &[kueue::config(cluster)])?;
    let text = String::from_utf8(bytes).map_err(|error| RenderError::Catalogue(error.to_string()))?;
    let mut values = component.values.clone();
    values["managerConfig"]["controllerManagerConfigYaml"] = text.into();
    Ok(values)
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
