//! The stand-in itself: it must refuse what is wrong, or a live test that it agrees with proves nothing.

use std::path::Path;

use serde::Deserialize;
use serde_yaml::Value;

use crate::lab::{self, Advertised, Card};

/// One document that is wrong, or two.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    about: String,
    says: String,
    #[serde(default, deserialize_with = "given")]
    mig: Option<Value>,
    #[serde(default, deserialize_with = "given")]
    plugin: Option<Value>,
}

/// A key that is there, also where its value is null.
fn given<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

fn h100() -> Card {
    let boards = Path::new(env!("CARGO_MANIFEST_DIR")).join("blueprints/boards");
    lab::cards(&boards)
        .remove("NVIDIA-H100-80GB-HBM3")
        .expect("the board is there")
}

/// The label for a document and its text; without a document there is no label, and null is a document that is missing.
fn asked<'a>(label: &'a str, document: Option<&Value>) -> (&'a str, Option<String>) {
    match document {
        None => ("", None),
        Some(Value::Null) => (label, None),
        Some(document) => (label, Some(serde_yaml::to_string(document).expect("YAML"))),
    }
}

fn decide(mig: Option<&Value>, plugin: Option<&Value>) -> Result<Advertised, String> {
    let ((mig, mig_text), (plugin, plugin_text)) = (asked("t", mig), asked("p", plugin));
    lab::decide(&h100(), 4, (mig, &mig_text), (plugin, &plugin_text))
}

#[test]
fn the_stand_in_refuses_every_malformed_entry_and_says_why() {
    let cases: Vec<Case> = serde_yaml::from_str(include_str!("refused.yaml")).expect("the cases are YAML");
    assert!(cases.len() > 40, "{} cases", cases.len());
    for case in cases {
        let decided = decide(case.mig.as_ref(), case.plugin.as_ref());
        assert!(
            decided.as_ref().is_err_and(|cause| cause.contains(&case.says)),
            "{}: `{}` is expected, found {decided:?}",
            case.about,
            case.says
        );
    }
}

#[test]
fn a_key_that_is_there_twice_is_refused() {
    let twice = "{version: v1, mig-configs: {t: [{devices: all, mig-enabled: true, mig-devices: {1g.10gb: 1, 1g.10gb: 2}}]}}";
    let decided = lab::decide(&h100(), 4, ("t", &Some(twice.to_string())), ("", &None));
    assert!(
        decided.as_ref().is_err_and(|cause| cause.contains("duplicate")),
        "{decided:?}"
    );
}

#[test]
fn the_stand_in_advertises_what_a_sound_document_says() {
    let mig = "{version: v1, mig-configs: {t: [
        {devices: [0, 3], mig-enabled: true, mig-devices: {1g.10gb: 2, 2g.20gb: 1, 3g.40gb: 1}},
        {devices: [1], mig-enabled: true, mig-devices: {1g.10gb+me: 1}},
        {devices: [2], mig-enabled: false}], u: [{devices: all, mig-enabled: true, mig-devices: {}}]}}";
    let plugin = "{version: v1, flags: {migStrategy: mixed}, sharing: {timeSlicing: {renameByDefault: true,
        resources: [{name: nvidia.com/gpu, replicas: 4}]}}}";
    let read = |text: &str| -> Value { serde_yaml::from_str(text).expect("YAML") };
    let of = |pairs: &[(&str, u64)]| -> Advertised {
        pairs
            .iter()
            .map(|(name, count)| (format!("nvidia.com/{name}"), *count))
            .collect()
    };
    let instances = [
        ("mig-1g.10gb", 4),
        ("mig-1g.10gb.me", 1),
        ("mig-2g.20gb", 2),
        ("mig-3g.40gb", 2),
    ];
    let both = [instances.as_slice(), &[("gpu", 1)]].concat();
    let shared = [instances.as_slice(), &[("gpu.shared", 4)]].concat();
    for (mig, plugin, expected) in [
        (Some(mig), None, both),
        (Some(mig), Some(plugin), shared),
        (None, Some(plugin), vec![("gpu.shared", 16)]),
        (None, None, vec![("gpu", 4)]),
    ] {
        let (mig, plugin) = (mig.map(read), plugin.map(read));
        assert_eq!(decide(mig.as_ref(), plugin.as_ref()), Ok(of(&expected)));
    }
    let empty = lab::decide(&h100(), 4, ("u", &Some(mig.to_string())), ("", &None));
    assert_eq!(
        empty,
        Ok(Advertised::new()),
        "MIG mode without instances advertises nothing"
    );
}

#[test]
fn the_stand_in_finds_the_known_number_of_layouts() {
    // By hand, over the classic profiles: NVIDIA's table of MIG on 7-slice cards has 37 different non-empty contents.
    let profiles = [
        ("1g.10gb", 7),
        ("2g.20gb", 3),
        ("3g.40gb", 2),
        ("4g.40gb", 1),
        ("7g.80gb", 1),
    ];
    let mut layouts = vec![Vec::new()];
    for (profile, max) in profiles {
        let longer = |layout: &Vec<(&'static str, u64)>| -> Vec<Vec<(&'static str, u64)>> {
            (0..=max)
                .map(|count| [layout.as_slice(), &[(profile, count)]].concat())
                .collect()
        };
        layouts = layouts.iter().flat_map(longer).collect();
    }
    let card = h100();
    let held = layouts.iter().filter(|layout| {
        let some = layout.iter().filter(|(_, count)| *count > 0);
        let some: String = some.map(|(profile, count)| format!("{profile}: {count}, ")).collect();
        let text = format!(
            "{{version: v1, mig-configs: {{t: [{{devices: all, mig-enabled: true, mig-devices: {{{some}}}}}]}}}}"
        );
        lab::decide(&card, 1, ("t", &Some(text)), ("", &None)).is_ok_and(|held| !held.is_empty())
    });
    assert_eq!(held.count(), 37);
}
