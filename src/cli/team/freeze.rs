//! `platform team freeze|unfreeze NAME`.

use std::process::ExitCode;

use serde_json::{Value, json};

use super::super::args::Global;
use super::super::failure::Failure;
use super::edited::Edited;
use super::written::Written;
use crate::spec::edit::{Change, edit};

pub(super) fn run(
    global: &Global,
    name: &str,
    freeze: bool,
    allow_loosen: bool,
) -> Result<ExitCode, Failure> {
    let written = Written::read(global)?;
    let (place, team) = written.team(name)?;
    let is_frozen = team["frozen"] == Value::Bool(true);
    let place = place.key("frozen");
    let changes = match (freeze, is_frozen) {
        (true, false) => vec![Change::Set(place, json!(true))],
        (false, true) => {
            let removed = edit(&written.text, &[Change::Remove(place.clone())])?;
            // Somebody's comment at the key stays.
            let comments = |text: &str| text.matches('#').count();
            match comments(&removed) == comments(&written.text) {
                true => vec![Change::Remove(place)],
                false => vec![Change::Set(place, json!(false))],
            }
        }
        _ => Vec::new(),
    };
    let action = if freeze { "freeze" } else { "unfreeze" };
    let mut edited = Edited::new(&written, action, name, &changes)?;
    edited.notes.push(match (freeze, changes.is_empty()) {
        (true, true) => format!("team `{name}` is frozen already"),
        (false, true) => format!("team `{name}` is not frozen"),
        (true, false) => format!(
            "team `{name}` gets a quota of zero: what runs goes on, nothing new starts, nothing is deleted, its GPUs stay reserved"
        ),
        (false, false) => format!("team `{name}` gets its quota back"),
    });
    edited.finish(global, &written, allow_loosen)
}
