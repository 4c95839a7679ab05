//! Figures of a board that must agree with each other.

use std::collections::BTreeSet;

use super::{Board, Engines, Mig, Profile, UnplannedMig, mig_resource};
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
    require(board.mig.is_none() || board.unplanned_mig.is_none(), || {
        "it has both `mig` and `unplannedMig`".into()
    })?;
    board.mig.as_ref().map_or(Ok(()), check_mig)?;
    board.unplanned_mig.as_ref().map_or(Ok(()), check_unplanned)
}

fn check_unplanned(mig: &UnplannedMig) -> Result<(), String> {
    let mut names = BTreeSet::new();
    for profile in &mig.profiles {
        let named = |message| format!("profile `{}`: {message}", profile.name);
        let size = (profile.compute_slices, profile.memory_gb);
        check_name(&profile.name, &profile.resource, size).map_err(named)?;
        require((1..=mig.compute_slices).contains(&profile.compute_slices), || {
            named("too many compute slices".into())
        })?;
        require(profile.max_instances > 0, || named("maxInstances is 0".into()))?;
        check_engines(mig.engines, profile.engines).map_err(named)?;
        require(names.insert(profile.name.as_str()), || {
            named("it is there twice".into())
        })?;
    }
    for name in &mig.other_names {
        check_other_name(name)?;
        require(names.insert(name), || format!("name `{name}` is there twice"))?;
    }
    Ok(())
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
    for (name, aliases) in &mig.name_aliases {
        require(mig.profiles.iter().any(|profile| profile.name == *name), || {
            format!("nameAliases names no profile `{name}`")
        })?;
        for alias in aliases {
            check_other_name(alias)?;
            require(mig.profiles.iter().all(|profile| profile.name != *alias), || {
                format!("alias `{alias}` is a profile of its own")
            })?;
        }
    }
    Ok(())
}

/// A name without figures of its own: it must make a legal resource.
fn check_other_name(name: &str) -> Result<(), String> {
    let resource = mig_resource(name);
    require(is_label_value(&resource["nvidia.com/".len()..]), || {
        format!("name `{}` is not legal in a resource", name.escape_debug())
    })
}

/// A profile's name begins with its size, (compute slices, gigabytes), and its resource follows from it.
fn check_name(name: &str, resource: &str, (slices, memory_gb): (u32, u32)) -> Result<(), String> {
    let expected = mig_resource(name);
    require(resource == expected, || format!("resource is not `{expected}`"))?;
    require(is_label_value(&expected["nvidia.com/".len()..]), || {
        "name is not legal in a resource".into()
    })?;
    let size = format!("{slices}g.{memory_gb}gb");
    let rest = name.strip_prefix(&size);
    require(
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['+', '-'])),
        || format!("name does not begin with its size `{size}`"),
    )
}

/// The engines of a profile are known where those of the GPU are, and are not more.
fn check_engines(total: Option<Engines>, taken: Option<Engines>) -> Result<(), String> {
    let fits = match (total, taken) {
        (None, None) => true,
        (Some(total), Some(taken)) => {
            taken.decoders <= total.decoders
                && taken.encoders <= total.encoders
                && taken.jpeg <= total.jpeg
                && taken.optical_flow <= total.optical_flow
        }
        _ => return Err("the engines of the GPU and of its profiles must both be known, or neither".into()),
    };
    require(fits, || "it takes more engines than the GPU has".into())
}

fn check_profile(mig: &Mig, profile: &Profile) -> Result<(), String> {
    check_name(
        &profile.name,
        &profile.resource,
        (profile.compute_slices, profile.memory_gb),
    )?;
    check_engines(mig.engines, profile.engines)?;
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
