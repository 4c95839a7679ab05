//! A strict reader of mig-parted documents: stricter than mig-parted, which finds most mistakes only on the card.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::ALL_DISABLED;
use crate::catalog::boards::Board;
use crate::plan::gpu::{Layout, fits};

/// What a configuration is for.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The board of the node.
    pub board: &'a Board,
    /// GPUs of the node.
    pub gpus: u32,
}

/// All that is wrong with a document, each as a sentence that names the configuration; empty when it is sound.
///
/// `expected` says for each configuration on which nodes it is used: then it must name each of their GPUs exactly
/// once, and every layout must fit the board. Others must at least name the GPUs from 0 without gap or repetition.
pub fn check(document: &Value, expected: &BTreeMap<String, Expected<'_>>) -> Vec<String> {
    let mut problems = Vec::new();
    let Some(top) = document.as_object() else {
        return vec!["document is not a map".to_owned()];
    };
    unknown_keys(top, &["version", "mig-configs"], "document", &mut problems);
    if top.get("version").and_then(Value::as_str) != Some("v1") {
        problems.push("version is not `v1`".to_owned());
    }
    let Some(configs) = top.get("mig-configs").and_then(Value::as_object) else {
        problems.push("`mig-configs` is not a map".to_owned());
        return problems;
    };
    for name in expected.keys().map(String::as_str).chain([ALL_DISABLED]) {
        if !configs.contains_key(name) {
            problems.push(format!("configuration `{name}` is missing"));
        }
    }
    for (name, entries) in configs {
        let mut found = Vec::new();
        if !is_name(name) {
            found.push("name is not a label value".to_owned());
        }
        check_config(entries, expected.get(name).copied(), &mut found);
        problems.extend(
            found
                .into_iter()
                .map(|problem| format!("configuration `{name}`: {problem}")),
        );
    }
    problems
}

fn check_config(entries: &Value, expected: Option<Expected<'_>>, problems: &mut Vec<String>) {
    let Some(entries) = entries.as_array().filter(|entries| !entries.is_empty()) else {
        problems.push("is not a list with entries".to_owned());
        return;
    };
    let mut seen = BTreeSet::new();
    let mut names_all = false;
    for entry in entries {
        let Some(entry) = entry.as_object() else {
            problems.push("entry is not a map".to_owned());
            continue;
        };
        unknown_keys(
            entry,
            &["devices", "mig-enabled", "mig-devices"],
            "entry",
            problems,
        );
        match entry.get("devices") {
            Some(Value::String(all)) if all == "all" => names_all = true,
            Some(Value::Array(list)) if !list.is_empty() => {
                for device in list {
                    match device.as_u64().and_then(|index| u32::try_from(index).ok()) {
                        Some(index) if seen.insert(index) => {}
                        Some(index) => problems.push(format!("GPU {index} is named twice")),
                        None => problems.push(format!("`{device}` is not a GPU index")),
                    }
                }
            }
            _ => problems.push("`devices` is neither `all` nor a list of GPU indices".to_owned()),
        }
        check_devices(entry, expected, problems);
    }
    if names_all && entries.len() > 1 {
        problems.push("names all GPUs and others beside them".to_owned());
    } else if !names_all {
        let gpus = expected.map_or(u32::try_from(seen.len()).unwrap_or(u32::MAX), |expected| {
            expected.gpus
        });
        if !seen.iter().copied().eq(0..gpus) {
            problems.push(format!(
                "does not name each of the GPUs 0 to {} once",
                gpus.saturating_sub(1)
            ));
        }
    }
}

fn check_devices(entry: &Map<String, Value>, expected: Option<Expected<'_>>, problems: &mut Vec<String>) {
    let layout = match (
        entry.get("mig-enabled").and_then(Value::as_bool),
        entry.get("mig-devices"),
    ) {
        (Some(false), None) => return,
        (Some(true), Some(Value::Object(devices))) => devices,
        (Some(_), _) => {
            problems.push("`mig-devices` is there exactly when `mig-enabled` is true".to_owned());
            return;
        }
        (None, _) => {
            problems.push("`mig-enabled` is not a truth value".to_owned());
            return;
        }
    };
    let mut counts = Layout::new();
    for (profile, count) in layout {
        match count.as_u64().and_then(|count| u32::try_from(count).ok()) {
            Some(count) if count > 0 => {
                counts.insert(profile.clone(), count);
            }
            _ => problems.push(format!(
                "`{profile}` has the count `{count}`, not a number from 1"
            )),
        }
        if expected.is_some_and(|expected| expected.board.profile(profile).is_none()) {
            problems.push(format!("board has no profile `{profile}`"));
        }
    }
    if let Some(Expected { board, .. }) = expected
        && !fits(board, &counts)
    {
        problems.push(format!("{counts:?} does not fit on one `{}`", board.id));
    }
}

fn unknown_keys(map: &Map<String, Value>, known: &[&str], what: &str, problems: &mut Vec<String>) {
    for key in map.keys().filter(|key| !known.contains(&key.as_str())) {
        problems.push(format!("{what} has the unknown key `{key}`"));
    }
}

fn is_name(name: &str) -> bool {
    let alphanumeric = |c: char| c.is_ascii_alphanumeric();
    (1..=63).contains(&name.len())
        && name.starts_with(alphanumeric)
        && name.ends_with(alphanumeric)
        && name
            .chars()
            .all(|c| alphanumeric(c) || matches!(c, '-' | '_' | '.'))
}
