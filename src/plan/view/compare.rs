//! What a new layout changes on which node.

use crate::plan::gpu::{Distribution, GpuState, Present};

/// Consecutive nodes on which the same changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeRun {
    /// Index of the first node in the pool.
    pub first: u32,
    /// How many nodes, at least 1.
    pub nodes: u32,
    /// The name of the node, where it is known; then `nodes` is 1.
    pub name: Option<String>,
    /// Whether nothing was known of these nodes.
    pub is_new: bool,
    /// Each GPU by its index.
    pub gpus: Vec<GpuChange>,
}

/// One GPU before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GpuChange {
    /// Its index in the node.
    pub gpu: u32,
    /// What it holds; `None` where that cannot be told.
    pub from: Option<GpuState>,
    /// What it is to hold.
    pub to: GpuState,
}

impl GpuChange {
    /// Whether it is built anew.
    pub fn is_rebuilt(&self) -> bool {
        self.from.as_ref() != Some(&self.to)
    }
}

/// Compares node by node, in runs of equal ones; all nodes of the new layout, each exactly once.
pub fn compare(present: Option<&Present>, distribution: &Distribution) -> Vec<NodeRun> {
    let mut former = Vec::new();
    let mut first = 0u32;
    for group in present.into_iter().flat_map(|present| &present.groups) {
        former.push((first, group));
        first = first.saturating_add(group.nodes);
    }
    let known = first;
    let mut runs = Vec::new();
    for group in &distribution.groups {
        let end = group.first.saturating_add(group.nodes);
        let mut at = group.first;
        while at < end {
            let was = former
                .iter()
                .find(|(first, was)| at >= *first && at - first < was.nodes);
            let next = was.map_or(end, |(first, was)| first.saturating_add(was.nodes));
            let next = next.min(end);
            let gpu = |(gpu, to): (u32, &GpuState)| GpuChange {
                gpu,
                from: was
                    .and_then(|(_, was)| was.gpus.get(gpu as usize))
                    .cloned()
                    .flatten(),
                to: to.clone(),
            };
            runs.push(NodeRun {
                first: at,
                nodes: next - at,
                name: group
                    .name
                    .clone()
                    .or_else(|| was.and_then(|(_, was)| was.name.clone())),
                is_new: at >= known,
                gpus: (0u32..).zip(&group.gpus).map(gpu).collect(),
            });
            at = next;
        }
    }
    runs
}
