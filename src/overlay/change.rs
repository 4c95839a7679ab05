//! What a patch changed, and who set a field before.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::spec::{Finding, Node, Position, Value};

/// One field that a patch changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The field, such as `spec.hard.pods` or `spec.containers[name=app].image`.
    pub path: String,
    /// What it was; absent when it was not there.
    pub old: Option<Json>,
    /// What it is; absent when it was removed.
    pub new: Option<Json>,
    /// Where an overlay says so.
    pub at: Position,
}

/// Who wrote a file; a later layer wins over an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layer {
    /// The spec, or the renderer.
    Base,
    /// A preset that the spec chose.
    Preset,
    /// The user.
    User,
}

/// Follows the patches of one document: what changes, and which two overlays contradict each other.
#[derive(Debug)]
pub(super) struct Trace<'a> {
    files: &'a [String],
    layers: &'a [Layer],
    pub(super) changes: Vec<Change>,
    pub(super) findings: Vec<Finding>,
    /// Fields that are gone, and who removed them.
    removed: BTreeMap<String, Position>,
    /// How many more values may be added: a few operations that copy could otherwise fill the memory.
    room: usize,
}

/// How many values patches may add to one document.
const ROOM: usize = 100_000;

impl<'a> Trace<'a> {
    pub(super) fn new(files: &'a [String], layers: &'a [Layer]) -> Self {
        Self {
            files,
            layers,
            changes: Vec::new(),
            findings: Vec::new(),
            removed: BTreeMap::new(),
            room: ROOM,
        }
    }

    pub(super) fn report(&mut self, at: Position, code: &'static str, message: String, hint: Option<&str>) {
        self.findings.push(Finding {
            file: self
                .files
                .get(usize::from(at.source))
                .cloned()
                .unwrap_or_default(),
            line: at.line,
            column: at.column,
            code,
            message,
            hint: hint.map(str::to_owned),
        });
    }

    /// Whether a value may be added; where not, that is reported.
    pub(super) fn has_room(&mut self, value: &Node, at: Position) -> bool {
        let size = size(value);
        if size > self.room {
            let message = format!("the patches add more than {ROOM} values to one document");
            self.report(at, "too-large", message, None);
            return false;
        }
        self.room -= size;
        true
    }

    /// Notes that a field becomes another value, or goes.
    pub(super) fn note(&mut self, path: &str, old: Option<&Node>, new: Option<&Node>, at: Position) {
        // A mapping that is new is told field by field, each with its place.
        if let (None, Some(Value::Map(entries))) = (old, new.map(|new| &new.value))
            && !entries.is_empty()
        {
            for (key, value) in entries {
                self.note(&join(path, &key.text), None, Some(value), value.at);
            }
            return;
        }
        let (before, after) = (old.map(Node::to_json), new.map(Node::to_json));
        if before == after {
            return;
        }
        let other = old.and_then(|old| self.rival(old, at)).or_else(|| {
            self.removed
                .get(path)
                .copied()
                .filter(|other| self.are_rivals(*other, at))
        });
        if let Some(other) = other {
            let (was, is) = (shown(old.filter(|_| before.is_some())), shown(new));
            let message = format!("`{path}` becomes {is} here and {was} at {}", self.place(other));
            let hint = "overlays of one kind must agree: keep one of the two, or merge them into one file";
            self.report(at, "overlay-conflict", message, Some(hint));
        }
        if after.is_none() {
            self.removed.insert(path.to_owned(), at);
        }
        self.changes.push(Change {
            path: path.to_owned(),
            old: before,
            new: after,
            at,
        });
    }

    fn place(&self, at: Position) -> String {
        let file = self.files.get(usize::from(at.source)).map_or("", String::as_str);
        format!("{file}:{}:{}", at.line, at.column)
    }

    /// Whether two places belong to different overlays of the same layer.
    fn are_rivals(&self, one: Position, other: Position) -> bool {
        let layer = |at: Position| {
            self.layers
                .get(usize::from(at.source))
                .copied()
                .unwrap_or(Layer::Base)
        };
        one.source != other.source && layer(one) != Layer::Base && layer(one) == layer(other)
    }

    /// Where in a value another overlay of the same layer has set something.
    fn rival(&self, node: &Node, at: Position) -> Option<Position> {
        if self.are_rivals(node.at, at) {
            return Some(node.at);
        }
        match &node.value {
            Value::List(items) => items.iter().find_map(|item| self.rival(item, at)),
            Value::Map(entries) => entries.iter().find_map(|(_, item)| self.rival(item, at)),
            _ => None,
        }
    }
}

/// A value for a message: one line, not endless.
pub(super) fn shown(node: Option<&Node>) -> String {
    let Some(node) = node else {
        return "nothing".to_owned();
    };
    let text = node.to_json().to_string();
    let short: String = text
        .escape_debug()
        .take(60)
        .collect::<String>()
        .replace("\\\"", "\"");
    if text.chars().count() > 60 {
        format!("`{short}…`")
    } else {
        format!("`{short}`")
    }
}

/// How many values a tree holds.
fn size(node: &Node) -> usize {
    1 + match &node.value {
        Value::List(items) => items.iter().map(size).sum(),
        Value::Map(entries) => entries.iter().map(|(_, item)| size(item)).sum(),
        _ => 0,
    }
}

/// A path with one more key.
pub(super) fn join(path: &str, key: &str) -> String {
    let plain = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
    match (path, plain) {
        (_, false) => format!("{path}[{key:?}]"),
        ("", true) => key.to_owned(),
        (_, true) => format!("{path}.{key}"),
    }
}
