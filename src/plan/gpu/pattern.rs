//! What one GPU can hold: every multiset of profiles whose placements do not overlap.

use std::collections::BTreeSet;

use super::Layout;
use crate::catalog::boards::{Board, Engines, Mig};

/// A fullest layout: no further instance of any profile fits beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    /// The instances.
    pub layout: Layout,
}

/// Instances per profile, in the order of the board's profiles.
pub(super) type Counts = Vec<u32>;

/// All fullest layouts of a board, the ones with the largest instances first; none for a board without MIG.
///
/// A layout is feasible when each instance has one of its profile's placements, placements do not overlap, and
/// neither a profile's count, the compute slices nor a media engine is exceeded. Any part of a feasible layout is
/// feasible, so the fullest ones say everything. Source: NVML `nvmlDeviceCreateGpuInstance`.
pub fn patterns(board: &Board) -> Vec<Pattern> {
    fullest(board)
        .into_iter()
        .map(|counts| Pattern {
            layout: to_layout(board, &counts),
        })
        .collect()
}

/// Whether one GPU of the board can hold a layout; unknown profiles do not fit.
pub fn fits(board: &Board, layout: &Layout) -> bool {
    let Some(mig) = &board.mig else {
        return layout.is_empty();
    };
    if layout.keys().any(|name| board.profile(name).is_none()) {
        return false;
    }
    let wanted: Counts = mig
        .profiles
        .iter()
        .map(|p| layout.get(&p.name).copied().unwrap_or(0))
        .collect();
    feasible(mig).contains(&wanted)
}

/// The counts of [`patterns`], in their order.
pub(super) fn fullest(board: &Board) -> Vec<Counts> {
    board
        .mig
        .as_ref()
        .map_or_else(Vec::new, |mig| fullest_of(&feasible(mig)))
}

/// Those of all feasible counts that no further instance fits beside, the ones with the largest instances first.
pub(super) fn fullest_of(all: &BTreeSet<Counts>) -> Vec<Counts> {
    let grows = |counts: &Counts| {
        (0..counts.len()).any(|i| {
            let mut more = counts.clone();
            more[i] += 1;
            all.contains(&more)
        })
    };
    let mut fullest: Vec<Counts> = all.iter().filter(|counts| !grows(counts)).cloned().collect();
    fullest.sort_by(|a, b| b.iter().rev().cmp(a.iter().rev()));
    fullest
}

/// The layout of some counts.
pub(super) fn to_layout(board: &Board, counts: &[u32]) -> Layout {
    board
        .profiles()
        .iter()
        .zip(counts)
        .filter(|(_, count)| **count > 0)
        .map(|(profile, count)| (profile.name.clone(), *count))
        .collect()
}

/// All feasible counts, the empty ones included: a walk that adds one instance at one free place at a time.
pub(super) fn feasible(mig: &Mig) -> BTreeSet<Counts> {
    let start = (vec![0; mig.profiles.len()], 0u32);
    let mut seen = BTreeSet::from([start.clone()]);
    let mut open = vec![start];
    while let Some((counts, occupied)) = open.pop() {
        for (i, profile) in mig.profiles.iter().enumerate() {
            let mut more = counts.clone();
            more[i] += 1;
            if more[i] > profile.max_instances || !within_totals(mig, &more) {
                continue;
            }
            for place in &profile.placements {
                let units = ((1u32 << place.size) - 1) << place.start;
                let next = (more.clone(), occupied | units);
                if occupied & units == 0 && seen.insert(next.clone()) {
                    open.push(next);
                }
            }
        }
    }
    seen.into_iter().map(|(counts, _)| counts).collect()
}

fn within_totals(mig: &Mig, counts: &[u32]) -> bool {
    let sum = |figure: fn(&Engines) -> u32| {
        mig.profiles
            .iter()
            .zip(counts)
            .map(|(p, n)| u64::from(p.engines.as_ref().map_or(0, figure)) * u64::from(*n))
            .sum::<u64>()
    };
    let slices: u64 = mig
        .profiles
        .iter()
        .zip(counts)
        .map(|(p, n)| u64::from(p.compute_slices) * u64::from(*n))
        .sum();
    let engines: [fn(&Engines) -> u32; 4] = [|e| e.decoders, |e| e.encoders, |e| e.jpeg, |e| e.optical_flow];
    // Engines that nobody knows cannot be counted; on the boards whose engines are known, they bind on one family only.
    let holds = |total: &Engines| {
        engines
            .iter()
            .all(|figure| sum(*figure) <= u64::from(figure(total)))
    };
    slices <= u64::from(mig.compute_slices) && mig.engines.as_ref().is_none_or(holds)
}
