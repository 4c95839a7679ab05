//! How far the teams on one GPU are kept apart.

use super::Case;
use super::judge::{Step, neutral, ranked};
use crate::plan::change::words::word;
use crate::spec::{CrossTeamSharing, Sharing};

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

/// Whether teams may share a GPU with a waiver, or not at all.
pub(super) fn cross_team(case: &Case<'_, '_>) -> Vec<Step> {
    let of = |plan: &crate::plan::Plan| plan.model.policy.cross_team_sharing;
    let rank = |sharing: &CrossTeamSharing| match sharing {
        CrossTeamSharing::Waiver => 0,
        CrossTeamSharing::Refused => 1,
    };
    let both = (of(case.before), of(case.after));
    ranked("", both, rank, |sharing| Some(word(*sharing)))
        .into_iter()
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
