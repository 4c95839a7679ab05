//! `platform team remove NAME`.

use std::process::ExitCode;

use dialoguer::Confirm;
use serde_json::Value;

use super::super::args::Global;
use super::super::failure::Failure;
use super::super::output;
use super::edited::{Edited, is_table};
use super::written::Written;
use crate::spec::edit::{Change, Place};

pub(super) fn run(global: &Global, name: &str, allow_loosen: bool) -> Result<ExitCode, Failure> {
    let written = Written::read(global)?;
    let (place, team) = written.team(name)?;
    let namespaces = match team["namespaces"].as_array().filter(|all| !all.is_empty()) {
        Some(all) => all
            .iter()
            .filter_map(Value::as_str)
            .collect::<Vec<_>>()
            .join(", "),
        None => name.to_owned(),
    };
    let mut notes = vec![format!(
        "team `{name}`: access goes first (roles, grants, quota); the namespaces and the data in them stay: {namespaces}"
    )];
    let mut changes = waivers(&written, name, &mut notes);
    changes.push(Change::Remove(place));
    let mut edited = Edited::new(&written, "remove", name, &changes)?;
    edited.notes = notes;
    if !confirmed(global, &edited)? {
        return Ok(ExitCode::from(1));
    }
    edited.finish(global, &written, allow_loosen)
}

/// Takes the team out of the waivers that name it; one that names nobody else goes.
fn waivers(written: &Written, name: &str, notes: &mut Vec<String>) -> Vec<Change> {
    let mut changes = Vec::new();
    let at = |index| Place::root().key("waivers").index(index);
    // From the end, so that indices stay true.
    for (index, waiver) in written.list("waivers").iter().enumerate().rev() {
        let teams = waiver["teams"].as_array().map_or(&[][..], Vec::as_slice);
        let named: Vec<usize> = (0..teams.len()).filter(|team| teams[*team] == name).collect();
        if named.is_empty() {
            continue;
        }
        let control = waiver["control"].as_str().unwrap_or("?");
        if named.len() == teams.len() {
            notes.push(format!(
                "the waiver of `{control}` named no other team and goes too"
            ));
            changes.push(Change::Remove(at(index)));
            continue;
        }
        notes.push(format!(
            "the waiver of `{control}` does not name `{name}` any more"
        ));
        changes.extend(
            named
                .into_iter()
                .rev()
                .map(|team| Change::Remove(at(index).key("teams").index(team))),
        );
    }
    changes
}

/// Asks, unless `--yes` or `--dry-run`; without a terminal it is an error.
fn confirmed(global: &Global, edited: &Edited<'_>) -> Result<bool, Failure> {
    use std::io::IsTerminal;
    if global.yes || global.dry_run {
        return Ok(true);
    }
    let terminal = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    if global.no_input || !terminal || !is_table(global) {
        return Err(
            Failure::usage(format!("removing team `{}` needs a yes", edited.team))
                .hint("pass --yes to remove it without a question, --dry-run to see what would change"),
        );
    }
    for note in &edited.notes {
        output::say(note);
    }
    let question = format!("Remove team {}?", edited.team.escape_debug());
    Confirm::new()
        .with_prompt(question)
        .default(false)
        .interact()
        .map_err(|error| Failure::new(130, format!("no answer: {error}")))
}
