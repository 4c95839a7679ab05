//! The document `GpuPlan`, field by field; `schemas/gpu-plan.schema.json` describes each.

use std::collections::BTreeMap;

use serde::Serialize;

use super::rollout::NodeRollout;

/// One pool.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PoolView {
    /// Its name.
    pub name: String,
    /// Id of the board.
    pub board: String,
    /// How a GPU is shared.
    pub sharing: crate::spec::Sharing,
    /// Nodes.
    pub nodes: u32,
    /// GPUs of each node.
    pub gpus_per_node: u32,
    /// The fewest GPUs that hold the guaranteed demand.
    pub gpus_needed: u64,
    /// GPUs that may hold it.
    pub gpus_available: u64,
    /// GPUs of the layout with at least one instance, slot or whole use.
    pub gpus_used: u64,
    /// GPUs that are needed at least, proven.
    pub lower_bound: u64,
    /// The optimum of the linear relaxation, in GPUs.
    pub lp_bound: f64,
    /// `gpus_needed - lower_bound`.
    pub gap: u64,
    /// Whether fewer GPUs are proven impossible.
    pub optimal: bool,
    /// GPUs without MIG.
    pub whole_gpus: WholeGpus,
    /// What is guaranteed, by extended resource.
    pub promised: BTreeMap<String, u64>,
    /// What may be used beyond that while it is free, by extended resource.
    pub burst: BTreeMap<String, u64>,
    /// What the nodes advertise once the plan is realised, by extended resource.
    pub capacity: BTreeMap<String, u64>,
    /// `(promised + burst) / capacity`, by extended resource; above 1 only by burst.
    pub overcommit: BTreeMap<String, f64>,
    /// Every GPU of a partitioned pool, by node and index.
    pub layouts: Vec<GpuLayout>,
    /// MIG instances that are made and promised to nobody, by profile.
    pub free: BTreeMap<String, u64>,
    /// GPUs that hold nothing.
    pub empty_gpus: u64,
    /// Why the demand does not fit; `None` when it does.
    pub infeasible: Option<InfeasibleView>,
    /// The GPUs of nodes that were there and get another layout or mode.
    pub changes: Vec<ChangeView>,
    /// How many these are.
    pub gpus_rebuilt: u64,
    /// No layout that holds the demand rebuilds fewer.
    pub gpus_rebuilt_at_least: u64,
    /// Nodes with at least one such GPU.
    pub nodes_paused: u64,
    /// The nodes that are set up, in the order in which to do it.
    pub rollout: Vec<NodeRollout>,
    /// Guaranteed GPUs that go from one team to another.
    pub moves: Vec<MoveView>,
    /// What a reader should know of the figures behind the plan.
    pub caveats: Vec<String>,
}

/// GPUs without MIG.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct WholeGpus {
    /// Guaranteed.
    pub needed: u64,
    /// There.
    pub available: u64,
}

/// One GPU of a partitioned pool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GpuLayout {
    /// Index of the node in the pool.
    pub node: u32,
    /// Its name, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node_name: Option<String>,
    /// Index of the GPU in the node.
    pub gpu: u32,
    /// Instances by profile; empty for a GPU that holds none.
    pub profiles: BTreeMap<String, u32>,
    /// Its MIG mode is off.
    #[serde(skip_serializing_if = "is_false")]
    pub whole: bool,
    /// The spec fixes its layout.
    #[serde(skip_serializing_if = "is_false")]
    pub pinned: bool,
}

/// The state of a GPU before or after a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum StateView {
    /// MIG mode on, with these instances by profile.
    Profiles {
        /// The instances.
        profiles: BTreeMap<String, u32>,
    },
    /// MIG mode off.
    Whole {
        /// Always `true`.
        whole: bool,
    },
}

/// One GPU that is rebuilt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangeView {
    /// Index of the node in the pool.
    pub node: u32,
    /// Its name, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node_name: Option<String>,
    /// Index of the GPU in the node.
    pub gpu: u32,
    /// What it holds now; `None` where that cannot be told.
    pub from: Option<StateView>,
    /// What it is to hold.
    pub to: StateView,
}

/// Why a demand does not fit.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InfeasibleView {
    /// The reason, checkable on paper.
    pub sentence: String,
    /// Weight of one instance, in GPUs: no layout of one GPU weighs more than 1.
    pub weights: BTreeMap<String, f64>,
    /// The same weights as whole numbers, in units of `1 / most_per_gpu`.
    pub integer_weights: BTreeMap<String, u32>,
    /// The most that one GPU holds by the whole numbers.
    pub most_per_gpu: u64,
    /// The smallest change that would make it fit.
    pub cheapest_fix: String,
    /// All that are known, the smallest first.
    pub fixes: Vec<String>,
}

/// Guaranteed GPUs that go from one team to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MoveView {
    /// The extended resource.
    pub resource: String,
    /// How many.
    pub count: u64,
    /// The team that loses them.
    pub from: String,
    /// The team that gains them.
    pub to: String,
    /// For whom the bounds become tighter.
    pub tightens: String,
    /// For whom they become looser.
    pub loosens: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the form that serde asks for")]
fn is_false(value: &bool) -> bool {
    !*value
}
