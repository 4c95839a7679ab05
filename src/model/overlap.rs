//! Requests of one namespace that a ResourceQuota cannot tell apart, because it counts by resource and namespace alone.

use std::collections::{BTreeMap, BTreeSet};

use super::report::Report;
use super::summed::summed;
use super::types::{Cluster, GpuRequest, Namespace, Pool, Share, Team};
use crate::spec::{Queueing, Step};

/// Says which requests are added up, and refuses those that must not be.
pub(super) fn check(teams: &[Option<Team>], clusters: &[Option<Cluster>], report: &mut Report<'_>) {
    let clusters: BTreeMap<usize, &Cluster> = clusters
        .iter()
        .enumerate()
        .filter_map(|(index, cluster)| Some((index, cluster.as_ref()?)))
        .collect();
    let spaces = || teams.iter().flatten().flat_map(|team| &team.namespaces);
    let asked: Asked = spaces()
        .flat_map(|namespace| &namespace.gpus)
        .map(|request| (request.cluster, request.share.resource(), request.pool))
        .collect();
    for namespace in spaces() {
        summed(namespace, &clusters, report);
        same_resource(namespace, &clusters, &asked, report);
    }
}

/// What anybody is promised: cluster, resource, pool.
type Asked = BTreeSet<(usize, String, usize)>;

pub(super) fn place(request: &GpuRequest, key: &'static str) -> [Step; 5] {
    let (team, entry) = request.origin;
    [
        Step::Key("teams"),
        Step::Index(team),
        Step::Key("gpus"),
        Step::Index(entry),
        Step::Key(key),
    ]
}

/// Refuses one MIG profile of two boards without queues, and notes what a namespace may take from another pool.
fn same_resource(
    namespace: &Namespace,
    clusters: &BTreeMap<usize, &Cluster>,
    asked: &Asked,
    report: &mut Report<'_>,
) {
    let mut by_resource: BTreeMap<(usize, String), Vec<&GpuRequest>> = BTreeMap::new();
    for request in &namespace.gpus {
        let key = (request.cluster, request.share.resource());
        by_resource.entry(key).or_default().push(request);
    }
    for ((index, resource), requests) in by_resource {
        let Some(cluster) = clusters.get(&index).filter(|c| c.queueing == Queueing::None) else {
            continue; // flavors keep them apart
        };
        let Some(last) = requests.last() else { continue };
        let pools = |indices: &BTreeSet<usize>| -> Vec<&Pool> {
            indices
                .iter()
                .filter_map(|pool| cluster.pools.get(*pool))
                .collect()
        };
        let own: BTreeSet<usize> = requests.iter().map(|request| request.pool).collect();
        let boards: BTreeSet<&str> = pools(&own).iter().map(|pool| pool.board.as_str()).collect();
        if matches!(last.share, Share::Profile(_)) && boards.len() > 1 {
            let message = format!(
                "namespace `{}` asks for `{resource}` of pools {}, whose boards {} call different instances by this one name; a ResourceQuota cannot tell them apart",
                namespace.name,
                list(pools(&own).iter().map(|pool| pool.name.as_str())),
                list(boards.into_iter())
            );
            let hint = format!(
                "use two namespaces, one per pool, or `queueing: kueue` on cluster `{}`",
                cluster.name
            );
            report.add(&place(last, "pool"), "ambiguous-resource", message, Some(hint));
            continue;
        }
        // The grants of a namespace name resources and pools, not pairs of them.
        let entered = namespace.gpus.iter().filter(|request| request.cluster == index);
        let reach: BTreeSet<usize> = entered
            .map(|request| request.pool)
            .filter(|pool| asked.contains(&(index, resource.clone(), *pool)))
            .collect();
        if reach.len() < 2 {
            continue;
        }
        let total: u64 = requests.iter().map(|request| u64::from(request.count)).sum();
        let message = format!(
            "namespace `{}` may take its {total} of `{resource}` from any of pools {}: a quota counts by namespace, not by pool",
            namespace.name,
            list(pools(&reach).iter().map(|pool| pool.name.as_str())),
        );
        let hint = format!(
            "where other teams are promised the rest of these pools, use a namespace per pool, or `queueing: kueue` on cluster `{}`",
            cluster.name
        );
        report.note(&place(last, "pool"), "shared-resource", message, Some(hint));
    }
}

/// Names in back-ticks, joined by `and`.
fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let quoted: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    quoted.join(" and ")
}
