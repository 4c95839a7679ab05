//! Golden counts, sentences, proofs, and an independent checker that places instance by instance.

mod brute_force;
mod exact;
mod explanations;
mod golden;
mod nodes;
mod packing;
mod stranded;

use super::*;
use crate::catalog::boards;

fn board(id: &str) -> &'static boards::Board {
    boards::board(id).unwrap().unwrap()
}

fn layout(entries: &[(&str, u32)]) -> Layout {
    entries
        .iter()
        .map(|(name, count)| ((*name).to_owned(), *count))
        .collect()
}

/// All boards of the catalogue with MIG, and one on which media engines are scarce.
fn mig_boards() -> Vec<boards::Board> {
    let all = boards::boards().unwrap().iter();
    let mut all: Vec<boards::Board> = all.filter(|board| board.mig.is_some()).cloned().collect();
    all.push(scarce());
    assert!(all.len() > 4, "the catalogue has boards");
    all
}

/// Boards of which no two hold the same layouts under other names.
fn different_boards() -> Vec<boards::Board> {
    let mut seen = Vec::new();
    let mut boards = mig_boards();
    boards.retain(|board| {
        let layouts = pattern::fullest(board);
        let is_new = !seen.contains(&layouts);
        seen.push(layouts);
        is_new
    });
    boards
}

/// A board of twelve units with the figures of the RTX PRO 6000: every media engine can be the limit.
fn scarce() -> boards::Board {
    let engines = |all: u32, flow: u32| boards::Engines {
        decoders: all,
        encoders: all,
        jpeg: all,
        optical_flow: flow,
    };
    let mut board = board("h100-80gb").clone();
    board.id = "scarce".to_owned();
    let mig = board.mig.as_mut().unwrap();
    mig.compute_slices = 4;
    mig.memory_units = 12;
    mig.engines = engines(4, 1);
    let profile = mig.profiles[0].clone();
    mig.profiles = [
        ("1g.24gb", 1, 4, engines(1, 0)),
        ("1g.24gb+me", 1, 1, engines(1, 1)),
        ("1g.24gb+gfx", 1, 4, engines(1, 0)),
        ("1g.24gb+me.all", 1, 1, engines(4, 1)),
        ("1g.24gb-me", 1, 4, engines(0, 0)),
        ("2g.48gb", 2, 2, engines(2, 0)),
        ("2g.48gb+gfx", 2, 2, engines(2, 0)),
        ("2g.48gb+me.all", 2, 1, engines(4, 1)),
        ("2g.48gb-me", 2, 2, engines(0, 0)),
        ("4g.96gb", 4, 1, engines(4, 1)),
        ("4g.96gb+gfx", 4, 1, engines(4, 1)),
    ]
    .map(|(name, slices, max_instances, engines)| boards::Profile {
        name: name.to_owned(),
        resource: format!("nvidia.com/mig-{}", name.replace('+', ".")),
        memory_gb: 24 * slices,
        compute_slices: slices,
        memory_units: 3 * slices,
        max_instances,
        placements: (0..4 / slices)
            .map(|n| boards::Placement {
                start: n * 3 * slices,
                size: 3 * slices,
            })
            .collect(),
        engines,
        ..profile.clone()
    })
    .to_vec();
    board
}

/// Numbers that look random and are the same everywhere. Source: Knuth's MMIX generator.
struct Numbers(u64);

impl Numbers {
    /// The next one, below `end`.
    fn below(&mut self, end: u32) -> u32 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % u64::from(end)) as u32
    }
}

/// A demand of about so many GPUs' memory, some profiles left out.
fn some_demand(board: &boards::Board, gpus: u32, numbers: &mut Numbers) -> Layout {
    let mig = board.mig.as_ref().unwrap();
    let chosen: Vec<&boards::Profile> = mig.profiles.iter().filter(|_| numbers.below(3) > 0).collect();
    let mut demand = Layout::new();
    let mut left = (gpus * mig.memory_units).saturating_sub(numbers.below(mig.memory_units));
    while let Some(profile) = chosen.get(numbers.below(chosen.len().max(1) as u32) as usize) {
        if profile.memory_units > left {
            break;
        }
        left -= profile.memory_units;
        *demand.entry(profile.name.clone()).or_default() += 1;
    }
    demand
}
