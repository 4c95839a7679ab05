//! Checks of single values: text and numbers.

use serde_json::Value as Json;

use super::check::{Check, file_of};
use super::node::Position;
use super::words::{enum_words, shown};
use super::{did_you_mean, secret};

impl<'a> Check<'a> {
    pub(super) fn text(&mut self, text: &str, at: Position, schema: &'a Json, path: &str) -> bool {
        if let Some(kind) = secret::looks_like(text) {
            self.findings.push(secret::finding(
                &file_of(self.files, at),
                at,
                &self.subject(path),
                kind,
            ));
            return false;
        }
        if let Some(bad) = text.chars().find(|c| c.is_control() || is_bidi_control(*c)) {
            let message = format!(
                "{} holds the control character U+{:04X}",
                self.subject(path),
                u32::from(bad)
            );
            self.report(
                at,
                "control-character",
                message,
                Some("remove it; text is one line of visible characters".to_owned()),
            );
            return false;
        }
        let words = enum_words(schema);
        if !words.is_empty() && !words.contains(&text) {
            let hint =
                did_you_mean(text, words.iter().copied()).map(|near| format!("did you mean `{near}`?"));
            let message = format!(
                "{} is `{}`; allowed: {}",
                self.subject(path),
                shown(text),
                words.join(", ")
            );
            self.report(at, "unknown-value", message, hint);
            return false;
        }
        if let Some(constant) = schema.get("const").and_then(Json::as_str).filter(|c| *c != text) {
            let message = format!("{} is `{}`; allowed: {constant}", self.subject(path), shown(text));
            self.report(at, "unknown-value", message, None);
            return false;
        }
        true
    }

    pub(super) fn number(
        &mut self,
        number: &serde_json::Number,
        at: Position,
        schema: &'a Json,
        path: &str,
    ) -> bool {
        let value = number.as_f64().unwrap_or(f64::NAN);
        let bound = |name: &str| schema.get(name).and_then(Json::as_f64);
        let (low, high) = (bound("minimum"), bound("maximum"));
        let inside = low.is_none_or(|low| value >= low) && high.is_none_or(|high| value <= high);
        if !inside {
            let range = match (low, high) {
                (Some(low), Some(high)) => format!("{low} to {high}"),
                (Some(low), None) => format!("{low} or more"),
                (_, high) => format!("{} or less", high.unwrap_or_default()),
            };
            let message = format!("{} is {number}; {range} is allowed", self.subject(path));
            self.report(at, "out-of-range", message, None);
        }
        inside
    }
}

/// Embeddings, overrides and isolates that make text look other than it is (Unicode TR36).
fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{2028}' | '\u{2029}')
}
