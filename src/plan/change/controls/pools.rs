//! How far the teams on one GPU are kept apart.

use super::Case;
use super::judge::{Step, neutral, ranked};
use crate::plan::change::words::word;
use crate::spec::Sharing;

/// How one GPU is shared, by what keeps its users apart.
///
/// Source: NVIDIA's GPU operator documentation: MIG isolates memory and faults, MPS memory only, time-slicing neither.
pub(super) fn sharing(case: &Case<'_, '_>) -> Vec<Step> {
    let rank = |sharing: &Sharing| match sharing {
        Sharing::TimeSlicing => 0,
        Sharing::Mps => 1,
        Sharing::Mig | Sharing::Whole | Sharing::Dra => 2,
    };
    let both = case.pair.lasting_pools();
    both.filter_map(|(name, was, is)| {
        ranked(&name, (was.sharing, is.sharing), rank, |sharing| {
            Some(word(*sharing))
        })
    })
    .collect()
}

/// How many take turns on one GPU.
pub(super) fn replicas(case: &Case<'_, '_>) -> Vec<Step> {
    let same_sharing = case
        .pair
        .lasting_pools()
        .filter(|(_, was, is)| was.sharing == is.sharing);
    same_sharing
        .flat_map(|(name, was, is)| {
            neutral(
                &name,
                Some(&was.replicas.to_string()),
                Some(&is.replicas.to_string()),
            )
        })
        .collect()
}
