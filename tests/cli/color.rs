//! Colours where they are forced or refused; what happens on a terminal is in `terminal.rs`.

use super::sandbox::{Run, Sandbox};

fn run(sandbox: &Sandbox, variables: &[(&str, &str)], arguments: &[&str]) -> Run {
    let mut command = sandbox.command(arguments);
    command.envs(variables.iter().copied());
    Sandbox::finish(&mut command)
}

#[test]
fn force_and_refusal_hold_for_answers_errors_and_help() {
    let sandbox = Sandbox::with_example();
    for (variables, flag, coloured) in [
        (&[("FORCE_COLOR", "1")][..], false, true),
        (&[("CLICOLOR_FORCE", "1")], false, true),
        (&[("FORCE_COLOR", "0")], false, false),
        (&[("FORCE_COLOR", "1"), ("TERM", "dumb")], false, true),
        (&[("FORCE_COLOR", "1"), ("NO_COLOR", "1")], false, false),
        (&[("FORCE_COLOR", "1"), ("NO_COLOR", "")], false, true),
        (&[("FORCE_COLOR", "1")], true, false),
        (&[("FORCE_COLOR", "1"), ("PLATFORM_NO_COLOR", "1")], false, false),
    ] {
        for arguments in [
            &["test"][..],
            &["check", "--offline"],
            &["validate", "-f", "absent.yaml"],
            &["--help"],
            &["frobnicate"],
        ] {
            let refusal: &[&str] = if flag { &["--no-color"] } else { &[] };
            let run = run(&sandbox, variables, &[arguments, refusal].concat());
            let found = format!("{}{}", run.stdout, run.stderr).contains('\u{1b}');
            assert_eq!(found, coloured, "{variables:?} {arguments:?} {flag}: {run:?}");
        }
    }
}

#[test]
fn documents_and_json_lines_are_never_coloured() {
    let sandbox = Sandbox::with_example();
    let force = [("FORCE_COLOR", "1")];
    for arguments in [
        &["test", "-o", "json"][..],
        &["check", "--offline", "-o", "yaml"],
        &["--log-format", "json", "validate", "-f", "absent.yaml"],
        &["--log-format", "json", "frobnicate"],
        &["schema"],
        &["man"],
        &["completion", "bash"],
    ] {
        let run = run(&sandbox, &force, arguments);
        let all = format!("{}{}", run.stdout, run.stderr);
        assert!(
            !all.contains('\u{1b}') && !all.contains("\\u001b"),
            "{arguments:?}: {run:?}"
        );
    }
}
