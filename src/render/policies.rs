//! `policies/<cluster>/`: the policy pack for the chosen engine.

use super::{Output, RenderError, gitops, kustomization};
use crate::catalog::{self, policies};
use crate::engine::policy::{self, Action, Parameters};
use crate::plan::{ClusterPlan, Plan};
use crate::spec::{Mode, PolicyEngine};

/// What the policies of a plan are filled with; the offline test evaluates them with the same.
pub fn parameters(plan: &Plan) -> Parameters {
    Parameters {
        admin_groups: plan.admins().groups.clone(),
        admin_users: plan.admins().users.clone(),
        platform_service_accounts: gitops::platform_service_accounts(plan.gitops().engine),
        system_namespaces: plan.model.policy.system_namespaces.clone(),
    }
}

pub(super) fn render(plan: &Plan, cluster: &ClusterPlan, out: &mut Output) -> Result<(), RenderError> {
    let folder = format!("policies/{}", cluster.name);
    let parameters = parameters(plan);
    let engine = match plan.engine() {
        PolicyEngine::Kyverno => policy::PolicyEngine::Kyverno,
        PolicyEngine::Gatekeeper => policy::PolicyEngine::Gatekeeper,
        PolicyEngine::Native => policy::PolicyEngine::Native,
    };
    let mut files = Vec::new();
    for decided in &cluster.policies {
        let policy = policies::policy(&decided.id)
            .map_err(|error| RenderError::Catalogue(error.to_string()))?
            .ok_or_else(|| RenderError::Catalogue(format!("policy `{}` is missing", decided.id)))?;
        let action = match decided.mode {
            Mode::Enforce => Action::Enforce,
            Mode::Audit => Action::Audit,
        };
        let objects = policy::render(engine, policy, &parameters, action)?;
        let file = format!("{}.yaml", decided.id);
        let origin = catalog::folder(&format!("policies/{}", decided.id)).unwrap_or("policies");
        out.objects(format!("{folder}/{file}"), origin, &objects)?;
        files.push(file);
    }
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    kustomization::write(out, &folder, "policies", &files)
}
