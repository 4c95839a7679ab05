//! Hostile text through kubectl's own reader: what a group is called arrives as it was written.

use std::collections::BTreeSet;
use std::process::Command;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::hostile_strings;
use crate::lab::{self, User};

#[test]
fn kubectl_reads_hostile_group_names_as_they_were_written() {
    let cluster = lab::native();
    let _guard = cluster.shared();
    let folder = tempfile::tempdir().expect("a temporary directory");
    // Those that no line of text may hold are findings; the offline tests say so for each.
    let texts: Vec<String> = hostile_strings::all()
        .into_iter()
        .filter(|text| !text.trim().is_empty() && text.len() <= 1024 && !text.starts_with("system:"))
        .filter(|text| rendered(folder.path(), std::slice::from_ref(text)).is_some())
        .collect();
    assert!(
        texts.len() >= 60,
        "{} texts are allowed in group names",
        texts.len()
    );
    let out = rendered(folder.path(), &texts).expect("they are allowed together as well");
    let tenants = out.join("tenants/fra1");
    let built = cluster.ok(
        User::Root,
        &["kustomize", tenants.to_str().expect("the path is text")],
    );
    let mut found = BTreeSet::new();
    for document in serde_yaml::Deserializer::from_str(&built) {
        let object = Value::deserialize(document).expect("kubectl prints YAML");
        for subject in object["subjects"].as_array().into_iter().flatten() {
            found.insert(
                subject["name"]
                    .as_str()
                    .expect("a group's name stays text")
                    .to_owned(),
            );
        }
    }
    assert_eq!(found, texts.into_iter().collect::<BTreeSet<_>>());
}

/// A render of one team with these groups; nothing when the spec is refused.
fn rendered(folder: &std::path::Path, groups: &[String]) -> Option<std::path::PathBuf> {
    let spec = json!({
        "apiVersion": "tenancy.platform/v1alpha1",
        "kind": "Tenancy",
        "name": "hostile",
        "clusters": [{"name": "fra1"}],
        "teams": [{"name": "team-a", "groups": groups}],
    });
    let (file, out) = (folder.join("spec.yaml"), folder.join("out"));
    std::fs::write(&file, spec.to_string()).expect("the spec is written");
    let render = Command::new(env!("CARGO_BIN_EXE_platform"))
        .args(["render", "-f"])
        .arg(&file)
        .arg("--out")
        .arg(&out)
        .output()
        .expect("the binary runs");
    render.status.success().then_some(out)
}
