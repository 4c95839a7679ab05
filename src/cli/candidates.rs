//! What completions offer for a value: names from the spec that the line means, from the catalogue, from kubeconfig.
//!
//! Nothing is said when something cannot be read: a completion that fails offers nothing.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use clap::Arg;
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};
use serde_json::{Value, json};

use super::line::Line;
use super::load::SPEC_FILE;
use super::{init, live};
use crate::catalog::{boards, policies};
use crate::edge::disk;
use crate::spec::{self, MAX_BYTES};

/// The largest spec that is parsed in time (100 ms); of a larger one only the lines are looked at.
const PARSED: usize = 256 << 10;

/// Where the words of a value come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    Teams,
    Namespaces,
    Clusters,
    Pools,
    Contexts,
    Policies,
    Presets,
    Boards,
    Fields,
    Pages,
}

/// The completer of an argument of a command, given as `["platform", "team", "remove"]`; `None` where clap knows best.
pub(super) fn of(path: &[String], arg: &Arg) -> Option<ArgValueCompleter> {
    let words: Vec<&str> = path.iter().skip(1).map(String::as_str).collect();
    let source = match (words.as_slice(), arg.get_id().as_str()) {
        // A name that is to be new cannot be completed.
        (["team", "add"], "name" | "team") => return None,
        (["team", ..], "name") | (_, "team") => Source::Teams,
        (_, "namespace") => Source::Namespaces,
        (_, "cluster") => Source::Clusters,
        (_, "pool") => Source::Pools,
        (_, "context") => Source::Contexts,
        (_, "policy") => Source::Policies,
        (_, "preset") => Source::Presets,
        (_, "board") => Source::Boards,
        (["explain"], "path") => Source::Fields,
        (["man"], "command") => Source::Pages,
        _ => return None,
    };
    Some(ArgValueCompleter::new(move |current: &OsStr| {
        candidates(source, current)
    }))
}

fn candidates(source: Source, current: &OsStr) -> Vec<CompletionCandidate> {
    let Some(current) = current.to_str() else {
        return Vec::new();
    };
    let line = Line::of_this_process();
    let mut words = words(source, current, &line);
    words.retain(|word| word.starts_with(current) && is_harmless(word));
    words.sort();
    words.dedup();
    words.into_iter().map(CompletionCandidate::new).collect()
}

fn words(source: Source, current: &str, line: &Line) -> Vec<String> {
    let named = |list: &str| names(&document(line)[list]);
    match source {
        Source::Teams => named("teams"),
        Source::Clusters => named("clusters"),
        Source::Namespaces => {
            let spec = document(line);
            let list = spec["teams"].as_array().into_iter().flatten();
            list.flat_map(|team| {
                let own = names(&team["namespaces"]);
                if own.is_empty() {
                    text(&team["name"]).into_iter().collect()
                } else {
                    own
                }
            })
            .collect()
        }
        Source::Pools => {
            let spec = document(line);
            let list = spec["clusters"].as_array().into_iter().flatten();
            list.flat_map(|cluster| names(&cluster["pools"])).collect()
        }
        Source::Contexts => live::kubeconfigs(line.kubeconfig.as_ref().map(|path| line.resolved(path)))
            .map(|all| all.contexts())
            .unwrap_or_default(),
        Source::Policies => policies::policies()
            .map(|all| all.iter().map(|policy| policy.id.clone()).collect())
            .unwrap_or_default(),
        Source::Presets => init::presets().into_iter().map(str::to_owned).collect(),
        Source::Boards => boards::ids()
            .map(|ids| ids.into_iter().map(str::to_owned).collect())
            .unwrap_or_default(),
        Source::Fields => fields(current),
        Source::Pages => super::command::definition()
            .get_subcommands()
            .map(|command| command.get_name().to_owned())
            .collect(),
    }
}

/// The fields below what is typed already: `teams.g` offers `teams.gpus`.
fn fields(current: &str) -> Vec<String> {
    let above = current.rsplit_once('.').map_or("", |(above, _)| above);
    let join = |name: &String| {
        if above.is_empty() {
            name.clone()
        } else {
            format!("{above}.{name}")
        }
    };
    spec::explain(above)
        .map(|found| found.fields.iter().map(|(name, ..)| join(name)).collect())
        .unwrap_or_default()
}

/// The spec that the line means, as it is: nothing is checked, and one that cannot be read is empty.
fn document(line: &Line) -> Value {
    let file: PathBuf = line.file.clone().unwrap_or_else(|| PathBuf::from(SPEC_FILE));
    if file == Path::new("-") {
        return Value::Null;
    }
    let bytes = disk::read_bounded(&line.resolved(&file), MAX_BYTES).unwrap_or_default();
    if bytes.len() > PARSED {
        return outline(&String::from_utf8_lossy(&bytes));
    }
    serde_saphyr::from_slice(&bytes).unwrap_or(Value::Null)
}

/// The names of the entries of each list at the top, from lines as people and programs write them: `- name: team-a`.
fn outline(text: &str) -> Value {
    let mut lists: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    let (mut section, mut depth) = ("", None);
    for line in text.lines() {
        let body = line.trim_start();
        let indent = line.len() - body.len();
        if indent == 0 && !body.starts_with(['-', '#']) {
            section = body.split(':').next().unwrap_or_default();
            depth = None;
        } else if let Some(entry) = body.strip_prefix("- ")
            && *depth.get_or_insert(indent) == indent
            && let Some(name) = entry.trim_start().strip_prefix("name:")
        {
            let name = name
                .split(" #")
                .next()
                .unwrap_or_default()
                .trim()
                .trim_matches(['"', '\'']);
            lists.entry(section).or_default().push(json!({"name": name}));
        }
    }
    json!(lists)
}

fn names(list: &Value) -> Vec<String> {
    let list = list.as_array().into_iter().flatten();
    list.filter_map(|entry| text(&entry["name"]).or_else(|| text(entry)))
        .collect()
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

/// Whether a shell takes a word for itself: what is offered lands on a command line, and files may come from anybody.
fn is_harmless(word: &str) -> bool {
    !word.starts_with('-')
        && !word.is_empty()
        && word
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "._:/@+=,%-".contains(c))
}

#[cfg(test)]
mod tests {
    use super::{is_harmless, names, outline};

    #[test]
    fn the_outline_of_a_large_spec_has_the_names_that_its_parse_has() {
        let example = include_str!("../../examples/gpu-tenancy.yaml");
        let parsed: serde_json::Value = serde_saphyr::from_str(example).unwrap();
        for list in ["teams", "clusters", "secrets"] {
            let found = names(&outline(example)[list]);
            assert!(!found.is_empty(), "{list} has names");
            assert_eq!(found, names(&parsed[list]), "{list}");
        }
        let tight = "teams:\n- name: \"a\" # first\n  groups:\n  - name: no\n- name: b\n";
        assert_eq!(names(&outline(tight)["teams"]), ["a", "b"]);
    }

    #[test]
    fn nothing_is_offered_that_a_shell_would_run() {
        for (word, harmless) in [
            ("fra1-admin", true),
            ("arn:aws:eks:eu-central-1:1234:cluster/a", true),
            ("gke_project_zone_name", true),
            ("$(touch x)", false),
            ("a;b", false),
            ("`id`", false),
            ("a b", false),
            ("a\nb", false),
            ("--yes", false),
            ("~", false),
            ("", false),
        ] {
            assert_eq!(is_harmless(word), harmless, "{word:?}");
        }
    }
}
