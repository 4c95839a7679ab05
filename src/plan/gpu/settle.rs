//! From demand, inventory and what is there to the layout of a pool, with its proof.

use super::ground::{self, Run, Slot};
use super::place::Rack;
use super::{
    Bound, Distribution, Layout, NodesError, PackError, PoolShape, Present, compare, nodes, pack, pattern,
    stay,
};
use crate::catalog::boards::Board;

/// What is minimised first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Aim {
    /// GPUs that are rebuilt, then nodes that pause, then rebuilt GPUs that hold instances, then GPUs in use; where
    /// nothing is there yet, as `FewestGpus`.
    #[default]
    LeastDisruption,
    /// GPUs, then nodes, whatever is there.
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
    /// GPUs that may hold instances, pinned ones included.
    pub available: u32,
    /// The proven lower bound of the GPUs beside the pinned ones; `bound.demand / bound.most_per_gpu` is the optimum of the linear relaxation.
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
///
/// Where the demand fits, there is a layout whatever is there. Settled over its own result, the same task gives the
/// same result again and rebuilds nothing; instances that nobody asks for any more stay until something needs their
/// place. Errors: a demand that does not fit beside the pinned GPUs, and a pool or pins that cannot be.
pub fn settle(task: &Task<'_>) -> Result<Settled, SettleError> {
    let is_known = |present: &&Present| present.nodes() > 0 && present.board == task.board.id;
    let present = task.present.filter(is_known);
    // What a GPU can hold matters only where something is given.
    let is_plain = task.pinned.is_empty() && present.is_none();
    let fullest = if is_plain {
        Vec::new()
    } else {
        pattern::fullest(task.board)
    };
    let runs = ground::runs(task, present, &fullest)?;
    let mut wanted = task.demand.clone();
    let mut carrying = 0u32;
    for pin in task.pinned {
        let demanded =
            |(name, count): (&String, &u32)| *count > 0 && task.demand.get(name).is_some_and(|n| *n > 0);
        carrying += u32::from(pin.layout.iter().any(demanded));
        stay::subtract(&mut wanted, &pin.layout, 1);
    }
    let pinned = u32::try_from(task.pinned.len()).unwrap_or(u32::MAX);
    let available = task.shape.available();
    let packing =
        pack(task.board, available.saturating_sub(pinned), &wanted).map_err(|error| match error {
            PackError::DoesNotFit(reason) => PackError::DoesNotFit(Box::new(reason.beside(pinned))),
            other => other,
        })?;
    let compact = || nodes::compact(racks(&runs), &packing, task.shape);
    let (distribution, rebuild) = match present {
        None => (compact(), None),
        Some(present) => {
            let fixed = forced(&runs);
            let (distribution, at_least) =
                match (stay::least_disruptive(task, &runs, &wanted, &fullest), task.aim) {
                    (Some((found, at_least)), Aim::LeastDisruption) => (found, at_least),
                    (Some((_, at_least)), Aim::FewestGpus) => (compact(), at_least),
                    // The solver gave nothing that holds; what fits from nothing always does.
                    (None, _) => (compact(), 0),
                };
            let cost = compare(present, &distribution);
            let rebuild = Rebuild {
                gpus: cost.gpus_rebuilt,
                nodes: cost.nodes_paused,
                at_least: u32::try_from(fixed + at_least).unwrap_or(u32::MAX),
            };
            (distribution, Some(rebuild))
        }
    };
    Ok(Settled {
        distribution,
        proof: Proof {
            needed: packing.gpus().saturating_add(carrying),
            available,
            is_optimal: packing.is_proven(),
            bound: packing.bound,
        },
        rebuild,
    })
}

/// GPUs that nobody can keep: pinned to something else, or of unknown state.
fn forced(runs: &[Run]) -> u64 {
    let forced = |slot: &&Slot| {
        matches!(
            slot,
            Slot::Pinned { rebuilt: true, .. } | Slot::Open { rebuilt: true }
        )
    };
    let of = |run: &Run| run.slots.iter().filter(forced).count() as u64 * u64::from(run.nodes);
    runs.iter().map(of).sum()
}

/// The nodes with nothing but what is pinned.
fn racks(runs: &[Run]) -> Vec<Rack> {
    let state = |slot: &Slot| match slot {
        Slot::Pinned { state, .. } => Some(state.clone()),
        Slot::Held(_) | Slot::Open { .. } => None,
    };
    let rack = |run: &Run| Rack {
        name: run.name.clone(),
        nodes: run.nodes,
        gpus: run.slots.iter().map(state).collect(),
    };
    runs.iter().map(rack).collect()
}
