//! Values on one line, quoted so that no reader takes a text for something else.

use granit_parser::ScalarStyle;
use serde_json::Value;

/// How values on one line are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Inline {
    /// In a block, where commas and brackets may stand in a plain text.
    Block,
    /// Inside brackets or braces.
    Flow,
    /// Inside brackets of a text that is JSON.
    Json,
}

/// A value on one line; collections in brackets and braces.
pub(super) fn inline(value: &Value, style: Inline) -> String {
    let below = if style == Inline::Block {
        Inline::Flow
    } else {
        style
    };
    match value {
        Value::String(text) => string(text, style),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| inline(item, below)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(map) => {
            let entries: Vec<String> = map
                .iter()
                .map(|(key, value)| format!("{}: {}", string(key, below), inline(value, below)))
                .collect();
            format!("{{{}}}", entries.join(", "))
        }
        other => other.to_string(),
    }
}

/// A value that takes the place of a scalar: its quotes stay where they can.
pub(super) fn like(value: &Value, old: ScalarStyle, style: Inline) -> String {
    match (value, old) {
        (Value::String(text), ScalarStyle::DoubleQuoted) => quoted(text),
        (Value::String(text), ScalarStyle::SingleQuoted) if !text.chars().any(char::is_control) => {
            format!("'{}'", text.replace('\'', "''"))
        }
        _ => inline(value, style),
    }
}

/// A text, plain where every reader takes it for one.
pub(super) fn string(text: &str, style: Inline) -> String {
    if style == Inline::Json || text.chars().any(char::is_control) {
        return quoted(text);
    }
    let options = serde_saphyr::ser_options! { folded_wrap_chars: 1_000_000 };
    let mut written = String::new();
    if serde_saphyr::to_fmt_writer_with_options(&mut written, &text, options).is_err() {
        return quoted(text);
    }
    let written = written.trim_end_matches('\n');
    let is_plain = written == text;
    let splits =
        style == Inline::Flow && written.contains([',', '[', ']', '{', '}', ':']) && !is_word(written);
    match written.starts_with(['"', '\'']) || (is_plain && !splits) {
        true => written.to_owned(),
        false => quoted(text),
    }
}

/// Whether colons in it stand between word characters, as in `oidc:team-a`, so that no reader sees a key.
fn is_word(text: &str) -> bool {
    let word = |c: char| c.is_alphanumeric() || "-_./:@".contains(c);
    text.chars().all(word) && !text.ends_with(':') && !text.starts_with(':') && !text.contains("::")
}

/// A text in double quotes with the escapes of JSON, which are those of YAML.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}
