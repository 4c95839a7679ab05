//! The settings of Argo CD that the tenancy rests on, and the account of the platform.

use std::collections::BTreeSet;

use serde_json::json;

use super::super::super::{Output, RenderError, blueprint};
use super::{NAMESPACE, PLATFORM_ACCOUNT, projects};
use crate::plan::{ClusterPlan, Plan};
use crate::spec::PolicyEngine;

/// Renders settings and account, and returns their files.
pub(super) fn render(
    plan: &Plan,
    cluster: &ClusterPlan,
    folder: &str,
    out: &mut Output,
) -> Result<Vec<String>, RenderError> {
    // Only who has somewhere to come from may have Applications of its own.
    let sourced = cluster.tenants.iter().filter(|tenant| !tenant.sources.is_empty());
    let namespaces: BTreeSet<&str> = sourced.map(|tenant| tenant.namespace.as_str()).collect();
    let namespaces: Vec<&str> = namespaces.into_iter().collect();
    let admins = plan.admins();
    let lines = admins.groups.iter().chain(&admins.users).map(|name| {
        // Quotes inside are refused by the model.
        format!("g, \"{}\", role:admin\n", projects::subject(plan, name))
    });
    let values = json!({
        "kyverno": plan.engine() == PolicyEngine::Kyverno,
        "application_namespaces": namespaces.join(","),
        "admins": lines.collect::<String>(),
    });
    let settings = blueprint::fill("gitops/argocd/settings.yaml", &values)?;
    out.filled(
        format!("{folder}/settings.yaml"),
        "gitops/argocd/settings.yaml",
        &[settings],
    )?;
    let values = json!({"account": PLATFORM_ACCOUNT, "namespace": NAMESPACE});
    let account = blueprint::fill("gitops/argocd/account.yaml", &values)?;
    out.filled(
        format!("{folder}/account.yaml"),
        "gitops/argocd/account.yaml",
        &[account],
    )?;
    Ok(vec!["settings.yaml".to_owned(), "account.yaml".to_owned()])
}
