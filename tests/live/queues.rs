//! Kueue's definitions, where they are at hand, on a real API server: what is rendered passes a strict dry run.

use std::process::Command;

use serde_json::Value;

use crate::lab::{self, User};

#[test]
fn queues_pass_a_strict_dry_run() {
    let cluster = lab::native();
    let _guard = cluster.shared();
    let directory = tempfile::tempdir().expect("a directory");
    std::fs::write(
        directory.path().join("spec.yaml"),
        include_str!("../specs/valid/queues.yaml"),
    )
    .expect("the spec is written");
    let output = Command::new(env!("CARGO_BIN_EXE_platform"))
        .current_dir(directory.path())
        .args(["render", "-f", "spec.yaml", "--out", "tree"])
        .output()
        .expect("the binary runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let folder = directory.path().join("tree/queues/fra1");
    let built = cluster.ok(
        User::Root,
        &["kustomize", folder.to_str().expect("the path is text")],
    );
    let objects: Vec<Value> =
        platform::render::read_back("queues", built.as_bytes()).expect("kubectl prints YAML");
    assert_eq!(objects.len(), 7, "a cohort, three flavors, three queues");
    if !lab::install_kueue(cluster) {
        return; // no definitions at hand; `tests/queues.rs` checks their rules
    }
    let strict = [
        "apply",
        "--server-side",
        "--dry-run=server",
        "--validate=strict",
        "-f",
        "-",
    ];
    let answer = cluster.kubectl(User::Root, &strict, Some(&built));
    assert!(
        answer.status.success() && !answer.stderr.contains("Warning"),
        "{answer}"
    );
    assert_eq!(
        answer.stdout.lines().count(),
        objects.len(),
        "each was asked about: {answer}"
    );
    for (from, to) in [
        ("nominalQuota", "nominalQuotas"),
        ("cohortName: fra1", "cohort: fra1"),
        ("stopPolicy: Hold", "stopPolicy: Never"),
    ] {
        let wrong = built.replace(from, to);
        assert_ne!(wrong, built, "`{from}` is there");
        let answer = cluster.kubectl(User::Root, &strict, Some(&wrong));
        assert!(!answer.status.success(), "`{to}` is refused: {answer}");
    }
}
