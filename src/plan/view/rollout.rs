//! In which order nodes get their new layout, and what is in the way on each.

use std::collections::BTreeMap;

use serde::Serialize;

use super::pool::Surroundings;
use super::steps::{self, RolloutStep};
use crate::catalog::boards::{Board, ModeChange, WHOLE_GPU};
use crate::model::{Pool, Share};
use crate::plan::gpu::{ChangedGpu, ChangedNodes, Comparison, Distribution, GpuState};

/// What a rollout is made from.
#[derive(Clone, Copy)]
pub struct Rollout<'a> {
    /// The pool.
    pub pool: &'a Pool,
    /// Its board; `None` when the catalogue has none.
    pub board: Option<&'a Board>,
    /// What changes on which node.
    pub comparison: &'a Comparison,
    /// What each node is to hold.
    pub distribution: &'a Distribution,
    /// The names of the nodes by their index, where they are known.
    pub names: &'a [Option<String>],
    /// Teams with a promise on the pool, sorted.
    pub teams: &'a [String],
    /// Context, names, pods.
    pub around: Surroundings<'a>,
}

/// One node that is set up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NodeRollout {
    /// Index of the node in the pool.
    pub node: u32,
    /// Its name, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node_name: Option<String>,
    /// Value of its label `nvidia.com/mig.config`.
    pub config: String,
    /// The GPUs that are built anew, by their index.
    pub gpus: Vec<u32>,
    /// Whether nothing was known of the node.
    pub is_new: bool,
    /// What switching MIG mode costs here; `none` where no GPU switches.
    pub mode_change: &'static str,
    /// Teams whose pods may be on the node: whoever uses any of its GPUs is in the way.
    pub teams: Vec<String>,
    /// The pods with GPUs that are on it; only where the cluster was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pods: Option<Vec<PodInTheWay>>,
    /// What to do, in order.
    pub steps: Vec<RolloutStep>,
}

/// A pod with GPUs on a node that is set up.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct PodInTheWay {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// The extended resource that it has.
    pub resource: String,
    /// How many.
    pub count: u64,
}

/// The nodes that are set up, one after the other: first those that are new or whose rebuilt GPUs are empty, for they
/// only add room; then the others. Nodes on which nothing changes are not there.
pub fn rollout(of: &Rollout<'_>) -> Vec<NodeRollout> {
    let adds_room = |group: &&ChangedNodes| group.is_new || group.gpus.iter().all(is_idle);
    let (first, then): (Vec<&ChangedNodes>, Vec<&ChangedNodes>) =
        of.comparison.groups.iter().partition(adds_room);
    let groups = first.into_iter().chain(then);
    let nodes = groups.flat_map(|group| {
        let end = group.first.saturating_add(group.nodes);
        (group.first..end).map(move |node| (node, group))
    });
    nodes.map(|(node, group)| one(of, group, node)).collect()
}

/// Whether nobody can use what the GPU holds now.
fn is_idle(gpu: &ChangedGpu) -> bool {
    matches!(&gpu.from, Some(GpuState::Mig(layout)) if layout.is_empty())
}

fn one(of: &Rollout<'_>, run: &ChangedNodes, node: u32) -> NodeRollout {
    let states = of.distribution.node(node).unwrap_or_default();
    let config = (of.around.config_name)(states);
    let name = of.names.get(node as usize).cloned().flatten();
    let pods = of.around.live.map(|live| {
        let here = name.as_ref().and_then(|name| live.pods.get(name));
        here.cloned().unwrap_or_default()
    });
    let mode_change = mode_change(of.board, run);
    NodeRollout {
        node,
        steps: steps::steps(&steps::Node {
            pool: of.pool,
            context: of.around.context,
            index: node,
            name: name.as_deref(),
            config: &config,
            mode_change,
            allocatable: &allocatable(states),
        }),
        node_name: name,
        config,
        gpus: run.gpus.iter().map(|gpu| gpu.gpu).collect(),
        is_new: run.is_new,
        mode_change,
        teams: of.teams.to_vec(),
        pods,
    }
}

/// `none`, `on-demand` or `gpu-reset`; a GPU of which nothing is known may have to switch.
fn mode_change(board: Option<&Board>, run: &ChangedNodes) -> &'static str {
    let has_mig = |state: &GpuState| matches!(state, GpuState::Mig(_));
    let switches = |gpu: &ChangedGpu| gpu.from.as_ref().map(has_mig) != Some(has_mig(&gpu.to));
    let mode = board.and_then(|board| board.mig.as_ref());
    match mode.map(|mig| mig.mode_change) {
        Some(_) | None if !run.gpus.iter().any(switches) => "none",
        Some(ModeChange::GpuReset) => "gpu-reset",
        Some(ModeChange::OnDemand) | None => "on-demand",
    }
}

/// What the node advertises once its layout is there, by extended resource.
fn allocatable(states: &[GpuState]) -> BTreeMap<String, u64> {
    let mut sum: BTreeMap<String, u64> = BTreeMap::new();
    for state in states {
        match state {
            GpuState::Whole => *sum.entry(WHOLE_GPU.to_owned()).or_default() += 1,
            GpuState::Mig(layout) => {
                for (profile, count) in layout {
                    let resource = Share::Profile(profile.clone()).resource();
                    *sum.entry(resource).or_default() += u64::from(*count);
                }
            }
        }
    }
    sum
}
