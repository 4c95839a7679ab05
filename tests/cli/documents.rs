//! `-o json` and `-o yaml`: one document with apiVersion and kind, as the schema of its kind describes it.

use serde_json::Value;

use super::sandbox::Sandbox;

/// Arguments, the exit code, and the schema of the document.
const CASES: &[(&[&str], i32, &str)] = &[
    (&["validate"], 0, "validation-report"),
    (&["validate", "-f", "bad.yaml"], 2, "validation-report"),
    (&["validate", "-f", "empty.yaml"], 2, "validation-report"),
    (&["plan"], 0, "plan"),
    (&["render", "--out", "out"], 0, "render-result"),
    (&["render", "--out", "other", "--dry-run"], 0, "render-result"),
    (&["test"], 0, "test-report"),
    (
        &["test", "--pod", "pod.yaml", "--team", "team-a"],
        1,
        "pod-test-report",
    ),
    (&["explain"], 0, "explanation"),
    (&["explain", "teams.gpus"], 0, "explanation"),
    (&["version"], 0, "version"),
    (&["blueprint", "list"], 0, "blueprint-list"),
    (
        &["blueprint", "export", "blueprints", "--dry-run"],
        0,
        "blueprint-export",
    ),
    (&["man", "--out", "man1", "--dry-run"], 0, "manual-pages"),
    (&["check", "--offline"], 1, "check-result"),
    (&["check", "--offline", "-f", "bad.yaml"], 1, "check-result"),
    (&["init", "--yes", "--dry-run", "demo"], 0, "init-result"),
    (&["init", "--yes", "demo"], 0, "init-result"),
    (&["init", "--yes", "demo"], 0, "init-result"),
];

fn schema(name: &str) -> Value {
    let path = format!("{}/schemas/{name}.schema.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn prepared() -> Sandbox {
    let sandbox = Sandbox::with_example();
    let example = sandbox.read("platform.yaml");
    sandbox.write(
        "bad.yaml",
        &example
            .replace("name: gpu-tenancy", "name: Bad")
            .replace("count: 2", "count: 99"),
    );
    sandbox.write("empty.yaml", "");
    sandbox.write("pod.yaml", super::pod::WHOLE_GPU);
    sandbox
}

#[test]
fn every_document_is_as_its_schema_says() {
    let sandbox = prepared();
    for (arguments, code, name) in CASES {
        let run = sandbox.run(&[*arguments, &["-o", "json"]].concat());
        assert_eq!(run.code, *code, "{arguments:?}: {run:?}");
        let document = run.json();
        let schema = schema(name);
        assert!(jsonschema::meta::is_valid(&schema), "{name} is a schema");
        let validator = jsonschema::validator_for(&schema).unwrap();
        let errors: Vec<String> = validator
            .iter_errors(&document)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{arguments:?}: {errors:#?}\n{document:#}");
        assert_eq!(
            document["kind"], schema["title"],
            "{arguments:?}: kind and title of its schema"
        );
    }
}

#[test]
fn json_and_yaml_are_the_same_document() {
    let sandbox = prepared();
    for (arguments, _, _) in CASES.iter().filter(|(arguments, ..)| arguments[0] != "init") {
        let json = sandbox.run(&[*arguments, &["-o", "json"]].concat()).json();
        let yaml = sandbox.run(&[*arguments, &["-o", "yaml"]].concat());
        let yaml: Value =
            serde_yaml::from_str(&yaml.stdout).unwrap_or_else(|error| panic!("{arguments:?}: {error}"));
        assert_eq!(json, yaml, "{arguments:?}");
    }
}

#[test]
fn every_schema_has_a_document() {
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/schemas")).unwrap() {
        let name = entry
            .unwrap()
            .file_name()
            .to_string_lossy()
            .replace(".schema.json", "");
        let text = schema(&name);
        assert!(text["description"].is_string(), "{name} says what it describes");
        let ours = text["description"].as_str().is_some_and(|d| {
            let first = d
                .trim_start_matches("platform ")
                .split(' ')
                .next()
                .unwrap_or_default();
            CASES.iter().any(|(arguments, ..)| arguments[0] == first)
        });
        assert!(
            !ours || CASES.iter().any(|(.., schema)| *schema == name),
            "{name} is never compared with a document"
        );
    }
}

#[test]
fn findings_have_all_six_fields_in_the_order_of_the_file() {
    let sandbox = prepared();
    let report = sandbox.run(&["validate", "-f", "bad.yaml", "-o", "json"]).json();
    let findings = report["findings"].as_array().unwrap();
    assert_eq!(report["valid"], false, "{report:#}");
    assert_eq!(findings[0]["file"], "bad.yaml", "{report:#}");
    assert_eq!(
        (&findings[0]["line"], &findings[0]["column"]),
        (&5.into(), &7.into()),
        "{report:#}"
    );
    assert_eq!(findings[0]["code"], "bad-name", "{report:#}");
    assert_eq!(findings[0]["hint"], "`bad` would be one", "{report:#}");
}
