//! How a text writes its collections, so that new ones look like their siblings.

use std::collections::BTreeMap;

use granit_parser::ScalarStyle;
use serde_json::Value;

use super::lines::Lines;
use super::scalar::{Inline, inline, string};
use super::tree::{Node, Shape};
use super::{Place, Step};

/// The widest collection of plain values that is put on one line where no sibling shows the way, in characters.
const WIDTH: usize = 80;

/// What a text shows about its style.
#[derive(Debug)]
pub(super) struct Style {
    /// By the keys above a collection: whether it is in brackets, as the last one in the text.
    flow: BTreeMap<String, bool>,
    /// How far a dash stands right of the key above it.
    dash: usize,
    /// How far a key stands right of the key above it.
    step: usize,
    /// Whether the text is JSON.
    pub(super) json: bool,
}

impl Style {
    /// Learns the style of a text.
    pub(super) fn of(lines: &Lines<'_>) -> Self {
        let root = &lines.tree.root;
        let first = root.items().first();
        let mut style = Self {
            flow: BTreeMap::new(),
            dash: usize::MAX,
            step: usize::MAX,
            json: root.is_flow() && first.is_some_and(|item| item.key_style == ScalarStyle::DoubleQuoted),
        };
        style.learn(lines, root, "");
        style.dash = if style.dash == usize::MAX { 2 } else { style.dash };
        style.step = if style.step == usize::MAX { 2 } else { style.step };
        style
    }

    fn learn(&mut self, lines: &Lines<'_>, node: &Node, pattern: &str) {
        for item in node.items() {
            let below = match &item.key {
                Some((key, _)) => format!("{pattern}.{key}"),
                None => format!("{pattern}[]"),
            };
            let value = &item.value;
            if !value.items().is_empty() {
                self.flow.insert(below.clone(), value.is_flow());
            }
            if item.key.is_some() && value.is_block() && value.start > item.begin {
                let right = lines.column(value.start).saturating_sub(lines.column(item.begin));
                let known = match value.shape {
                    Shape::List { .. } => &mut self.dash,
                    _ => &mut self.step,
                };
                if *known == usize::MAX && lines.is_first(value.start) {
                    *known = right;
                }
            }
            self.learn(lines, value, &below);
        }
    }

    /// How far the block of a value stands right of the key above it.
    pub(super) fn indent(&self, value: &Value) -> usize {
        if value.is_array() {
            self.dash
        } else {
            self.step.max(1)
        }
    }

    /// Whether a value at a place goes over several lines: as its siblings do, else when it is more than a short list
    /// or mapping of plain values.
    pub(super) fn is_block(&self, value: &Value, pattern: &str) -> bool {
        let below: Vec<&Value> = match value {
            Value::Array(items) => items.iter().collect(),
            Value::Object(map) => map.values().collect(),
            _ => return false,
        };
        if below.is_empty() || self.json {
            return false;
        }
        let simple = || below.iter().all(|value| !value.is_array() && !value.is_object());
        match self.flow.get(pattern) {
            Some(flow) => !flow,
            None => !simple() || inline(value, Inline::Flow).chars().count() > WIDTH,
        }
    }

    /// The lines of a collection in a block; the first one is to stand at column `column`, and so do the others.
    pub(super) fn block(&self, value: &Value, column: usize, pattern: &str) -> Vec<String> {
        let indent = " ".repeat(column);
        match value {
            Value::Array(items) => items
                .iter()
                .flat_map(|item| self.element(item, column, &format!("{pattern}[]")))
                .collect(),
            Value::Object(map) => map
                .iter()
                .flat_map(|(key, value)| self.entry(key, value, column, &format!("{pattern}.{key}")))
                .collect(),
            scalar => vec![format!("{indent}{}", inline(scalar, Inline::Block))],
        }
    }

    /// The lines of one element of a list whose dashes stand at a column.
    pub(super) fn element(&self, value: &Value, column: usize, pattern: &str) -> Vec<String> {
        let indent = " ".repeat(column);
        if !self.is_block(value, pattern) {
            return vec![format!("{indent}- {}", inline(value, Inline::Block))];
        }
        let mut lines = self.block(value, column + 2, pattern);
        if let Some(first) = lines.first_mut() {
            first.replace_range(column..=column, "-");
        }
        lines
    }

    /// The lines of one entry of a mapping whose keys stand at a column.
    pub(super) fn entry(&self, key: &str, value: &Value, column: usize, pattern: &str) -> Vec<String> {
        let head = format!("{}{}:", " ".repeat(column), string(key, Inline::Block));
        if !self.is_block(value, pattern) {
            return vec![format!("{head} {}", inline(value, Inline::Block))];
        }
        let mut lines = vec![head];
        lines.extend(self.block(value, column + self.indent(value), pattern));
        lines
    }
}

/// The keys above a place without indices, as `Style` counts them.
pub(super) fn pattern(place: &Place) -> String {
    place
        .steps()
        .iter()
        .map(|step| match step {
            Step::Key(key) => format!(".{key}"),
            Step::Index(_) => "[]".to_owned(),
        })
        .collect()
}
