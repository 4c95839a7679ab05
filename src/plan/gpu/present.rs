//! The GPU layouts that are there before a change.

use std::collections::BTreeMap;

use super::{Distribution, GpuState};

/// The layouts of all pools that are known, by cluster and pool.
pub type Layouts = BTreeMap<(String, String), Present>;

/// What is known of the GPUs of one pool.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Present {
    /// Id of the board that carries the layouts; with another board they mean nothing.
    pub board: String,
    /// The nodes in the order of their index from 0, in runs of equal ones.
    pub groups: Vec<PresentGroup>,
}

/// Consecutive nodes with equal GPUs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PresentGroup {
    /// The name of the node, where it is known; then `nodes` is 1.
    pub name: Option<String>,
    /// How many, at least 1.
    pub nodes: u32,
    /// The state of each GPU by its index; `None` where it cannot be told, and the GPU has to be built anew.
    pub gpus: Vec<Option<GpuState>>,
}

impl Present {
    /// What a plan leaves behind once it is realised.
    pub fn of(board: &str, distribution: &Distribution) -> Self {
        let group = |group: &super::NodeGroup| PresentGroup {
            name: group.name.clone(),
            nodes: group.nodes,
            gpus: group.gpus.iter().cloned().map(Some).collect(),
        };
        Self {
            board: board.to_owned(),
            groups: distribution.groups.iter().map(group).collect(),
        }
    }

    /// How many nodes are known; saturates.
    pub fn nodes(&self) -> u32 {
        self.groups
            .iter()
            .fold(0, |sum, group| sum.saturating_add(group.nodes))
    }
}
