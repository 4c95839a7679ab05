//! Flux: one Kustomization per stage that has objects, each waiting for the one before; charts are HelmReleases.

use serde_json::{Value, json};

use super::super::{Output, RenderError, blueprint};
use super::{Annotation, Values};
use crate::catalog::components::Component;
use crate::plan::{ClusterPlan, MANAGED_BY, Plan};
use crate::spec::PolicyEngine;

/// Source: Flux documentation, Kustomization, "Controlling the apply behavior of resources".
pub(super) const KEEP: Annotation = Annotation {
    key: "kustomize.toolkit.fluxcd.io/prune",
    value: "disabled",
};

/// Only the account that delivers the stages: a chart or a notification never has to touch what they own.
pub(super) const ACCOUNTS: [(&str, &str); 1] = [("flux-system", "kustomize-controller")];

pub(super) fn render(plan: &Plan, cluster: &ClusterPlan, out: &mut Output) -> Result<(), RenderError> {
    let mut before: Option<String> = None;
    let stages: Vec<&super::Stage> = super::stages(cluster, out).collect();
    for stage in stages {
        let name = format!("{}-{}", stage.number, stage.name);
        let depends_on: Vec<String> = before.iter().cloned().collect();
        let values = json!({
            "name": name,
            "path": format!("./{}/{}", stage.folder, cluster.name),
            "depends_on": depends_on,
            "timeout": stage.timeout,
            "kyverno_policies": stage.name == "policies" && plan.engine() == PolicyEngine::Kyverno,
        });
        let text = blueprint::fill("gitops/flux/stage.yaml", &values)?;
        let path = format!("clusters/{}/{name}.yaml", cluster.name);
        out.filled(path, "gitops/flux/stage.yaml", &[text])?;
        before = Some(name);
    }
    Ok(())
}

/// Chart source and release.
pub(super) fn release(component: &Component, values: &Values<'_>) -> [Value; 2] {
    let metadata = json!({
        "name": component.id,
        "namespace": component.namespace,
        "labels": {MANAGED_BY.0: MANAGED_BY.1},
    });
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
    match values {
        Values::ConfigMap(map, _) => {
            spec["valuesFrom"] = json!([{"kind": "ConfigMap", "name": map, "valuesKey": "values.yaml"}]);
        }
        Values::Inline(values) => spec["values"] = (*values).clone(),
    }
    let mut source = json!({"interval": "1h", "url": component.chart.repository});
    if component.chart.registry().is_some() {
        source["type"] = "oci".into();
    }
    [
        json!({
            "apiVersion": "source.toolkit.fluxcd.io/v1",
            "kind": "HelmRepository",
            "metadata": metadata,
            "spec": source,
        }),
        json!({
            "apiVersion": "helm.toolkit.fluxcd.io/v2",
            "kind": "HelmRelease",
            "metadata": metadata,
            "spec": spec,
        }),
    ]
}
