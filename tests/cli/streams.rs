//! Standard input, closed pipes, log lines, and secrets on no stream at all.

use std::process::{Command, Stdio};

use super::sandbox::Sandbox;

#[test]
fn a_spec_on_standard_input_is_named_by_a_dash() {
    let sandbox = Sandbox::with_example();
    let example = sandbox.read("platform.yaml");
    let run = sandbox.run_with(&["validate", "-f", "-"], &example);
    assert_eq!(
        (run.code, run.stdout.as_str()),
        (0, "-: valid (1 cluster, 3 teams)\n"),
        "{run:?}"
    );
    let run = sandbox.run_with(&["validate", "-f", "-"], &example.replace("count: 2", "count: 0"));
    assert_eq!(run.code, 2, "{run:?}");
    assert!(
        run.stderr
            .starts_with("-:55:48: `teams[1].gpus[0].count` is 0; 1 to"),
        "{run:?}"
    );
    let run = sandbox.run_with(&["render", "-f", "-", "--out", "out"], &example);
    assert_eq!(run.code, 0, "{run:?}");
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let sandbox = Sandbox::with_example();
    for arguments in [
        &["schema"][..],
        &["plan", "-o", "json"],
        &["completion", "zsh"],
        &["--help"],
    ] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_platform"))
            .args(arguments)
            .current_dir(sandbox.path(""))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(
            (output.status.code(), stderr.as_ref()),
            (Some(0), ""),
            "{arguments:?}"
        );
    }
}

#[test]
fn a_log_line_is_one_json_object() {
    let sandbox = Sandbox::with_example();
    let bad = sandbox
        .read("platform.yaml")
        .replace("count: 2", "count: 0")
        .replace("count: 4", "count: x");
    let run = sandbox.run_with(&["--log-format", "json", "plan", "-f", "-"], &bad);
    assert_eq!((run.code, run.stderr.lines().count()), (2, 1), "{run:?}");
    let line: serde_json::Value = serde_json::from_str(&run.stderr).unwrap();
    assert_eq!(line["findings"].as_array().map(Vec::len), Some(2), "{line:#}");
    assert_eq!(line["exitCode"], 2, "{line:#}");
}

#[test]
fn a_pasted_secret_is_on_no_stream_and_in_no_repository() {
    let secret = "ghp_0123456789abcdefghijABCDEFGHIJ012345";
    let places = [
        ("mode: enforce", format!("modes: {{{secret}: audit}}")),
        ("[oidc:team-c]", secret.to_owned()),
        ("[oidc:team-c]", format!("[\"{secret}]")),
        ("[oidc:team-c]", format!("[oidc:team-c] # {secret}")),
    ];
    for (from, to) in places {
        let sandbox = Sandbox::new();
        let text = include_str!("../../examples/gpu-tenancy.yaml").replacen(from, &to, 1);
        sandbox.write("demo/platform.yaml", &text);
        for arguments in [
            &["-C", "demo", "validate"][..],
            &["-C", "demo", "validate", "-o", "json"],
            &["-C", "demo", "--log-format", "json", "plan"],
            &["-C", "demo", "render", "--out", "out"],
            &["-C", "demo", "-v", "test"],
            &["init", "--yes", "demo"],
        ] {
            let run = sandbox.run(arguments);
            assert_eq!(run.code, 2, "{arguments:?} with {to}: {run:?}");
            assert!(
                !run.stdout.contains("ghp_") && !run.stderr.contains("ghp_"),
                "{arguments:?} with {to}: {run:?}"
            );
        }
        assert_eq!(sandbox.files("demo").len(), 1, "nothing but the spec is there");
        assert!(!sandbox.path("demo/.git").exists(), "nothing was committed");
    }
}
