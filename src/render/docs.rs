//! `docs/`: runbook, controls, and a worked example pod for each tenant that has something to use.

use serde_json::{Value, json};

use super::{Output, RenderError, infrastructure};
use crate::catalog::{compliance, policies};
use crate::plan::{self, Plan};
use crate::spec::GitOpsEngine;
use crate::units::DnsLabel;

pub(super) fn render(plan: &Plan, out: &mut Output) -> Result<(), RenderError> {
    let admins = plan.admins();
    let argocd = plan.gitops().engine == GitOpsEngine::ArgoCd;
    let values = json!({
        "admin_groups": admins.groups,
        "admin_users": admins.users,
        "argocd": argocd,
        "engine": if argocd { "Argo CD" } else { "Flux" },
    });
    out.markdown("docs/runbook.md", "docs/runbook.md", &values)?;
    out.markdown("docs/controls.md", "docs/controls.md", &controls(plan)?)?;
    for cluster in &plan.clusters {
        let worked = cluster
            .tenants
            .iter()
            .filter(|t| !t.promises.is_empty() || !t.secrets.is_empty());
        for tenant in worked {
            let path = format!("docs/examples/{}/{}.yaml", cluster.name, tenant.namespace);
            out.objects(path, "docs/examples", &[plan::workload_pod(tenant)])?;
            if let Some(promise) = tenant.promises.iter().find(|promise| promise.class.is_some()) {
                let path = format!("docs/examples/{}/{}-claim.yaml", cluster.name, tenant.namespace);
                out.objects(path, "docs/examples", &by_claim(&tenant.namespace, promise))?;
            }
        }
    }
    Ok(())
}

/// The same device by a claim: a template, and a pod that names it.
fn by_claim(namespace: &DnsLabel, promise: &plan::Promise) -> Vec<Value> {
    let class = promise.class.as_deref().unwrap_or_default();
    vec![
        plan::claim_template(namespace, "gpu-by-claim", class),
        plan::claim_pod(namespace, "gpu-by-claim", promise),
    ]
}

fn controls(plan: &Plan) -> Result<Value, RenderError> {
    let all = policies::policies().map_err(|error| RenderError::Catalogue(error.to_string()))?;
    let policies: Vec<Value> = all
        .iter()
        .map(|policy| {
            json!({
                "id": policy.id,
                "title": policy.title,
                "severity": policy.severity.as_str(),
                "mode": plan.model.policy.mode_of(&policy.id),
                "controls": policy.controls.join(", "),
            })
        })
        .collect();
    let waivers: Vec<Value> = plan
        .model
        .waivers
        .iter()
        .map(|waiver| {
            json!({
                "control": waiver.control,
                "pool": waiver.pool.as_deref().unwrap_or("any"),
                "teams": waiver.teams.join(", "),
                "owner": waiver.owner,
                "reason": waiver.reason,
                "expires": waiver.expires,
            })
        })
        .collect();
    let compliance: Vec<Value> = plan
        .model
        .compliance
        .iter()
        .filter_map(|id| catalogue(id))
        .collect();
    Ok(json!({
        "policies": policies,
        "waivers": waivers,
        "compliance": compliance,
        "argocd": plan.gitops().engine == GitOpsEngine::ArgoCd,
        "operator_values": infrastructure::operator_values_path(plan.gitops().engine),
    }))
}

/// A catalogue as the page shows it; what no probe is mapped to is not assessed.
fn catalogue(id: &str) -> Option<Value> {
    let catalogue = compliance::catalogue(id)?;
    Some(json!({"id": catalogue.id, "title": catalogue.title, "source": catalogue.source}))
}
