//! One pool as the document says it.

use std::collections::BTreeMap;

use super::caveats::caveats;
use super::names::node_names;
use super::rollout::{self, PodInTheWay, Rollout};
use super::types::*;
use crate::catalog::boards::{self, WHOLE_GPU};
use crate::model::{Pool, Share};
use crate::plan::gpu::{ChangedGpu, Comparison, Distribution, GpuState, Present, compare};
use crate::plan::{Asked, Assessed, Infeasible, PoolPlan};
use crate::spec::Sharing;

/// What a view depends on beside the pool.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    /// The kubeconfig context of the cluster, for commands.
    pub context: &'a str,
    /// The layouts that are there.
    pub present: Option<&'a Present>,
    /// What moves between teams.
    pub moves: &'a [MoveView],
    /// Teams that were promised something of the pool before.
    pub former_teams: &'a [String],
    /// What was seen on the cluster, where it was asked.
    pub live: Option<&'a Live>,
    /// The name of a node's configuration.
    pub config_name: &'a dyn Fn(&[GpuState]) -> String,
}

/// What was seen of a pool's nodes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Live {
    /// The names of the nodes in order.
    pub names: Vec<String>,
    /// The pods with GPUs, by the name of the node.
    pub pods: BTreeMap<String, Vec<PodInTheWay>>,
}

/// The view of one pool.
pub fn pool_view(assessed: &Assessed, around: Surroundings<'_>) -> PoolView {
    let mut view = pool_figures(assessed);
    view.moves = around.moves.to_vec();
    if let Ok(plan) = &assessed.result {
        way(&mut view, plan, assessed, around);
    }
    view
}

/// The numbers of one pool alone: no layouts, changes, rollout and moves.
pub fn pool_figures(assessed: &Assessed) -> PoolView {
    let pool = &assessed.pool;
    let (promised, burst) = match &assessed.result {
        Ok(plan) => (plan.promised.clone(), plan.burst.clone()),
        Err(_) => asked(&assessed.asks),
    };
    let whole_promised = promised.get(WHOLE_GPU).copied().unwrap_or(0);
    let kept = u64::from(pool.gpus().saturating_sub(pool.reserve));
    let whole = match pool.sharing {
        _ if pool.partitioned => u64::from(pool.whole_gpus),
        Sharing::Mig | Sharing::Whole | Sharing::Dra => kept,
        Sharing::TimeSlicing | Sharing::Mps => 0,
    };
    let mut view = PoolView {
        name: pool.name.to_string(),
        board: pool.board.clone(),
        sharing: pool.sharing,
        nodes: pool.nodes,
        gpus_per_node: pool.gpus_per_node,
        gpus_needed: 0,
        gpus_available: kept,
        gpus_used: 0,
        lower_bound: 0,
        lp_bound: 0.0,
        gap: 0,
        optimal: true,
        whole_gpus: WholeGpus {
            needed: whole_promised,
            available: whole,
        },
        promised,
        burst,
        capacity: BTreeMap::new(),
        overcommit: BTreeMap::new(),
        layouts: Vec::new(),
        free: BTreeMap::new(),
        empty_gpus: 0,
        infeasible: None,
        changes: Vec::new(),
        gpus_rebuilt: 0,
        gpus_rebuilt_at_least: 0,
        nodes_paused: 0,
        rollout: Vec::new(),
        moves: Vec::new(),
        caveats: caveats(pool, &assessed.asks),
    };
    match &assessed.result {
        Ok(plan) => feasible(&mut view, plan),
        Err(infeasible) => refused(&mut view, pool, infeasible),
    }
    view
}

/// What is guaranteed and what may be used beyond, by resource, without zeros.
fn asked(asks: &[Asked]) -> (BTreeMap<String, u64>, BTreeMap<String, u64>) {
    let mut sums: (BTreeMap<String, u64>, BTreeMap<String, u64>) = Default::default();
    for ask in asks {
        for (sum, count) in [(&mut sums.0, ask.count), (&mut sums.1, ask.burst)] {
            if count > 0 {
                let all = sum.entry(ask.resource.clone()).or_default();
                *all = all.saturating_add(count);
            }
        }
    }
    sums
}

fn feasible(view: &mut PoolView, plan: &PoolPlan) {
    let pool = &plan.pool;
    view.gpus_used = u64::from(plan.gpus_used);
    match &plan.settled {
        None => plain(view, pool),
        Some(settled) => {
            let proof = &settled.proof;
            view.gpus_needed = u64::from(proof.needed);
            view.gpus_available = u64::from(proof.available);
            view.lower_bound = proof.bound.gpus;
            view.lp_bound = ratio(proof.bound.demand, proof.bound.most_per_gpu);
            view.optimal = proof.is_optimal;
            view.gpus_rebuilt_at_least = settled.rebuild.map_or(0, |rebuild| u64::from(rebuild.at_least));
            made(view, &settled.distribution);
        }
    }
    view.gap = view.gpus_needed.saturating_sub(view.lower_bound);
    for (resource, there) in &view.capacity {
        let figure = |map: &BTreeMap<String, u64>| map.get(resource).copied().unwrap_or(0);
        let wanted = figure(&view.promised).saturating_add(figure(&view.burst));
        if wanted > 0 {
            view.overcommit.insert(resource.clone(), ratio(wanted, *there));
        }
    }
}

/// Whole GPUs and shared slots: a count against a count.
fn plain(view: &mut PoolView, pool: &Pool) {
    let (share, per_gpu) = match pool.sharing {
        Sharing::TimeSlicing | Sharing::Mps => (Share::Slot, u64::from(pool.replicas.max(1))),
        _ => (Share::Whole, 1),
    };
    let resource = share.resource();
    let wanted = view.promised.get(&resource).copied().unwrap_or(0);
    view.gpus_needed = wanted.div_ceil(per_gpu);
    view.lower_bound = view.gpus_needed;
    view.lp_bound = ratio(wanted, per_gpu);
    view.empty_gpus = u64::from(pool.gpus()).saturating_sub(view.gpus_needed);
    view.capacity = BTreeMap::from([(resource, u64::from(pool.gpus()).saturating_mul(per_gpu))]);
}

/// Layouts, changes and rollout of a partitioned pool.
fn way(view: &mut PoolView, plan: &PoolPlan, assessed: &Assessed, around: Surroundings<'_>) {
    let Some(distribution) = plan.layout() else {
        return;
    };
    let live = around.live.map_or(&[][..], |live| live.names.as_slice());
    let names = node_names(distribution, live);
    layouts(view, &plan.pool, distribution, &names);
    let nothing = Present::default();
    let comparison = compare(around.present.unwrap_or(&nothing), distribution);
    changes(view, &comparison, &names);
    let mut teams: Vec<String> = assessed.asks.iter().map(|ask| ask.team.to_string()).collect();
    teams.extend(around.former_teams.iter().cloned());
    teams.sort();
    teams.dedup();
    view.rollout = rollout::rollout(&Rollout {
        pool: &plan.pool,
        board: boards::board(&plan.pool.board).ok().flatten(),
        comparison: &comparison,
        distribution,
        names: &names,
        teams: &teams,
        around,
    });
}

/// What the nodes advertise, and what of it is promised to nobody.
fn made(view: &mut PoolView, distribution: &Distribution) {
    let mut made: BTreeMap<&String, u64> = BTreeMap::new();
    let mut whole = 0u64;
    for group in &distribution.groups {
        let nodes = u64::from(group.nodes);
        for state in &group.gpus {
            match state {
                GpuState::Whole => whole += nodes,
                GpuState::Mig(layout) => {
                    view.empty_gpus += if layout.is_empty() { nodes } else { 0 };
                    for (profile, count) in layout {
                        *made.entry(profile).or_default() += u64::from(*count) * nodes;
                    }
                }
            }
        }
    }
    if whole > 0 {
        view.capacity.insert(WHOLE_GPU.to_owned(), whole);
    }
    for (profile, count) in made {
        let resource = Share::Profile(profile.clone()).resource();
        let promised = view.promised.get(&resource).copied().unwrap_or(0);
        if count > promised {
            view.free.insert(profile.clone(), count - promised);
        }
        view.capacity.insert(resource, count);
    }
}

fn layouts(view: &mut PoolView, pool: &Pool, distribution: &Distribution, names: &[Option<String>]) {
    let nodes = distribution.groups.iter().flat_map(|group| {
        let end = group.first.saturating_add(group.nodes);
        (group.first..end).map(move |node| (node, &group.gpus))
    });
    for (node, gpus) in nodes {
        let name = names.get(node as usize).cloned().flatten();
        for (gpu, state) in (0u32..).zip(gpus) {
            let (profiles, is_whole) = match state {
                GpuState::Mig(layout) => (layout.clone(), false),
                GpuState::Whole => (BTreeMap::new(), true),
            };
            let is_pinned = |name: &String| {
                let mut pins = pool.pinned.iter();
                pins.any(|pin| pin.node == *name && pin.gpu == gpu)
            };
            view.layouts.push(GpuLayout {
                node,
                pinned: name.as_ref().is_some_and(is_pinned),
                node_name: name.clone(),
                gpu,
                profiles,
                whole: is_whole,
            });
        }
    }
}

fn changes(view: &mut PoolView, comparison: &Comparison, names: &[Option<String>]) {
    for group in comparison.groups.iter().filter(|group| !group.is_new) {
        view.nodes_paused += u64::from(group.nodes);
        for node in group.first..group.first.saturating_add(group.nodes) {
            let change = |gpu: &ChangedGpu| ChangeView {
                node,
                node_name: names.get(node as usize).cloned().flatten(),
                gpu: gpu.gpu,
                from: gpu.from.as_ref().map(state),
                to: state(&gpu.to),
            };
            view.changes.extend(group.gpus.iter().map(change));
        }
    }
    view.gpus_rebuilt = view.changes.len() as u64;
}

fn state(state: &GpuState) -> StateView {
    match state {
        GpuState::Mig(layout) => StateView::Profiles {
            profiles: layout.clone(),
        },
        GpuState::Whole => StateView::Whole { whole: true },
    }
}

fn refused(view: &mut PoolView, pool: &Pool, why: &Infeasible) {
    view.gpus_needed = why.needed;
    view.lower_bound = why.needed;
    view.optimal = !pool.partitioned;
    if pool.partitioned && why.available > 0 {
        view.gpus_available = u64::from(why.available);
    } else if pool.partitioned {
        let kept = pool.whole_gpus.saturating_add(pool.reserve);
        view.gpus_available = u64::from(pool.gpus().saturating_sub(kept));
    }
    if !pool.partitioned {
        plain(view, pool);
        view.capacity.clear();
        view.empty_gpus = 0;
    } else {
        let weight = |(profile, weight): (&String, &u32)| {
            let resource = Share::Profile(profile.clone()).resource();
            let wanted = view.promised.get(&resource).copied().unwrap_or(0);
            let spare = pool.spares.get(profile).copied().unwrap_or(0);
            u64::from(*weight).saturating_mul(wanted.saturating_add(u64::from(spare)))
        };
        let total = why.weights.iter().map(weight).fold(0, u64::saturating_add);
        view.lp_bound = ratio(total, why.most_per_gpu);
    }
    let most = why.most_per_gpu.max(1);
    let number = |(what, weight): (&String, &u32)| (what.clone(), ratio(u64::from(*weight), most));
    let fixes: Vec<String> = why.fixes.iter().map(|fix| fix.text.clone()).collect();
    view.infeasible = Some(InfeasibleView {
        sentence: why.sentence.clone(),
        weights: why.weights.iter().map(number).collect(),
        integer_weights: why.weights.clone(),
        most_per_gpu: most,
        cheapest_fix: fixes.first().cloned().unwrap_or_default(),
        fixes,
    });
}

/// A quotient; 0 where nothing can be divided.
#[expect(clippy::cast_precision_loss, reason = "counts of GPUs are far below 2^53")]
fn ratio(of: u64, by: u64) -> f64 {
    if by == 0 { 0.0 } else { of as f64 / by as f64 }
}
