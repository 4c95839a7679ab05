//! Strategic merge: what stands in the patch is set, what is null goes, lists are merged by their keys.
//!
//! Directives: `$patch: delete` and `$patch: replace` in a mapping or in an element of a merged list. Elements that the
//! patch names come first, in its order, as in kustomize and in the API server (of a list with two keys, only new ones);
//! in the spec they keep their place.

use super::change::{Trace, join};
use super::keys::{Fields, Rule};
use crate::spec::{Key, Node, Value};

/// The key of directives.
pub(super) const DIRECTIVE: &str = "$patch";

/// Where the elements of a merged list go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// Elements of the patch first.
    PatchFirst,
    /// Each where it is, new ones at the end.
    InPlace,
}

/// Merges mappings; both must be some.
pub(super) fn merge(
    target: &mut Node,
    patch: &Node,
    fields: Option<&Fields>,
    order: Order,
    path: &str,
    trace: &mut Trace<'_>,
) {
    if directive(patch) == Some("replace") {
        return set(target, stripped(patch), path, trace);
    }
    let (Value::Map(old), Value::Map(new)) = (&mut target.value, &patch.value) else {
        return;
    };
    for (key, value) in new.iter().filter(|(key, _)| key.text != DIRECTIVE) {
        let below = join(path, &key.text);
        let rule = fields.and_then(|fields| fields.get(&key.text));
        let position = old.iter().position(|(there, _)| there.text == key.text);
        let goes = value.value == Value::Null || directive(value) == Some("delete");
        match position {
            Some(index) if goes => {
                trace.note(&below, Some(&old[index].1), None, value.at);
                old.remove(index);
            }
            Some(index) => one(&mut old[index].1, value, rule, order, &below, trace),
            None if goes => {}
            None => {
                let value = stripped(value);
                if trace.has_room(&value, key.at) {
                    trace.note(&below, None, Some(&value), value.at);
                    old.push((key.clone(), value));
                }
            }
        }
    }
}

/// Merges one value that both sides have.
fn one(
    target: &mut Node,
    patch: &Node,
    rule: Option<&Rule>,
    order: Order,
    path: &str,
    trace: &mut Trace<'_>,
) {
    match (&mut target.value, &patch.value) {
        (Value::Map(_), Value::Map(_)) => {
            merge(target, patch, rule.and_then(Rule::fields), order, path, trace);
        }
        (Value::List(_), Value::List(_)) => match rule.and_then(|rule| Some((rule, rule.keys()?))) {
            Some((rule, keys)) => list(target, patch, rule, keys, order, path, trace),
            None => set(target, stripped(patch), path, trace),
        },
        // Nothing is there yet, whatever it will be.
        (Value::Null, _) => set(target, stripped(patch), path, trace),
        (Value::Map(_) | Value::List(_), _) | (_, Value::Map(_) | Value::List(_)) => {
            let message = format!("`{path}` is {} and {} in the patch", target.kind(), patch.kind());
            let hint = "a merge keeps the kind of a value; a JSON Patch with `replace` changes it";
            trace.report(patch.at, "wrong-type", message, Some(hint));
        }
        _ => set(target, patch.clone(), path, trace),
    }
}

/// Merges a list by the keys of its elements, or as a set of texts.
fn list(
    target: &mut Node,
    patch: &Node,
    rule: &Rule,
    keys: &[String],
    order: Order,
    path: &str,
    trace: &mut Trace<'_>,
) {
    let (Value::List(old), Value::List(new)) = (&mut target.value, &patch.value) else {
        return;
    };
    // A directive alone in an element is about the whole list.
    let whole = new.iter().find(|item| is_alone(item)).and_then(directive);
    if let Some(word) = whole {
        let kept = new.iter().filter(|item| word == "replace" && !is_alone(item));
        let list = Node {
            at: patch.at,
            value: Value::List(kept.map(stripped).collect()),
        };
        return set(target, list, path, trace);
    }
    let mut first: Vec<Node> = Vec::new();
    for item in new {
        let named = name(path, keys, item);
        if !keys.is_empty() && item.get(&keys[0]).is_none() {
            let message = format!(
                "an element of `{path}` lacks `{}`, by which the list is merged",
                keys[0]
            );
            trace.report(item.at, "missing-key", message, None);
            continue;
        }
        let found = old.iter().position(|there| same(there, item, keys));
        match found {
            Some(index) if directive(item) == Some("delete") => {
                trace.note(&named, Some(&old[index]), None, item.at);
                old.remove(index);
            }
            Some(index) => {
                if !keys.is_empty() {
                    merge(&mut old[index], item, rule.fields(), order, &named, trace);
                }
                if order == Order::PatchFirst && keys.len() < 2 {
                    first.push(old.remove(index));
                }
            }
            None if directive(item) == Some("delete") => {}
            None => {
                let item = stripped(item);
                if !trace.has_room(&item, item.at) {
                    return;
                }
                trace.note(&named, None, Some(&item), item.at);
                match order {
                    Order::PatchFirst => first.push(item),
                    Order::InPlace => old.push(item),
                }
            }
        }
    }
    first.append(old);
    *old = first;
}

/// Sets a value; the place of the patch is taken over even where nothing changes, for it says so too.
pub(super) fn set(target: &mut Node, value: Node, path: &str, trace: &mut Trace<'_>) {
    if trace.has_room(&value, value.at) {
        trace.note(path, Some(target), Some(&value), value.at);
        *target = value;
    }
}

/// The directive of a mapping.
fn directive(node: &Node) -> Option<&str> {
    match &node.get(DIRECTIVE)?.value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

/// Whether an element is nothing but a directive.
fn is_alone(node: &Node) -> bool {
    matches!(&node.value, Value::Map(entries) if entries.len() == 1) && directive(node).is_some()
}

/// Whether two elements are the same one: a key after the first may be left open on either side.
fn same(one: &Node, other: &Node, keys: &[String]) -> bool {
    if keys.is_empty() {
        return one.to_json() == other.to_json();
    }
    keys.iter()
        .enumerate()
        .all(|(index, key)| match (one.get(key), other.get(key)) {
            (Some(one), Some(other)) => one.to_json() == other.to_json(),
            _ => index > 0,
        })
}

/// The path of an element: `containers[name=app]`.
fn name(path: &str, keys: &[String], item: &Node) -> String {
    let text = |node: &Node| match node.to_json() {
        serde_json::Value::String(text) => text.escape_debug().take(60).collect(),
        other => other.to_string(),
    };
    let parts: Vec<String> = keys
        .iter()
        .filter_map(|key| Some(format!("{key}={}", text(item.get(key)?))))
        .collect();
    match keys {
        [] => format!("{path}[{}]", text(item)),
        _ => format!("{path}[{}]", parts.join(",")),
    }
}

/// A value of the patch as it is set: without directives, without what they remove, without nulls.
fn stripped(node: &Node) -> Node {
    let value = match &node.value {
        Value::Map(entries) => Value::Map(
            entries
                .iter()
                .filter(|(key, value)| key.text != DIRECTIVE && value.value != Value::Null)
                .filter(|(_, value)| directive(value) != Some("delete"))
                .map(|(key, value)| (Key::clone(key), stripped(value)))
                .collect(),
        ),
        Value::List(items) => Value::List(
            items
                .iter()
                .filter(|item| directive(item) != Some("delete") && !is_alone(item))
                .map(stripped)
                .collect(),
        ),
        other => other.clone(),
    };
    Node { at: node.at, value }
}
