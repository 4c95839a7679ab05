//! Nodes × GPUs × slices: what lies where and whose share it is, ready to be drawn.

use super::names::node_names;
use super::place::place;
use super::shares::Shares;
use crate::catalog::boards::{self, Board, WHOLE_GPU};
use crate::model::{Pool, Share};
use crate::plan::gpu::{GpuState, Layout};
use crate::plan::{Asked, PoolPlan};
use crate::spec::Sharing;

/// The most slots of a GPU that are drawn one by one.
const MAX_SLOTS: u32 = 16;

/// A pool, drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// How many units wide each GPU is.
    pub units: u32,
    /// The nodes in order, equal neighbours together.
    pub rows: Vec<Row>,
}

/// Consecutive nodes that look the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Index of the first node.
    pub first: u32,
    /// How many, at least 1.
    pub nodes: u32,
    /// The name of the node, where it is known; then `nodes` is 1.
    pub name: Option<String>,
    /// The GPUs by their index.
    pub gpus: Vec<GpuPicture>,
}

/// One GPU.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GpuPicture {
    /// Whether the spec fixes its layout.
    pub pinned: bool,
    /// What lies on it, by start, without overlap; gaps hold nothing.
    pub cells: Vec<Cell>,
}

/// One instance, slot or whole GPU.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// First unit.
    pub start: u32,
    /// How many.
    pub size: u32,
    /// What it is: a profile, `whole` or nothing for a slot.
    pub what: String,
    /// Whose share it is.
    pub owner: Owner,
}

/// Whose share something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// The team with this index in [`teams`].
    Team(usize),
    /// Made, and promised to nobody.
    Free,
}

/// The teams that are promised GPUs, in the order of the spec, each once; their place is their letter.
pub fn teams<'a>(asks: impl IntoIterator<Item = &'a Asked>) -> Vec<String> {
    let mut teams: Vec<String> = Vec::new();
    for ask in asks.into_iter().filter(|ask| ask.count > 0) {
        if !teams.iter().any(|team| *team == ask.team.as_str()) {
            teams.push(ask.team.to_string());
        }
    }
    teams
}

/// The picture of a planned pool; `None` where slots are too many to be drawn.
///
/// `names`: the nodes as the cluster knows them, in order; may be empty.
pub fn picture(plan: &PoolPlan, asks: &[Asked], teams: &[String], names: &[String]) -> Option<Picture> {
    let pool = &plan.pool;
    let promised = asks.iter().filter_map(|ask| {
        let team = teams.iter().position(|team| *team == ask.team.as_str())?;
        Some((team, ask.resource.as_str(), ask.count))
    });
    let mut shares = Shares::new(promised);
    let board = boards::board(&pool.board).ok().flatten();
    let units = match pool.sharing {
        Sharing::TimeSlicing | Sharing::Mps if pool.replicas > MAX_SLOTS => return None,
        Sharing::TimeSlicing | Sharing::Mps => pool.replicas.max(1),
        _ => board
            .and_then(|board| board.mig.as_ref())
            .map_or(8, |mig| mig.memory_units),
    };
    let mut rows: Vec<Row> = Vec::new();
    for (node, name, states) in nodes(plan, names) {
        let gpu = |(index, state): (u32, &GpuState)| GpuPicture {
            pinned: pool
                .pinned
                .iter()
                .any(|pin| Some(&pin.node) == name.as_ref() && pin.gpu == index),
            cells: cells(pool, board, units, state, &mut shares),
        };
        let gpus: Vec<GpuPicture> = (0u32..).zip(&states).map(gpu).collect();
        match rows.last_mut() {
            Some(last) if last.name.is_none() && name.is_none() && last.gpus == gpus => last.nodes += 1,
            _ => rows.push(Row {
                first: node,
                nodes: 1,
                name,
                gpus,
            }),
        }
    }
    Some(Picture { units, rows })
}

/// Every node with its name, where it is known, and its GPUs.
fn nodes(plan: &PoolPlan, live: &[String]) -> Vec<(u32, Option<String>, Vec<GpuState>)> {
    let Some(layout) = plan.layout() else {
        let gpus = vec![GpuState::Whole; plan.pool.gpus_per_node as usize];
        let node = |node| (node, live.get(node as usize).cloned(), gpus.clone());
        return (0..plan.pool.nodes).map(node).collect();
    };
    let mut names = node_names(layout, live).into_iter();
    let groups = layout.groups.iter().flat_map(|group| {
        let end = group.first.saturating_add(group.nodes);
        (group.first..end).map(move |node| (node, group.gpus.clone()))
    });
    groups
        .map(|(node, gpus)| (node, names.next().flatten(), gpus))
        .collect()
}

fn cells(pool: &Pool, board: Option<&Board>, units: u32, state: &GpuState, shares: &mut Shares) -> Vec<Cell> {
    let shared = matches!(pool.sharing, Sharing::TimeSlicing | Sharing::Mps);
    match state {
        GpuState::Whole if shared => {
            let resource = Share::Slot.resource();
            let slot = |start| Cell {
                start,
                size: 1,
                what: String::new(),
                owner: shares.next(&resource),
            };
            (0..units).map(slot).collect()
        }
        GpuState::Whole => vec![Cell {
            start: 0,
            size: units,
            what: "whole".to_owned(),
            owner: shares.next(WHOLE_GPU),
        }],
        GpuState::Mig(layout) => instances(board, layout, shares),
    }
}

fn instances(board: Option<&Board>, layout: &Layout, shares: &mut Shares) -> Vec<Cell> {
    let placed = board.and_then(|board| place(board, layout)).unwrap_or_default();
    let cell = |(place, profile): (crate::catalog::boards::Placement, &boards::Profile)| Cell {
        start: place.start,
        size: place.size,
        what: profile.name.clone(),
        owner: shares.next(&profile.resource),
    };
    placed.into_iter().map(cell).collect()
}
