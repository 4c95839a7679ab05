//! Commands with their exit codes, and the stream that the answer stands on.

use super::sandbox::Sandbox;

/// Arguments, exit code, text on standard output, text on standard error; empty text means an empty stream.
const CASES: &[(&[&str], i32, &str, &str)] = &[
    (&["version"], 0, "platform 0.", ""),
    (&["--version"], 0, "platform 0.", ""),
    (&["--help"], 0, "Usage: platform", ""),
    (&["validate", "--help"], 0, "Usage: platform validate", ""),
    (&[], 2, "", "Usage: platform"),
    (&["frobnicate"], 2, "", "frobnicate"),
    (
        &["validate", "-o", "xml"],
        2,
        "",
        "possible values: table, wide, json, yaml",
    ),
    (
        &["validate", "--timeout", "1d"],
        2,
        "",
        "`1d` is not a duration; write 90s, 10m or 1h",
    ),
    (&["validate", "--timeout", "0s"], 2, "", "1s to 24h are allowed"),
    (&["validate", "-q", "-v"], 2, "", "cannot be used with"),
    (&["validate"], 0, "platform.yaml: valid (1 cluster, 3 teams)", ""),
    (
        &["validate", "-f", "bad.yaml"],
        2,
        "",
        "bad.yaml:5:7: `Bad` is not a name",
    ),
    (
        &["validate", "-f", "absent.yaml"],
        2,
        "",
        "hint: name the spec with -f",
    ),
    (
        &["validate", "-f", "folder"],
        2,
        "",
        "`folder` is a directory: allowed is a regular file",
    ),
    (&["validate", "-f", "/dev/null"], 2, "", "`/dev/null` is a device"),
    (
        &["-C", "absent", "validate"],
        6,
        "",
        "directory `absent` cannot be entered",
    ),
    (
        &["-C", "folder", "validate", "-f", "../platform.yaml"],
        0,
        "valid",
        "",
    ),
    (&["plan"], 0, "2 of 32", ""),
    (
        &["plan", "-f", "bad.yaml"],
        2,
        "",
        "error: the spec has 1 problem",
    ),
    (&["plan", "-o", "yaml"], 0, "kind: Plan\n", ""),
    (&["plan", "--from", "platform.yaml"], 0, "\nno change\n", ""),
    (&["plan", "--from", "absent"], 2, "", "`absent` cannot be opened"),
    (
        &["plan", "--from", "bad.yaml"],
        2,
        "",
        "bad.yaml:5:7: `Bad` is not a name",
    ),
    (
        &["plan", "--from", "-", "-f", "-"],
        2,
        "",
        "hint: name a file for one of the two",
    ),
    (
        &["plan", "--from", "stricter.yaml"],
        1,
        "loosened",
        "hint: pass --allow-loosen if that is meant",
    ),
    (
        &["plan", "--from", "stricter.yaml", "--allow-loosen"],
        0,
        "loosened",
        "",
    ),
    (&["render"], 2, "", "--out <DIR>"),
    (&["render", "--out", "x/y"], 6, "", "`x` cannot be opened"),
    (&["render", "--out", "out", "--dry-run"], 0, "would write", ""),
    (&["test"], 0, ", 0 failed", ""),
    (&["test", "--team", "team-a"], 2, "", "--pod <FILE>"),
    (
        &["test", "--pod", "absent", "--team", "team-a"],
        2,
        "",
        "`absent` cannot be opened",
    ),
    (&["apply"], 2, "", "hint: apply works in a rendered repository"),
    (&["verify"], 6, "", "no kubeconfig"),
    (&["verify", "--cluster", "x"], 2, "", "hint: clusters: fra1"),
    (&["verify", "--kubeconfig", "absent"], 6, "", "absent"),
    (&["team"], 2, "", "Usage: platform team"),
    (
        &["team", "list"],
        0,
        "2 × nvidia.com/gpu.shared (fra1/a100-dev)",
        "",
    ),
    (
        &["team", "list", "-f", "bad.yaml"],
        2,
        "",
        "the spec has 1 problem",
    ),
    (&["team", "freeze", "team-d"], 2, "", "hint: did you mean `team-"),
    (
        &["team", "freeze", "other"],
        2,
        "",
        "hint: teams: team-a, team-b, team-c",
    ),
    (
        &["team", "freeze", "team-a", "-f", "folder/note.txt"],
        2,
        "",
        "note.txt",
    ),
    (
        &["team", "freeze", "team-a", "-f", "absent.yaml"],
        2,
        "",
        "hint: name the spec with -f",
    ),
    (
        &["team", "freeze", "team-a", "--dry-run"],
        0,
        "+    frozen: true",
        "stay reserved",
    ),
    (
        &["team", "unfreeze", "team-a"],
        0,
        "",
        "team `team-a` is not frozen",
    ),
    (&["team", "remove", "team-a"], 2, "", "hint: pass --yes"),
    (
        &["team", "remove", "team-a", "--dry-run"],
        0,
        "-  - name: team-a",
        "access goes first",
    ),
    (
        &["team", "add", "team-x", "--dry-run"],
        0,
        "+  - name: team-x",
        "",
    ),
    (
        &["team", "add", "team-c"],
        2,
        "",
        "team `team-c` is there, with other `groups`, `quota`",
    ),
    (
        &["team", "add", "Bad", "--dry-run"],
        2,
        "+  - name: Bad",
        "platform.yaml:60:11: `Bad` is not a name",
    ),
    (
        &["team", "add", "team-x", "--gpu", "h100-mgi=1"],
        2,
        "",
        "hint: did you mean `h100-mig`?",
    ),
    (
        &["team", "add", "team-x", "--gpu", "h100-mig"],
        2,
        "",
        "is not [CLUSTER/]POOL[:PROFILE]=COUNT",
    ),
    (
        &["team", "add", "team-x", "--gpu", "h100-mig:3g.40gb=99"],
        2,
        "",
        "nothing was written",
    ),
    (
        &["team", "add", "team-x", "--secret", "hunter2"],
        2,
        "",
        "stays in the backend",
    ),
    (
        &["explain", "teams.gpus.profile"],
        0,
        "MIG profile, such as `3g.40gb`",
        "",
    ),
    (&["explain", "spec.teams[0].gpus"], 0, "teams.gpus", ""),
    (&["explain", "teams.gpu"], 2, "", "hint: did you mean `gpus`?"),
    (&["explain", "teams.name.x"], 2, "", "hint: it has no fields"),
    (&["schema"], 0, "\"$schema\"", ""),
    (&["blueprint", "list"], 0, "policies/gpu-isolation/rule.cel", ""),
    (&["blueprint", "export", "folder"], 2, "", "`folder`"),
    (&["completion", "bash"], 0, "_platform()", ""),
    (&["completion", "tcsh"], 2, "", "possible values"),
    (
        &["init", "--yes", "--preset", "x", "new"],
        2,
        "",
        "hint: presets: gpu-tenancy",
    ),
    (
        &["init", "--yes", "Not_A_Name"],
        2,
        "",
        "the directory's name becomes the platform's name, but `Not_A_Name` is not",
    ),
    (
        &["init", "--yes", "absent/new"],
        2,
        "",
        "absent` is not a directory",
    ),
    (
        &["init", "new"],
        2,
        "",
        "error: `--cluster` is missing, and nobody can be asked here\nhint: answer by flags",
    ),
    (
        &["init", "--no-input", "--cluster", "fra1", "new"],
        2,
        "",
        "error: `--team` is missing",
    ),
    (&["init", "--yes", "--dry-run", "new"], 0, "would write", ""),
    (&["init", "--yes", "bad.yaml"], 2, "", "bad.yaml"),
];

#[test]
fn every_command_answers_on_its_stream_with_its_code() {
    let sandbox = Sandbox::with_example();
    let example = sandbox.read("platform.yaml");
    sandbox.write("bad.yaml", &example.replace("name: gpu-tenancy", "name: Bad"));
    sandbox.write(
        "stricter.yaml",
        &example.replace("mode: enforce", "podSecurity: restricted"),
    );
    sandbox.write("folder/note.txt", "mine");
    let before = sandbox.files("");
    for (arguments, code, stdout, stderr) in CASES {
        let run = sandbox.run(arguments);
        assert_eq!(run.code, *code, "{arguments:?}: {run:?}");
        for (text, wanted) in [(&run.stdout, stdout), (&run.stderr, stderr)] {
            assert_eq!(text.is_empty(), wanted.is_empty(), "{arguments:?}: {run:?}");
            assert!(text.contains(wanted), "{arguments:?}: {wanted:?} in {run:?}");
        }
        assert!(!run.stderr.contains("panicked"), "{arguments:?}: {run:?}");
    }
    assert_eq!(sandbox.files(""), before, "none of them writes anything");
}

#[test]
fn a_refused_command_says_error_in_lower_case_and_once() {
    let sandbox = Sandbox::with_example();
    for arguments in [
        &["validate", "-f", "absent"][..],
        &["init", "x"],
        &["explain", "y"],
        &["-C", "z", "plan"],
    ] {
        let run = sandbox.run(arguments);
        let errors: Vec<&str> = run
            .stderr
            .lines()
            .filter(|line| line.starts_with("error: "))
            .collect();
        assert_eq!(errors.len(), 1, "{arguments:?}: {run:?}");
        let first = errors[0].trim_start_matches("error: ").chars().next();
        assert!(
            first.is_some_and(|c| !c.is_ascii_uppercase()),
            "{arguments:?}: {run:?}"
        );
    }
}
