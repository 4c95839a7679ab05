//! Checks the tree of a spec against the JSON Schema, reporting every problem with its place.
//!
//! What is wrong is cut out and what is right goes on, so that later checks can report in the same run.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::finding::{Finding, Findings};
use super::node::{Key, Node, Position, Value};
use super::refused::Refused;
use super::shape::{resolve, type_fits, type_words, types_of};
use super::words::{enum_words, explain_hint, is_required, join, required_keys, shown, subject};
use super::{did_you_mean, secret};

/// What messages call a tenancy spec.
pub(super) const SPEC: &str = "the spec";

/// The schema that allows everything.
static NO_RULES: Json = Json::Null;

/// Walks a tree along its schema.
pub(super) struct Check<'a> {
    /// The files by the source of a position; 0 is the document itself.
    pub(super) files: &'a [String],
    /// What messages call the document: `the spec`, `the overlay`.
    pub(super) what: &'static str,
    pub(super) definitions: &'a Json,
    pub(super) findings: &'a mut Findings,
    pub(super) refused: &'a mut Refused,
}

/// The file that a place is in.
pub(super) fn file_of(files: &[String], at: Position) -> String {
    files.get(usize::from(at.source)).cloned().unwrap_or_default()
}

/// Whether a schema lets anything pass: the content belongs to somebody else's format.
fn is_free(schema: &Json) -> bool {
    schema.get("additionalProperties") == Some(&Json::Bool(true))
}

impl<'a> Check<'a> {
    /// A path as the subject of a message.
    pub(super) fn subject(&self, path: &str) -> String {
        match path {
            "" => self.what.to_owned(),
            path => subject(path),
        }
    }

    /// `platform explain` knows the spec only.
    fn explain_hint(&self, path: &str, name: &str) -> Option<String> {
        (self.what == SPEC).then(|| explain_hint(path, name))
    }

    pub(super) fn report(&mut self, at: Position, code: &'static str, message: String, hint: Option<String>) {
        self.findings.push(Finding {
            file: file_of(self.files, at),
            line: at.line,
            column: at.column,
            code,
            message,
            hint,
        });
    }

    /// Checks a node and cuts out what is wrong below it; false when the node itself cannot stay.
    pub(super) fn node(&mut self, node: &mut Node, schema: &'a Json, path: &str) -> bool {
        let schema = resolve(node, schema, self.definitions);
        if !self.expect_type(node, schema, path) {
            return false;
        }
        if is_free(schema) {
            return true;
        }
        match &mut node.value {
            Value::Map(entries) => {
                let at = node.at;
                self.map(entries, at, schema, path);
                self.required(entries, at, schema, path)
            }
            Value::List(items) => self.list(items, node.at, schema, path),
            Value::Text(text) => {
                let text = std::mem::take(text);
                let good = self.text(&text, node.at, schema, path);
                node.value = Value::Text(text);
                good
            }
            Value::Number(number) => {
                let number = number.clone();
                let good = self.number(&number, node.at, schema, path);
                // `4.0` is a whole number to JSON Schema; to the types it must be one too.
                if good && number.is_f64() && types_of(schema).contains(&"integer") {
                    let whole = number.as_f64().unwrap_or_default() as i64;
                    node.value = Value::Number(whole.into());
                }
                good
            }
            Value::Bool(_) | Value::Null => true,
        }
    }

    fn expect_type(&mut self, node: &Node, schema: &'a Json, path: &str) -> bool {
        if type_fits(&node.value, schema) {
            return true;
        }
        let wanted = match enum_words(schema).as_slice() {
            [] => type_words(schema),
            words => format!("one of {}", words.join(", ")),
        };
        let types = types_of(schema);
        let scalar = !matches!(node.value, Value::Map(_) | Value::List(_));
        let found = match &node.value {
            // Other values are not repeated: one may be a secret in the wrong place.
            Value::Number(number) if types.contains(&"integer") => number.to_string(),
            _ => node.kind().to_owned(),
        };
        let hint = match () {
            () if types == ["string"] && scalar && enum_words(schema).is_empty() => {
                Some("put it in quotes to make it text")
            }
            () if types.contains(&"array") && scalar => Some("write it as a list: [a, b]"),
            () => None,
        };
        let message = format!("{} is {found}; {wanted} is expected", self.subject(path));
        self.report(node.at, "wrong-type", message, hint.map(str::to_owned));
        false
    }

    fn map(&mut self, entries: &mut Vec<(Key, Node)>, at: Position, schema: &'a Json, path: &str) {
        let mut seen: BTreeSet<String> = BTreeSet::new();
        let properties = schema.get("properties").and_then(Json::as_object);
        let others = schema.get("additionalProperties").filter(|s| s.is_object());
        entries.retain_mut(|(key, node)| {
            if let Some(kind) = secret::looks_like(&key.text) {
                self.findings.push(secret::finding(
                    &file_of(self.files, key.at),
                    key.at,
                    "a key",
                    kind,
                ));
                return false;
            }
            if !seen.insert(key.text.clone()) {
                let message = format!("key `{}` is written twice", shown(&key.text));
                self.report(
                    key.at,
                    "duplicate-key",
                    message,
                    Some("keep one of the two".to_owned()),
                );
                return false;
            }
            let below = join(path, &shown(&key.text));
            let kept = match properties.and_then(|p| p.get(&key.text)).or(others) {
                None => {
                    if let Some(meant) = self.unknown_key(key, properties, path) {
                        self.refused.key(at, &meant);
                    }
                    return false;
                }
                Some(property) if is_free(property) => true,
                // An empty value means that the key was left open: as if it were not there.
                Some(_) if node.value == Value::Null => {
                    if !is_required(schema, &key.text) {
                        return false;
                    }
                    let message = format!("`{below}` has no value");
                    self.report(
                        key.at,
                        "missing-value",
                        message,
                        self.explain_hint(path, &key.text),
                    );
                    false
                }
                Some(property) => {
                    self.text(&key.text, key.at, &NO_RULES, &below) && self.node(node, property, &below)
                }
            };
            if !kept {
                self.refused.key(at, &key.text);
            }
            kept
        });
    }

    /// Reports a key that the schema does not have; answers the key that was probably meant.
    fn unknown_key(
        &mut self,
        key: &Key,
        properties: Option<&'a serde_json::Map<String, Json>>,
        path: &str,
    ) -> Option<String> {
        let allowed: Vec<&str> = properties
            .map(|p| p.keys().map(String::as_str).collect())
            .unwrap_or_default();
        let near = did_you_mean(&key.text, allowed.iter().copied());
        let hint = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("allowed here: {}", allowed.join(", ")),
        };
        let message = format!("unknown key `{}` in {}", shown(&key.text), self.subject(path));
        self.report(key.at, "unknown-key", message, Some(hint));
        near.map(str::to_owned)
    }

    fn required(&mut self, entries: &[(Key, Node)], at: Position, schema: &'a Json, path: &str) -> bool {
        let mut complete = true;
        for name in required_keys(schema) {
            let present = entries.iter().any(|(key, _)| key.text == name);
            complete &= present;
            // A key that was there and refused has been reported.
            if !present && !self.refused.has_key(at, name) {
                let message = format!("{} lacks the key `{name}`", self.subject(path));
                self.report(at, "missing-key", message, self.explain_hint(path, name));
            }
        }
        complete
    }

    fn list(&mut self, items: &mut Vec<Node>, at: Position, schema: &'a Json, path: &str) -> bool {
        let element = schema.get("items").unwrap_or(&NO_RULES);
        let was_empty = items.is_empty();
        let mut index = 0;
        items.retain_mut(|node| {
            let below = format!("{path}[{index}]");
            index += 1;
            let name = node
                .name(|key| did_you_mean(key, ["name"]).is_some())
                .map(str::to_owned);
            let kept = self.node(node, element, &below);
            if let Some(name) = name.filter(|_| !kept) {
                self.refused.entry(name);
            }
            kept
        });
        if was_empty && schema.get("minItems").and_then(Json::as_u64).unwrap_or(0) > 0 {
            self.report(
                at,
                "too-few",
                format!("`{path}` is empty; at least one is needed"),
                None,
            );
            return false;
        }
        true
    }
}
