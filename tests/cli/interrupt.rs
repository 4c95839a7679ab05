//! Ctrl-C: said at once, exit 130, and the second one ends the process whatever it does.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use super::sandbox::Sandbox;
use super::silent::SilentServer;

fn start(sandbox: &Sandbox, command: &str) -> Child {
    Command::new(env!("CARGO_BIN_EXE_platform"))
        .args([
            "-C",
            "demo",
            "--kubeconfig",
            "../silent.kubeconfig",
            "--timeout",
            "100s",
            command,
        ])
        .current_dir(sandbox.path(""))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn interrupt(child: &Child) {
    kill_process(Pid::from_child(child), Signal::INT).unwrap();
}

fn repository() -> Sandbox {
    let sandbox = Sandbox::new();
    assert_eq!(sandbox.run(&["init", "--yes", "demo"]).code, 0, "a repository");
    sandbox
}

#[test]
fn apply_and_verify_say_so_and_end_at_the_second_one() {
    let sandbox = repository();
    let server = SilentServer::start(&sandbox);
    for command in ["apply", "verify"] {
        let mut child = start(&sandbox, command);
        // Connected, so the signal is listened for; the server never answers, so the first one cannot end it.
        let _open = server.connected();
        interrupt(&child);
        let mut lines = BufReader::new(child.stderr.take().unwrap())
            .lines()
            .map_while(Result::ok);
        let said = lines.find(|line| line.contains("interrupted"));
        assert!(said.is_some(), "{command} says it at once");
        interrupt(&child);
        assert_eq!(
            child.wait().unwrap().code(),
            Some(130),
            "{command} ends at the second one"
        );
    }
}

#[test]
fn check_changes_nothing_and_ends_at_the_first_one() {
    let sandbox = repository();
    let server = SilentServer::start(&sandbox);
    let child = start(&sandbox, "check");
    let _open = server.connected();
    interrupt(&child);
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "{stderr}");
    assert!(stderr.contains("interrupted; nothing was changed"), "{stderr}");
}
