//! What the plan promises runs, all at once; one more waits, one over the quota is denied.
//!
//! Seen on Kubernetes 1.36.3: a quota counts a pod from its creation, whether or not it is ever scheduled, so the pod that
//! waits for a GPU uses up its team's quota all the same.

use std::collections::BTreeMap;

use platform::plan::{self, Promise, Tenant};
use serde_json::{Value, json};

use super::floor::{Floor, floor};
use crate::lab::{self, User};

/// One pod for each unit that a tenant is promised.
fn pods(tenant: &Tenant) -> Vec<Value> {
    let promises = tenant.promises.iter().enumerate();
    promises
        .flat_map(|(at, promise)| (0..promise.count).map(move |unit| (at, unit, promise)))
        .map(|(at, unit, promise)| {
            plan::gpu_pod(&tenant.namespace, &format!("promised-{at}-{unit}"), promise)
        })
        .collect()
}

/// Runs everything that is promised and returns when all of it runs, each pod in its pool.
pub(super) fn run_all(floor: &Floor) {
    let cluster = floor.promised();
    for tenant in &cluster.tenants {
        let pods = pods(tenant);
        assert!(!pods.is_empty(), "`{}` is promised nothing", tenant.namespace);
        let created = floor.create(tenant.namespace.as_str(), &pods);
        assert!(created.status.success(), "{}: {created}", tenant.namespace);
    }
    for tenant in &cluster.tenants {
        let pods = pods(tenant);
        let nodes = floor.wait_running(tenant.namespace.as_str(), pods.len());
        for pod in &pods {
            let node = &nodes[&super::floor::name(pod)];
            let pool = pod["spec"]["nodeSelector"]["gpu-type"].as_str().expect("a pool");
            assert!(node.starts_with(pool), "a pod of `{pool}` runs on `{node}`");
        }
    }
}

/// Ends all pods of all tenants.
pub(super) fn clear(floor: &Floor) {
    for tenant in &floor.promised().tenants {
        floor.clear(tenant.namespace.as_str());
    }
}

/// GPU resource → how many, over all nodes of a pool.
fn capacity(floor: &Floor, pool: &str) -> BTreeMap<String, u64> {
    let mut all = BTreeMap::new();
    for (node, advertised) in floor.advertised() {
        if node.starts_with(pool) {
            for (resource, count) in advertised {
                *all.entry(resource).or_default() += count;
            }
        }
    }
    all
}

#[test]
fn all_that_is_promised_runs_one_more_waits_and_one_over_quota_is_denied() {
    let _guard = lab::gpu().exclusive();
    let floor = floor();
    run_all(&floor);

    let cluster = floor.promised();
    let mut waited = 0;
    for tenant in &cluster.tenants {
        let namespace = tenant.namespace.as_str();
        for (at, promise) in tenant.promises.iter().enumerate() {
            let name = format!("more-{at}");
            let more = [plan::gpu_pod(&tenant.namespace, &name, promise)];
            let denied = floor.create(namespace, &more);
            let quota = format!(
                "exceeded quota: tenant, requested: requests.{}=1",
                promise.resource
            );
            assert!(
                !denied.status.success() && denied.stderr.contains(&quota),
                "one more {} than `{namespace}` is promised: {denied}",
                promise.resource
            );
            if is_full(&floor, promise, &cluster.tenants) {
                waited += 1;
                let reason = wait_with_more_quota(&floor, tenant, promise, &more, &name);
                let insufficient = format!("Insufficient {}", promise.resource);
                assert!(reason.contains(&insufficient), "{namespace}: {reason}");
            }
        }
    }
    assert!(
        waited >= 3,
        "{waited} resources were used up, and there one more had to wait"
    );
    clear(&floor);
    // The quotas are the platform's again: somebody else's hand is overruled only where a person says so.
    let restored = floor.platform(&["apply", "--force-conflicts"]);
    assert!(restored.status.success(), "{restored}");
}

/// Whether the promises of all tenants use up what a pool advertises of a resource.
fn is_full(floor: &Floor, promise: &Promise, tenants: &[Tenant]) -> bool {
    let promises = tenants.iter().flat_map(|tenant| &tenant.promises);
    let same = promises.filter(|other| other.pool == promise.pool && other.resource == promise.resource);
    let promised: u64 = same.map(|other| other.count).sum();
    let capacity = capacity(floor, promise.pool.as_str());
    let there = capacity.get(&promise.resource).copied().unwrap_or(0);
    assert!(
        there >= promised,
        "{promise:?}: {there} are there, {promised} are promised"
    );
    there == promised
}

/// Gives a team quota beyond its promise, which an admin can do by hand, and returns why its pod does not run.
fn wait_with_more_quota(
    floor: &Floor,
    tenant: &Tenant,
    promise: &Promise,
    more: &[Value],
    name: &str,
) -> String {
    let namespace = tenant.namespace.as_str();
    let key = format!("requests.{}", promise.resource);
    let of_resource = tenant.gpus[&promise.resource] + 1;
    let patch = json!({"spec": {"hard": {key: of_resource.to_string()}}}).to_string();
    let command = [
        "-n",
        namespace,
        "patch",
        "resourcequota",
        "tenant",
        "--type=merge",
        "-p",
        &patch,
    ];
    floor.cluster.ok(User::Admin, &command);
    // The quota that admission goes by is the one in its status, which the controller manager copies.
    floor
        .cluster
        .wait_for("more quota", std::time::Duration::from_secs(20), || {
            floor.create(namespace, more).status.success().then_some(())
        });
    floor.wait_unschedulable(namespace, name)
}
