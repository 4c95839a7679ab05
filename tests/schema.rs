//! The committed schema is the one of the types, and says of every document what the checker says.

#![allow(clippy::unwrap_used, reason = "a test helper that cannot go on has failed")]

mod support;

use platform::spec::{self, Node, json_schema};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use support::{EXAMPLE, files, golden, project};

/// Findings about structure; the others are about what JSON Schema does not see.
const STRUCTURAL: [&str; 7] = [
    "missing-key",
    "missing-value",
    "out-of-range",
    "too-few",
    "unknown-key",
    "unknown-value",
    "wrong-type",
];

#[test]
fn the_committed_schema_is_the_one_of_the_types() {
    let text = format!("{}\n", serde_json::to_string_pretty(json_schema()).unwrap());
    let difference = golden(&project("schemas/spec.schema.json"), &text);
    assert!(
        difference.is_none(),
        "{}\nUPDATE_GOLDEN=1 accepts",
        difference.unwrap_or_default()
    );
}

#[test]
fn the_schema_is_a_schema_of_its_draft() {
    assert!(
        jsonschema::meta::is_valid(json_schema()),
        "the schema follows draft 2020-12"
    );
}

/// A key left open counts as absent: removes such keys where the schema knows them.
fn without_open_keys(value: &Value, schema: &Value, root: &Value) -> Value {
    let mut schema = schema;
    while let Some(reference) = schema["$ref"].as_str() {
        schema = &root["$defs"][reference.rsplit('/').next().unwrap()];
    }
    if let Some(branches) = schema["anyOf"].as_array() {
        let wanted = if value.is_array() { "array" } else { "object" };
        let typed =
            |branch: &&Value| branch["type"] == wanted || (wanted == "object" && branch["$ref"].is_string());
        return branches
            .iter()
            .find(typed)
            .map_or(value.clone(), |branch| without_open_keys(value, branch, root));
    }
    match value {
        Value::Array(items) => items
            .iter()
            .map(|item| without_open_keys(item, &schema["items"], root))
            .collect(),
        Value::Object(map) => {
            let known = |key: &String| match &schema["properties"][key] {
                Value::Null if schema["additionalProperties"].is_object() => {
                    Some(&schema["additionalProperties"])
                }
                Value::Null => None,
                property => Some(property),
            };
            let kept = map.iter().filter_map(|(key, value)| match known(key) {
                Some(_) if value.is_null() => None,
                Some(property) => Some((key.clone(), without_open_keys(value, property, root))),
                None => Some((key.clone(), value.clone())),
            });
            Value::Object(kept.collect::<Map<_, _>>())
        }
        other => other.clone(),
    }
}

/// What our checker and the JSON Schema validator say of one document; `None` where the question is another.
fn answers(text: &str, validator: &jsonschema::Validator) -> Option<(bool, bool, String)> {
    let checked = spec::read("x", text.as_bytes());
    let findings: Vec<_> = checked.findings.iter().collect();
    if findings.iter().any(|f| !STRUCTURAL.contains(&f.code)) {
        return None;
    }
    let schema = json_schema();
    let document = without_open_keys(&Node::parse("x", text).ok()?.to_json(), schema, schema);
    Some((
        findings.is_empty(),
        validator.is_valid(&document),
        format!("{findings:#?}"),
    ))
}

#[test]
fn the_checker_and_the_schema_agree_on_every_spec_file() {
    let validator = jsonschema::validator_for(json_schema()).unwrap();
    let mut compared = 0;
    for folder in ["tests/specs/valid", "tests/specs/invalid", "examples"] {
        for path in files(folder, "yaml") {
            let text = std::fs::read_to_string(&path).unwrap();
            let Some((ours, schema, findings)) = answers(&text, &validator) else {
                continue;
            };
            assert_eq!(ours, schema, "{}: ours and schema, {findings}", path.display());
            compared += 1;
        }
    }
    assert!(compared > 100, "only {compared} files were compared");
}

/// Every place of a document, as a JSON pointer.
fn places(value: &Value, here: &str, all: &mut Vec<String>) {
    all.push(here.to_owned());
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                places(item, &format!("{here}/{index}"), all);
            }
        }
        Value::Object(map) => {
            for (key, item) in map {
                places(item, &format!("{here}/{key}"), all);
            }
        }
        _ => {}
    }
}

fn odd_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-3i64..70_000).prop_map(Value::from),
        (-3i64..3).prop_map(|n| json!(n as f64)),
        any::<f64>()
            .prop_filter("JSON has no others", |n| n.is_finite())
            .prop_map(Value::from),
        "[a-z0-9-]{0,8}".prop_map(Value::from),
        Just(json!([])),
        Just(json!({})),
        Just(json!(["a"])),
        Just(json!([{"name": "a"}])),
        Just(json!([[]])),
        Just(json!({"name": "a"})),
        prop::sample::select(vec![
            "kyverno", "native", "audit", "mig", "mps", "vault", "Tenancy"
        ])
        .prop_map(Value::from),
    ]
}

#[derive(Debug, Clone)]
enum Change {
    Set(Value),
    Remove,
    Add(String, Value),
}

fn change() -> impl Strategy<Value = Change> {
    let key = prop::sample::select(vec![
        "name",
        "nmae",
        "pools",
        "egress",
        "quota",
        "waivers",
        "namespace",
        "x",
    ]);
    prop_oneof![
        3 => odd_value().prop_map(Change::Set),
        1 => Just(Change::Remove),
        2 => (key, odd_value()).prop_map(|(key, value)| Change::Add(key.to_owned(), value)),
    ]
}

fn apply(document: &mut Value, place: &str, change: &Change) {
    match change {
        Change::Set(value) => *document.pointer_mut(place).unwrap() = value.clone(),
        Change::Remove => {
            let Some((parent, key)) = place.rsplit_once('/') else {
                return;
            };
            match document.pointer_mut(parent).unwrap() {
                Value::Object(map) => drop(map.remove(key)),
                Value::Array(items) => drop(items.remove(key.parse().unwrap())),
                _ => {}
            }
        }
        Change::Add(key, value) => {
            if let Value::Object(map) = document.pointer_mut(place).unwrap() {
                map.insert(key.clone(), value.clone());
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn the_checker_and_the_schema_agree_on_changed_documents(
        changes in prop::collection::vec((any::<prop::sample::Index>(), change()), 1..4),
    ) {
        let validator = jsonschema::validator_for(json_schema()).unwrap();
        let mut document = Node::parse("x", EXAMPLE).unwrap().to_json();
        for (index, change) in &changes {
            let mut all = Vec::new();
            places(&document, "", &mut all);
            let place = index.get(&all).clone();
            apply(&mut document, &place, change);
        }
        let text = serde_json::to_string(&document).unwrap();
        if let Some((ours, schema, findings)) = answers(&text, &validator) {
            prop_assert_eq!(ours, schema, "ours and schema\n{}\n{}", text, findings);
        }
    }
}
