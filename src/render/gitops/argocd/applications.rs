//! The root Application, one Application per stage, an ApplicationSet for the teams, and charts as Applications.

use serde_json::{Value, json};

use super::super::super::{Output, RenderError, blueprint, tenant};
use super::super::{Stage, Values};
use super::{IN_CLUSTER, KEEP, NAMESPACE};
use crate::catalog::components::Component;
use crate::plan::{ClusterPlan, MANAGED_BY, Plan};

/// Renders the Application that brings all others, and returns its file.
pub(super) fn root(
    plan: &Plan,
    cluster: &ClusterPlan,
    folder: &str,
    out: &mut Output,
) -> Result<String, RenderError> {
    let mut values = source(plan);
    values["name"] = "platform".into();
    values["path"] = format!("clusters/{}", cluster.name).into();
    values["wave"] = "0".into();
    // Whoever installed Argo CD may deliver its settings, too.
    values["shared"] = true.into();
    let text = blueprint::fill("gitops/argocd/stage.yaml", &values)?;
    let path = format!("{folder}/root.yaml");
    out.filled(path, "gitops/argocd/stage.yaml", &[text])?;
    Ok("root.yaml".to_owned())
}

/// Renders the stages in order, and returns their files.
pub(super) fn stages(
    plan: &Plan,
    cluster: &ClusterPlan,
    out: &mut Output,
) -> Result<Vec<String>, RenderError> {
    let stages: Vec<&Stage> = super::super::stages(cluster, out).collect();
    let mut files = Vec::new();
    for stage in stages {
        let file = format!("{}-{}.yaml", stage.number, stage.name);
        let (origin, values) = if stage.name == "tenants" {
            ("gitops/argocd/tenants.yaml", teams(plan, cluster, stage))
        } else {
            let mut values = source(plan);
            values["name"] = format!("platform-{}", stage.name).into();
            values["path"] = format!("{}/{}", stage.folder, cluster.name).into();
            values["wave"] = stage.number.to_string().into();
            values["shared"] = false.into();
            ("gitops/argocd/stage.yaml", values)
        };
        let text = blueprint::fill(origin, &values)?;
        out.filled(format!("clusters/{}/{file}", cluster.name), origin, &[text])?;
        files.push(file);
    }
    Ok(files)
}

/// Where the objects come from.
fn source(plan: &Plan) -> Value {
    json!({"repository": plan.model.repository, "branch": plan.model.branch})
}

/// One element per team: what the template's holes stand for. The list is closed: a folder that somebody adds to the
/// repository becomes no Application.
fn teams(plan: &Plan, cluster: &ClusterPlan, stage: &Stage) -> Value {
    let teams = tenant::by_team(cluster);
    let element = |tenants: &Vec<&crate::plan::Tenant>| json!({"team": tenants[0].team.as_str(), "namespace": tenants[0].namespace.as_str()});
    let mut values = source(plan);
    values["wave"] = stage.number.to_string().into();
    values["teams"] = teams.iter().map(element).collect();
    // The holes of Argo CD's own template; they are values here, since blueprints have other delimiters.
    values["hole_team"] = "{{.team}}".into();
    values["hole_name"] = "tenant-{{.team}}".into();
    values["hole_path"] = format!("{}/{}/{{{{.team}}}}", stage.folder, cluster.name).into();
    values["hole_namespace"] = "{{.namespace}}".into();
    values
}

/// Where a chart comes from; Argo CD knows a chart of an OCI registry by the missing scheme.
///
/// Source: argo-cd v3.5 docs/user-guide/helm.md, "Declarative".
pub(super) fn repository(component: &Component) -> &str {
    component.chart.registry().unwrap_or(&component.chart.repository)
}

/// A chart as an Application; Argo CD renders it and applies the result as the platform's account.
pub(in super::super) fn release(component: &Component, values: &Values<'_>) -> Value {
    let (Values::Inline(values) | Values::ConfigMap(_, values)) = values;
    json!({
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {
            "name": component.id,
            "namespace": NAMESPACE,
            "labels": {MANAGED_BY.0: MANAGED_BY.1},
            // Without it the policy engine would be gone the moment its file is.
            "annotations": {KEEP.key: KEEP.value},
        },
        "spec": {
            "project": "platform-charts",
            "source": {
                "repoURL": repository(component),
                "chart": component.chart.name,
                "targetRevision": component.chart.version,
                "helm": {"releaseName": component.id, "valuesObject": values},
            },
            "destination": {"server": IN_CLUSTER, "namespace": component.namespace},
            "syncPolicy": {
                "automated": {"prune": true, "selfHeal": true},
                "retry": {"limit": 10, "refresh": true, "backoff": {"duration": "10s", "factor": 2, "maxDuration": "5m"}},
                // Definitions of resources are larger than the annotation of a client-side apply may be.
                "syncOptions": ["ServerSideApply=true", "CreateNamespace=false", "FailOnSharedResource=true"],
            },
        },
    })
}
