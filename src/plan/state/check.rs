//! That a node plan says of each node and GPU once what it holds, and that this can be.

use std::collections::BTreeSet;

use crate::catalog::boards;
use crate::plan::gpu::{Layout, MAX_GPUS_PER_NODE, fits};
use crate::plan::{MigNodes, NodePlan, PoolNodes};

const API_VERSION: &str = "tenancy.platform/v1alpha1";

/// What of a node plan is wrong: the document, a pool or some nodes, by their indices.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place {
    Document,
    Pool(usize),
    Nodes(usize, usize),
}

/// The first thing that is wrong with a node plan, and what of it.
pub(super) fn check(path: &str, plan: &NodePlan) -> Result<(), (Place, String)> {
    if (plan.api_version.as_str(), plan.kind.as_str()) != (API_VERSION, "NodePlan") {
        let message = format!(
            "the file is a `{}` of `{}`; a `NodePlan` of `{API_VERSION}` is allowed",
            plan.kind.escape_debug(),
            plan.api_version.escape_debug()
        );
        return Err((Place::Document, message));
    }
    let cluster = path.rsplit('/').nth(1).unwrap_or_default();
    let name = plan.metadata.get("name").map_or("", String::as_str);
    if name != cluster {
        let message = format!(
            "the node plan is of cluster `{}`; its folder says `{}`",
            name.escape_debug(),
            cluster.escape_debug()
        );
        return Err((Place::Document, message));
    }
    let mut names = BTreeSet::new();
    for (index, pool) in plan.pools.iter().enumerate() {
        if !names.insert(&pool.name) {
            let message = format!("pool `{}` is there twice", pool.name.escape_debug());
            return Err((Place::Pool(index), message));
        }
        nodes(index, pool)?;
    }
    Ok(())
}

/// That the groups of a pool are each of its nodes once, in order, with layouts that its board can hold.
fn nodes(index: usize, pool: &PoolNodes) -> Result<(), (Place, String)> {
    let name = pool.name.escape_debug();
    let board = boards::board(&pool.board).ok().flatten();
    let mut holds: BTreeSet<&Layout> = BTreeSet::new();
    let mut next = 0u32;
    for (at, group) in pool.mig_configs.iter().enumerate() {
        let wrong = |message: String| (Place::Nodes(index, at), message);
        if group.first != next || group.nodes == 0 {
            return Err(wrong(format!(
                "{} nodes from {} on are listed in pool `{name}`; at least 1 from {next} on are expected",
                group.nodes, group.first
            )));
        }
        if group.name.is_some() && group.nodes != 1 {
            return Err(wrong(format!(
                "{} nodes of pool `{name}` have one name; 1 is allowed",
                group.nodes
            )));
        }
        next = next.saturating_add(group.nodes);
        gpus(group).map_err(|message| wrong(format!("{message} in pool `{name}`")))?;
        for layout in group.layout.iter().filter_map(|same| same.mig.as_ref()) {
            if let Some(board) = board
                && !holds.contains(layout)
            {
                if !fits(board, layout) {
                    let held: Vec<String> = layout
                        .iter()
                        .map(|(profile, count)| format!("{count} × {}", profile.escape_debug()))
                        .collect();
                    let message = format!(
                        "a GPU of pool `{name}` holds {}; no `{}` can",
                        held.join(", "),
                        pool.board
                    );
                    return Err(wrong(message));
                }
                holds.insert(layout);
            }
        }
    }
    if !pool.mig_configs.is_empty() && next != pool.nodes {
        let message = format!(
            "pool `{name}` has {} nodes; `migConfigs` lists {next}",
            pool.nodes
        );
        return Err((Place::Pool(index), message));
    }
    Ok(())
}

/// That each GPU of a node is listed once, from 0 on; a plan of an older version lists none.
fn gpus(group: &MigNodes) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    for gpu in group.layout.iter().flat_map(|same| &same.gpus) {
        if *gpu >= MAX_GPUS_PER_NODE {
            return Err(format!(
                "GPU {gpu} is listed; at most {MAX_GPUS_PER_NODE} GPUs from 0 on are allowed"
            ));
        }
        if !seen.insert(*gpu) {
            return Err(format!("GPU {gpu} of node {} is listed twice", group.first));
        }
    }
    match (0u32..).zip(&seen).find(|(wanted, gpu)| wanted != *gpu) {
        Some((missing, _)) => Err(format!("GPU {missing} of node {} is not listed", group.first)),
        None => Ok(()),
    }
}
