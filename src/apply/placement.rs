//! Which node of a cluster is which of the plan: a node keeps the configuration that it carries, wherever it can.

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::PoolNodes;

/// A node of a pool as it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SeenNode {
    /// Its name.
    pub name: String,
    /// The MIG configuration that its label asks for.
    pub config: Option<String>,
}

/// Which configuration each node of a pool gets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Placement {
    /// By the name of the node, its index in the pool from 0; nodes beyond the plan have none.
    pub places: BTreeMap<String, u32>,
    /// Nodes that the plan names and that do not exist, in order; what was laid out for them is on no node.
    pub missing: Vec<String>,
}

/// Gives each node its index in the pool.
///
/// Nodes that the plan names come first; then those that carry a configuration of the plan keep it, as many as the plan
/// has of it; the rest follow. Each step goes by the order of the names. So a node that joins changes no other one,
/// wherever its name sorts.
pub fn place(pool: &PoolNodes, nodes: &[SeenNode]) -> Placement {
    let mut places = BTreeMap::new();
    let mut missing = Vec::new();
    let mut left: BTreeSet<&SeenNode> = nodes.iter().collect();
    // What is free of each configuration, in runs; without configurations a pool is one run.
    let mut free: Vec<(Option<&str>, u32, u32)> = Vec::new();
    for group in &pool.mig_configs {
        let Some(name) = &group.name else {
            free.push((Some(&group.config), group.first, group.nodes));
            continue;
        };
        match nodes.iter().find(|node| node.name == *name) {
            Some(node) if left.remove(node) => drop(places.insert(name.clone(), group.first)),
            Some(_) => {}
            None => missing.push(name.clone()),
        }
    }
    if pool.mig_configs.is_empty() {
        free.push((None, 0, pool.nodes));
    }
    let mut take = |node: &SeenNode, keeps: bool| {
        let fits = |config: Option<&str>| !keeps || (config.is_some() && config == node.config.as_deref());
        let run = free
            .iter_mut()
            .find(|(config, _, nodes)| *nodes > 0 && fits(*config));
        let Some((_, first, nodes)) = run else {
            return false;
        };
        places.insert(node.name.clone(), *first);
        (*first, *nodes) = (first.saturating_add(1), *nodes - 1);
        true
    };
    left.retain(|node| !take(node, true));
    for node in left {
        take(node, false);
    }
    missing.sort();
    Placement { places, missing }
}

#[cfg(test)]
mod tests;
