//! `platform gpu profiles BOARD`.

use std::process::ExitCode;

use clap::Args;
use serde_json::{Value, json};

use super::boards::readiness;
use super::placements;
use crate::catalog::boards::{self, Board, Engines, Mig, Profile, UnplannedMig};
use crate::cli::args::{Format, Global};
use crate::cli::failure::Failure;
use crate::cli::output;
use crate::plan::gpu;
use crate::spec::did_you_mean;

#[derive(Debug, Args)]
pub(in crate::cli) struct ProfilesArgs {
    /// The board, as `platform gpu boards` lists it.
    #[arg(value_name = "BOARD")]
    board: String,
}

pub(super) fn run(global: &Global, args: &ProfilesArgs) -> Result<ExitCode, Failure> {
    let board = find(&args.board)?;
    output::document(global, &document(board), || {
        text(board, global.output == Format::Wide)
    })?;
    Ok(ExitCode::SUCCESS)
}

/// The board of a name that a person typed.
fn find(name: &str) -> Result<&'static Board, Failure> {
    let bug = |error: boards::BoardError| Failure::bug(error.to_string());
    if let Some(board) = boards::board(name).map_err(bug)? {
        return Ok(board);
    }
    let ids = boards::ids().map_err(bug)?;
    let near = did_you_mean(name, ids.iter().copied());
    let near = near.map_or_else(String::new, |near| format!("did you mean `{near}`? "));
    let shown: String = name.escape_debug().take(80).collect();
    let failure = Failure::usage(format!("board `{shown}` is not in the catalogue"));
    Err(failure.hint(format!("{near}boards: {}", ids.join(", "))))
}

fn document(board: &Board) -> Value {
    let profiles: Vec<Value> = match (&board.mig, &board.unplanned_mig) {
        (Some(mig), _) => mig
            .profiles
            .iter()
            .map(|profile| planned(board, profile))
            .collect(),
        (None, Some(mig)) => unplanned(mig),
        (None, None) => Vec::new(),
    };
    let mig = board.mig.as_ref();
    let other = board.unplanned_mig.as_ref();
    let engines = mig
        .map(|mig| mig.engines)
        .or_else(|| other.map(|mig| mig.engines))
        .flatten();
    json!({
        "apiVersion": "tenancy.platform/v1alpha1",
        "kind": "GpuProfileList",
        "board": board.id,
        "title": board.title,
        "memoryGb": board.memory_gb,
        "mig": readiness(board),
        "confidence": board.placement_confidence().map(|confidence| format!("{confidence:?}")),
        "reason": board.not_ready(),
        "caveat": board.caveat(),
        "computeSlices": mig.map(|mig| mig.compute_slices).or(other.map(|mig| mig.compute_slices)),
        "memoryUnits": mig.map(|mig| mig.memory_units),
        "engines": engines.map(engine_counts),
        "fullestLayouts": gpu::patterns(board).len(),
        "profiles": profiles,
        "notes": board.notes,
    })
}

fn planned(board: &Board, profile: &Profile) -> Value {
    let places = profile.placements.iter();
    json!({
        "name": profile.name,
        "nameAliases": board.name_aliases(&profile.name),
        "resource": profile.resource,
        "memoryGb": profile.memory_gb,
        "computeSlices": profile.compute_slices,
        "memoryUnits": profile.memory_units,
        "maxInstances": profile.max_instances,
        "placements": places.map(|p| json!({"start": p.start, "size": p.size})).collect::<Vec<_>>(),
        "engines": profile.engines.map(engine_counts),
        "multiprocessors": profile.multiprocessors,
        "instanceProfileId": profile.instance_profile_id,
        "minimumDriver": profile.minimum_driver,
        "confidence": board.profile_confidence(&profile.name).map(|confidence| format!("{confidence:?}")),
    })
}

fn unplanned(mig: &UnplannedMig) -> Vec<Value> {
    let profiles = mig.profiles.iter().map(|profile| {
        json!({
            "name": profile.name,
            "nameAliases": [],
            "resource": profile.resource,
            "memoryGb": profile.memory_gb,
            "computeSlices": profile.compute_slices,
            "memoryUnits": null,
            "maxInstances": profile.max_instances,
            "placements": [],
            "engines": profile.engines.map(engine_counts),
            "multiprocessors": null,
            "instanceProfileId": null,
            "minimumDriver": null,
            "confidence": null,
        })
    });
    profiles.collect()
}

fn engine_counts(engines: Engines) -> Value {
    json!({
        "decoders": engines.decoders,
        "encoders": engines.encoders,
        "jpeg": engines.jpeg,
        "opticalFlow": engines.optical_flow,
    })
}

fn text(board: &Board, wide: bool) -> String {
    let mut text = match (&board.mig, &board.unplanned_mig) {
        (Some(mig), _) => planned_text(board, mig, wide),
        (None, Some(mig)) => unplanned_text(board, mig),
        (None, None) => format!(
            "{} has no MIG: a pool of it is whole, time-sliced or shared by MPS.\n",
            board.title
        ),
    };
    if wide {
        text.extend(board.notes.iter().map(|note| format!("note: {note}\n")));
    }
    text
}

fn planned_text(board: &Board, mig: &Mig, wide: bool) -> String {
    let mut header = vec![
        "PROFILE",
        "MEMORY",
        "SLICES",
        "MAX",
        "PLACEMENTS",
        "ENGINES",
        "RESOURCE",
    ];
    if wide {
        header.extend(["MULTIPROCESSORS", "ID", "DRIVER", "ALSO CALLED"]);
    }
    let rows: Vec<Vec<String>> = mig
        .profiles
        .iter()
        .map(|profile| {
            let mut row = vec![
                profile.name.clone(),
                format!("{} GB", profile.memory_gb),
                profile.compute_slices.to_string(),
                profile.max_instances.to_string(),
                placements::placements(&profile.placements, mig.memory_units),
                engine_words(profile.engines),
                profile.resource.clone(),
            ];
            if wide {
                let known = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
                row.push(known(profile.multiprocessors.map(|count| count.to_string())));
                row.push(profile.instance_profile_id.to_string());
                row.push(known(profile.minimum_driver.clone()));
                row.push(board.name_aliases(&profile.name).join(", "));
            }
            row
        })
        .collect();
    let mut text = format!(
        "{}: {} compute slices, {} memory units (two characters each below), engines: {}\n\n{}\n",
        board.title,
        mig.compute_slices,
        mig.memory_units,
        engine_words(mig.engines),
        output::table(&header, &rows)
    );
    let ways = gpu::patterns(board).len();
    text.push_str(&format!(
        "fullest layouts: {ways}; any part of one is a layout, too\n"
    ));
    for (name, aliases) in &mig.name_aliases {
        text.push_str(&format!(
            "with some drivers `{name}` is called {}\n",
            aliases.join(", ")
        ));
    }
    text.extend(board.caveat().map(|caveat| format!("caveat: {caveat}\n")));
    text
}

fn unplanned_text(board: &Board, mig: &UnplannedMig) -> String {
    let header = ["PROFILE", "MEMORY", "SLICES", "MAX", "ENGINES", "RESOURCE"];
    let rows: Vec<Vec<String>> = mig
        .profiles
        .iter()
        .map(|profile| {
            vec![
                profile.name.clone(),
                format!("{} GB", profile.memory_gb),
                profile.compute_slices.to_string(),
                profile.max_instances.to_string(),
                engine_words(profile.engines),
                profile.resource.clone(),
            ]
        })
        .collect();
    format!(
        "{}: {} compute slices, engines: {}\n\n{}\nnot ready for planning: {}\n",
        board.title,
        mig.compute_slices,
        engine_words(mig.engines),
        output::table(&header, &rows),
        mig.reason
    )
}

/// Media engines in short: `1 dec 2 jpeg`; `-` for none, `not known` where nobody says.
fn engine_words(engines: Option<Engines>) -> String {
    let Some(engines) = engines else {
        return "not known".to_owned();
    };
    let kinds = [
        (engines.decoders, "dec"),
        (engines.encoders, "enc"),
        (engines.jpeg, "jpeg"),
        (engines.optical_flow, "ofa"),
    ];
    let there = kinds.iter().filter(|(count, _)| *count > 0);
    let words: Vec<String> = there.map(|(count, kind)| format!("{count} {kind}")).collect();
    if words.is_empty() {
        "-".to_owned()
    } else {
        words.join(" ")
    }
}
