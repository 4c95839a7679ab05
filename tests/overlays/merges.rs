//! Patches of Kubernetes' own kinds, with the results that kustomize gave; the lab asks it again.

use platform::overlay::{self, Place};
use platform::spec::Findings;
use serde::Deserialize;
use serde_json::Value;

use super::files;

#[derive(Deserialize)]
struct Case {
    name: String,
    object: Value,
    patch: Value,
    result: Value,
}

fn cases() -> Vec<Case> {
    serde_yaml::from_str(include_str!("merges.yaml")).unwrap()
}

/// An object with one patch.
pub(super) fn patched(object: &Value, patch: &Value) -> Result<overlay::Patched, String> {
    let document = serde_json::json!({
        "apiVersion": "tenancy.platform/v1alpha1",
        "kind": "Overlay",
        "patches": [{"target": {"kind": object["kind"]}, "patch": patch}],
    });
    let mut findings = Findings::default();
    let all = overlay::load(
        None,
        "platform.yaml",
        &files(&[("x.yaml", &document.to_string())]),
        &mut findings,
    );
    assert!(findings.is_empty(), "{findings:#?}");
    let numbers = all.matching(Place::default(), object);
    assert_eq!(numbers, [0], "the target matches");
    all.apply(&numbers, object)
        .map_err(|findings| findings.iter().map(ToString::to_string).collect())
}

#[test]
fn patches_give_what_kustomize_gives() {
    let cases = cases();
    assert!(cases.len() >= 24, "only {} cases are left", cases.len());
    for case in cases {
        let patched =
            patched(&case.object, &case.patch).unwrap_or_else(|error| panic!("{}: {error}", case.name));
        assert_eq!(patched.object, case.result, "{}", case.name);
        assert!(!patched.changes.is_empty(), "{}: what changed is told", case.name);
    }
}

#[test]
fn json_patches_give_what_the_crate_for_them_gives() {
    let object = serde_json::json!({
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"},
        "a": [1, 2, {"b": null}], "c": {"d": "e", "": "f", "g/h": 1.0},
    });
    let cases = serde_json::json!([
        [{"op": "add", "path": "/a/1", "value": 9}],
        [{"op": "add", "path": "/a/3", "value": 9}],
        [{"op": "add", "path": "/a/4", "value": 9}],
        [{"op": "add", "path": "/a/-", "value": [9]}],
        [{"op": "add", "path": "/a/01", "value": 9}],
        [{"op": "add", "path": "/a/+1", "value": 9}],
        [{"op": "add", "path": "/c/d", "value": null}],
        [{"op": "add", "path": "/x/y", "value": 1}],
        [{"op": "remove", "path": "/a/0"}, {"op": "remove", "path": "/a/0"}],
        [{"op": "remove", "path": "/a/-"}],
        [{"op": "remove", "path": "/c/"}],
        [{"op": "remove", "path": "/c/x"}],
        [{"op": "replace", "path": "/c/g~1h", "value": {"x": []}}],
        [{"op": "replace", "path": "/c/none", "value": 1}],
        [{"op": "move", "from": "/a/2", "path": "/c/new"}],
        [{"op": "move", "from": "/c", "path": "/c/d/e"}],
        [{"op": "move", "from": "/a/0", "path": "/a/2"}],
        [{"op": "move", "from": "/a/0", "path": "/a/3"}],
        [{"op": "copy", "from": "/c", "path": "/a/0"}],
        [{"op": "copy", "from": "/c", "path": "/c/c"}],
        [{"op": "test", "path": "/a/2", "value": {"b": null}}],
        [{"op": "test", "path": "/c/d", "value": "x"}],
        [{"op": "test", "path": "/c", "value": {"g/h": 1.0, "": "f", "d": "e"}}],
        [{"op": "test", "path": "/none", "value": null}],
        [{"op": "add", "path": "/c/x", "value": 1}, {"op": "test", "path": "/c/d", "value": 1}],
    ]);
    for patch in cases.as_array().unwrap() {
        let ours = patched(&object, patch).ok().map(|patched| patched.object);
        let mut theirs = object.clone();
        let patch: json_patch::Patch = serde_json::from_value(patch.clone()).unwrap();
        let theirs = json_patch::patch(&mut theirs, &patch).ok().map(|()| theirs);
        assert_eq!(ours, theirs, "{patch}");
    }
}

#[test]
fn every_change_is_told_with_old_and_new_value_and_place() {
    let object = serde_json::json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x", "labels": {"a/b": "c"}},
        "spec": {"containers": [{"name": "app", "image": "a:1"}]},
    });
    let patch = serde_json::json!({
        "metadata": {"labels": {"a/b": null}},
        "spec": {"containers": [{"name": "app", "image": "a:2"}], "hostNetwork": false, "dnsConfig": {"options": [1]}},
    });
    let told: Vec<(String, Option<Value>, Option<Value>)> = patched(&object, &patch)
        .unwrap()
        .changes
        .into_iter()
        .map(|change| (change.path, change.old, change.new))
        .collect();
    let wanted: [(&str, Option<Value>, Option<Value>); 4] = [
        ("metadata.labels[\"a/b\"]", Some("c".into()), None),
        (
            "spec.containers[name=app].image",
            Some("a:1".into()),
            Some("a:2".into()),
        ),
        ("spec.hostNetwork", None, Some(false.into())),
        ("spec.dnsConfig.options", None, Some(serde_json::json!([1]))),
    ];
    assert_eq!(
        told,
        wanted.map(|(path, old, new)| (path.to_owned(), old, new)),
        "all, in order"
    );
}
