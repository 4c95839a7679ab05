//! What a person should know of a plan in which nothing is wrong.

use std::collections::BTreeMap;

use super::types::{ClusterPlan, Plan, PoolPlan};
use crate::catalog::boards;
use crate::model::{GpuRequest, Report};
use crate::spec::Step;

/// Notes boards whose figures are not sure, and burst that is more than there is.
pub(super) fn note(plan: &Plan, report: &mut Report<'_>) {
    for (index, cluster) in plan.clusters.iter().enumerate() {
        for (at, pool) in cluster.pools.iter().enumerate() {
            caveat(index, at, pool, report);
            overcommitted(plan, (index, at), cluster, pool, report);
            unusable(plan, (index, at), pool, report);
        }
    }
}

/// The placements of some boards are derived.
fn caveat(cluster: usize, index: usize, pool: &PoolPlan, report: &mut Report<'_>) {
    let board = boards::board(&pool.pool.board).ok().flatten();
    let caveat = board
        .filter(|_| pool.pool.partitioned)
        .and_then(boards::Board::caveat);
    let path = [
        Step::Key("clusters"),
        Step::Index(cluster),
        Step::Key("pools"),
        Step::Index(index),
        Step::Key("board"),
    ];
    if let Some(message) = caveat {
        report.note(&path, "derived-placements", message, None);
    }
}

/// The requests on a pool, by resource, with the namespace of each.
fn requests(plan: &Plan, (cluster, pool): (usize, usize)) -> BTreeMap<String, Vec<(&str, &GpuRequest)>> {
    let namespaces = plan.model.teams.iter().flat_map(|team| &team.namespaces);
    let all = namespaces.flat_map(|space| space.gpus.iter().map(|request| (space.name.as_str(), request)));
    let mut found: BTreeMap<String, Vec<(&str, &GpuRequest)>> = BTreeMap::new();
    for (space, request) in all.filter(|(_, request)| request.cluster == cluster && request.pool == pool) {
        let resource = request.share.resource();
        found.entry(resource).or_default().push((space, request));
    }
    found
}

/// More may be used than there is, all teams together.
fn overcommitted(
    plan: &Plan,
    at: (usize, usize),
    cluster: &ClusterPlan,
    pool: &PoolPlan,
    report: &mut Report<'_>,
) {
    let capacity = pool.capacity();
    let requests = requests(plan, at);
    for (resource, burst) in &pool.burst {
        let promised = pool.promised.get(resource).copied().unwrap_or(0);
        let there = capacity.get(resource).copied().unwrap_or(0);
        let wanted = promised.saturating_add(*burst);
        let last = requests
            .get(resource)
            .and_then(|all| all.iter().rev().find(|(_, r)| r.burst > 0));
        let Some((_, last)) = last.filter(|_| wanted > there && there > 0) else {
            continue;
        };
        let message = format!(
            "`{resource}` of pool `{}` on cluster `{}` is over-committed {} times: {promised} guaranteed and {burst} burst on {there}",
            pool.pool.name,
            cluster.name,
            ratio(wanted, there)
        );
        let hint =
            "the guarantees hold; burst is first come, first served, and ends when a guarantee is used";
        report.note(&place(last), "over-committed", message, Some(hint.to_owned()));
    }
}

/// A namespace may use more than can ever be free for it.
fn unusable(plan: &Plan, at: (usize, usize), pool: &PoolPlan, report: &mut Report<'_>) {
    let capacity = pool.capacity();
    for (resource, requests) in requests(plan, at) {
        let there = capacity.get(&resource).copied().unwrap_or(0);
        let mut spaces: BTreeMap<&str, (u64, u64, &GpuRequest)> = BTreeMap::new();
        for (space, request) in requests {
            let sum = spaces.entry(space).or_insert((0, 0, request));
            sum.0 += u64::from(request.count);
            sum.1 += u64::from(request.burst);
            if request.burst > 0 {
                sum.2 = request;
            }
        }
        for (space, (count, burst, last)) in spaces {
            let free = there.saturating_sub(count);
            if burst > free {
                let message = format!(
                    "namespace `{space}` may use {burst} more of `{resource}` on pool `{}`, which has {there}: beyond its own {count} there are never more than {free}",
                    pool.pool.name
                );
                let hint = match free {
                    0 => "remove `burst`, or keep spares in the pool: `reserve: {slices: …}`".to_owned(),
                    free => format!("`burst: {free}` says the same"),
                };
                report.note(&place(last), "unusable-burst", message, Some(hint));
            }
        }
    }
}

fn place(request: &GpuRequest) -> [Step; 5] {
    let (team, entry) = request.origin;
    [
        Step::Key("teams"),
        Step::Index(team),
        Step::Key("gpus"),
        Step::Index(entry),
        Step::Key("burst"),
    ]
}

/// A ratio with at most two digits after the point; above 1 exactly when the first is more.
fn ratio(wanted: u64, there: u64) -> String {
    let (wanted, there) = (u128::from(wanted), u128::from(there.max(1)));
    let least = if wanted > there { 101 } else { 0 };
    let hundredths = ((wanted * 200 + there) / (there * 2)).max(least);
    let (whole, rest) = (hundredths / 100, hundredths % 100);
    let text = format!("{whole}.{rest:02}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::ratio;

    #[test]
    fn ratios_are_short_and_never_too_small() {
        for (wanted, there, text) in [
            (3, 2, "1.5"),
            (4, 3, "1.33"),
            (8, 4, "2"),
            (1_000_001, 1_000_000, "1.01"),
            (4, 4, "1"),
            (10, 1, "10"),
            (u64::MAX, 1, "18446744073709551615"),
        ] {
            assert_eq!(ratio(wanted, there), text, "{wanted} / {there}");
        }
    }
}
