//! The changes between two specs, as the spec editor makes them in place.

use serde_json::Value;

use super::text::{minimal, tidy};
use crate::spec::edit::{Change, EditError, Place, Step, edit};
use crate::spec::{Node, Spec};

/// The text with the answers of a wizard in it: what was not answered differently keeps every byte.
pub(in crate::cli) fn edited(text: &str, old: &Spec, new: &Spec) -> Result<String, EditError> {
    let (Ok(old), Ok(new)) = (serde_json::to_value(old), serde_json::to_value(new)) else {
        return Ok(text.to_owned()); // a spec is always data
    };
    let mut changes = Vec::new();
    differ(&Place::root(), &old, &new, &mut changes);
    // What is only a default cannot be removed.
    let written = Node::parse("", text)
        .map(|root| root.to_json())
        .unwrap_or_default();
    changes.retain(|change| match change {
        Change::Remove(place) => is_written(&written, place),
        _ => true,
    });
    if changes.is_empty() {
        return Ok(text.to_owned());
    }
    edit(text, &changes)
}

fn differ(place: &Place, old: &Value, new: &Value, changes: &mut Vec<Change>) {
    match (old, new) {
        _ if old == new => {}
        (Value::Object(old), Value::Object(new)) => {
            for (key, value) in new {
                let below = place.clone().key(key);
                match old.get(key).unwrap_or(&Value::Null) {
                    former if former == value => {}
                    former if is_nothing(value) && !is_nothing(former) => changes.push(Change::Remove(below)),
                    former => differ(&below, former, &tidy(key, value.clone()), changes),
                }
            }
        }
        (Value::Array(old), Value::Array(new)) if is_named(old) && is_named(new) => {
            elements(place, old, new, changes);
        }
        _ => changes.push(Change::Set(place.clone(), minimal(new))),
    }
}

fn is_written(root: &Value, place: &Place) -> bool {
    let below = |value, step: &Step| match step {
        Step::Key(key) => Value::get(value, key.as_str()),
        Step::Index(index) => Value::get(value, *index),
    };
    place.steps().iter().try_fold(root, below).is_some()
}

fn is_nothing(value: &Value) -> bool {
    value.is_null() || value.as_array().is_some_and(Vec::is_empty)
}

fn is_named(items: &[Value]) -> bool {
    items
        .iter()
        .all(|item| item.get("name").is_some_and(Value::is_string))
}

/// Elements that have a name: those that went are removed, those that came are appended, a new name is a change.
///
/// Between two elements that stay, as many that went as came are the same ones with other names.
fn elements(place: &Place, old: &[Value], new: &[Value], changes: &mut Vec<Change>) {
    let has = |items: &[Value], item: &Value| items.iter().any(|other| other["name"] == item["name"]);
    let (mut removed, mut added) = (Vec::new(), Vec::new());
    let (mut i, mut j) = (0, 0);
    loop {
        let gone = old[i..].iter().take_while(|item| !has(new, item)).count();
        let came = new[j..].iter().take_while(|item| !has(old, item)).count();
        let renamed = if gone == came { gone } else { 0 };
        for k in 0..renamed {
            differ(&place.clone().index(i + k), &old[i + k], &new[j + k], changes);
        }
        removed.extend(i + renamed..i + gone);
        added.extend(&new[j + renamed..j + came]);
        (i, j) = (i + gone, j + came);
        let Some(stays) = old.get(i) else { break };
        let at = new.iter().position(|item| item["name"] == stays["name"]);
        j = at.unwrap_or(j);
        if let Some(item) = new.get(j) {
            differ(&place.clone().index(i), stays, item, changes);
        }
        (i, j) = (i + 1, (j + 1).min(new.len()));
    }
    let places = removed.into_iter().rev().map(|i| place.clone().index(i));
    changes.extend(places.map(Change::Remove));
    changes.extend(
        added
            .into_iter()
            .map(|item| Change::Append(place.clone(), minimal(item))),
    );
}
