//! `infrastructure/<cluster>/`: controllers as pinned HelmReleases; the GPU operator's values lie under `gpu/`.

use serde_json::{Value, json};

use super::{Output, RenderError, kustomization, yaml};
use crate::catalog::components::{self, Component};
use crate::plan::{ClusterPlan, MANAGED_BY, Plan};
use crate::spec::PolicyEngine;

const VALUES_MAP: &str = "gpu-operator-values";

pub(super) fn render(plan: &Plan, cluster: &ClusterPlan, out: &mut Output) -> Result<(), RenderError> {
    let folder = format!("infrastructure/{}", cluster.name);
    let mut resources: Vec<String> = Vec::new();
    if plan.engine() == PolicyEngine::Kyverno {
        let kyverno = component("kyverno")?;
        out.objects(
            format!("{folder}/kyverno.yaml"),
            "components/kyverno.yaml",
            &release(kyverno, None),
        )?;
        resources.push("kyverno.yaml".to_owned());
    }
    if !cluster.pools.is_empty() {
        let operator = component("gpu-operator")?;
        let values = values_map(cluster, operator)?;
        let values_folder = format!("gpu/{}/operator", cluster.name);
        out.objects(
            format!("{values_folder}/values.yaml"),
            "components/gpu-operator.yaml",
            &[values],
        )?;
        kustomization::write(out, &values_folder, "gpu/kustomization", &["values.yaml"])?;
        let objects = release(operator, Some(VALUES_MAP));
        out.objects(
            format!("{folder}/gpu-operator.yaml"),
            "components/gpu-operator.yaml",
            &objects,
        )?;
        resources.push("gpu-operator.yaml".to_owned());
        resources.push(format!("../../{values_folder}"));
    }
    if resources.is_empty() {
        return Ok(());
    }
    let resources: Vec<&str> = resources.iter().map(String::as_str).collect();
    kustomization::write(out, &folder, "infrastructure/kustomization", &resources)
}

fn component(id: &str) -> Result<&'static Component, RenderError> {
    components::component(id)
        .map_err(|error| RenderError::Catalogue(error.to_string()))?
        .ok_or_else(|| RenderError::Catalogue(format!("component `{id}` is missing")))
}

/// Namespace, chart source and release; values inline, or from a ConfigMap.
fn release(component: &Component, values_from: Option<&str>) -> Vec<Value> {
    let namespace = component.namespace.as_str();
    let metadata =
        json!({"name": component.id, "namespace": namespace, "labels": {MANAGED_BY.0: MANAGED_BY.1}});
    let mut labels = serde_json::Map::from_iter([(MANAGED_BY.0.to_owned(), Value::from(MANAGED_BY.1))]);
    labels.extend(
        component
            .namespace_labels
            .iter()
            .map(|(key, value)| (key.clone(), Value::from(value.clone()))),
    );
    let mut spec = json!({
        "interval": "1h",
        "timeout": "10m",
        "chart": {"spec": {
            "chart": component.chart.name,
            "version": component.chart.version,
            "sourceRef": {"kind": "HelmRepository", "name": component.id},
        }},
        "install": {"crds": "CreateReplace", "remediation": {"retries": 3}},
        "upgrade": {"crds": "CreateReplace", "remediation": {"retries": 3}},
    });
    match values_from {
        Some(map) => {
            spec["valuesFrom"] = json!([{"kind": "ConfigMap", "name": map, "valuesKey": "values.yaml"}])
        }
        None => spec["values"] = component.values.clone(),
    }
    vec![
        json!({
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {
                "name": namespace,
                "labels": labels,
                "annotations": {"kustomize.toolkit.fluxcd.io/prune": "disabled"},
            },
        }),
        json!({
            "apiVersion": "source.toolkit.fluxcd.io/v1",
            "kind": "HelmRepository",
            "metadata": metadata,
            "spec": {"interval": "1h", "url": component.chart.repository},
        }),
        json!({"apiVersion": "helm.toolkit.fluxcd.io/v2", "kind": "HelmRelease", "metadata": metadata, "spec": spec}),
    ]
}

/// The GPU operator's values; without MIG pools the MIG manager has nothing to configure.
fn values_map(cluster: &ClusterPlan, operator: &Component) -> Result<Value, RenderError> {
    let mut values = operator.values.clone();
    if !cluster.pools.iter().any(|pool| pool.layout.is_some()) {
        values["migManager"] = json!({"enabled": false});
    }
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
