//! Requests of one namespace that a ResourceQuota cannot tell apart, because it counts by resource and namespace alone.

use std::collections::{BTreeMap, BTreeSet};

use super::report::Report;
use super::types::{Cluster, GpuRequest, Namespace, Pool, Share, Team};
use crate::spec::{Queueing, Step};

/// Says which requests are added up, and refuses those that must not be.
pub(super) fn check(teams: &[Option<Team>], clusters: &[Option<Cluster>], report: &mut Report<'_>) {
    let clusters: BTreeMap<usize, &Cluster> = clusters
        .iter()
        .enumerate()
        .filter_map(|(index, cluster)| Some((index, cluster.as_ref()?)))
        .collect();
    for team in teams.iter().flatten() {
        for namespace in &team.namespaces {
            summed(namespace, &clusters, report);
            same_resource(namespace, &clusters, report);
        }
    }
}

fn place(request: &GpuRequest, key: &'static str) -> [Step; 5] {
    let (team, entry) = request.origin;
    [
        Step::Key("teams"),
        Step::Index(team),
        Step::Key("gpus"),
        Step::Index(entry),
        Step::Key(key),
    ]
}

/// Notes requests for the same thing.
fn summed(namespace: &Namespace, clusters: &BTreeMap<usize, &Cluster>, report: &mut Report<'_>) {
    let mut same: BTreeMap<(usize, usize, &Share), Vec<&GpuRequest>> = BTreeMap::new();
    for request in &namespace.gpus {
        let key = (request.cluster, request.pool, &request.share);
        same.entry(key).or_default().push(request);
    }
    for ((cluster, pool, share), requests) in same {
        let (Some(pool), [.., last]) = (
            clusters.get(&cluster).and_then(|c| c.pools.get(pool)),
            &requests[..],
        ) else {
            continue;
        };
        if requests.len() < 2 {
            continue;
        }
        let sum = |of: fn(&GpuRequest) -> u32| {
            let parts: Vec<String> = requests.iter().map(|request| of(request).to_string()).collect();
            let total: u64 = requests.iter().map(|request| u64::from(of(request))).sum();
            (total, format!("{} = {total}", parts.join(" + ")))
        };
        let burst = match sum(|request| request.burst) {
            (0, _) => String::new(),
            (_, text) => format!(", and may use {text} more"),
        };
        let message = format!(
            "namespace `{}` asks {} times for `{}` of pool `{}`; it is promised {}{burst}",
            namespace.name,
            requests.len(),
            share.resource(),
            pool.name,
            sum(|request| request.count).1,
        );
        let hint = "write one request with the sum, to say it once".to_owned();
        report.note(&place(last, "count"), "summed", message, Some(hint));
    }
}

/// Refuses one MIG profile of two boards without queues, and notes other resources of several pools.
fn same_resource(namespace: &Namespace, clusters: &BTreeMap<usize, &Cluster>, report: &mut Report<'_>) {
    let mut by_resource: BTreeMap<(usize, String), Vec<&GpuRequest>> = BTreeMap::new();
    for request in &namespace.gpus {
        let key = (request.cluster, request.share.resource());
        by_resource.entry(key).or_default().push(request);
    }
    for ((cluster, resource), requests) in by_resource {
        let Some(cluster) = clusters.get(&cluster).filter(|c| c.queueing == Queueing::None) else {
            continue; // flavors keep them apart
        };
        let pools: Vec<&Pool> = requests
            .iter()
            .filter_map(|r| cluster.pools.get(r.pool))
            .collect();
        let names: BTreeSet<String> = pools.iter().map(|pool| format!("`{}`", pool.name)).collect();
        let boards: BTreeSet<String> = pools.iter().map(|pool| format!("`{}`", pool.board)).collect();
        let (true, [.., last]) = (names.len() > 1, &requests[..]) else {
            continue;
        };
        let list = |names: BTreeSet<String>| names.into_iter().collect::<Vec<_>>().join(" and ");
        let profile = matches!(last.share, Share::Profile(_));
        if profile && boards.len() > 1 {
            let message = format!(
                "namespace `{}` asks for `{resource}` of pools {}, whose boards {} call different instances by this one name; a ResourceQuota cannot tell them apart",
                namespace.name,
                list(names),
                list(boards)
            );
            let hint = format!(
                "use two namespaces, one per pool, or `queueing: kueue` on cluster `{}`",
                cluster.name
            );
            report.add(&place(last, "pool"), "ambiguous-resource", message, Some(hint));
            continue;
        }
        let message = format!(
            "namespace `{}` gets `{resource}` from pools {}; its quota counts them together, so it may take all of them from one pool",
            namespace.name,
            list(names)
        );
        let hint = format!(
            "where other teams are promised the rest of these pools, use a namespace per pool, or `queueing: kueue` on cluster `{}`",
            cluster.name
        );
        report.note(&place(last, "pool"), "shared-resource", message, Some(hint));
    }
}
