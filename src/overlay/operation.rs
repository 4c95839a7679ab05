//! JSON Patch (RFC 6902) on a tree that knows its places; the crates for it work on values without places.

use super::change::{Trace, join, shown};
use super::document::Verb;
use crate::spec::{Key, Node, Position, Value};

/// How deep a document may become.
const MAX_DEPTH: usize = 64;

/// One operation.
#[derive(Debug, Clone)]
pub(super) struct Operation {
    /// Where the overlay says it.
    pub(super) at: Position,
    /// What to do.
    pub(super) verb: Verb,
    /// Where.
    pub(super) path: Vec<String>,
    /// Where from.
    pub(super) from: Vec<String>,
    /// The value; null where none is needed.
    pub(super) value: Node,
}

/// The parts of a JSON Pointer (RFC 6901); `None` when the text is none.
pub(super) fn pointer(text: &str) -> Option<Vec<String>> {
    let Some(rest) = text.strip_prefix('/') else {
        return text.is_empty().then(Vec::new);
    };
    let part = |part: &str| {
        let mut plain = String::new();
        let mut chars = part.chars();
        while let Some(c) = chars.next() {
            plain.push(match c {
                '~' => match chars.next()? {
                    '0' => '~',
                    '1' => '/',
                    _ => return None,
                },
                other => other,
            });
        }
        Some(plain)
    };
    rest.split('/').map(part).collect()
}

/// Why an operation ends its patch.
#[derive(Debug)]
enum Stop {
    /// It cannot be done.
    Failed(String),
    /// It has been reported already.
    Reported,
}

impl From<String> for Stop {
    fn from(message: String) -> Self {
        Self::Failed(message)
    }
}

/// Applies operations one after the other; the first that cannot be done is reported and ends it.
pub(super) fn apply(root: &mut Node, operations: &[Operation], trace: &mut Trace<'_>) {
    for operation in operations {
        match one(root, operation, trace) {
            Ok(()) => {}
            Err(Stop::Failed(message)) => return trace.report(operation.at, "patch-failed", message, None),
            Err(Stop::Reported) => return,
        }
    }
}

fn one(root: &mut Node, operation: &Operation, trace: &mut Trace<'_>) -> Result<(), Stop> {
    let at = operation.at;
    match operation.verb {
        Verb::Add => add(root, &operation.path, operation.value.clone(), trace),
        Verb::Remove => Ok(remove(root, &operation.path, at, trace).map(|_| ())?),
        Verb::Replace => {
            let shown = path_of(root, &operation.path);
            let there = find(root, &operation.path)?;
            if !trace.has_room(&operation.value, at) {
                return Err(Stop::Reported);
            }
            trace.note(&shown, Some(there), Some(&operation.value), operation.value.at);
            *there = operation.value.clone();
            Ok(())
        }
        Verb::Move => {
            if operation.path.starts_with(&operation.from) && operation.path != operation.from {
                return Err("a value cannot be moved into itself".to_owned().into());
            }
            let value = remove(root, &operation.from, at, trace)?;
            add(root, &operation.path, placed(value, at), trace)
        }
        Verb::Copy => {
            let value = find(root, &operation.from)?.clone();
            add(root, &operation.path, placed(value, at), trace)
        }
        Verb::Test => {
            let shown_path = path_of(root, &operation.path);
            let there = find(root, &operation.path)?;
            match equal(there, &operation.value) {
                true => Ok(()),
                false => Err(format!(
                    "`{shown_path}` is {}, and the patch tests for {}",
                    shown(Some(there)),
                    shown(Some(&operation.value))
                )
                .into()),
            }
        }
    }
}

fn add(root: &mut Node, path: &[String], value: Node, trace: &mut Trace<'_>) -> Result<(), Stop> {
    if path.len() + depth(&value) > MAX_DEPTH {
        return Err(format!("the document becomes more than {MAX_DEPTH} levels deep").into());
    }
    if !trace.has_room(&value, value.at) {
        return Err(Stop::Reported);
    }
    let shown = path_of(root, path);
    let Some((last, parents)) = path.split_last() else {
        trace.note(&shown, Some(root), Some(&value), value.at);
        *root = value;
        return Ok(());
    };
    let parent = find(root, parents)?;
    match &mut parent.value {
        Value::Map(entries) => match entries.iter_mut().find(|(key, _)| key.text == *last) {
            Some((_, there)) => {
                trace.note(&shown, Some(there), Some(&value), value.at);
                *there = value;
            }
            None => {
                trace.note(&shown, None, Some(&value), value.at);
                let key = Key {
                    at: value.at,
                    text: last.clone(),
                };
                entries.push((key, value));
            }
        },
        Value::List(items) => {
            let index = if last == "-" {
                Some(items.len())
            } else {
                index(last)
            };
            let index = index
                .filter(|index| *index <= items.len())
                .ok_or_else(|| no_element(last, items.len()))?;
            trace.note(&shown, None, Some(&value), value.at);
            items.insert(index, value);
        }
        _ => {
            let message = format!(
                "`{}` is {}: nothing can be added to it",
                path_text(parents),
                parent.kind()
            );
            return Err(message.into());
        }
    }
    Ok(())
}

fn remove(root: &mut Node, path: &[String], at: Position, trace: &mut Trace<'_>) -> Result<Node, String> {
    let shown = path_of(root, path);
    let Some((last, parents)) = path.split_last() else {
        return Err("the whole document cannot be removed".to_owned());
    };
    let parent = find(root, parents)?;
    let removed = match &mut parent.value {
        Value::Map(entries) => entries
            .iter()
            .position(|(key, _)| key.text == *last)
            .map(|index| entries.remove(index).1),
        Value::List(items) => index(last)
            .filter(|index| *index < items.len())
            .map(|index| items.remove(index)),
        _ => None,
    };
    let removed = removed.ok_or_else(|| absent(path))?;
    trace.note(&shown, Some(&removed), None, at);
    Ok(removed)
}

/// The value at a path.
fn find<'n>(root: &'n mut Node, path: &[String]) -> Result<&'n mut Node, String> {
    let mut node = root;
    for (depth, part) in path.iter().enumerate() {
        let below = match &mut node.value {
            Value::Map(entries) => entries
                .iter_mut()
                .find(|(key, _)| key.text == *part)
                .map(|(_, node)| node),
            Value::List(items) => index(part).and_then(|index| items.get_mut(index)),
            _ => None,
        };
        node = below.ok_or_else(|| absent(&path[..=depth]))?;
    }
    Ok(node)
}

/// An index of a list as RFC 6901 writes it: no sign, no leading zero.
fn index(part: &str) -> Option<usize> {
    let plain = part == "0" || (!part.starts_with('0') && part.bytes().all(|b| b.is_ascii_digit()));
    part.parse().ok().filter(|_| plain)
}

fn absent(path: &[String]) -> String {
    format!("there is no `{}`", path_text(path))
}

fn no_element(part: &str, length: usize) -> String {
    let shown: String = part.escape_debug().take(40).collect();
    format!("`{shown}` is no place in a list of {length}; allowed: 0 to {length}, or `-` for its end")
}

/// A pointer for a message.
fn path_text(path: &[String]) -> String {
    let text: String = path
        .iter()
        .map(|part| format!("/{}", part.replace('~', "~0").replace('/', "~1")))
        .collect();
    text.escape_debug().take(120).collect()
}

/// A pointer in the words of all other paths: `spec.containers[0].image`.
fn path_of(root: &Node, path: &[String]) -> String {
    let mut text = String::new();
    let mut node = Some(root);
    for part in path {
        match node.map(|node| &node.value) {
            Some(Value::List(items)) => {
                let shown: String = part.escape_debug().take(20).collect();
                text = format!(
                    "{text}[{}]",
                    if part == "-" {
                        items.len().to_string()
                    } else {
                        shown
                    }
                );
                node = index(part).and_then(|index| items.get(index));
            }
            _ => {
                text = join(&text, part);
                node = node.and_then(|node| node.get(part));
            }
        }
    }
    text
}

/// A value that came from elsewhere in the document, at the place of the operation that brought it.
fn placed(value: Node, at: Position) -> Node {
    Node::from_json(&value.to_json(), at)
}

fn depth(node: &Node) -> usize {
    1 + match &node.value {
        Value::List(items) => items.iter().map(depth).max().unwrap_or(0),
        Value::Map(entries) => entries.iter().map(|(_, item)| depth(item)).max().unwrap_or(0),
        _ => 0,
    }
}

/// Equality of RFC 6902 §4.6: numbers by value, mappings in any order.
fn equal(one: &Node, other: &Node) -> bool {
    match (&one.value, &other.value) {
        (Value::Number(one), Value::Number(other)) => {
            one == other || ((one.is_f64() || other.is_f64()) && one.as_f64() == other.as_f64())
        }
        (Value::List(one), Value::List(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| equal(one, other))
        }
        (Value::Map(entries), Value::Map(others)) => {
            entries.len() == others.len()
                && entries
                    .iter()
                    .all(|(key, node)| other.get(&key.text).is_some_and(|other| equal(node, other)))
        }
        (one, other) => one == other,
    }
}
