//! `platform check` without a cluster: repository, spec, files, and servers that do not answer.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::sandbox::{Run, Sandbox};
use super::silent::{SilentServer, kubeconfig};

/// A rendered repository with an identity and a remote, and nothing else than that.
fn repository() -> Sandbox {
    let sandbox = Sandbox::new();
    let run = sandbox.run(&["init", "--yes", "demo"]);
    assert_eq!(run.code, 0, "{run:?}");
    for setting in [["user.name", "A"], ["user.email", "a@example.com"]] {
        sandbox.git("demo", &["config", setting[0], setting[1]]);
    }
    sandbox.git(
        "demo",
        &[
            "remote",
            "add",
            "origin",
            "https://user:secret-word@git.example.com/a.git",
        ],
    );
    sandbox
}

fn check(sandbox: &Sandbox, arguments: &[&str]) -> Run {
    sandbox.run(&[&["-C", "demo", "check", "-o", "json"], arguments].concat())
}

/// The ids with an answer.
fn with(run: &Run, answer: &str) -> Vec<String> {
    let document = run.json();
    let checks = document["checks"].as_array().cloned().unwrap_or_default();
    let wanted = |check: &&Value| check["answer"] == answer;
    checks
        .iter()
        .filter(wanted)
        .map(|check| check["id"].as_str().unwrap_or("?").to_owned())
        .collect()
}

#[test]
fn a_good_repository_passes_and_its_clusters_are_left_out() {
    let sandbox = repository();
    let before = sandbox.files("demo");
    let run = check(&sandbox, &["--offline"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(with(&run, "failed"), Vec::<String>::new(), "{run:?}");
    assert_eq!(
        with(&run, "skipped").len(),
        7,
        "every check of the cluster: {run:?}"
    );
    assert!(
        !run.stdout.contains("secret-word"),
        "a remote's password is not shown"
    );
    let run = sandbox.run(&["-C", "demo", "check", "--offline"]);
    assert!(
        run.stdout.contains("  ✔ it is valid: 1 clusters, 3 teams")
            && run.stdout.contains("  – the server answers: --offline"),
        "{run:?}"
    );
    assert!(sandbox.files("demo") == before, "nothing was changed");
}

#[test]
fn each_problem_is_one_failed_line() {
    type Break = fn(&Sandbox);
    let cases: [(&[&str], Break); 8] = [
        (&["git-identity"], |s| {
            s.git("demo", &["config", "--unset", "user.name"]);
        }),
        (&["remote"], |s| {
            s.git("demo", &["remote", "remove", "origin"]);
        }),
        (&["rendered-branch"], |s| {
            s.git("demo", &["update-ref", "-d", "refs/heads/platform/rendered"]);
        }),
        (&["work-tree-clean"], |s| {
            s.write("demo/notes.txt", "mine");
        }),
        (&["work-tree-clean", "generated-files"], |s| {
            s.write("demo/docs/runbook.md", "mine");
        }),
        (&["work-tree-clean", "spec-rendered"], |s| {
            let text = s.read("demo/platform.yaml").replace("count: 4", "count: 3");
            s.write("demo/platform.yaml", &text);
        }),
        (&["work-tree-clean", "spec-valid"], |s| {
            s.write("demo/platform.yaml", "kind: Tenancy\n");
        }),
        (&["repository"], |s| {
            s.git("demo", &["checkout", "-q", "--detach"]);
        }),
    ];
    for (failed, damage) in cases {
        let sandbox = repository();
        damage(&sandbox);
        let run = check(&sandbox, &["--offline"]);
        assert_eq!(run.code, 1, "{failed:?}: {run:?}");
        assert_eq!(with(&run, "failed"), failed, "{run:?}");
    }
}

#[test]
fn a_directory_without_anything_is_told_line_by_line() {
    let sandbox = Sandbox::new();
    let run = sandbox.run(&["check", "-o", "json"]);
    assert_eq!(run.code, 1, "{run:?}");
    assert_eq!(
        with(&run, "failed"),
        ["git-identity", "repository", "spec-valid", "spec-rendered"],
        "{run:?}"
    );
}

#[test]
fn a_missing_context_and_a_closed_port_are_failed_lines() {
    let sandbox = repository();
    let run = check(&sandbox, &[]);
    assert_eq!(
        (run.code, with(&run, "failed")),
        (1, vec!["context".to_owned()]),
        "{run:?}"
    );
    // A port that was free a moment ago: nobody listens there.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    kubeconfig(&sandbox, "demo-closed", port);
    let run = check(&sandbox, &["--kubeconfig", "../demo-closed", "--timeout", "20s"]);
    assert_eq!(
        (run.code, with(&run, "failed")),
        (1, vec!["reachable".to_owned()]),
        "{run:?}"
    );
    assert_eq!(with(&run, "skipped").len(), 5, "the rest is left open: {run:?}");
}

#[test]
fn a_silent_server_is_a_failed_line_within_the_deadline() {
    let sandbox = repository();
    let _server = SilentServer::start(&sandbox);
    let begin = Instant::now();
    let run = check(
        &sandbox,
        &["--kubeconfig", "../silent.kubeconfig", "--timeout", "2s"],
    );
    let took = begin.elapsed();
    assert_eq!(
        (run.code, with(&run, "failed")),
        (1, vec!["reachable".to_owned()]),
        "{run:?}"
    );
    assert!(run.stdout.contains("deadline of 2 s"), "{run:?}");
    assert!(took < Duration::from_secs(20), "it took {took:?}");
}
