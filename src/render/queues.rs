//! `queues/<cluster>/`: what Kueue queues by. A flavor per pool, a cohort per cluster, a queue per team.
//!
//! A flavor is a board and a pool, so profiles of one name on two boards stay apart, which a quota cannot do. What a team
//! is guaranteed is its nominal quota; what it leaves idle may be borrowed, and comes back by preemption when it asks.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Output, RenderError, kustomization};
use crate::model::{ResourceGroup, Team, resource_groups};
use crate::plan::gpu::GpuState;
use crate::plan::{ClusterPlan, MANAGED_BY, POOL_NODE_LABEL, POOL_TAINT, Plan, PoolPlan, TEAM_LABEL};
use crate::spec::Queueing;

const API: &str = "kueue.x-k8s.io/v1beta2";
/// The queue of a namespace that takes everything that names no other. Source: Kueue, "LocalQueueDefaulting".
const LOCAL_QUEUE: &str = "default";

/// Guaranteed and burst by pool and resource.
type Amounts = BTreeMap<(String, String), (u64, u64)>;

/// Whether a cluster queues with Kueue.
pub(super) fn is_queued(plan: &Plan, cluster: &ClusterPlan) -> bool {
    let mut clusters = plan.model.clusters.iter();
    clusters.any(|one| one.name == cluster.name && one.queueing == Queueing::Kueue)
}

pub(super) fn render(plan: &Plan, cluster: &ClusterPlan, out: &mut Output) -> Result<(), RenderError> {
    if !is_queued(plan, cluster) {
        return Ok(());
    }
    let folder = format!("queues/{}", cluster.name);
    let teams = teams(plan, cluster);
    let mut files = vec!["cohort.yaml"];
    let cohort = cohort(cluster, &teams);
    out.objects(format!("{folder}/cohort.yaml"), "queues/cohort", &[cohort])?;
    if !cluster.pools.is_empty() {
        let flavors: Vec<Value> = cluster.pools.iter().map(flavor).collect();
        out.objects(format!("{folder}/flavors.yaml"), "queues/flavors", &flavors)?;
        files.push("flavors.yaml");
    }
    let queues: Vec<Value> = teams
        .iter()
        .map(|(team, amounts)| queue(cluster, team, amounts))
        .collect();
    if !queues.is_empty() {
        out.objects(
            format!("{folder}/cluster-queues.yaml"),
            "queues/cluster-queues",
            &queues,
        )?;
        files.push("cluster-queues.yaml");
    }
    kustomization::write(out, &folder, "queues/kustomization", &files)
}

/// The queue of a tenant namespace.
pub(super) fn local(namespace: &str, team: &str) -> Value {
    json!({
        "apiVersion": API,
        "kind": "LocalQueue",
        "metadata": {"name": LOCAL_QUEUE, "namespace": namespace, "labels": {MANAGED_BY.0: MANAGED_BY.1}},
        "spec": {"clusterQueue": team},
    })
}

/// The teams of the cluster, with what they asked for.
fn teams<'a>(plan: &'a Plan, cluster: &ClusterPlan) -> Vec<(&'a Team, Amounts)> {
    let index = plan
        .model
        .clusters
        .iter()
        .position(|one| one.name == cluster.name);
    let here = plan
        .model
        .teams
        .iter()
        .filter(|team| index.is_some_and(|index| team.clusters.contains(&index)));
    let amounts = |team: &Team| {
        let mut amounts = Amounts::new();
        let requests = team.namespaces.iter().flat_map(|namespace| &namespace.gpus);
        for request in requests.filter(|request| Some(request.cluster) == index) {
            let pool = cluster.pools[request.pool].pool.name.to_string();
            let (guaranteed, burst) = amounts.entry((pool, request.share.resource())).or_default();
            *guaranteed += u64::from(request.count);
            *burst += u64::from(request.burst);
        }
        amounts
    };
    here.map(|team| (team, amounts(team))).collect()
}

fn metadata(name: &str) -> Value {
    json!({"name": name, "labels": {MANAGED_BY.0: MANAGED_BY.1}})
}

/// Nodes of one board and one pool. The taint is not tolerated for a pod: a policy wants it in the pod itself.
fn flavor(pool: &PoolPlan) -> Value {
    let name = pool.pool.name.as_str();
    json!({
        "apiVersion": API,
        "kind": "ResourceFlavor",
        "metadata": metadata(name),
        "spec": {
            "nodeLabels": {POOL_NODE_LABEL: name},
            "nodeTaints": [{"key": POOL_TAINT, "value": name, "effect": "NoSchedule"}],
        },
    })
}

/// What is planned and promised to nobody: the cohort's own, for whoever may burst.
fn cohort(cluster: &ClusterPlan, teams: &[(&Team, Amounts)]) -> Value {
    let mut free = Amounts::new();
    for pool in &cluster.pools {
        for (resource, capacity) in capacity(pool) {
            let key = (pool.pool.name.to_string(), resource.clone());
            let promised = pool.promised.get(&resource).copied().unwrap_or(0);
            let is_wanted = teams.iter().any(|(_, amounts)| amounts.contains_key(&key));
            if is_wanted && capacity > promised {
                free.insert(key, (capacity - promised, 0));
            }
        }
    }
    let mut spec = json!({});
    if !free.is_empty() {
        spec["resourceGroups"] = groups(&free, false);
    }
    json!({"apiVersion": API, "kind": "Cohort", "metadata": metadata(cluster.name.as_str()), "spec": spec})
}

/// What the GPUs of a pool offer at once: resource → count.
fn capacity(pool: &PoolPlan) -> BTreeMap<String, u64> {
    let mut all: BTreeMap<String, u64> = BTreeMap::new();
    let Some(layout) = pool.layout() else {
        let free = u64::from(pool.pool.gpus().saturating_sub(pool.pool.reserve));
        let each = u64::from(pool.pool.replicas.max(1));
        all.extend(
            pool.promised
                .keys()
                .map(|resource| (resource.clone(), free * each)),
        );
        return all;
    };
    for group in &layout.groups {
        for gpu in &group.gpus {
            match gpu {
                GpuState::Whole => {
                    *all.entry(crate::model::Share::Whole.resource()).or_default() += u64::from(group.nodes);
                }
                GpuState::Mig(instances) => {
                    for (profile, count) in instances {
                        let resource = crate::model::Share::Profile(profile.clone()).resource();
                        *all.entry(resource).or_default() += u64::from(*count) * u64::from(group.nodes);
                    }
                }
            }
        }
    }
    all
}

fn queue(cluster: &ClusterPlan, team: &Team, amounts: &Amounts) -> Value {
    let mut spec = json!({
        "cohortName": cluster.name.as_str(),
        "namespaceSelector": {"matchLabels": {TEAM_LABEL: team.name.as_str()}},
        "fairSharing": {"weight": team.weight},
        "preemption": {
            "reclaimWithinCohort": "Any",
            "borrowWithinCohort": {"policy": "Never"},
            "withinClusterQueue": "LowerPriority",
        },
        "stopPolicy": if team.frozen { "Hold" } else { "None" },
    });
    if !amounts.is_empty() {
        spec["resourceGroups"] = groups(amounts, true);
    }
    json!({"apiVersion": API, "kind": "ClusterQueue", "metadata": metadata(team.name.as_str()), "spec": spec})
}

/// The resource groups, in which each flavor lists all of the group's resources.
fn groups(amounts: &Amounts, borrows: bool) -> Value {
    let pairs = amounts
        .keys()
        .map(|(pool, resource)| (pool.as_str(), resource.as_str()));
    resource_groups(pairs)
        .iter()
        .map(|group| one_group(group, amounts, borrows))
        .collect()
}

fn one_group(group: &ResourceGroup, amounts: &Amounts, borrows: bool) -> Value {
    let quota = |pool: &String, resource: &String| {
        let (guaranteed, burst) = amounts
            .get(&(pool.clone(), resource.clone()))
            .copied()
            .unwrap_or_default();
        let mut quota = json!({"name": resource, "nominalQuota": guaranteed});
        if borrows {
            quota["borrowingLimit"] = burst.into();
        }
        quota
    };
    let flavor = |pool: &String| {
        let resources: Vec<Value> = group
            .resources
            .iter()
            .map(|resource| quota(pool, resource))
            .collect();
        json!({"name": pool, "resources": resources})
    };
    json!({
        "coveredResources": group.resources,
        "flavors": group.pools.iter().map(flavor).collect::<Vec<_>>(),
    })
}
