//! Argo CD: one Application per stage in sync waves below a root Application; charts are Applications too.
//!
//! Each cluster has its own Argo CD, in the namespace `argocd`. `argocd/<cluster>/` holds what must be there before the
//! first sync: settings, the account of the platform, projects. An admin applies it once, with the root, from
//! `bootstrap/<cluster>/`. `clusters/<cluster>/` is what the root delivers from then on: the same, and the stages. The
//! root does not deliver itself: it would wait for its own health.
//!
//! Sources for the behaviour of Argo CD: its documentation and code at v3.5.0.

mod applications;
mod projects;
mod settings;
mod tenants;

use super::super::{Output, RenderError, kustomization};
use super::Annotation;
use crate::plan::{ClusterPlan, Plan};

pub(super) use applications::release;
pub(super) use tenants::render as tenant;

/// Where Argo CD and all that only its admins may touch lives.
const NAMESPACE: &str = "argocd";
/// The address by which an Argo CD knows its own cluster.
const IN_CLUSTER: &str = "https://kubernetes.default.svc";
/// The account that syncs the platform's own objects run as.
const PLATFORM_ACCOUNT: &str = "platform-sync";
/// The account of each tenant namespace that the team's own syncs run as.
const TEAM_ACCOUNT: &str = "argocd-sync";

/// Prune is about what has left the repository, Delete about an Application that goes with all it brought.
pub(super) const KEEP: Annotation = Annotation {
    key: "argocd.argoproj.io/sync-options",
    value: "Prune=false,Delete=false",
};

/// Impersonated by the controller; the controller's own account is deliberately not among them, so that a sync without
/// impersonation cannot pass for the platform's.
pub(super) const ACCOUNTS: [(&str, &str); 1] = [(NAMESPACE, PLATFORM_ACCOUNT)];

pub(super) fn render(plan: &Plan, cluster: &ClusterPlan, out: &mut Output) -> Result<(), RenderError> {
    let before = format!("argocd/{}", cluster.name);
    let mut files = settings::render(plan, cluster, &before, out)?;
    files.extend(projects::render(plan, cluster, &before, out)?);
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    kustomization::write(out, &before, "gitops/argocd", &files)?;
    let bootstrap = format!("bootstrap/{}", cluster.name);
    let root = applications::root(plan, cluster, &bootstrap, out)?;
    let first = format!("../../{before}");
    kustomization::write(out, &bootstrap, "gitops/argocd", &[&first, &root])?;
    let stages = applications::stages(plan, cluster, out)?;
    let mut resources = vec![first];
    resources.extend(stages);
    let resources: Vec<&str> = resources.iter().map(String::as_str).collect();
    kustomization::write(
        out,
        &format!("clusters/{}", cluster.name),
        "gitops/argocd",
        &resources,
    )
}
