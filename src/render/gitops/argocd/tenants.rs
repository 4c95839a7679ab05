//! What Argo CD needs in a tenant namespace: the account that the team's own syncs run as.

use serde_json::json;

use super::super::super::{Output, RenderError, blueprint, tenant};
use super::TEAM_ACCOUNT;
use crate::plan::{TENANT_OBJECT, Tenant};

/// Renders `argocd.yaml` of a team's folder, and returns the file's name.
pub(in super::super) fn render(
    folder: &str,
    tenants: &[&Tenant],
    out: &mut Output,
) -> Result<&'static str, RenderError> {
    let mut texts = Vec::new();
    for one in tenants {
        let values = json!({
            "account": TEAM_ACCOUNT,
            "namespace": one.namespace.as_str(),
            "role": TENANT_OBJECT,
            "applications": !one.sources.is_empty(),
            "groups": tenant::groups(one),
        });
        texts.push(blueprint::fill("gitops/argocd/tenant.yaml", &values)?);
    }
    out.filled(
        format!("{folder}/argocd.yaml"),
        "gitops/argocd/tenant.yaml",
        &texts,
    )?;
    Ok("argocd.yaml")
}
