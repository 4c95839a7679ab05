//! Clusters that come, go or are reached in another way.

use super::pair::Pair;
use super::types::{ClusterChange, Existence};
use super::words::{arrow, count, one_line};
use crate::plan::ClusterPlan;

/// The changes of the clusters, by name.
pub(super) fn changes(pair: &Pair<'_>) -> Vec<ClusterChange> {
    let change = |sides: super::pair::Sides<&str, &ClusterPlan>| {
        let (what, details) = match (sides.before, sides.after) {
            (None, Some(is)) => (Existence::Added, vec![summary(is)]),
            (Some(was), None) => (Existence::Removed, vec![summary(was)]),
            (Some(was), Some(is)) if was.context != is.context => {
                let context = format!("context: {}", arrow(&was.context, &is.context));
                (Existence::Changed, vec![context])
            }
            _ => return None,
        };
        Some(ClusterChange {
            cluster: sides.key.to_owned(),
            what,
            details,
        })
    };
    pair.clusters().into_iter().filter_map(change).collect()
}

fn summary(cluster: &ClusterPlan) -> String {
    format!(
        "context {}, {}, {}",
        one_line(&cluster.context),
        count(cluster.pools.len(), "pool"),
        count(cluster.tenants.len(), "tenant namespace")
    )
}
