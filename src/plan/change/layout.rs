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
}

/// Compares the GPUs of a pool by node and place; nodes that the pool has no longer are left as they are.
///
/// `anew` says that every node is set up again, whatever its layout; `all_new` that they are other nodes or boards, so
/// that nothing of the former layout counts.
pub(super) fn rebuilt(before: Option<&PoolPlan>, after: &PoolPlan, anew: bool, all_new: bool) -> Rebuilt {
    let former = before.filter(|_| !all_new).map(runs).unwrap_or_default();
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
            let was = was.map_or(&[][..], |group| &group.gpus);
            let gpus = differing(was, &now.gpus);
            found.gpus += gpus * u64::from(nodes);
            if gpus > 0 || anew {
                found.add(at, nodes);
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
        None => vec![NodeGroup {
            name: None,
            first: 0,
            nodes: pool.pool.nodes,
            gpus: vec![PLAIN; pool.pool.gpus_per_node as usize],
        }],
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
        for ((nodes, count), (more_nodes, more), gpus, ranges) in [
            ((4, 2), (4, 2), 0, &[][..]),
            ((4, 2), (4, 3), 1, &[(1, 1)]),
            ((4, 2), (4, 7), 5, &[(1, 3)]),
            ((4, 7), (4, 2), 5, &[(1, 3)]),
            // A new node gets MIG mode on each of its GPUs.
            ((4, 2), (5, 2), 2, &[(4, 1)]),
            ((5, 2), (4, 2), 0, &[]),
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
                (found.gpus, &found_ranges[..]),
                (gpus, ranges),
                "{nodes}×{count} → {more_nodes}×{more}"
            );
        }
    }
}
