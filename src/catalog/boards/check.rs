//! Figures of a board that must agree with each other.

use std::collections::BTreeSet;

use super::{Board, Mig, Profile};
use crate::units::DnsLabel;

/// The most memory units a board may have: layouts are enumerated on a bit mask. Boards of today have 4, 8 or 12.
pub const MAX_MEMORY_UNITS: u32 = 16;
/// The most profiles a board may have; keeps the enumeration of layouts small. Boards of today have at most 11.
const MAX_PROFILES: usize = 16;

/// Checks a board; the error says what does not hold.
pub(super) fn check(board: &Board) -> Result<(), String> {
    DnsLabel::parse(&board.id).map_err(|error| error.to_string())?;
    for label in &board.product_labels.values {
        require(is_label_value(label), || {
            format!("product label `{label}` is not a label value")
        })?;
    }
    for evidence in &board.evidence {
        for source in &evidence.sources {
            require(board.sources.contains_key(source), || {
                format!("source `{source}` is not listed")
            })?;
        }
        for profile in &evidence.profiles {
            require(board.profile(profile).is_some(), || {
                format!("evidence names no profile `{profile}`")
            })?;
        }
    }
    board.mig.as_ref().map_or(Ok(()), check_mig)
}

fn check_mig(mig: &Mig) -> Result<(), String> {
    require((1..=MAX_MEMORY_UNITS).contains(&mig.memory_units), || {
        format!(
            "memoryUnits is {}, allowed are 1 to {MAX_MEMORY_UNITS}",
            mig.memory_units
        )
    })?;
    require((1..=MAX_PROFILES).contains(&mig.profiles.len()), || {
        format!(
            "there are {} profiles, allowed are 1 to {MAX_PROFILES}",
            mig.profiles.len()
        )
    })?;
    let mut names = BTreeSet::new();
    for profile in &mig.profiles {
        require(names.insert(&profile.resource), || {
            format!("profile `{}` is there twice", profile.name)
        })?;
        check_profile(mig, profile).map_err(|message| format!("profile `{}`: {message}", profile.name))?;
    }
    Ok(())
}

fn check_profile(mig: &Mig, profile: &Profile) -> Result<(), String> {
    let expected = format!("nvidia.com/mig-{}", profile.name.replace('+', "."));
    require(profile.resource == expected, || {
        format!("resource is not `{expected}`")
    })?;
    require(is_label_value(&expected["nvidia.com/".len()..]), || {
        "name is not legal in a resource".into()
    })?;
    let size = format!("{}g.{}gb", profile.compute_slices, profile.memory_gb);
    let rest = profile.name.strip_prefix(&size);
    require(
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['+', '-'])),
        || format!("name does not begin with its size `{size}`"),
    )?;
    require((1..=mig.compute_slices).contains(&profile.compute_slices), || {
        "too many compute slices".into()
    })?;
    for place in &profile.placements {
        let end = place.start.checked_add(place.size);
        require(
            place.size == profile.memory_units
                && place.size > 0
                && end.is_some_and(|end| end <= mig.memory_units),
            || {
                format!(
                    "placement at {} of {} units leaves the GPU or has another size",
                    place.start, place.size
                )
            },
        )?;
    }
    // Instances of one profile have one size, so taking the leftmost free place each time is optimal.
    let mut starts: Vec<u32> = profile.placements.iter().map(|place| place.start).collect();
    starts.sort_unstable();
    let (mut free_from, mut most) = (0, 0);
    for start in starts {
        if start >= free_from {
            most += 1;
            free_from = start + profile.memory_units;
        }
    }
    require(profile.max_instances > 0 && profile.max_instances <= most, || {
        format!(
            "maxInstances is {}, the placements allow {most}",
            profile.max_instances
        )
    })
}

/// Whether a text is a Kubernetes label value: at most 63 of letters, digits, `-`, `_`, `.`, alphanumeric at the ends.
fn is_label_value(text: &str) -> bool {
    let alphanumeric = |c: char| c.is_ascii_alphanumeric();
    (1..=63).contains(&text.len())
        && text.starts_with(alphanumeric)
        && text.ends_with(alphanumeric)
        && text
            .chars()
            .all(|c| alphanumeric(c) || matches!(c, '-' | '_' | '.'))
}

fn require(holds: bool, message: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(message()) }
}
