//! Which GPUs are rebuilt when a pool's layout changes, and on which nodes.

use super::types::NodeRange;
use crate::plan::PoolPlan;
use crate::plan::gpu::{Distribution, GpuState, NodeGroup, Present, compare};

/// What a change does to the GPUs of a pool.
#[derive(Default)]
pub(super) struct Rebuilt {
    /// How many GPUs get another layout.
    pub(super) gpus: u64,
    /// The nodes that carry them, or that are set up anew for another reason.
    pub(super) nodes: Vec<NodeRange>,
    /// Nodes that were not there: to build their GPUs disturbs nobody, so that these do not count.
    pub(super) added: u32,
}

/// Compares the GPUs of a pool by node and place; nodes that the pool has no longer are left as they are.
///
/// `before` is the pool on the same nodes, if there was one; `anew` says that each of these is set up again, whatever its
/// layout; `other_board` that nothing of the former layout counts.
pub(super) fn rebuilt(before: Option<&PoolPlan>, after: &PoolPlan, anew: bool, other_board: bool) -> Rebuilt {
    let present = match before {
        Some(before) if other_board => plain(before.pool.nodes, after.pool.gpus_per_node),
        Some(before) => nodes_of(before),
        None => Distribution { groups: Vec::new() },
    };
    let comparison = compare(&Present::of(&after.pool.board, &present), &nodes_of(after));
    let mut found = Rebuilt {
        gpus: u64::from(comparison.gpus_rebuilt),
        ..Rebuilt::default()
    };
    let mut next = 0;
    for group in &comparison.groups {
        if group.is_new {
            if anew {
                found.add(next, group.first.saturating_sub(next));
            }
            found.added = found.added.saturating_add(group.nodes);
            next = group.first.saturating_add(group.nodes);
        } else if !anew && group.gpus.iter().any(|gpu| !gpu.is_new) {
            found.add(group.first, group.nodes);
        }
    }
    if anew {
        found.add(next, after.pool.nodes.saturating_sub(next));
    }
    found
}

impl Rebuilt {
    /// Adds nodes, joined with the range before them.
    fn add(&mut self, first: u32, nodes: u32) {
        match self.nodes.last_mut() {
            _ if nodes == 0 => {}
            Some(last) if last.first.saturating_add(last.nodes) == first => last.nodes += nodes,
            _ => self.nodes.push(NodeRange { first, nodes }),
        }
    }
}

/// What lies on the nodes of a pool; without MIG whole GPUs only.
fn nodes_of(pool: &PoolPlan) -> Distribution {
    let layout = pool.layout().cloned();
    layout.unwrap_or_else(|| plain(pool.pool.nodes, pool.pool.gpus_per_node))
}

/// Nodes without MIG.
fn plain(nodes: u32, gpus: u32) -> Distribution {
    let group = NodeGroup {
        name: None,
        first: 0,
        nodes,
        gpus: vec![GpuState::Whole; gpus as usize],
    };
    Distribution { groups: vec![group] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Plan;

    fn plan(nodes: u32, count: u32) -> Plan {
        let spec = format!(
            "apiVersion: tenancy.platform/v1alpha1\nkind: Tenancy\nname: x\nclusters:\n  - name: c\n    pools:\n      - {{name: p, board: h100-80gb, nodes: {nodes}, gpusPerNode: 2, sharing: mig}}\nteams:\n  - name: t\n    groups: [g]\n    gpus: [{{cluster: c, pool: p, profile: 7g.80gb, count: {count}}}]\n"
        );
        crate::plan::decide("x", spec.as_bytes()).unwrap()
    }

    #[test]
    fn only_gpus_with_another_layout_are_rebuilt() {
        for ((nodes, count), (more_nodes, more), gpus, ranges, added) in [
            ((4, 2), (4, 2), 0, &[][..], 0),
            ((4, 2), (4, 3), 1, &[(1, 1)], 0),
            ((4, 2), (4, 7), 5, &[(1, 3)], 0),
            ((4, 7), (4, 2), 5, &[(1, 3)], 0),
            // What is built on a new node disturbs nobody.
            ((4, 2), (5, 2), 0, &[], 1),
            ((1, 2), (3, 6), 0, &[], 2),
            ((2, 3), (3, 6), 1, &[(1, 1)], 1),
            ((5, 2), (4, 2), 0, &[], 0),
        ] {
            let (before, after) = (plan(nodes, count), plan(more_nodes, more));
            let found = rebuilt(
                Some(&before.clusters[0].pools[0]),
                &after.clusters[0].pools[0],
                false,
                false,
            );
            let found_ranges: Vec<_> = found
                .nodes
                .iter()
                .map(|range| (range.first, range.nodes))
                .collect();
            assert_eq!(
                (found.gpus, &found_ranges[..], found.added),
                (gpus, ranges, added),
                "{nodes}×{count} → {more_nodes}×{more}"
            );
        }
    }
}
