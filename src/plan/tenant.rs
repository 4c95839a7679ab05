//! What each tenant namespace of a cluster gets.

use std::collections::{BTreeMap, BTreeSet};

use super::device_class::class_of;
use super::pods::Promise;
use super::types::{EgressRule, SecretPlan, Tenant};
use crate::model::{Model, Namespace, Reach, Team};

/// The tenant namespaces of a cluster, in the order of the spec.
pub(super) fn tenants(model: &Model, cluster: usize) -> Vec<Tenant> {
    let here = model.teams.iter().filter(|team| team.clusters.contains(&cluster));
    here.flat_map(|team| {
        team.namespaces
            .iter()
            .map(move |namespace| tenant(model, cluster, team, namespace))
    })
    .collect()
}

fn tenant(model: &Model, cluster: usize, team: &Team, namespace: &Namespace) -> Tenant {
    let (mut gpus, mut burst): (BTreeMap<String, u64>, BTreeMap<String, u64>) = Default::default();
    let mut classes: BTreeMap<String, u64> = BTreeMap::new();
    let mut pools = BTreeSet::new();
    let mut promises: BTreeMap<(usize, String), Promise> = BTreeMap::new();
    for request in namespace.gpus.iter().filter(|request| request.cluster == cluster) {
        let pool = &model.clusters[cluster].pools[request.pool];
        let resource = request.share.resource();
        let (count, more) = (u64::from(request.count), u64::from(request.burst));
        *gpus.entry(resource.clone()).or_default() += count;
        if more > 0 {
            *burst.entry(resource.clone()).or_default() += more;
        }
        let class = class_of(pool, &request.share);
        if let Some(class) = &class {
            *classes.entry(class.clone()).or_default() += count + more;
        }
        pools.insert(pool.name.clone());
        let promise = promises
            .entry((request.pool, resource.clone()))
            .or_insert_with(|| Promise {
                pool: pool.name.clone(),
                resource,
                class,
                count: 0,
                burst: 0,
            });
        promise.count += count;
        promise.burst += more;
    }
    Tenant {
        team: team.name.clone(),
        frozen: team.frozen,
        namespace: namespace.name.clone(),
        groups: team.groups.clone(),
        owners: team.owners.clone(),
        pod_security: model.policy.pod_security,
        gpus,
        burst,
        classes,
        pools,
        promises: promises.into_values().collect(),
        quota: namespace.quota.clone(),
        egress: egress(model, team),
        secrets: secrets(model, cluster, team, namespace),
        sources: team.sources.clone(),
    }
}

fn egress(model: &Model, team: &Team) -> Vec<EgressRule> {
    let used: BTreeSet<usize> = team.secrets.iter().map(|secret| secret.backend).collect();
    let backends = used.into_iter().map(|index| {
        let backend = &model.backends[index];
        EgressRule {
            reason: format!("secret backend {}", backend.name),
            to: backend.reach.clone(),
            ports: vec![backend.port],
        }
    });
    let general = model.egress.iter().map(|egress| EgressRule {
        reason: "network.egress of the spec".to_owned(),
        to: Reach::Cidr(egress.cidr.clone()),
        ports: egress.ports.clone(),
    });
    backends.chain(general).collect()
}

fn secrets(model: &Model, cluster: usize, team: &Team, namespace: &Namespace) -> Vec<SecretPlan> {
    let plan = |secret: &crate::model::SecretAccess| {
        let backend = &model.backends[secret.backend];
        SecretPlan {
            backend: backend.name.clone(),
            product: backend.backend,
            audience: backend.audience.clone(),
            auth_mount: super::auth_mount(&model.clusters[cluster].name),
            path: super::kv_path(&namespace.name, &secret.path),
            name: secret.name.clone(),
        }
    };
    team.secrets.iter().map(plan).collect()
}
