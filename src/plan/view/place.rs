//! Where the instances of a layout can lie on a GPU; the driver chooses for itself, so this is one possible picture.

use crate::catalog::boards::{Board, Placement, Profile};
use crate::plan::gpu::Layout;

/// A place for every instance, by start; `None` when the layout does not fit on the board.
pub(super) fn place<'b>(board: &'b Board, layout: &Layout) -> Option<Vec<(Placement, &'b Profile)>> {
    let mut wanted: Vec<&Profile> = Vec::new();
    for (name, count) in layout {
        let profile = board.profile(name)?;
        wanted.extend(std::iter::repeat_n(profile, *count as usize));
    }
    // The largest have the fewest places; equal ones stand side by side, so that no order of them is tried twice.
    wanted.sort_by(|a, b| {
        (b.memory_units, b.compute_slices, &a.name).cmp(&(a.memory_units, a.compute_slices, &b.name))
    });
    if wanted.len() > 32 {
        return None;
    }
    let mut placed = Vec::new();
    fits(&wanted, 0, &mut placed).then(|| {
        placed.sort_by_key(|(place, _): &(Placement, &Profile)| place.start);
        placed
    })
}

fn fits<'b>(wanted: &[&'b Profile], occupied: u32, placed: &mut Vec<(Placement, &'b Profile)>) -> bool {
    let Some((profile, rest)) = wanted.split_first() else {
        return true;
    };
    for place in &profile.placements {
        let units = (1u32.checked_shl(place.size).unwrap_or(0).wrapping_sub(1))
            .checked_shl(place.start)
            .unwrap_or(u32::MAX);
        let after_equal = placed
            .last()
            .is_none_or(|(last, other)| other.name != profile.name || last.start < place.start);
        if occupied & units == 0 && after_equal {
            placed.push((*place, profile));
            if fits(rest, occupied | units, placed) {
                return true;
            }
            placed.pop();
        }
    }
    false
}
