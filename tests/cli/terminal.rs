//! What a person at a terminal sees: colours, and progress of what takes long. The terminal is Python's.

use std::process::Command;

use super::sandbox::Sandbox;
use super::silent::SilentServer;

/// Runs the program with standard output and error on one new terminal; its exit code and everything on the screen.
const TERMINAL: &str = "import os, pty, sys\n\
    code = os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:]))\n\
    sys.exit(code)\n";

fn on_a_terminal(sandbox: &Sandbox, variables: &[(&str, &str)], arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new("python3")
        .args(["-c", TERMINAL, env!("CARGO_BIN_EXE_platform")])
        .args(arguments)
        .current_dir(sandbox.path(""))
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", sandbox.path(""))
        .env("TERM", "xterm-256color")
        .envs(variables.iter().copied())
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    (
        output.status.code(),
        String::from_utf8_lossy(&output.stdout).into_owned(),
    )
}

#[test]
fn a_terminal_is_coloured_unless_it_is_dumb_or_refused() {
    let sandbox = Sandbox::with_example();
    for (variables, arguments, coloured) in [
        (&[][..], &["test"][..], true),
        (&[], &["validate", "-f", "absent.yaml"], true),
        (&[], &["--help"], true),
        (&[("TERM", "dumb")], &["test"], false),
        (&[("NO_COLOR", "1")], &["test"], false),
        (&[("NO_COLOR", "1")], &["--help"], false),
        (&[("CLICOLOR", "0")], &["test"], false),
        (&[], &["test", "--no-color"], false),
    ] {
        let (_, screen) = on_a_terminal(&sandbox, variables, arguments);
        // Colours only: progress moves the cursor, which is something else.
        let found = screen.contains("\u{1b}[3") || screen.contains("\u{1b}[1m");
        assert_eq!(found, coloured, "{variables:?} {arguments:?}: {screen:?}");
    }
}

#[test]
fn what_takes_long_shows_that_it_is_alive() {
    let sandbox = Sandbox::with_example();
    let _server = SilentServer::start(&sandbox);
    let slow = ["check", "--kubeconfig", "silent.kubeconfig", "--timeout", "2s"];
    for (variables, more, shown) in [
        (&[][..], &[][..], true),
        (&[], &["--no-progress"], false),
        (&[], &["-q"], false),
        (&[], &["--log-format", "json"], false),
        (&[("TERM", "dumb")], &[], false),
        (&[("PLATFORM_NO_PROGRESS", "true")], &[], false),
    ] {
        let (code, screen) = on_a_terminal(&sandbox, variables, &[&slow, more].concat());
        assert_eq!(code, Some(1), "{screen:?}");
        assert_eq!(
            screen.contains("checking"),
            shown,
            "{variables:?} {more:?}: {screen:?}"
        );
    }
    let (_, screen) = on_a_terminal(&sandbox, &[], &["check", "--offline"]);
    assert!(
        !screen.contains("checking"),
        "what is over at once shows nothing: {screen:?}"
    );
}

#[test]
fn a_step_that_fails_leaves_its_line() {
    let sandbox = Sandbox::new();
    assert_eq!(sandbox.run(&["init", "--yes", "demo"]).code, 0, "a repository");
    let _server = SilentServer::start(&sandbox);
    let (code, screen) = on_a_terminal(
        &sandbox,
        &[],
        &[
            "-C",
            "demo",
            "--kubeconfig",
            "../silent.kubeconfig",
            "--timeout",
            "2s",
            "apply",
        ],
    );
    assert_eq!(code, Some(5), "{screen:?}");
    assert!(screen.contains("applying fra1 stopped"), "{screen:?}");
}
