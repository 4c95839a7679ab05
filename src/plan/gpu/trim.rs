//! From a cover to layouts that hold exactly the demand.

use std::collections::BTreeMap;

use super::cover::Cover;
use super::pattern::Counts;
use super::space::Space;

/// Takes from a cover of the kinds exactly the demand by profile, largest layouts first, adds the profiles that lie
/// alone and joins equal layouts; the result is in canonical order. `None` when the cover falls short or a count does
/// not fit its type.
pub(super) fn trim(space: &Space<'_>, mut cover: Cover, demand: &[u32]) -> Option<Vec<(Counts, u32)>> {
    let order = |a: &Counts, b: &Counts| b.iter().rev().cmp(a.iter().rev());
    cover.sort_by(|(a, _), (b, _)| order(a, b));
    let mut rest = demand.to_vec();
    let mut used: BTreeMap<Counts, u64> = BTreeMap::new();
    for i in &space.alone {
        let mut counts = vec![0; demand.len()];
        counts[*i] = 1;
        used.insert(counts, std::mem::take(&mut rest[*i]).into());
    }
    for (column, mut copies) in cover {
        while copies > 0 {
            let take = one(space, &column, &rest);
            let times = take.iter().zip(&rest).filter(|(take, _)| **take > 0);
            let Some(equal) = times.map(|(take, rest)| u64::from(rest / take)).min() else {
                break;
            };
            let equal = equal.min(copies);
            for (rest, take) in rest.iter_mut().zip(&take) {
                *rest -= u32::try_from(u64::from(*take) * equal).ok()?;
            }
            copies -= equal;
            *used.entry(take).or_default() += equal;
        }
    }
    let mut used = used
        .into_iter()
        .filter(|(_, gpus)| *gpus > 0)
        .map(|(counts, gpus)| Some((counts, u32::try_from(gpus).ok()?)))
        .collect::<Option<Vec<_>>>()?;
    used.sort_by(|(a, _), (b, _)| order(a, b));
    rest.iter().all(|left| *left == 0).then_some(used)
}

/// What one GPU with a layout of the kinds takes of the rest: the first profile of each kind before the others.
fn one(space: &Space<'_>, column: &[u32], rest: &[u32]) -> Counts {
    let mut take = vec![0; rest.len()];
    for (kind, room) in space.kinds.iter().zip(column) {
        let mut room = *room;
        for i in kind {
            take[*i] = room.min(rest[*i]);
            room -= take[*i];
        }
    }
    take
}
