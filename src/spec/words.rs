//! Words for findings: subjects, hints, and what a schema allows.

use serde_json::Value as Json;

/// The command that explains a key of a mapping.
pub(super) fn explain_hint(path: &str, name: &str) -> String {
    let plain: String = path
        .split('.')
        .map(|part| part.split('[').next().unwrap_or(part))
        .collect::<Vec<_>>()
        .join(".");
    format!("`platform explain {}` says what it is", join(&plain, name))
}

/// A path as the subject of a message.
pub(super) fn subject(path: &str) -> String {
    if path.is_empty() {
        "the spec".to_owned()
    } else {
        format!("`{path}`")
    }
}

/// The path of a key below a path.
pub(super) fn join(path: &str, key: &str) -> String {
    if path.is_empty() {
        key.to_owned()
    } else {
        format!("{path}.{key}")
    }
}

/// Text from the file for a message: one line, visible, not endless.
pub(super) fn shown(text: &str) -> String {
    text.escape_debug().take(60).collect()
}

/// The keys that a mapping must have.
pub(super) fn required_keys(schema: &Json) -> impl Iterator<Item = &str> {
    schema
        .get("required")
        .and_then(Json::as_array)
        .into_iter()
        .flatten()
        .filter_map(Json::as_str)
}

/// The words that the schema allows; none where any text will do.
pub(super) fn enum_words(schema: &Json) -> Vec<&str> {
    let words = schema.get("enum").and_then(Json::as_array).into_iter().flatten();
    words.filter_map(Json::as_str).collect()
}

/// Whether a mapping must have a key.
pub(super) fn is_required(schema: &Json, key: &str) -> bool {
    required_keys(schema).any(|name| name == key)
}
