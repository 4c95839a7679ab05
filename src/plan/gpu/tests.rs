//! Golden counts, sentences, and an independent checker that places instance by instance.

mod brute_force;
mod golden;
mod nodes;
mod packing;
mod rebuild;
mod steps;

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
