//! The text of a new spec: one block for each part, each with a comment that says what it is.

use serde_json::{Map, Value, json};

use crate::spec::{Spec, json_schema};

/// The blocks in their order, with the comment above each.
const BLOCKS: [(&[&str], &str); 10] = [
    (&["apiVersion", "kind", "name"], ""),
    (
        &["admins"],
        "Who may change what the platform owns; groups as the API server sees them.",
    ),
    (&["gitops"], "How the repository reaches the clusters."),
    (
        &["policy"],
        "The admission policies: who evaluates them, and whether a violation is denied.",
    ),
    (&["overlays"], "Presets of stricter settings."),
    (&["secrets"], "The secret backends that teams may read from."),
    (
        &["clusters"],
        "The clusters, the kubeconfig context that reaches each, and their GPU pools.",
    ),
    (
        &["teams"],
        "The teams: who works in them, and what each is promised.",
    ),
    (
        &["network"],
        "Network access of every tenant beyond DNS, the own team and the secret backends.",
    ),
    (
        &["waivers"],
        "Exceptions from controls, each with an owner, a reason and an end.",
    ),
];

/// Why a spec was not written; always a bug.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the spec cannot be written: {0}")]
pub(in crate::cli) struct TextError(String);

/// A value without what is at its default: nothing, empty lists and mappings, and keys that only repeat it.
pub(super) fn minimal(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let kept = map.iter().map(|(key, value)| (key, tidy(key, minimal(value))));
            let kept = kept.filter(|(key, value)| !is_default(key, value));
            Value::Object(kept.map(|(key, value)| (key.clone(), value)).collect())
        }
        Value::Array(items) => items.iter().map(minimal).collect(),
        other => other.clone(),
    }
}

/// An amount that is a plain number is written as one.
pub(super) fn tidy(key: &str, value: Value) -> Value {
    let plain = value
        .as_str()
        .filter(|text| key == "cpu" && !text.starts_with('0') && text.len() < 10)
        .and_then(|text| text.parse::<u32>().ok());
    plain.map_or(value, Value::from)
}

fn is_default(key: &str, value: &Value) -> bool {
    let repeats = match key {
        "queueing" => value == "none",
        "burst" | "wholeGpus" | "reserve" => value == 0,
        "podSecurity" => value == "baseline",
        "manage" => value == "direct",
        "isolation" => value == "templated",
        "audience" => value == "vault",
        "crossTeamSharing" => value == "waiver",
        "tokenTtl" => value == "15m",
        "tokenMaxTtl" => value == "1h",
        _ => false,
    };
    let empty = match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    };
    repeats || empty
}

/// The text of a new spec; it reads back as the same data.
pub(in crate::cli) fn text(spec: &Spec) -> Result<String, TextError> {
    let failed = |cause: String| TextError(cause);
    let data = serde_json::to_value(spec).map_err(|error| failed(error.to_string()))?;
    let data = minimal(&data);
    let options = serde_saphyr::ser_options! {
        compact_list_indent: false,
        folded_wrap_chars: 1_000_000,
    };
    let mut text = "# yaml-language-server: $schema=.platform/schema.json\n\
                    # What each team is promised; `platform explain` says what each key is.\n"
        .to_owned();
    for (keys, comment) in BLOCKS {
        let there = keys
            .iter()
            .filter_map(|key| Some((*key, data.get(*key)?.clone())));
        let block: Map<String, Value> = there.map(|(key, value)| (key.to_owned(), value)).collect();
        if block.is_empty() {
            continue;
        }
        if !comment.is_empty() {
            text.push_str(&format!("\n# {comment}\n"));
        }
        serde_saphyr::to_fmt_writer_with_options(&mut text, &Value::Object(block), options.clone())
            .map_err(|error| failed(error.to_string()))?;
    }
    let read: Value = serde_yaml::from_str(&text).map_err(|error| failed(error.to_string()))?;
    let known = json_schema()["properties"].as_object().map(Map::len);
    let lost = data.as_object().map(Map::len) != read.as_object().map(Map::len);
    if lost || read != data || known.is_none() {
        return Err(failed(format!(
            "it reads back as something else: {}",
            json!(read)
        )));
    }
    Ok(text)
}
