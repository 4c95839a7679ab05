//! Standard error with `--log-format json`: one object a line with level and message, whatever happens.

use serde_json::Value;

use super::sandbox::Sandbox;

#[test]
fn every_line_is_an_object_with_level_and_message() {
    let sandbox = Sandbox::with_example();
    sandbox.write("bad.yaml", "kind: Tenancy\n");
    for (arguments, code) in [
        (&["validate", "-vv"][..], 0),
        (&["validate", "-f", "bad.yaml"], 2),
        (&["validate", "-f", "absent.yaml"], 2),
        (&["-C", "absent", "plan"], 6),
        (&["render", "--out", "out", "-v"], 0),
        (&["render", "--out", "."], 2),
        (&["init", "--yes", "demo"], 0),
        (&["init", "other"], 2),
        (&["apply"], 2),
        (&["-C", "demo", "apply"], 6),
        (&["-C", "demo", "verify", "--context", "a"], 6),
        (&["test", "-vv"], 0),
        (&["blueprint", "export", "blueprints"], 0),
        (&["frobnicate"], 2),
        (&["render"], 2),
        (&["plan", "--timeout", "never"], 2),
        (&["explain", "teams.nothing"], 2),
        (&["plan", "-v", "-q"], 2),
    ] {
        let run = sandbox.run(&[&["--log-format", "json"], arguments].concat());
        assert_eq!(run.code, code, "{arguments:?}: {run:?}");
        if code != 0 {
            assert!(!run.stderr.is_empty(), "{arguments:?} says why");
        }
        for line in run.stderr.lines() {
            let object: Value =
                serde_json::from_str(line).unwrap_or_else(|error| panic!("{arguments:?}: {line:?}: {error}"));
            let levels = ["error", "warning", "hint", "note", "info", "debug"];
            assert!(
                object["level"]
                    .as_str()
                    .is_some_and(|level| levels.contains(&level)),
                "{arguments:?}: {line}"
            );
            assert!(
                object["message"]
                    .as_str()
                    .is_some_and(|message| !message.is_empty()),
                "{arguments:?}: {line}"
            );
        }
    }
}

#[test]
fn quiet_says_only_what_went_wrong_and_verbose_says_more() {
    let sandbox = Sandbox::new();
    let quiet = sandbox.run(&["init", "--yes", "-q", "one"]);
    assert_eq!((quiet.code, quiet.stderr.as_str()), (0, ""), "{quiet:?}");
    let usual = sandbox.run(&["init", "--yes", "two"]);
    assert!(usual.stderr.contains("next: "), "{usual:?}");
    let wrong = sandbox.run(&["-q", "validate"]);
    assert!(wrong.stderr.starts_with("error: "), "{wrong:?}");
    let verbose = sandbox.run(&["-C", "one", "-v", "test"]);
    assert!(
        verbose.stderr.contains("testing policies: "),
        "how long it took: {verbose:?}"
    );
    let plain = sandbox.run(&["-C", "one", "test"]);
    assert_eq!(plain.stderr, "", "no progress where nobody looks: {plain:?}");
    assert_eq!(plain.stdout, verbose.stdout, "the answer is the same");
}
