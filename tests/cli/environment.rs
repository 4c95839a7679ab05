//! What the surroundings may and may not change.

use super::sandbox::Sandbox;

#[test]
fn the_same_spec_gives_the_same_bytes_anywhere() {
    let sandbox = Sandbox::with_example();
    sandbox.write("elsewhere/.keep", "");
    let surroundings: [(&str, &[(&str, &str)]); 4] = [
        ("out1", &[]),
        (
            "out2",
            &[
                ("TZ", "Asia/Kathmandu"),
                ("LANG", "tr_TR.UTF-8"),
                ("LC_ALL", "tr_TR.UTF-8"),
            ],
        ),
        (
            "out3",
            &[
                ("RAYON_NUM_THREADS", "1"),
                ("HOME", "/nonexistent"),
                ("USER", "x"),
                ("HOSTNAME", "y"),
            ],
        ),
        (
            "out4",
            &[
                ("RAYON_NUM_THREADS", "7"),
                ("SOURCE_DATE_EPOCH", "1"),
                ("COLUMNS", "20"),
                ("TERM", "dumb"),
            ],
        ),
    ];
    for (out, variables) in surroundings {
        let target = sandbox.path(out);
        let spec = sandbox.path("platform.yaml");
        let arguments = [
            "render",
            "--out",
            target.to_str().unwrap(),
            "-f",
            spec.to_str().unwrap(),
        ];
        let mut command = sandbox.command(&arguments);
        command.envs(variables.iter().copied());
        if out == "out2" {
            command.current_dir(sandbox.path("elsewhere"));
        }
        let run = Sandbox::finish(&mut command);
        assert_eq!(run.code, 0, "{out}: {run:?}");
    }
    let first = sandbox.files("out1");
    assert!(first.len() > 40, "a whole repository was written");
    for out in ["out2", "out3", "out4"] {
        assert!(sandbox.files(out) == first, "{out} has other bytes than out1");
    }
}

#[test]
fn variables_stand_for_flags_and_flags_win() {
    let sandbox = Sandbox::with_example();
    let with = |variables: &[(&str, &str)], arguments: &[&str]| {
        let mut command = sandbox.command(arguments);
        command.envs(variables.iter().copied());
        Sandbox::finish(&mut command)
    };
    let run = with(&[("PLATFORM_OUTPUT", "json")], &["validate"]);
    assert_eq!(run.json()["kind"], "ValidationReport", "{run:?}");
    let run = with(&[("PLATFORM_OUTPUT", "json")], &["validate", "-o", "table"]);
    assert!(
        run.stdout.starts_with("platform.yaml: valid"),
        "the flag wins: {run:?}"
    );
    let run = with(&[("PLATFORM_FILE", "absent.yaml")], &["validate"]);
    assert_eq!(run.code, 2, "{run:?}");
    let run = with(&[("PLATFORM_DIRECTORY", "absent")], &["validate"]);
    assert_eq!(run.code, 6, "{run:?}");
    let run = with(&[("PLATFORM_FILE", ""), ("PLATFORM_OUTPUT", "")], &["validate"]);
    assert_eq!(run.code, 0, "an empty variable is none: {run:?}");
    let run = with(&[("PLATFORM_DRY_RUN", "true")], &["render", "--out", "out"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(!sandbox.path("out").exists(), "PLATFORM_DRY_RUN is --dry-run");
    let run = with(&[("PLATFORM_DRY_RUN", "perhaps")], &["validate"]);
    assert_eq!(run.code, 2, "a switch is on or off: {run:?}");
    let run = with(&[("PLATFORM_QUIET", "1")], &["validate", "-v"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(
        run.stderr.contains("deciding: "),
        "-v wins over PLATFORM_QUIET: {run:?}"
    );
    let run = with(&[], &["validate", "-v", "-q"]);
    assert_eq!(run.code, 2, "both flags at once: {run:?}");
}

#[test]
fn nothing_is_coloured_when_nobody_looks() {
    let sandbox = Sandbox::with_example();
    for variables in [&[][..], &[("NO_COLOR", "1")], &[("TERM", "xterm-256color")]] {
        for arguments in [
            &["--help"][..],
            &["frobnicate"],
            &["validate", "-f", "absent"],
            &["plan"],
            &["test"],
        ] {
            let mut command = sandbox.command(arguments);
            command.envs(variables.iter().copied());
            let run = Sandbox::finish(&mut command);
            assert!(
                !run.stdout.contains('\u{1b}') && !run.stderr.contains('\u{1b}'),
                "{arguments:?}: {run:?}"
            );
        }
    }
}
