//! `gpu/<cluster>/node-plan.yaml`: which node gets which labels, taint and GPU layout.
//!
//! It is written by the render and read back by two: `platform apply`, which labels the nodes, and the next plan, which
//! starts from the layouts that are there.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::gpu::{GpuState, Layout, Layouts, MAX_GPUS_PER_NODE, NodeGroup, Present, PresentGroup};

/// Which nodes of a cluster get which labels and taints; `platform apply` reads it, GitOps never applies it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct NodePlan {
    /// Format of the document.
    pub api_version: String,
    /// Always `NodePlan`.
    pub kind: String,
    /// Its name, the cluster's.
    pub metadata: BTreeMap<String, String>,
    /// The pools in the order of the spec.
    pub pools: Vec<PoolNodes>,
}

/// The nodes of one pool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PoolNodes {
    /// Name of the pool.
    pub name: String,
    /// Id of the board; a layout means nothing on another one.
    #[serde(default)]
    pub board: String,
    /// How many nodes.
    pub nodes: u32,
    /// Labels by which they are found.
    pub node_selector: BTreeMap<String, String>,
    /// Labels that each of them gets.
    pub labels: BTreeMap<String, String>,
    /// Taint that each of them gets.
    pub taint: Taint,
    /// MIG pools: consecutive nodes by index, and their configuration. At apply a node that carries one of these keeps
    /// it; the others follow in the order of their names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mig_configs: Vec<MigNodes>,
}

/// A taint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Taint {
    /// Key.
    pub key: String,
    /// Value.
    pub value: String,
    /// Effect.
    pub effect: String,
}

/// Consecutive nodes with one MIG configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MigNodes {
    /// Index of the first, from 0.
    pub first: u32,
    /// How many.
    pub nodes: u32,
    /// The name of the node, where the spec pins one of its GPUs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Value of the label `nvidia.com/mig.config`.
    pub config: String,
    /// What each GPU holds, equal ones together; each index once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub layout: Vec<MigGpus>,
}

/// GPUs of a node with the same state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MigGpus {
    /// Their indices, ascending.
    pub gpus: Vec<u32>,
    /// Instances by profile, empty for none; absent for whole GPUs, whose MIG mode is off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mig: Option<Layout>,
}

impl MigNodes {
    /// Some nodes of a plan and the name of their configuration.
    pub fn new(group: &NodeGroup, config: String) -> Self {
        let mut layout: Vec<MigGpus> = Vec::new();
        for (index, gpu) in (0u32..).zip(&group.gpus) {
            let mig = match gpu {
                GpuState::Mig(layout) => Some(layout.clone()),
                GpuState::Whole => None,
            };
            match layout.iter_mut().find(|same| same.mig == mig) {
                Some(same) => same.gpus.push(index),
                None => layout.push(MigGpus {
                    gpus: vec![index],
                    mig,
                }),
            }
        }
        Self {
            first: group.first,
            nodes: group.nodes,
            name: group.name.clone(),
            config,
            layout,
        }
    }
}

/// The layouts of the MIG pools of a node plan, by cluster and pool.
pub fn layouts(plan: &NodePlan) -> Layouts {
    let cluster = plan.metadata.get("name").cloned().unwrap_or_default();
    let with_mig = plan.pools.iter().filter(|pool| !pool.mig_configs.is_empty());
    with_mig
        .map(|pool| {
            let present = Present {
                board: pool.board.clone(),
                groups: pool.mig_configs.iter().map(group).collect(),
            };
            ((cluster.clone(), pool.name.clone()), present)
        })
        .collect()
}

fn group(nodes: &MigNodes) -> PresentGroup {
    let last = nodes.layout.iter().flat_map(|same| &same.gpus).max();
    // A file that a person changed may name any index.
    let count = last.map_or(0, |last| (*last).min(MAX_GPUS_PER_NODE - 1) as usize + 1);
    let state = |index: u32| {
        let same = nodes.layout.iter().find(|same| same.gpus.contains(&index))?;
        Some(same.mig.clone().map_or(GpuState::Whole, GpuState::Mig))
    };
    PresentGroup {
        name: nodes.name.clone(),
        nodes: nodes.nodes,
        gpus: (0u32..).take(count).map(state).collect(),
    }
}
