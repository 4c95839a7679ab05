//! Edits of texts in every style: data as meant, all other lines as they were.

use std::path::Path;

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

use super::{Change, EditError, Place, data, edit};

/// Values that a writer must quote, and ones that it must not.
const AWKWARD: &[&str] = &[
    "no",
    "on",
    "y",
    "1_000",
    "1e3",
    "007",
    "0x1f",
    "~",
    "null",
    "true",
    "2027-03-31",
    "12:30:45",
    "",
    " ",
    "a, b",
    "[x]",
    "{x}",
    "a: b",
    "a #b",
    "# x",
    "'",
    "\"",
    "\\",
    "&a",
    "*a",
    "!x",
    "- x",
    "-",
    "?",
    ":",
    "a:",
    "%",
    "@x",
    "`",
    "é",
    "line\nline",
    "oidc:team-a",
    "https://x.example.com:8200/a?b=c",
    "<<",
    "=",
    "a\tb",
    ">",
    "|",
    "---",
];

fn texts() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut texts = Vec::new();
    for folder in ["tests/specs/valid", "examples", "tests/specs/styles"] {
        let mut paths: Vec<_> = std::fs::read_dir(root.join(folder))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|e| e == "yaml"))
            .collect();
        paths.sort();
        for path in paths {
            let text = std::fs::read_to_string(path).unwrap();
            texts.push(text.replace('\n', "\r\n"));
            texts.push(text.trim_end().to_owned());
            texts.push(text);
        }
    }
    assert!(texts.len() > 30, "specs are found");
    texts
}

/// All places of a value.
fn places(value: &Value, at: &Place, found: &mut Vec<Place>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let below = at.clone().key(key.as_str());
                found.push(below.clone());
                places(value, &below, found);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                let below = at.clone().index(index);
                found.push(below.clone());
                places(value, &below, found);
            }
        }
        _ => {}
    }
}

fn values() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        proptest::sample::select(AWKWARD).prop_map(str::to_owned),
        "[a-z0-9:/. ,#-]{0,12}"
    ];
    let leaf = prop_oneof![
        text.prop_map(Value::from),
        any::<u32>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z]{1,6}|no|on|y", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn changes(value: &Value, kind: u8, place: &Index, new: Value) -> Change {
    let mut found = Vec::new();
    places(value, &Place::root(), &mut found);
    let place = place.get(&found).clone();
    let below = super::value_at(value, &place);
    match (kind, below) {
        (0, _) => Change::Set(place, new),
        (1, Some(Value::Array(_))) => Change::Append(place, new),
        (2, Some(Value::Array(items))) => Change::Insert(place, items.len() / 2, new),
        (1 | 2, Some(Value::Object(_))) => Change::Set(place.key("newKey"), new),
        (3, _) if matches!(place.steps().last(), Some(super::Step::Key(_))) => {
            Change::Rename(place, "on".into())
        }
        _ => Change::Remove(place),
    }
}

/// The text with comments and blank lines put between some of its lines, where they do not change what it means.
fn commented(text: &str, places: &[(Index, usize)]) -> String {
    let mut now = text.to_owned();
    for (number, (place, column)) in places.iter().enumerate() {
        let lines: Vec<&str> = now.split_inclusive('\n').collect();
        let (before, after) = lines.split_at(place.index(lines.len()));
        let br = if now.contains('\r') { "\r\n" } else { "\n" };
        let line = match column {
            0..8 => format!("{}# c{number}{br}", " ".repeat(*column)),
            _ => br.to_owned(),
        };
        let candidate = format!("{}{line}{}", before.concat(), after.concat());
        if data(&candidate).ok() == data(&now).ok() && super::tree::Tree::parse(&candidate).is_ok() {
            now = candidate;
        }
    }
    now
}

/// The comments that stand alone in a line and were put in.
fn put_in(text: &str) -> Vec<&str> {
    text.lines()
        .map(str::trim)
        .filter(|line| line.starts_with("# c") && line.len() < 6)
        .collect()
}

/// The independent reader, where it agrees about the data before.
fn second_reader(text: &str) -> Option<Value> {
    serde_yaml::from_str(text.trim_start_matches('\u{feff}')).ok()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 250, ..ProptestConfig::default() })]

    #[test]
    fn an_edit_does_what_is_meant_or_nothing(text in proptest::sample::select(texts()), kind in 0_u8..5, place in any::<Index>(), new in values()) {
        let before = data(&text).unwrap();
        let change = changes(&before, kind, &place, new);
        let mut meant = before.clone();
        prop_assume!(change.apply(&mut meant).is_ok());
        match edit(&text, std::slice::from_ref(&change)) {
            Ok(after) => {
                prop_assert_eq!(data(&after).unwrap(), meant.clone());
                if second_reader(&text).as_ref() == Some(&before) {
                    prop_assert_eq!(second_reader(&after), Some(meant), "{:?}\n{}", change, after);
                }
                let diff = similar::TextDiff::from_lines(&text, &after);
                let gone = diff.iter_all_changes().filter(|line| line.tag() == similar::ChangeTag::Delete).count();
                let comments = |text: &str| text.lines().filter(|line| line.trim_start().starts_with('#')).count();
                if !matches!(change, Change::Set(..) | Change::Remove(_)) {
                    // The line that holds the brackets, the last element before a comma, the key.
                    prop_assert!(gone <= 1, "{} lines changed by {:?}\n{}", gone, change, after);
                    prop_assert_eq!(comments(&after), comments(&text), "{:?}\n{}", change, after);
                }
                prop_assert_eq!(after.contains('\r'), text.contains('\r'));
                prop_assert_eq!(after.matches('\n').count(), after.replace('\r', "").matches('\n').count());
                prop_assert_eq!(after.ends_with('\n'), text.ends_with('\n'), "{:?}\n{}", change, after);
            }
            Err(EditError::NotInPlace { .. }) => {
                let anchored = text.contains('&') || text.contains('*');
                prop_assert!(anchored, "{:?} is refused in\n{}", change, text);
            }
            Err(other) => prop_assert!(false, "{:?}: {}", change, other),
        }
    }

    #[test]
    fn comments_anywhere_survive_what_does_not_remove_their_item(
        text in proptest::sample::select(texts()),
        spots in prop::collection::vec((any::<Index>(), 0_usize..10), 1..8),
        kind in 0_u8..5,
        place in any::<Index>(),
        new in values(),
    ) {
        let text = commented(&text, &spots);
        let before = data(&text).unwrap();
        let change = changes(&before, kind, &place, new);
        let mut meant = before.clone();
        prop_assume!(change.apply(&mut meant).is_ok());
        let Ok(after) = edit(&text, std::slice::from_ref(&change)) else {
            prop_assert!(text.contains('&'), "{:?} is refused in\n{}", change, text);
            return Ok(());
        };
        prop_assert_eq!(data(&after).unwrap(), meant);
        let (old, left) = (put_in(&text), put_in(&after));
        let scalar = |place: &Place| super::value_at(&before, place).is_some_and(|v| !v.is_array() && !v.is_object());
        match &change {
            Change::Remove(_) => {
                // What goes, goes from one place.
                let first = old.iter().position(|comment| !left.contains(comment)).unwrap_or(0);
                let gone = old.len() - left.len();
                let mut rest = old.clone();
                rest.drain(first..first + gone);
                prop_assert_eq!(left, rest, "{:?}\n{}\n---\n{}", change, text, after);
            }
            Change::Set(place, _) if !scalar(place) && super::value_at(&before, place).is_some() => {}
            _ => prop_assert_eq!(left, old, "{:?}\n{}\n---\n{}", change, text, after),
        }
    }

    #[test]
    fn what_is_added_and_removed_again_leaves_every_byte(text in proptest::sample::select(texts()), new in values()) {
        let teams = Place::root().key("teams");
        let index = data(&text).unwrap()["teams"].as_array().unwrap().len();
        let team = json!({"name": "team-x", "groups": ["oidc:x", "no"], "quota": {"cpu": 4}, "extra": new});
        let added = edit(&text, &[Change::Append(teams.clone(), team)]).unwrap();
        let lines: Vec<&str> = added.lines().collect();
        for line in text.lines().filter(|line| !line.starts_with("teams: [") && !text.starts_with('{')) {
            prop_assert!(lines.contains(&line), "{:?} is gone from\n{}", line, added);
        }
        prop_assert_eq!(edit(&added, &[Change::Remove(teams.index(index))]).unwrap(), text);
    }
}

#[test]
fn a_change_that_other_values_depend_on_is_refused() {
    let text = "a: &x {b: 1}\nc: *x\nd: {<<: *x, e: 2}\n";
    let refused = [
        Change::Set(Place::root().key("a").key("b"), json!(2)),
        Change::Remove(Place::root().key("a")),
        Change::Set(Place::root().key("c").key("b"), json!(2)),
        Change::Remove(Place::root().key("d").key("b")),
    ];
    for change in refused {
        let error = edit(text, std::slice::from_ref(&change)).unwrap_err();
        assert!(
            matches!(error, EditError::NotInPlace { .. }),
            "{change:?}: {error}"
        );
    }
    let after = edit(text, &[Change::Set(Place::root().key("c"), json!({"b": 2}))]).unwrap();
    assert_eq!(
        after, "a: &x {b: 1}\nc: {b: 2}\nd: {<<: *x, e: 2}\n",
        "an alias gives way to a value"
    );
}
