//! What a new layout changes on which node.

use crate::plan::gpu::{Distribution, GpuState, Present, PresentGroup};

/// The differences in the order of the nodes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Nodes with at least one GPU that differs or is new, equal ones in runs.
    pub groups: Vec<ChangedNodes>,
}

/// Consecutive nodes of which the same GPUs change in the same way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedNodes {
    /// Index of the first in the plan.
    pub first: u32,
    /// How many, at least 1.
    pub nodes: u32,
    /// Whether the nodes were not there.
    pub is_new: bool,
    /// The GPUs that differ by their index, ascending; of new nodes all.
    pub gpus: Vec<ChangedGpu>,
}

/// A GPU that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedGpu {
    /// Its index in the node.
    pub gpu: u32,
    /// What it was; `None` where it is new or nobody knows.
    pub from: Option<GpuState>,
    /// What it becomes.
    pub to: GpuState,
}

/// Compares node by node in their order.
pub(super) fn compare(present: &Present, distribution: &Distribution) -> Comparison {
    let mut comparison = Comparison::default();
    for group in &distribution.groups {
        let end = group.first.saturating_add(group.nodes);
        let mut first = group.first;
        while first < end {
            let (was, next) = at(present, first);
            let nodes = next.map_or(end, |next| next.min(end)) - first;
            let gpus: Vec<ChangedGpu> = (0u32..)
                .zip(&group.gpus)
                .map(|(gpu, to)| ChangedGpu {
                    gpu,
                    from: was.and_then(|was| was.gpus.get(gpu as usize).cloned().flatten()),
                    to: to.clone(),
                })
                .filter(|gpu| was.is_none() || gpu.from.as_ref() != Some(&gpu.to))
                .collect();
            if !gpus.is_empty() {
                comparison.groups.push(ChangedNodes {
                    first,
                    nodes,
                    is_new: was.is_none(),
                    gpus,
                });
            }
            first += nodes;
        }
    }
    comparison
}

/// The nodes at an index, and the index behind them.
fn at(present: &Present, index: u32) -> (Option<&PresentGroup>, Option<u32>) {
    let mut end = 0u32;
    for group in &present.groups {
        end = end.saturating_add(group.nodes);
        if index < end {
            return (Some(group), Some(end));
        }
    }
    (None, None)
}
