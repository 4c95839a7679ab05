//! `platform check` against a real cluster: all well after apply, and each lack by its name.

use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};

use super::tenancy::{self, Tenancy};
use crate::lab::{self, Output, User};

/// Flux's kinds that the example needs, with any content: the lab has no Flux here.
const FLUX: [(&str, &str, &str); 3] = [
    ("helm.toolkit.fluxcd.io", "v2", "HelmRelease"),
    ("source.toolkit.fluxcd.io", "v1", "HelmRepository"),
    ("kustomize.toolkit.fluxcd.io", "v1", "Kustomization"),
];

fn definition(group: &str, version: &str, kind: &str) -> Value {
    let singular = kind.to_lowercase();
    let plural = if let Some(stem) = singular.strip_suffix('y') {
        format!("{stem}ies")
    } else {
        format!("{singular}s")
    };
    json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": format!("{plural}.{group}")},
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {"kind": kind, "plural": plural, "singular": singular, "listKind": format!("{kind}List")},
            "versions": [{
                "name": version,
                "served": true,
                "storage": true,
                "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}},
            }],
        },
    })
}

fn git(tenancy: &Tenancy, arguments: &[&str]) {
    let status = Command::new("git")
        .arg("-C")
        .arg(&tenancy.directory)
        .args(arguments)
        .status()
        .expect("git runs");
    assert!(status.success(), "git {arguments:?}");
}

/// The document, and the ids of the failed checks.
fn failed(answer: &Output) -> Vec<String> {
    let document: Value = serde_json::from_str(&answer.stdout)
        .unwrap_or_else(|error| panic!("one JSON document: {error}: {answer}"));
    let checks = document["checks"].as_array().cloned().unwrap_or_default();
    let ids = checks.iter().filter(|check| check["answer"] == "failed");
    ids.map(|check| check["id"].as_str().unwrap_or("?").to_owned())
        .collect()
}

#[test]
fn all_is_well_after_apply_and_each_lack_has_its_line() {
    let cluster = lab::native();
    let _guard = cluster.exclusive();
    let tenancy = tenancy::native();
    git(tenancy, &["config", "user.name", "A"]);
    git(tenancy, &["config", "user.email", "a@example.com"]);
    git(
        tenancy,
        &["config", "remote.origin.url", "https://git.example.com/a.git"],
    );
    let check =
        |more: &[&str]| tenancy.platform(&[&["check", "-o", "json", "--timeout", "1m"], more].concat());

    let bare = check(&[]);
    assert_eq!(
        failed(&bare),
        ["kinds", "gitops"],
        "Flux is not there yet: {bare}"
    );
    assert_eq!(bare.status.code(), Some(1), "{bare}");
    assert!(bare.stdout.contains("flux brings it"), "{bare}");

    let definitions = FLUX.map(|(group, version, kind)| definition(group, version, kind));
    for definition in &definitions {
        cluster.apply(User::Root, &definition.to_string());
    }
    cluster.wait_for("Flux's kinds", Duration::from_secs(60), || {
        failed(&check(&[])).is_empty().then_some(())
    });
    let well = check(&[]);
    assert_eq!(well.status.code(), Some(0), "all is well: {well}");
    assert!(
        well.stdout.contains("\"skipped\": 0"),
        "nothing was left out: {well}"
    );

    let nobody = cluster.kubeconfig(User::Nobody);
    let nobody = check(&["--kubeconfig", nobody.to_str().expect("the path is text")]);
    assert_eq!(
        failed(&nobody),
        ["permissions"],
        "somebody without rights: {nobody}"
    );
    assert_eq!(nobody.status.code(), Some(1), "{nobody}");
    assert!(nobody.stdout.contains("create"), "the rights are named: {nobody}");

    for definition in &definitions {
        let name = definition["metadata"]["name"].as_str().expect("a name");
        cluster.ok(User::Root, &["delete", "crd", name, "--timeout=60s"]);
    }
}

#[test]
fn another_cluster_under_the_same_context_is_told() {
    let (first, second) = (lab::native(), lab::kyverno());
    let _first = first.shared();
    let _second = second.shared();
    let tenancy = tenancy::native();
    let other = second.kubeconfig(User::Admin);
    let other = other.to_str().expect("the path is text");
    let answer = tenancy.platform(&["check", "-o", "json", "--kubeconfig", other]);
    assert!(failed(&answer).contains(&"same-cluster".to_owned()), "{answer}");
}
