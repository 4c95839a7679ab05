//! `-o json` and `-o yaml`: one document with apiVersion and kind, as the schema of its kind describes it.

use serde_json::Value;

use super::sandbox::Sandbox;

/// Arguments, the exit code, and the schema of the document.
const CASES: &[(&[&str], i32, &str)] = &[
    (&["validate"], 0, "validation-report"),
    (&["validate", "-f", "bad.yaml"], 2, "validation-report"),
    (&["validate", "-f", "empty.yaml"], 2, "validation-report"),
    (&["plan"], 0, "plan"),
    (&["plan", "--from", "former.yaml"], 1, "plan"),
    (&["plan", "--from", "former.yaml"], 1, "change-plan"),
    (&["plan", "--from", "other.yaml"], 1, "change-plan"),
    (&["plan", "--from", "platform.yaml"], 0, "change-plan"),
    (&["gpu", "plan"], 0, "gpu-plan"),
    (&["gpu", "plan", "--from", "former.yaml"], 0, "gpu-plan"),
    (&["gpu", "plan", "-f", "large.yaml"], 2, "gpu-plan"),
    (&["gpu", "plan", "-f", "bad.yaml"], 2, "gpu-plan"),
    (&["render", "--out", "out"], 0, "render-result"),
    (&["render", "--out", "other", "--dry-run"], 0, "render-result"),
    (
        &["render", "--explain", "tenants/fra1/team-a/quota.yaml"],
        0,
        "render-explanation",
    ),
    (&["test"], 0, "test-report"),
    (
        &["test", "--pod", "pod.yaml", "--team", "team-a"],
        1,
        "pod-test-report",
    ),
    (&["team", "list"], 0, "team-list"),
    (&["team", "freeze", "team-a", "--dry-run"], 0, "team-change"),
    (&["team", "unfreeze", "team-a"], 0, "team-change"),
    (
        &["team", "add", "team-x", "--gpu", "a100-dev=1", "--dry-run"],
        2,
        "team-change",
    ),
    (
        &["team", "remove", "team-a", "--yes", "--dry-run"],
        0,
        "team-change",
    ),
    (&["explain"], 0, "explanation"),
    (&["explain", "teams.gpus"], 0, "explanation"),
    (&["gpu", "boards"], 0, "gpu-board-list"),
    (&["gpu", "profiles", "h100-80gb"], 0, "gpu-profile-list"),
    (&["gpu", "profiles", "gb200-186gb"], 0, "gpu-profile-list"),
    (&["gpu", "profiles", "rtx-pro-5000-48gb"], 0, "gpu-profile-list"),
    (&["gpu", "profiles", "t4"], 0, "gpu-profile-list"),
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
    (&["-C", "demo", "regenerate"], 0, "regenerate-result"),
    (
        &["-C", "demo", "team", "freeze", "team-b"],
        0,
        "regenerate-result",
    ),
    (&["-C", "demo", "regenerate", "--check"], 0, "regenerate-check"),
    (
        &["-C", "demo", "regenerate", "--dry-run", "-f", "edited.yaml"],
        3,
        "regenerate-result",
    ),
    (
        &["-C", "demo", "regenerate", "--check", "-f", "edited.yaml"],
        1,
        "regenerate-check",
    ),
    (
        &["-C", "demo", "regenerate", "-f", "edited.yaml"],
        3,
        "regenerate-result",
    ),
    (&["-C", "demo", "regenerate", "--abort"], 0, "regenerate-end"),
    (
        &["-C", "demo", "regenerate", "-f", "edited.yaml"],
        3,
        "regenerate-result",
    ),
    (&["-C", "demo", "regenerate", "--continue"], 0, "regenerate-end"),
];

/// What a person does between two of the commands: a hand edit, another spec, and the end of a conflict.
fn meanwhile(sandbox: &Sandbox, arguments: &[&str]) {
    let quota = "demo/tenants/fra1/team-a/quota.yaml";
    match arguments {
        ["-C", "demo", "regenerate", "--dry-run", ..] => {
            let edited = sandbox.read("demo/platform.yaml").replace("cpu: 64", "cpu: 60");
            sandbox.write("demo/edited.yaml", &edited);
            sandbox.write(quota, &sandbox.read(quota).replace("cpu: \"64\"", "cpu: \"99\""));
            let git = |arguments: &[&str]| {
                let mut command = std::process::Command::new("git");
                command.current_dir(sandbox.path("demo")).args(arguments);
                let command = command
                    .env("GIT_CONFIG_GLOBAL", "/dev/null")
                    .env("GIT_CONFIG_NOSYSTEM", "1");
                let output = command.output().unwrap();
                assert!(output.status.success(), "{arguments:?}: {output:?}");
            };
            git(&[
                "-c",
                "user.name=T",
                "-c",
                "user.email=t@example.com",
                "commit",
                "-qam",
                "edit",
            ]);
        }
        ["-C", "demo", "regenerate", "--continue"] => {
            let lines = sandbox.read(quota);
            let resolved: Vec<&str> = lines
                .lines()
                .filter(|line| !line.starts_with(['<', '=', '>']) && !line.contains("\"60\""))
                .collect();
            sandbox.write(quota, &(resolved.join("\n") + "\n"));
        }
        _ => {}
    }
}

fn schema(name: &str) -> Value {
    let path = format!("{}/schemas/{name}.schema.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A spec of which the example is a change of every section.
fn former(example: &str) -> String {
    [
        ("name: team-b", "name: team-x"),
        ("name: team-c", "name: team-d"),
        ("groups: [oidc:team-c]", "groups: [oidc:team-d]"),
        ("count: 4", "count: 2"),
        ("cpu: 64, ", ""),
        ("ml/api-key", "ml/other"),
        (
            "admins:\n  groups: [platform-admins]",
            "admins:\n  groups: [oidc:others]",
        ),
        ("context: fra1-admin", "context: fra1"),
    ]
    .iter()
    .fold(example.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "the example has {from:?}");
        text.replace(from, to)
    })
}

/// Another tenancy: nothing of the example is in it.
const OTHER: &str = "\
apiVersion: tenancy.platform/v1alpha1
kind: Tenancy
name: other
admins: {groups: [oidc:other]}
clusters:
  - name: ber1
    pools: [{name: mig, board: h100-80gb, nodes: 1, gpusPerNode: 2, sharing: mig}]
teams:
  - name: other
    groups: [oidc:team]
    gpus: [{cluster: ber1, pool: mig, profile: 1g.10gb, count: 1}]
";

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
    sandbox.write("large.yaml", &example.replace("count: 4", "count: 99"));
    sandbox.write("former.yaml", &former(&example));
    sandbox.write("other.yaml", OTHER);
    let overlay = "apiVersion: tenancy.platform/v1alpha1\nkind: Overlay\npatches:\n  \
                   - {target: {kind: ResourceQuota}, patch: {spec: {hard: {pods: \"7\"}}}}\n  \
                   - {target: {kind: Tenancy}, patch: {policy: {podSecurity: restricted}}}\n";
    sandbox.write("overlays/more.yaml", overlay);
    sandbox.write("pod.yaml", super::pod::WHOLE_GPU);
    sandbox
}

#[test]
fn every_document_is_as_its_schema_says() {
    let sandbox = prepared();
    for (arguments, code, name) in CASES {
        meanwhile(&sandbox, arguments);
        let run = sandbox.run(&[*arguments, &["-o", "json"]].concat());
        assert_eq!(run.code, *code, "{arguments:?}: {run:?}");
        let mut document = run.json();
        if *name == "change-plan" {
            document = document["change"].take();
        }
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

/// Commands whose second run does something else than the first.
fn is_once(arguments: &[&str]) -> bool {
    arguments[0] == "init" || arguments[0] == "-C"
}

#[test]
fn json_and_yaml_are_the_same_document() {
    let sandbox = prepared();
    for (arguments, _, _) in CASES.iter().filter(|(arguments, ..)| !is_once(arguments)) {
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
        if name.ends_with("-config") {
            continue; // a rendered file, see tests/configs.rs
        }
        let ours = text["description"].as_str().is_some_and(|d| {
            let first = d
                .trim_start_matches("platform ")
                .split(' ')
                .next()
                .unwrap_or_default();
            CASES.iter().any(|(arguments, ..)| arguments.contains(&first))
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
