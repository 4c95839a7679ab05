//! The nodes of a pool to be: which of them are there already, and what has to lie where.

use std::collections::{BTreeMap, BTreeSet};

use super::pattern::Counts;
use super::{GpuState, Layout, MAX_GPUS_PER_NODE, NodesError, Pin, Present, Task};

/// What is known of one GPU of a node to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Slot {
    /// Pinned to a state; `rebuilt` where the node was there and the GPU has another one.
    Pinned { state: GpuState, rebuilt: bool },
    /// It holds this, and may keep it.
    Held(GpuState),
    /// It has to be built; `rebuilt` where the node was there and nobody knows what the GPU holds.
    Open { rebuilt: bool },
}

/// Consecutive nodes with equal GPUs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) name: Option<String>,
    pub(super) nodes: u32,
    pub(super) slots: Vec<Slot>,
}

/// A node or several, and what they held.
#[derive(Debug, Clone)]
struct Origin<'a> {
    name: Option<&'a str>,
    nodes: u64,
    gpus: Option<&'a [Option<GpuState>]>,
}

/// The nodes of a pool to be, in order; pinned names have their index.
///
/// Where the pool shrank, the last nodes go, but none with a pinned name. Where it grew, new ones follow. A pinned
/// name that nobody had takes the lowest index that no other pinned name has.
pub(super) fn runs(
    task: &Task<'_>,
    present: Option<&Present>,
    fullest: &[Counts],
) -> Result<Vec<Run>, NodesError> {
    check(task, fullest)?;
    let pinned = by_node(task.pinned);
    let names: Vec<&str> = task.pinned.iter().map(|pin| pin.node.as_str()).collect();
    let origins = name_new(survivors(present, &pinned, u64::from(task.shape.nodes)), &names);
    let known = known(task, fullest);
    let run = |origin: Origin<'_>| {
        let pins = origin.name.and_then(|name| pinned.get(name));
        let slot = |gpu: u32| {
            let was = origin.gpus.and_then(|gpus| gpus.get(gpu as usize));
            let was = was.map(|state| state.as_ref().and_then(|state| sound(state, &known)));
            match (pins.and_then(|pins| pins.get(&gpu)), was) {
                (Some(layout), was) => {
                    let state = GpuState::Mig(without_zeros(layout));
                    Slot::Pinned {
                        rebuilt: was.is_some_and(|was| was.as_ref() != Some(&state)),
                        state,
                    }
                }
                (None, Some(Some(state))) => Slot::Held(state),
                (None, was) => Slot::Open {
                    rebuilt: was.is_some(),
                },
            }
        };
        Run {
            name: origin.name.map(str::to_owned),
            nodes: u32::try_from(origin.nodes).unwrap_or(u32::MAX),
            slots: (0..task.shape.gpus_per_node).map(slot).collect(),
        }
    };
    Ok(origins.into_iter().map(run).collect())
}

/// The pinned layouts by node and GPU.
fn by_node(pins: &[Pin]) -> BTreeMap<&str, BTreeMap<u32, &Layout>> {
    let mut pinned: BTreeMap<&str, BTreeMap<u32, &Layout>> = BTreeMap::new();
    for pin in pins {
        pinned.entry(&pin.node).or_default().insert(pin.gpu, &pin.layout);
    }
    pinned
}

fn check(task: &Task<'_>, fullest: &[Counts]) -> Result<(), NodesError> {
    let shape = task.shape;
    let gpus_per_node = shape.gpus_per_node;
    if !(1..=MAX_GPUS_PER_NODE).contains(&gpus_per_node) {
        return Err(NodesError::GpusPerNode { gpus_per_node });
    }
    let all = u64::from(shape.nodes) * u64::from(gpus_per_node);
    let kept = u64::from(shape.whole_gpus) + u64::from(shape.reserve);
    if kept > all {
        return Err(NodesError::TooManyKept { kept, all });
    }
    let mut seen = BTreeSet::new();
    let known = known(task, fullest);
    for pin in task.pinned {
        let (node, gpu) = (pin.node.clone(), pin.gpu);
        if gpu >= gpus_per_node {
            return Err(NodesError::PinnedGpu {
                node,
                gpu,
                gpus_per_node,
            });
        }
        if !known(&pin.layout) {
            let board = task.board.id.clone();
            return Err(NodesError::PinnedLayout { node, gpu, board });
        }
        if !seen.insert((&pin.node, gpu)) {
            return Err(NodesError::PinnedTwice { node, gpu });
        }
    }
    let nodes: BTreeSet<&str> = task.pinned.iter().map(|pin| pin.node.as_str()).collect();
    if nodes.len() > shape.nodes as usize {
        let (pinned, nodes) = (nodes.len(), shape.nodes);
        return Err(NodesError::PinnedNodes { pinned, nodes });
    }
    let pinned = task.pinned.len();
    if kept + pinned as u64 > all {
        return Err(NodesError::TooManyPinned { kept, pinned, all });
    }
    Ok(())
}

/// Whether the board can hold a layout: it is part of a fullest one.
fn known(task: &Task<'_>, fullest: &[Counts]) -> impl Fn(&Layout) -> bool {
    let profiles = task.board.profiles();
    move |layout| {
        let count = |name: &String| layout.get(name).copied().unwrap_or(0);
        let holds = |counts: &Counts| {
            profiles
                .iter()
                .zip(counts)
                .all(|(p, most)| count(&p.name) <= *most)
        };
        let is_profile = |(name, count): (&String, &u32)| *count == 0 || task.board.profile(name).is_some();
        layout.iter().all(is_profile)
            && (layout.values().all(|count| *count == 0) || fullest.iter().any(holds))
    }
}

/// A state that may be kept.
fn sound(state: &GpuState, known: &impl Fn(&Layout) -> bool) -> Option<GpuState> {
    match state {
        GpuState::Whole => Some(GpuState::Whole),
        GpuState::Mig(layout) => known(layout).then(|| GpuState::Mig(without_zeros(layout))),
    }
}

/// A layout as it is compared.
pub(super) fn without_zeros(layout: &Layout) -> Layout {
    let some = layout.iter().filter(|(_, count)| **count > 0);
    some.map(|(name, count)| (name.clone(), *count)).collect()
}

/// The nodes that stay, and the new ones after them.
fn survivors<'a>(
    present: Option<&'a Present>,
    pinned: &BTreeMap<&str, BTreeMap<u32, &Layout>>,
    nodes: u64,
) -> Vec<Origin<'a>> {
    let mut seen = BTreeSet::new();
    let mut origins: Vec<Origin<'a>> = Vec::new();
    for group in present
        .map(|present| present.groups.as_slice())
        .unwrap_or_default()
    {
        let name = group.name.as_deref();
        let name = name.filter(|name| group.nodes > 0 && pinned.contains_key(name) && seen.insert(*name));
        let gpus = Some(group.gpus.as_slice());
        let named = u32::from(name.is_some());
        for (name, nodes) in [(name, named), (None, group.nodes - named)] {
            let nodes = u64::from(nodes);
            origins.extend((nodes > 0).then_some(Origin { name, nodes, gpus }));
        }
    }
    let there: u64 = origins.iter().map(|origin| origin.nodes).sum();
    let mut gone = there.saturating_sub(nodes);
    for origin in origins.iter_mut().rev().filter(|origin| origin.name.is_none()) {
        let going = gone.min(origin.nodes);
        origin.nodes -= going;
        gone -= going;
    }
    origins.retain(|origin| origin.nodes > 0);
    let new = nodes.saturating_sub(there);
    origins.extend((new > 0).then_some(Origin {
        name: None,
        nodes: new,
        gpus: None,
    }));
    origins
}

/// Gives the pinned names that no node has to the first nodes without one.
fn name_new<'a>(origins: Vec<Origin<'a>>, names: &[&'a str]) -> Vec<Origin<'a>> {
    let mut taken: BTreeSet<&str> = origins.iter().filter_map(|origin| origin.name).collect();
    let mut waiting = names
        .iter()
        .copied()
        .filter(|name| taken.insert(name))
        .collect::<Vec<_>>()
        .into_iter();
    let mut named = Vec::new();
    for mut origin in origins {
        while origin.name.is_none() && origin.nodes > 0 {
            let Some(name) = waiting.next() else { break };
            named.push(Origin {
                name: Some(name),
                nodes: 1,
                gpus: origin.gpus,
            });
            origin.nodes -= 1;
        }
        named.extend((origin.nodes > 0).then_some(origin));
    }
    named
}
