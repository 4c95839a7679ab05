//! From demand, inventory and what is there to the layout of a pool, with its proof.

use super::{Bound, Distribution, Layout, NodesError, PackError, PoolShape, Present, distribute, pack};
use crate::catalog::boards::Board;

/// What is minimised first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Aim {
    /// GPUs that are rebuilt, then nodes that pause, then GPUs; where nothing is there yet, as `FewestGpus`.
    #[default]
    LeastDisruption,
    /// GPUs, then nodes, then stranded memory, whatever is there.
    FewestGpus,
}

/// What a pool has to hold, and what it has.
#[derive(Debug, Clone, Copy)]
pub struct Task<'a> {
    /// The board of every GPU.
    pub board: &'a Board,
    /// Nodes, GPUs, and what is kept whole or free.
    pub shape: PoolShape,
    /// GPUs with a fixed layout.
    pub pinned: &'a [Pin],
    /// Instances by profile that are promised or kept as spares.
    pub demand: &'a Layout,
    /// The layouts that are there; `None` where nothing is known.
    pub present: Option<&'a Present>,
    /// What is minimised.
    pub aim: Aim,
}

/// A GPU with a fixed layout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// Name of the node.
    pub node: String,
    /// Index of the GPU in the node.
    pub gpu: u32,
    /// Its instances; empty for none.
    pub layout: Layout,
}

/// The layout of a pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// What lies on which GPU of which node.
    pub distribution: Distribution,
    /// Why no fewer GPUs would do.
    pub proof: Proof,
    /// What it costs to get there; `None` where nothing is known of what is there.
    pub rebuild: Option<Rebuild>,
}

/// The fewest GPUs that hold a demand, and the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The fewest GPUs that hold the demand, pinned ones with a demanded instance included.
    pub needed: u32,
    /// GPUs that may hold instances.
    pub available: u32,
    /// The proven lower bound; `bound.demand / bound.most_per_gpu` is the optimum of the linear relaxation.
    pub bound: Bound,
    /// Whether fewer GPUs are proven impossible.
    pub is_optimal: bool,
}

/// What a change of layouts costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rebuild {
    /// GPUs of nodes that were there and get another layout or mode.
    pub gpus: u32,
    /// Nodes with at least one such GPU.
    pub nodes: u32,
    /// No layout that holds the demand rebuilds fewer GPUs.
    pub at_least: u32,
}

/// Why there is no layout.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettleError {
    /// The demand does not fit.
    #[error(transparent)]
    Pack(#[from] PackError),
    /// The pool itself is impossible.
    #[error(transparent)]
    Nodes(#[from] NodesError),
}

/// Finds the layout of a pool.
pub fn settle(task: &Task<'_>) -> Result<Settled, SettleError> {
    let packing = pack(task.board, task.shape.available(), task.demand)?;
    Ok(Settled {
        distribution: distribute(task.shape, &packing)?,
        proof: Proof {
            needed: packing.gpus(),
            available: task.shape.available(),
            is_optimal: packing.is_proven(),
            bound: packing.bound,
        },
        rebuild: None,
    })
}
