//! Spreads the GPU layouts of a pool over its nodes.

use std::collections::VecDeque;

use super::{Layout, Packing};

/// The most GPUs a node may have. Source: the largest boards of today carry 16.
pub const MAX_GPUS_PER_NODE: u32 = 128;

/// How a pool is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolShape {
    /// Nodes.
    pub nodes: u32,
    /// GPUs of each node.
    pub gpus_per_node: u32,
    /// GPUs that stay whole: MIG mode off.
    pub whole_gpus: u32,
    /// GPUs that the plan leaves free.
    pub reserve: u32,
}

impl PoolShape {
    /// GPUs that may hold instances: all, less the whole and the reserved ones; saturates at 0 and at `u32::MAX`.
    pub fn available(self) -> u32 {
        let all = u64::from(self.nodes) * u64::from(self.gpus_per_node);
        let kept = u64::from(self.whole_gpus) + u64::from(self.reserve);
        u32::try_from(all.saturating_sub(kept)).unwrap_or(u32::MAX)
    }
}

/// The state of one GPU.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GpuState {
    /// MIG mode on, with these instances; an empty layout is a free GPU.
    Mig(Layout),
    /// MIG mode off.
    Whole,
}

/// Consecutive nodes with equal GPUs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeGroup {
    /// The name of the node, where the spec pins one of its GPUs; then `nodes` is 1.
    pub name: Option<String>,
    /// Index of the first node in the pool.
    pub first: u32,
    /// How many nodes, at least 1.
    pub nodes: u32,
    /// The state of each GPU of each of these nodes; the place in the list is the GPU index.
    pub gpus: Vec<GpuState>,
}

/// The nodes of a pool, in order, each exactly once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Distribution {
    /// The groups; no two neighbours are equal.
    pub groups: Vec<NodeGroup>,
}

impl Distribution {
    /// GPUs with at least one instance.
    pub fn used(&self) -> u32 {
        let used = |group: &NodeGroup| {
            let holds = |gpu: &&GpuState| matches!(gpu, GpuState::Mig(layout) if !layout.is_empty());
            let gpus = u32::try_from(group.gpus.iter().filter(holds).count()).unwrap_or(u32::MAX);
            gpus.saturating_mul(group.nodes)
        };
        self.groups.iter().map(used).fold(0, u32::saturating_add)
    }

    /// The GPUs of a node by its index in the pool.
    pub fn node(&self, index: u32) -> Option<&[GpuState]> {
        let holds = |group: &&NodeGroup| index.checked_sub(group.first).is_some_and(|at| at < group.nodes);
        self.groups.iter().find(holds).map(|group| group.gpus.as_slice())
    }
}

/// Why the layouts cannot be spread.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NodesError {
    /// More GPUs are used than there are.
    #[error("plan uses {used} GPUs; the pool has {available} beside its whole and reserved ones")]
    TooFew {
        /// GPUs with instances.
        used: u32,
        /// GPUs that may have some.
        available: u32,
    },
    /// More GPUs are kept whole or free than there are.
    #[error("pool keeps {kept} GPUs whole or free; it has {all}")]
    TooManyKept {
        /// `whole_gpus + reserve`.
        kept: u64,
        /// All GPUs of the pool.
        all: u64,
    },
    /// No machine is like that.
    #[error("node has {gpus_per_node} GPUs; allowed are 1 to {MAX_GPUS_PER_NODE}")]
    GpusPerNode {
        /// What was given.
        gpus_per_node: u32,
    },
}

/// Spreads a packing over the nodes of its pool: used GPUs first, then free ones, whole GPUs at the very end.
///
/// Equal layouts lie side by side, so that a pool with n layouts has at most 2n + 3 kinds of nodes, mostly far fewer.
pub fn distribute(shape: PoolShape, packing: &Packing) -> Result<Distribution, NodesError> {
    let PoolShape {
        nodes,
        gpus_per_node,
        whole_gpus,
        reserve,
    } = shape;
    if !(1..=MAX_GPUS_PER_NODE).contains(&gpus_per_node) {
        return Err(NodesError::GpusPerNode { gpus_per_node });
    }
    let all = u64::from(nodes) * u64::from(gpus_per_node);
    let kept = u64::from(whole_gpus) + u64::from(reserve);
    if kept > all {
        return Err(NodesError::TooManyKept { kept, all });
    }
    let used = packing.gpus();
    if used > shape.available() {
        return Err(NodesError::TooFew {
            used,
            available: shape.available(),
        });
    }
    let free = all - u64::from(used) - u64::from(whole_gpus);
    let filled = packing
        .used
        .iter()
        .map(|used| (GpuState::Mig(used.layout.clone()), u64::from(used.gpus)));
    let runs = filled.chain([
        (GpuState::Mig(Layout::new()), free),
        (GpuState::Whole, u64::from(whole_gpus)),
    ]);
    Ok(cut(runs.filter(|(_, gpus)| *gpus > 0).collect(), gpus_per_node))
}

/// Cuts runs of equal GPUs into nodes; the runs add up to whole nodes.
fn cut(mut runs: VecDeque<(GpuState, u64)>, gpus_per_node: u32) -> Distribution {
    let mut groups: Vec<NodeGroup> = Vec::new();
    let mut first = 0u32;
    while let Some((state, length)) = runs.front() {
        let (mut gpus, mut nodes) = (vec![state.clone(); gpus_per_node as usize], 1);
        let whole_nodes = u32::try_from(length / u64::from(gpus_per_node)).unwrap_or(u32::MAX);
        let mut left = u64::from(gpus_per_node);
        if whole_nodes > 0 {
            nodes = whole_nodes;
            left *= u64::from(whole_nodes);
        } else {
            gpus.clear();
        }
        while let Some((state, length)) = runs.front_mut().filter(|_| left > 0) {
            let taken = left.min(*length);
            if whole_nodes == 0 {
                gpus.extend((0..taken).map(|_| state.clone()));
            }
            *length -= taken;
            left -= taken;
            if *length == 0 {
                runs.pop_front();
            }
        }
        groups.push(NodeGroup {
            name: None,
            first,
            nodes,
            gpus,
        });
        first = first.saturating_add(nodes);
    }
    Distribution { groups }
}
