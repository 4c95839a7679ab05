//! Spreads the GPU layouts of a pool over its nodes.

use std::cmp::Reverse;

use super::place::{Queue, Rack, fill, finish};
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
            let holding = group.gpus.iter().filter(|gpu| holds_instances(gpu)).count();
            let gpus = u32::try_from(holding).unwrap_or(u32::MAX);
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
    /// More GPUs are pinned than are left beside the others.
    #[error("pool keeps {kept} GPUs whole or free and {pinned} pinned; it has {all}")]
    TooManyPinned {
        /// `whole_gpus + reserve`.
        kept: u64,
        /// Pinned GPUs.
        pinned: usize,
        /// All GPUs of the pool.
        all: u64,
    },
    /// A pinned GPU that no node of the pool has.
    #[error("node `{node}` has no GPU {gpu} to pin; its GPUs are 0 to {}", gpus_per_node.saturating_sub(1))]
    PinnedGpu {
        /// Name of the node.
        node: String,
        /// Index of the GPU.
        gpu: u32,
        /// GPUs of each node.
        gpus_per_node: u32,
    },
    /// A GPU with two pinned layouts.
    #[error("GPU {gpu} of node `{node}` is pinned twice; once is allowed")]
    PinnedTwice {
        /// Name of the node.
        node: String,
        /// Index of the GPU.
        gpu: u32,
    },
    /// A pinned layout that the board cannot hold.
    #[error("GPU {gpu} of node `{node}` is pinned to a layout that no `{board}` can hold")]
    PinnedLayout {
        /// Name of the node.
        node: String,
        /// Index of the GPU.
        gpu: u32,
        /// Id of the board.
        board: String,
    },
    /// More nodes have pinned GPUs than there are.
    #[error("GPUs of {pinned} nodes are pinned; the pool has {nodes}")]
    PinnedNodes {
        /// Nodes with a pinned GPU.
        pinned: usize,
        /// Nodes of the pool.
        nodes: u32,
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
    let rack = Rack {
        name: None,
        nodes,
        gpus: vec![None; gpus_per_node as usize],
    };
    Ok(compact(vec![rack], packing, shape))
}

/// As [`distribute`], around GPUs that have their state already. The fewest nodes carry instances: nodes that do so
/// anyway come first, then the ones with the most open GPUs.
pub(super) fn compact(racks: Vec<Rack>, packing: &Packing, shape: PoolShape) -> Distribution {
    let open: u64 = racks
        .iter()
        .map(|rack| u64::from(rack.open()) * u64::from(rack.nodes))
        .sum();
    let mut used = queue(packing);
    let carries = |rack: &Rack| rack.gpus.iter().flatten().any(holds_instances);
    let racks = fill(racks, &mut used, |rack| (!carries(rack), Reverse(rack.open())));
    let whole = u64::from(shape.whole_gpus);
    let free = open
        .saturating_sub(u64::from(packing.gpus()))
        .saturating_sub(whole);
    let mut rest = [(GpuState::Mig(Layout::new()), free), (GpuState::Whole, whole)].into();
    finish(fill(racks, &mut rest, |_| ()))
}

/// The layouts of a packing in their order.
pub(super) fn queue(packing: &Packing) -> Queue {
    let state = |used: &super::Used| (GpuState::Mig(used.layout.clone()), u64::from(used.gpus));
    packing.used.iter().map(state).collect()
}

/// Whether a GPU holds at least one instance.
pub(super) fn holds_instances(gpu: &GpuState) -> bool {
    matches!(gpu, GpuState::Mig(layout) if !layout.is_empty())
}
