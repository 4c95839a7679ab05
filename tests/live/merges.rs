//! The merges of overlays, asked again of the real kustomize, which kubectl brings along.

use std::process::Command;

use serde_json::{Value, json};

use crate::lab;

#[test]
fn kustomize_gives_the_recorded_results() {
    let cases: Vec<Value> = serde_yaml::from_str(include_str!("../overlays/merges.yaml")).unwrap();
    assert!(cases.len() >= 24, "only {} cases are left", cases.len());
    let kubectl = lab::binary("kubectl");
    for case in cases {
        let (name, object) = (&case["name"], &case["object"]);
        let folder = tempfile::tempdir().unwrap();
        let patch = match case["patch"].is_array() {
            true => json!({"target": {"kind": object["kind"]}, "patch": case["patch"].to_string()}),
            false => {
                // kustomize finds the object by what a patch says of it.
                let mut patch = case["patch"].clone();
                for key in ["apiVersion", "kind"] {
                    patch[key] = object[key].clone();
                }
                for key in ["name", "namespace"] {
                    if !object["metadata"][key].is_null() {
                        patch["metadata"][key] = object["metadata"][key].clone();
                    }
                }
                json!({"patch": patch.to_string()})
            }
        };
        let kustomization = json!({"resources": ["object.yaml"], "patches": [patch]});
        std::fs::write(folder.path().join("object.yaml"), object.to_string()).unwrap();
        std::fs::write(
            folder.path().join("kustomization.yaml"),
            kustomization.to_string(),
        )
        .unwrap();
        let run = Command::new(&kubectl)
            .arg("kustomize")
            .arg(folder.path())
            .env("HOME", folder.path())
            .output()
            .unwrap();
        assert!(
            run.status.success(),
            "{name}: {}",
            String::from_utf8_lossy(&run.stderr)
        );
        let built: Value = serde_yaml::from_slice(&run.stdout).unwrap();
        assert_eq!(built, case["result"], "{name}");
    }
}
