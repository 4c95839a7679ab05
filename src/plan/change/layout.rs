//! Which GPUs are rebuilt when a pool's layout changes, and on which nodes.

use super::types::NodeRange;
use crate::plan::PoolPlan;
use crate::plan::gpu::{GpuState, NodeGroup};

/// A GPU without MIG mode: what a node carries before anything is laid out on it.
const PLAIN: GpuState = GpuState::Whole;

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
    let former = match before {
        Some(before) if other_board => vec![plain(before.pool.nodes, after.pool.gpus_per_node)],
        Some(before) => runs(before),
        None => Vec::new(),
    };
    let mut found = Rebuilt::default();
    for now in runs(after) {
        let mut at = now.first;
        let end = now.first.saturating_add(now.nodes);
        while at < end {
            let was = former
                .iter()
                .find(|group| at >= group.first && at < group.first.saturating_add(group.nodes));
            let next = match was {
                Some(group) => group.first.saturating_add(group.nodes),
                None => former
                    .iter()
                    .map(|group| group.first)
                    .filter(|first| *first > at)
                    .min()
                    .unwrap_or(end),
            };
            let nodes = next.min(end) - at;
            match was {
                Some(was) => {
                    let gpus = differing(&was.gpus, &now.gpus);
                    found.gpus += gpus * u64::from(nodes);
                    if gpus > 0 || anew {
                        found.add(at, nodes);
                    }
                }
                None => found.added = found.added.saturating_add(nodes),
            }
            at = next.min(end);
        }
    }
    found
}

impl Rebuilt {
    /// Adds nodes, joined with the range before them.
    fn add(&mut self, first: u32, nodes: u32) {
        match self.nodes.last_mut() {
            Some(last) if last.first.saturating_add(last.nodes) == first => last.nodes += nodes,
            _ => self.nodes.push(NodeRange { first, nodes }),
        }
    }
}

/// The nodes of a pool in runs of equal ones; a pool without MIG has whole GPUs only.
fn runs(pool: &PoolPlan) -> Vec<NodeGroup> {
    match pool.layout() {
        Some(layout) => layout.groups.clone(),
        None => vec![plain(pool.pool.nodes, pool.pool.gpus_per_node)],
    }
}

/// Nodes without MIG.
fn plain(nodes: u32, gpus: u32) -> NodeGroup {
    NodeGroup {
        name: None,
        first: 0,
        nodes,
        gpus: vec![PLAIN; gpus as usize],
    }
}

/// How many GPUs of a node differ; a GPU that was not there had no MIG mode, one that goes is not counted.
fn differing(was: &[GpuState], is: &[GpuState]) -> u64 {
    let pairs = is.iter().enumerate();
    let differ = pairs.filter(|(index, now)| was.get(*index).unwrap_or(&PLAIN) != *now);
    differ.count() as u64
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
