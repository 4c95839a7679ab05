//! Laws: nothing in, nothing out; twice is once; whatever is rendered stays a legal object.

use platform::spec::Findings;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::merges::patched;
use super::{files, overlay, rendered};
use crate::support::EXAMPLE;

/// Small values, as they stand in objects; no nulls, which a patch reads as removals.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        (0..100_i64).prop_map(Value::from),
        "[a-z$~/{}: ]{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            proptest::collection::btree_map("[a-e]", inner, 0..4).prop_map(|map| map.into_iter().collect()),
        ]
    })
}

fn mapping() -> impl Strategy<Value = Value> {
    proptest::collection::btree_map("[a-e]", value(), 0..5)
        .prop_map(|map| map.into_iter().collect::<Map<_, _>>().into())
}

fn containers() -> impl Strategy<Value = Value> {
    let one = (
        "[a-d]",
        proptest::collection::btree_map("[A-C]", "[a-z]{0,3}", 0..3),
    )
        .prop_map(|(name, env)| {
            let env: Vec<Value> = env
                .iter()
                .map(|(name, value)| json!({"name": name, "value": value}))
                .collect();
            json!({"name": name, "env": env})
        });
    proptest::collection::vec(one, 0..4).prop_map(|all| {
        let mut seen = std::collections::BTreeSet::new();
        all.into_iter()
            .filter(|one| seen.insert(one["name"].as_str().unwrap_or_default().to_owned()))
            .collect()
    })
}

fn pod(spec: &Value, containers: &Value) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x", "namespace": "y"},
        "spec": {"containers": containers, "more": spec},
    })
}

proptest! {
    #[test]
    fn an_empty_patch_changes_nothing(spec in mapping(), list in containers()) {
        let object = pod(&spec, &list);
        for empty in [json!({}), json!({"spec": {}}), json!({"spec": {"absent": null}})] {
            let same = patched(&object, &empty).unwrap();
            prop_assert_eq!(&same.object, &object);
            prop_assert!(same.changes.is_empty());
        }
    }

    #[test]
    fn a_merge_twice_is_a_merge_once(spec in mapping(), list in containers(), new in mapping(), items in containers()) {
        let object = pod(&spec, &list);
        let patch = json!({"spec": {"containers": items, "more": new}});
        // A patch that changes the kind of a value is refused.
        if let Ok(once) = patched(&object, &patch) {
            let twice = patched(&once.object, &patch).unwrap();
            prop_assert_eq!(&twice.object, &once.object);
            prop_assert!(twice.changes.is_empty(), "{:?}", twice.changes);
        }
    }

    #[test]
    fn a_patch_of_the_object_itself_changes_nothing(spec in mapping(), list in containers()) {
        let object = pod(&spec, &list);
        let same = patched(&object, &object).unwrap();
        prop_assert_eq!(same.object, object);
    }

    #[test]
    fn any_patch_of_any_rendered_object_gives_legal_objects_or_findings(patch in mapping(), kind in 0..6_usize) {
        let kind = ["ResourceQuota", "Role", "NetworkPolicy", "Namespace", "HelmRelease", "ValidatingPolicy"][kind];
        let patch = json!({"metadata": {"annotations": {"a": patch.to_string()}}, "spec": patch});
        let text = overlay(&format!("  - {{target: {{kind: {kind}}}, patch: {patch}}}"));
        if let Ok((_, tree)) = rendered(EXAMPLE, &files(&[("x.yaml", &text)])) {
            for (path, file) in tree.iter().filter(|(path, _)| path.as_str().starts_with("tenants/")) {
                let objects = platform::render::read_back(path.as_str(), &file.bytes);
                let objects = objects.unwrap_or_else(|error| panic!("{path}: {error}"));
                for object in objects {
                    prop_assert!(object["kind"].is_string() && object["apiVersion"].is_string(), "{path}: {object}");
                }
            }
        }
    }

    #[test]
    fn any_text_is_an_overlay_or_findings(text in "\\PC{0,200}", cut in 0..600_usize) {
        let mut findings = Findings::default();
        let _ = platform::overlay::load(None, "platform.yaml", &files(&[("x.yaml", &text)]), &mut findings);
        prop_assert!(!findings.is_empty(), "{text:?} is no overlay");
        // A file that was cut off anywhere: never a panic, never a spec that is not planned and not explained.
        let whole = overlay("  - {target: {kind: Tenancy}, patch: {policy: {podSecurity: restricted}}}\n  - target: {kind: Role}\n    patch:\n      - {op: add, path: /metadata/annotations, value: {a: b}}\n");
        let part: String = whole.chars().take(cut).collect();
        let _ = rendered(EXAMPLE, &files(&[("x.yaml", &part)]));
    }
}

#[test]
fn a_value_that_flux_would_substitute_is_marked() {
    let text = overlay("  - {target: {kind: Role}, patch: {metadata: {annotations: {a: '${HOME}'}}}}");
    let (_, tree) = rendered(EXAMPLE, &files(&[("x.yaml", &text)])).unwrap();
    let rbac = super::text(&tree, "tenants/fra1/team-a/rbac.yaml");
    assert!(
        rbac.contains("kustomize.toolkit.fluxcd.io/substitute: disabled"),
        "{rbac}"
    );
}

#[test]
fn only_what_a_patch_matches_becomes_another_file() {
    let (_, plain) = rendered(EXAMPLE, &files(&[])).unwrap();
    let text =
        overlay("  - {target: {kind: ResourceQuota, namespace: team-b}, patch: {spec: {hard: {pods: '1'}}}}");
    let (_, patched) = rendered(EXAMPLE, &files(&[("x.yaml", &text)])).unwrap();
    let different: Vec<&str> = plain
        .iter()
        .filter(|(path, file)| patched.get(path.as_str()) != Some(file))
        .map(|(path, _)| path.as_str())
        .collect();
    assert_eq!(
        different,
        [".platform/lock.yaml", "tenants/fra1/team-b/quota.yaml"],
        "what differs"
    );
}
