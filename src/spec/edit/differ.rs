//! What differs between two values, as changes that each touch little.

use serde_json::Value;
use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::{Change, Place};

/// The changes that make one value of the other; an element that moves is removed and inserted.
pub(super) fn differ(place: &Place, old: &Value, new: &Value) -> Vec<Change> {
    match (old, new) {
        _ if old == new => Vec::new(),
        (Value::Object(before), Value::Object(after)) if !before.is_empty() && !after.is_empty() => {
            let mut changes = Vec::new();
            for (key, value) in after {
                let below = place.clone().key(key.as_str());
                match before.get(key) {
                    Some(old) => changes.extend(differ(&below, old, value)),
                    None => changes.push(Change::Set(below, value.clone())),
                }
            }
            let gone = before.keys().filter(|key| !after.contains_key(*key));
            changes.extend(gone.map(|key| Change::Remove(place.clone().key(key.as_str()))));
            changes
        }
        (Value::Array(before), Value::Array(after)) if !before.is_empty() && !after.is_empty() => {
            lists(place, before, after)
        }
        _ => vec![Change::Set(place.clone(), new.clone())],
    }
}

/// Elements are the same when they have the same name, and without a name when they are equal; others that stand in
/// the same gap are changed into one another.
fn lists(place: &Place, before: &[Value], after: &[Value]) -> Vec<Change> {
    let (old, new) = (identities(before), identities(after));
    let (mut changes, mut late) = (Vec::new(), Vec::new());
    // Indices count in the list as it is after the changes so far: additions first, removals from the end.
    let mut added = 0;
    for op in capture_diff_slices(Algorithm::Myers, &old, &new) {
        let (from, to) = (op.old_range(), op.new_range());
        let pairs = match op {
            DiffOp::Equal { .. } => from.len(),
            DiffOp::Replace { .. } => from
                .clone()
                .zip(to.clone())
                .take_while(|(a, b)| name(&before[*a]).is_none() && name(&after[*b]).is_none())
                .count(),
            _ => 0,
        };
        for (a, b) in from.clone().zip(to.clone()).take(pairs) {
            changes.extend(differ(&place.clone().index(a + added), &before[a], &after[b]));
        }
        late.extend(from.clone().skip(pairs).map(|a| place.clone().index(a + added)));
        for (value, at) in after[to].iter().skip(pairs).zip(from.end + added..) {
            changes.push(Change::Insert(place.clone(), at, value.clone()));
            added += 1;
        }
    }
    changes.extend(late.into_iter().rev().map(Change::Remove));
    changes
}

fn name(value: &Value) -> Option<&str> {
    value.get("name").and_then(Value::as_str)
}

fn identities(values: &[Value]) -> Vec<String> {
    let identity =
        |value: &Value| name(value).map_or_else(|| value.to_string(), |name| format!("name {name}"));
    values.iter().map(identity).collect()
}
