//! Golden counts, sentences, proofs, and an independent checker that places instance by instance.

mod brute_force;
mod compare;
mod enumerate;
mod exact;
mod explanations;
mod golden;
mod nodes;
mod packing;
mod rebuild;
mod steps;
mod stranded;

use std::collections::BTreeSet;

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

/// All boards of the catalogue that can be partitioned; on those of twelve units media engines are scarce.
fn mig_boards() -> Vec<boards::Board> {
    let all = boards::boards().unwrap().iter();
    let all: Vec<boards::Board> = all
        .filter(|board| board.mig.is_some() && board.not_ready().is_none())
        .cloned()
        .collect();
    assert!(all.len() > 12, "the catalogue has boards");
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
