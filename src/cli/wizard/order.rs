//! Which question follows which.

use super::answers::{is_shared, namespaces};
use super::ask_team::pool_of;
use super::machine::Wizard;
use super::pick::Pick;
use super::step::Step;
use crate::overlay::presets;
use crate::spec::{Sharing, Spec};

/// The step after an answer; the spec has the answer already.
pub(super) fn after(wizard: &Wizard, step: Step, pick: Option<&Pick>) -> Step {
    let spec = &wizard.spec;
    match step {
        Step::Name => Step::AdminGroups,
        Step::AdminGroups => Step::GitOpsEngine,
        Step::GitOpsEngine => Step::Repository,
        Step::Repository => Step::Branch,
        Step::Branch => Step::PolicyEngine,
        Step::PolicyEngine => Step::PolicyMode,
        Step::PolicyMode => Step::Overlays,
        Step::Overlays => Step::Clusters,
        Step::Clusters => match pick {
            Some(Pick::Add) => Step::ClusterName(spec.clusters.len().saturating_sub(1)),
            Some(Pick::Change(c)) => Step::ClusterName(*c),
            Some(Pick::Remove(_)) => Step::Clusters,
            _ => pools(spec, 0),
        },
        Step::ClusterName(c) => Step::ClusterContext(c),
        Step::ClusterContext(_) => Step::Clusters,
        Step::Pools(c) => match pick {
            Some(Pick::Add) => Step::PoolName(c, spec.clusters[c].pools.len().saturating_sub(1)),
            Some(Pick::Change(p)) => Step::PoolName(c, *p),
            Some(Pick::Remove(_)) => Step::Pools(c),
            _ => pools(spec, c + 1),
        },
        Step::PoolName(c, p) => Step::PoolBoard(c, p),
        Step::PoolBoard(c, p) => Step::PoolNodes(c, p),
        Step::PoolNodes(c, p) => Step::PoolGpus(c, p),
        Step::PoolGpus(c, p) => Step::PoolSharing(c, p),
        Step::PoolSharing(c, p) => Step::PoolReplicas(c, p),
        Step::PoolReplicas(c, _) => Step::Pools(c),
        Step::Backend => Step::BackendName,
        Step::BackendName => Step::BackendAddress,
        Step::BackendAddress => Step::BackendEgress,
        Step::BackendEgress => Step::BackendDelivery,
        Step::BackendDelivery => Step::Teams,
        Step::Teams => match pick {
            Some(Pick::Add) => Step::TeamName(spec.teams.len().saturating_sub(1)),
            Some(Pick::Change(t)) => Step::TeamName(*t),
            Some(Pick::Remove(_)) => Step::Teams,
            // Teams that flags named still have questions that no flag answered.
            _ if wizard.is_given("team") => owners(spec, wizard.former_teams()),
            _ => Step::Summary,
        },
        Step::TeamName(t) => Step::TeamGroups(t),
        Step::TeamGroups(t) => Step::TeamOwners(t),
        Step::TeamOwners(t) => Step::TeamNamespaces(t),
        Step::TeamNamespaces(t) => Step::Gpus(t),
        Step::Gpus(t) => match pick {
            Some(Pick::Pool(..)) => Step::GpuNamespace(t, spec.teams[t].gpus.len().saturating_sub(1)),
            Some(Pick::Change(g)) => Step::GpuNamespace(t, *g),
            Some(Pick::Remove(_)) => Step::Gpus(t),
            _ => Step::TeamQuota(t, 0),
        },
        Step::GpuNamespace(t, g) => Step::GpuProfile(t, g),
        Step::GpuProfile(t, g) => Step::GpuCount(t, g),
        Step::GpuCount(t, _) => Step::Gpus(t),
        Step::TeamQuota(t, n) if n + 1 < namespaces(&spec.teams[t]).len() => Step::TeamQuota(t, n + 1),
        Step::TeamQuota(t, _) if wizard.is_given("team") => owners(spec, t + 1),
        Step::TeamQuota(..) => Step::Teams,
        Step::Summary => Step::Summary,
    }
}

fn pools(spec: &Spec, cluster: usize) -> Step {
    if cluster < spec.clusters.len() {
        Step::Pools(cluster)
    } else {
        Step::Backend
    }
}

fn owners(spec: &Spec, team: usize) -> Step {
    if team < spec.teams.len() {
        Step::TeamOwners(team)
    } else {
        Step::Summary
    }
}

/// Whether the question of a step makes sense as the spec stands.
pub(super) fn applies(wizard: &Wizard, step: Step) -> bool {
    let spec = &wizard.spec;
    match step {
        Step::Overlays => !presets().is_empty(),
        Step::PoolReplicas(c, p) => is_shared(spec.clusters[c].pools[p].sharing),
        Step::BackendName | Step::BackendAddress | Step::BackendEgress | Step::BackendDelivery => {
            !spec.secrets.is_empty()
        }
        Step::Gpus(_) => spec.clusters.iter().any(|cluster| !cluster.pools.is_empty()),
        Step::GpuNamespace(t, _) => namespaces(&spec.teams[t]).len() > 1,
        Step::GpuProfile(t, g) => {
            pool_of(spec, &spec.teams[t].gpus[g]).is_some_and(|(_, pool)| pool.sharing == Sharing::Mig)
        }
        _ => true,
    }
}

/// The question about the first element of a list, where a step leads to that list.
pub(super) fn first_of(step: Step) -> Step {
    match step {
        Step::Clusters => Step::ClusterName(0),
        Step::Teams => Step::TeamName(0),
        other => other,
    }
}
