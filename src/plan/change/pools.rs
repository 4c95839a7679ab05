//! Pools that come, go, are shared or built in another way, and the GPUs that this rebuilds.

use super::layout::{Rebuilt, rebuilt};
use super::moves;
use super::pair::Pair;
use super::types::{Existence, PoolChange};
use super::words::{arrow, count, word};
use crate::model::Pool;
use crate::plan::PoolPlan;

/// The changes of the pools, by cluster and name.
pub(super) fn changes(pair: &Pair<'_>) -> Vec<PoolChange> {
    let mut moved = moves::by_pool(pair);
    let mut found = Vec::new();
    for sides in pair.pools() {
        let moves = moved.remove(&sides.key).unwrap_or_default();
        let (what, mut details, rebuilt) = match (sides.before, sides.after) {
            (None, Some(is)) => (Existence::Added, vec![summary(&is.pool)], Rebuilt::default()),
            (Some(was), None) => (Existence::Removed, vec![summary(&was.pool)], Rebuilt::default()),
            (Some(was), Some(is)) => {
                let other_nodes = was.pool.node_selector != is.pool.node_selector;
                let other_board = was.pool.board != is.pool.board;
                let other_sharing =
                    was.pool.sharing != is.pool.sharing || was.pool.replicas != is.pool.replicas;
                let anew = other_board || other_sharing || was.pool.gpus_per_node != is.pool.gpus_per_node;
                (
                    Existence::Changed,
                    details(was, is),
                    rebuilt(Some(was).filter(|_| !other_nodes), is, anew, other_board),
                )
            }
            (None, None) => continue,
        };
        if rebuilt.added > 0 {
            details.push(format!("{} added", count(rebuilt.added as usize, "node")));
        }
        let quiet = details.is_empty() && moves.is_empty() && rebuilt.nodes.is_empty();
        if what == Existence::Changed && quiet {
            continue;
        }
        found.push(PoolChange {
            cluster: sides.key.0.to_owned(),
            pool: sides.key.1.to_owned(),
            what,
            details,
            gpus_rebuilt: rebuilt.gpus,
            nodes_affected: rebuilt.nodes,
            moves,
        });
    }
    found
}

fn summary(pool: &Pool) -> String {
    let replicas = if pool.replicas > 1 {
        format!(" × {}", pool.replicas)
    } else {
        String::new()
    };
    format!(
        "{} × {} of {}, {}{replicas}",
        count(pool.nodes as usize, "node"),
        count(pool.gpus_per_node as usize, "GPU"),
        pool.board,
        word(pool.sharing)
    )
}

/// What of the pool's shape, and of its use, is another.
fn details(was: &PoolPlan, is: &PoolPlan) -> Vec<String> {
    let selector = |pool: &Pool| {
        let labels = pool.node_selector.iter();
        labels
            .map(|(key, value)| format!("{key}={value}"))
            .collect::<Vec<_>>()
            .join(",")
    };
    let facts = |plan: &PoolPlan| {
        let pool = &plan.pool;
        [
            ("board", pool.board.clone()),
            ("nodes", pool.nodes.to_string()),
            ("GPUs per node", pool.gpus_per_node.to_string()),
            ("node selector", selector(pool)),
            ("sharing", word(pool.sharing)),
            ("replicas", pool.replicas.to_string()),
            ("whole GPUs", pool.whole_gpus.to_string()),
            ("reserve", pool.reserve.to_string()),
            ("GPUs used", format!("{} of {}", plan.gpus_used, pool.gpus())),
        ]
    };
    let both = facts(was).into_iter().zip(facts(is));
    both.filter(|((_, was), (_, is))| was != is)
        .map(|((what, was), (_, is))| format!("{what}: {}", arrow(&was, &is)))
        .collect()
}
