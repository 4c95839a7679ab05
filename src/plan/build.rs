//! Model → Plan.

use std::collections::{BTreeMap, BTreeSet};

use super::assess::{Assessed, asks};
use super::device_class::device_classes;
use super::gpu::{Aim, Layouts};
use super::pool;
use super::tenant;
use super::types::{BackendPlan, ClusterPlan, Plan, PolicyPlan};
use crate::catalog::{self, boards};
use crate::model::{Cluster, Model};
use crate::overlay::Overlays;

/// Decides everything; the pools alone where a demand does not fit.
pub fn build(model: Model, present: &Layouts, aim: Aim) -> (Vec<Assessed>, Option<Plan>) {
    let mut assessed = Vec::new();
    for (index, cluster) in model.clusters.iter().enumerate() {
        for (at, pool) in cluster.pools.iter().enumerate() {
            let key = (cluster.name.to_string(), pool.name.to_string());
            let present = present.get(&key).filter(|present| present.board == pool.board);
            assessed.push(Assessed {
                cluster: cluster.name.clone(),
                pool: pool.clone(),
                asks: asks(&model, index, at),
                result: pool::pool(&model, index, at, present, aim),
            });
        }
    }
    if assessed.iter().any(|pool| pool.result.is_err()) {
        return (assessed, None);
    }
    let clusters = model.clusters.iter().enumerate();
    let clusters = clusters
        .map(|(index, cluster)| one(&model, index, cluster, &assessed))
        .collect();
    let plan = Plan {
        model,
        clusters,
        overlays: Overlays::default(),
        places: BTreeMap::new(),
        notes: Vec::new(),
    };
    (assessed, Some(plan))
}

fn one(model: &Model, index: usize, cluster: &Cluster, assessed: &[Assessed]) -> ClusterPlan {
    let here = assessed.iter().filter(|pool| pool.cluster == cluster.name);
    let pools = here
        .filter_map(|pool| pool.result.as_ref().ok().cloned())
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
    ClusterPlan {
        name: cluster.name.clone(),
        context: cluster.context.clone(),
        pools,
        queueing: cluster.queueing,
        gpu_resources,
        device_classes: device_classes(model, index),
        policies,
        backends: backends(model, index),
        tenants,
    }
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
