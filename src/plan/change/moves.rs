//! Promised GPUs that go from one team to another in the same pool.

use std::collections::BTreeMap;

use super::pair::{Pair, join};
use super::types::Move;
use crate::plan::Tenant;

/// The moves of each pool, by the names of cluster and pool.
pub(super) fn by_pool<'p>(pair: &Pair<'p>) -> BTreeMap<(&'p str, &'p str), Vec<Move>> {
    let mut deltas: BTreeMap<(&str, &str, &str), BTreeMap<String, i128>> = BTreeMap::new();
    for cluster in pair.clusters() {
        let (Some(before), Some(after)) = (cluster.before, cluster.after) else {
            continue;
        };
        let named = |tenant: &'p Tenant| (tenant.namespace.as_str(), tenant);
        for sides in join(before.tenants.iter().map(named), after.tenants.iter().map(named)) {
            if sides.before == sides.after {
                continue;
            }
            let former = sides.before.map(|tenant| (tenant, pair.team(&tenant.team), -1));
            let now = sides.after.map(|tenant| (tenant, &tenant.team, 1));
            for (tenant, team, sign) in former.into_iter().chain(now) {
                for promise in &tenant.promises {
                    let key = (cluster.key, promise.pool.as_str(), promise.resource.as_str());
                    let teams = deltas.entry(key).or_default();
                    *teams.entry(team.to_string()).or_default() += i128::from(promise.count) * sign;
                }
            }
        }
    }
    let mut found: BTreeMap<_, Vec<Move>> = BTreeMap::new();
    for ((cluster, pool, resource), teams) in deltas {
        let moves = matched(resource, &teams);
        if !moves.is_empty() {
            found.entry((cluster, pool)).or_default().extend(moves);
        }
    }
    found
}

/// Pairs those who lose with those who gain, both in the order of their names.
fn matched(resource: &str, deltas: &BTreeMap<String, i128>) -> Vec<Move> {
    let mut losers = deltas
        .iter()
        .filter(|(_, delta)| **delta < 0)
        .map(|(team, delta)| (team, -delta));
    let mut gainers = deltas
        .iter()
        .filter(|(_, delta)| **delta > 0)
        .map(|(team, delta)| (team, *delta));
    let mut moves = Vec::new();
    let (mut loser, mut gainer) = (losers.next(), gainers.next());
    while let (Some((from, less)), Some((to, more))) = (loser, gainer) {
        let count = less.min(more);
        moves.push(Move {
            resource: resource.to_owned(),
            count: u64::try_from(count).unwrap_or(u64::MAX),
            from: from.clone(),
            to: to.clone(),
        });
        loser = if less > count {
            Some((from, less - count))
        } else {
            losers.next()
        };
        gainer = if more > count {
            Some((to, more - count))
        } else {
            gainers.next()
        };
    }
    moves
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_some_lose_goes_to_those_who_gain_as_far_as_it_reaches() {
        for (deltas, wanted) in [
            (&[("a", -2), ("b", 2)][..], &[("a", "b", 2)][..]),
            (&[("a", 3), ("b", -1), ("c", -5)], &[("b", "a", 1), ("c", "a", 2)]),
            (&[("a", 1), ("b", 1), ("c", -1)], &[("c", "a", 1)]),
            (&[("a", 1), ("b", 0)], &[]),
            (&[("a", -1)], &[]),
        ] {
            let deltas: BTreeMap<String, i128> = deltas.iter().map(|(t, d)| ((*t).to_owned(), *d)).collect();
            let found = matched("r", &deltas);
            let found: Vec<_> = found
                .iter()
                .map(|m| (m.from.as_str(), m.to.as_str(), m.count))
                .collect();
            assert_eq!(found, wanted, "{deltas:?}");
        }
    }
}
