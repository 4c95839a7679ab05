//! Spec files: each in `specs/invalid` has exactly the findings beside it, each in `specs/valid` and each example renders.

#![allow(clippy::unwrap_used, reason = "a test helper that cannot go on has failed")]

mod support;

use std::path::Path;

use support::{files, golden, project, tree};

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

#[test]
fn every_invalid_spec_has_exactly_its_findings() {
    let specs = files("tests/specs/invalid", "yaml");
    assert!(specs.len() >= 60, "only {} invalid specs are left", specs.len());
    let mut differences = Vec::new();
    for path in &specs {
        let Err(findings) = tree(&name(path), &std::fs::read(path).unwrap()) else {
            differences.push(format!("{}: is valid", path.display()));
            continue;
        };
        let text: String = findings.iter().map(|finding| format!("{finding}\n")).collect();
        differences.extend(golden(&path.with_extension("findings"), &text));
    }
    assert!(
        differences.is_empty(),
        "{}\nUPDATE_GOLDEN=1 accepts",
        differences.join("\n")
    );
}

#[test]
fn every_list_of_findings_belongs_to_a_spec() {
    for path in files("tests/specs/invalid", "findings") {
        assert!(
            path.with_extension("yaml").exists(),
            "{} has no spec",
            path.display()
        );
    }
}

#[test]
fn every_valid_spec_and_every_example_renders() {
    let mut specs = files("tests/specs/valid", "yaml");
    specs.extend(files("examples", "yaml"));
    assert!(specs.len() > 8, "valid specs are found");
    for path in specs {
        let tree = tree(&name(&path), &std::fs::read(&path).unwrap());
        let tree = tree.unwrap_or_else(|findings| panic!("{}: {findings:#?}", path.display()));
        assert!(tree.len() > 10, "{}: a whole repository", path.display());
    }
}

#[test]
fn names_that_yaml_takes_for_something_else_stay_names() {
    let bytes = std::fs::read(project("tests/specs/valid/names_like_yaml_words.yaml")).unwrap();
    let tree = tree("names", &bytes).expect("the names are legal");
    for name in ["no", "y", "off", "true", "007", "1e3", "0x1f", "2027-03-31"] {
        let path = format!("tenants/null/{name}/namespace.yaml");
        // `y` works on cluster `on` only.
        let path = if name == "y" {
            path.replace("null", "on")
        } else {
            path
        };
        let file = tree.get(&path).unwrap_or_else(|| panic!("{path} is rendered"));
        let documents = platform::render::read_back(&path, &file.bytes).unwrap();
        assert_eq!(documents[0]["metadata"]["name"], name, "{path}");
    }
}
