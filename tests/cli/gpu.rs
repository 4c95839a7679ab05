//! `platform gpu plan`: the table at several widths, what it says of a change, and of demands that do not fit.

use std::path::Path;

use super::sandbox::{Run, Sandbox};

const SPEC: &str = "\
apiVersion: tenancy.platform/v1alpha1
kind: Tenancy
name: mix
clusters:
  - name: fra1
    context: fra1-admin
    pools:
      - {name: mig, board: h100-80gb, nodes: 3, gpusPerNode: 4, sharing: mig, wholeGpus: 2, reserve: {slices: {1g.10gb: 2}}}
      - {name: dev, board: a100-40gb, nodes: 1, gpusPerNode: 2, sharing: time-slicing, replicas: 4}
      - {name: train, board: l40s, nodes: 2, gpusPerNode: 2, sharing: whole}
teams:
  - name: vision
    groups: [g1]
    gpus:
      - {cluster: fra1, pool: mig, profile: 3g.40gb, count: 4}
      - {cluster: fra1, pool: mig, profile: 1g.10gb, count: 5}
      - {cluster: fra1, pool: mig, count: 1}
  - name: speech
    groups: [g2]
    gpus:
      - {cluster: fra1, pool: mig, profile: 2g.20gb, count: 3}
      - {cluster: fra1, pool: dev, count: 5}
      - {cluster: fra1, pool: train, count: 3}
";

fn plan(sandbox: &Sandbox, arguments: &[&str], columns: &str, locale: &str) -> Run {
    let mut command = sandbox.command(&[&["gpu", "plan"], arguments].concat());
    command.env("COLUMNS", columns).env("LC_ALL", locale);
    Sandbox::finish(&mut command)
}

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("platform.yaml", SPEC);
    sandbox
}

#[test]
fn the_table_is_as_reviewed_at_every_width() {
    let sandbox = sandbox();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/gpu");
    for (columns, locale, name) in [
        ("60", "C.UTF-8", "60.txt"),
        ("80", "C.UTF-8", "80.txt"),
        ("100", "C.UTF-8", "100.txt"),
        ("200", "C.UTF-8", "200.txt"),
        ("80", "C", "80-ascii.txt"),
    ] {
        let run = plan(&sandbox, &[], columns, locale);
        assert_eq!(run.code, 0, "{run:?}");
        let width: usize = columns.parse().unwrap();
        for line in run.stdout.lines() {
            assert!(line.chars().count() <= width, "{columns} columns: {line:?}");
        }
        let ours = run.stdout.is_ascii();
        assert_eq!(
            ours,
            locale == "C",
            "only ASCII where the locale has nothing else"
        );
        let path = folder.join(name);
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&path, &run.stdout).unwrap();
        }
        let golden = std::fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(run.stdout, golden, "{name}; UPDATE_GOLDEN=1 accepts");
    }
}

#[test]
fn colours_come_and_go_without_a_change_of_the_text() {
    let sandbox = sandbox();
    let plain = plan(&sandbox, &[], "100", "C.UTF-8").stdout;
    let mut command = sandbox.command(&["gpu", "plan"]);
    command
        .env("COLUMNS", "100")
        .env("LC_ALL", "C.UTF-8")
        .env("FORCE_COLOR", "1");
    let coloured = Sandbox::finish(&mut command).stdout;
    assert!(
        coloured.contains("\u{1b}[30;48;5;"),
        "teams have colours: {coloured}"
    );
    assert_eq!(console::strip_ansi_codes(&coloured), plain);
    command.env("NO_COLOR", "1");
    assert_eq!(Sandbox::finish(&mut command).stdout, plain, "NO_COLOR wins");
}

#[test]
fn a_demand_that_does_not_fit_stands_beside_the_pools_that_do() {
    let sandbox = sandbox();
    sandbox.write("large.yaml", &SPEC.replace("count: 4}", "count: 40}"));
    let run = sandbox.run(&["gpu", "plan", "-f", "large.yaml", "-o", "json"]);
    assert_eq!(run.code, 2, "{run:?}");
    let document = run.json();
    let pools = &document["clusters"][0]["pools"];
    assert!(pools[0]["infeasible"]["sentence"].is_string(), "{document:#}");
    assert_eq!(pools[0]["promised"]["nvidia.com/mig-3g.40gb"], 40, "{document:#}");
    assert_eq!(pools[1]["gpusNeeded"], 2, "five slots of four: {document:#}");
    assert_eq!(document["findings"][0]["code"], "does-not-fit", "{document:#}");
    assert!(run.stderr.contains("large.yaml:"), "{}", run.stderr);
}

#[test]
fn from_another_spec_the_changes_and_moves_are_listed() {
    let sandbox = sandbox();
    let less = SPEC
        .replace("3g.40gb, count: 4", "3g.40gb, count: 2")
        .replace("2g.20gb, count: 3", "3g.40gb, count: 2");
    sandbox.write("former.yaml", &less);
    let run = sandbox.run(&["gpu", "plan", "--from", "former.yaml", "-o", "json"]);
    assert_eq!(run.code, 0, "{run:?}");
    let document = run.json();
    let pool = &document["clusters"][0]["pools"][0];
    assert_eq!(document["from"], "file", "{document:#}");
    let moved = &pool["moves"][0];
    assert_eq!(
        (&moved["from"], &moved["to"], &moved["count"], &moved["tightens"]),
        (&"speech".into(), &"vision".into(), &2.into(), &"speech".into()),
        "{document:#}"
    );
    let changes = pool["changes"].as_array().unwrap();
    assert!(!changes.is_empty(), "{document:#}");
    assert_eq!(pool["gpusRebuilt"], changes.len(), "{document:#}");
    let node = &pool["rollout"][0];
    assert_eq!(node["modeChange"], "none", "{node:#}");
    assert_eq!(node["isNew"], false, "{node:#}");
    let steps: Vec<&str> = node["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| step["step"].as_str().unwrap())
        .collect();
    assert_eq!(
        steps,
        [
            "cordon",
            "wait-for-gpu-pods",
            "config-present",
            "label",
            "wait-state-success",
            "allocatable-equals-plan",
            "uncordon"
        ]
    );
    let same = sandbox
        .run(&["gpu", "plan", "--from", "platform.yaml", "-o", "json"])
        .json();
    let pool = &same["clusters"][0]["pools"][0];
    assert_eq!(
        (&pool["gpusRebuilt"], &pool["rollout"]),
        (&0.into(), &serde_json::json!([]))
    );
}

#[test]
fn a_cluster_that_the_spec_does_not_have_is_told() {
    let run = sandbox().run(&["gpu", "plan", "--cluster", "nowhere"]);
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.stderr.contains("clusters: fra1"), "{run:?}");
}
