//! Model → Plan.

use std::collections::{BTreeMap, BTreeSet};

use super::capacity;
use super::tenant;
use super::types::{BackendPlan, ClusterPlan, Plan, PolicyPlan};
use crate::catalog::{self, boards};
use crate::model::{Cluster, Model, Report};
use crate::overlay::Overlays;

/// Decides everything; `None` when demand does not fit, which is reported.
pub fn build(model: Model, report: &mut Report<'_>) -> Option<Plan> {
    let clusters: Vec<Option<ClusterPlan>> = model
        .clusters
        .iter()
        .enumerate()
        .map(|(index, cluster)| one(&model, index, cluster, report))
        .collect();
    let clusters = clusters.into_iter().collect::<Option<_>>()?;
    report.is_empty().then_some(Plan {
        model,
        clusters,
        overlays: Overlays::default(),
        places: BTreeMap::new(),
    })
}

fn one(model: &Model, index: usize, cluster: &Cluster, report: &mut Report<'_>) -> Option<ClusterPlan> {
    let pools: Vec<_> = (0..cluster.pools.len())
        .map(|pool| capacity::pool(model, index, pool, report))
        .collect();
    let mut gpu_resources = BTreeSet::from([
        boards::WHOLE_GPU.to_owned(),
        format!("{}{}", boards::WHOLE_GPU, boards::SHARED_SUFFIX),
    ]);
    for pool in &cluster.pools {
        let board = boards::board(&pool.board).ok().flatten();
        gpu_resources.extend(board.map(boards::Board::resources).unwrap_or_default());
    }
    let policies = catalog::policy_ids()
        .into_iter()
        .map(|id| PolicyPlan {
            id: id.to_owned(),
            mode: model.policy.mode_of(id),
        })
        .collect();
    let tenants = tenant::tenants(model, index);
    Some(ClusterPlan {
        name: cluster.name.clone(),
        context: cluster.context.clone(),
        pools: pools.into_iter().collect::<Option<_>>()?,
        gpu_resources,
        policies,
        backends: backends(model, index),
        tenants,
    })
}

/// The backends that at least one tenant of the cluster reads from.
fn backends(model: &Model, cluster: usize) -> Vec<BackendPlan> {
    let here = || model.teams.iter().filter(|team| team.clusters.contains(&cluster));
    let plan = |(index, backend): (usize, &crate::model::SecretBackend)| {
        let readers = here().filter(|team| team.secrets.iter().any(|secret| secret.backend == index));
        let mut namespaces: Vec<String> = readers
            .flat_map(|team| &team.namespaces)
            .map(|namespace| namespace.name.to_string())
            .collect();
        namespaces.sort();
        (!namespaces.is_empty()).then(|| BackendPlan {
            name: backend.name.clone(),
            backend: backend.backend,
            address: backend.address.clone(),
            audience: backend.audience.clone(),
            auth_mount: super::auth_mount(&model.clusters[cluster].name),
            namespaces,
            policy: model.policy.secrets.clone(),
        })
    };
    model.backends.iter().enumerate().filter_map(plan).collect()
}
