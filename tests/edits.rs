//! Edits of specs as data: in `specs/edits` a spec `<name>.before.yaml`, its changes and what must come of it.

#![allow(clippy::unwrap_used, reason = "a test helper that cannot go on has failed")]

mod support;

use platform::spec::edit::{Change, Place, edit};
use serde_json::Value;
use support::{files, golden};

/// A place written as a list of keys and indices.
fn place(steps: &Value) -> Place {
    steps
        .as_array()
        .unwrap()
        .iter()
        .fold(Place::root(), |place, step| match step {
            Value::String(key) => place.key(key.as_str()),
            index => place.index(usize::try_from(index.as_u64().unwrap()).unwrap()),
        })
}

fn change(written: &Value) -> Change {
    let at = |key: &str| place(&written[key]);
    let value = || written["value"].clone();
    match written.as_object().unwrap().keys().next().unwrap().as_str() {
        "set" => Change::Set(at("set"), value()),
        "append" => Change::Append(at("append"), value()),
        "insert" => Change::Insert(
            at("insert"),
            usize::try_from(written["index"].as_u64().unwrap()).unwrap(),
            value(),
        ),
        "remove" => Change::Remove(at("remove")),
        "rename" => Change::Rename(at("rename"), value().as_str().unwrap().to_owned()),
        other => panic!("`{other}` is no change"),
    }
}

#[test]
fn every_edit_comes_to_exactly_its_text() {
    let changes = files("tests/specs/edits", "json");
    assert!(changes.len() >= 20, "only {} edits are left", changes.len());
    let refused = files("tests/specs/edits", "refused").len();
    assert!((3..changes.len()).contains(&refused), "some edits are refused");
    let mut differences = Vec::new();
    for path in &changes {
        let written: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        let before = std::fs::read_to_string(path.with_extension("before.yaml")).unwrap();
        let all: Vec<Change> = written.as_array().unwrap().iter().map(change).collect();
        differences.extend(match edit(&before, &all) {
            Ok(after) => golden(&path.with_extension("after.yaml"), &after),
            Err(error) => golden(
                &path.with_extension("refused"),
                &format!("{error}\nhint: {}\n", error.hint()),
            ),
        });
    }
    assert!(
        differences.is_empty(),
        "{}\nUPDATE_GOLDEN=1 accepts",
        differences.join("\n")
    );
}
