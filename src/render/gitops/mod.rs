//! What brings the repository to the clusters: the same objects in the same stages, for Flux or for Argo CD.

mod argocd;
mod flux;

use serde_json::{Value, json};

use super::{Output, RenderError};
use crate::catalog::components::Component;
use crate::plan::{ClusterPlan, MANAGED_BY, Plan, Tenant};
use crate::spec::GitOpsEngine;

/// One stage of a cluster.
struct Stage {
    /// Its place among the stages.
    number: u8,
    /// Its name.
    name: &'static str,
    /// The folder above the cluster's own.
    folder: &'static str,
    /// How long it may take until all of it is healthy.
    timeout: &'static str,
}

/// The stages in order, whoever delivers them.
const STAGES: [Stage; 6] = [
    Stage {
        number: 10,
        name: "controllers",
        folder: "infrastructure",
        timeout: "15m",
    },
    Stage {
        number: 30,
        name: "policies",
        folder: "policies",
        timeout: "5m",
    },
    Stage {
        number: 40,
        name: "gpu",
        folder: "gpu",
        timeout: "5m",
    },
    Stage {
        number: 45,
        name: "queues",
        folder: "queues",
        timeout: "5m",
    },
    Stage {
        number: 50,
        name: "secrets",
        folder: "secrets",
        timeout: "5m",
    },
    Stage {
        number: 60,
        name: "tenants",
        folder: "tenants",
        timeout: "10m",
    },
];

/// The stages of a cluster that have objects; the others are not rendered.
fn stages<'a>(cluster: &'a ClusterPlan, out: &'a Output) -> impl Iterator<Item = &'static Stage> + 'a {
    STAGES.iter().filter(|stage| {
        let kustomization = format!("{}/{}/kustomization.yaml", stage.folder, cluster.name);
        out.tree.get(&kustomization).is_some()
    })
}

/// Renders `clusters/<cluster>/` and what else the engine needs to deliver it; the stages are rendered before.
pub(super) fn render(plan: &Plan, cluster: &ClusterPlan, out: &mut Output) -> Result<(), RenderError> {
    match plan.gitops().engine {
        GitOpsEngine::Flux => flux::render(plan, cluster, out),
        GitOpsEngine::ArgoCd => argocd::render(plan, cluster, out),
    }
}

/// Renders what the engine needs in a team's namespaces, and returns the files for the folder's kustomization.
pub(super) fn tenant(
    plan: &Plan,
    folder: &str,
    tenants: &[&Tenant],
    out: &mut Output,
) -> Result<Option<&'static str>, RenderError> {
    match plan.gitops().engine {
        // A team's Kustomization runs as an account of the team's choice in its own namespace.
        GitOpsEngine::Flux => Ok(None),
        GitOpsEngine::ArgoCd => argocd::tenant(folder, tenants, out).map(Some),
    }
}

/// An annotation, as blueprints read it.
#[derive(Debug, Clone, Copy, serde::Serialize)]
pub(super) struct Annotation {
    key: &'static str,
    value: &'static str,
}

/// The annotation by which the engine never deletes an object.
pub(super) fn keep(engine: GitOpsEngine) -> [Annotation; 1] {
    match engine {
        GitOpsEngine::Flux => [flux::KEEP],
        GitOpsEngine::ArgoCd => [argocd::KEEP],
    }
}

/// User names of the accounts that apply the platform's own objects, and of no other.
pub(super) fn platform_service_accounts(engine: GitOpsEngine) -> Vec<String> {
    let accounts = match engine {
        GitOpsEngine::Flux => &flux::ACCOUNTS[..],
        GitOpsEngine::ArgoCd => &argocd::ACCOUNTS[..],
    };
    let user = |(namespace, name): &(&str, &str)| format!("system:serviceaccount:{namespace}:{name}");
    accounts.iter().map(user).collect()
}

/// Where the values of a chart are.
pub(super) enum Values<'a> {
    /// In the object that installs the chart.
    Inline(&'a Value),
    /// In a ConfigMap of the chart's namespace, key `values.yaml`; where the engine cannot read it, inline.
    ConfigMap(&'static str, &'a Value),
}

/// Whether the engine reads the values of a chart from a ConfigMap.
pub(super) fn reads_values_from_config_maps(engine: GitOpsEngine) -> bool {
    engine == GitOpsEngine::Flux
}

/// The objects that install a chart: its namespace, and what the engine makes a release of.
pub(super) fn release(engine: GitOpsEngine, component: &Component, values: &Values<'_>) -> Vec<Value> {
    let mut objects = vec![namespace(engine, component)];
    match engine {
        GitOpsEngine::Flux => objects.extend(flux::release(component, values)),
        GitOpsEngine::ArgoCd => objects.push(argocd::release(component, values)),
    }
    objects
}

fn namespace(engine: GitOpsEngine, component: &Component) -> Value {
    let mut labels = serde_json::Map::from_iter([(MANAGED_BY.0.to_owned(), Value::from(MANAGED_BY.1))]);
    let own = component.namespace_labels.iter();
    labels.extend(own.map(|(key, value)| (key.clone(), Value::from(value.clone()))));
    let [keep] = keep(engine);
    json!({
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {
            "name": component.namespace,
            "labels": labels,
            "annotations": {keep.key: keep.value},
        },
    })
}
