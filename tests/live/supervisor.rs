//! Nothing that the lab starts outlives the tests, however they end.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::lab::{Process, Supervisor};

/// One process that ends on SIGTERM, and one that ignores it and has a child of its own.
fn processes() -> [Process; 2] {
    let script = "trap '' TERM; sleep 1000 & echo $! > child.pid; while :; do wait; done";
    [
        Process::new("polite", Path::new("sleep"), ["1000".to_string()]),
        Process::new(
            "stubborn",
            Path::new("sh"),
            ["-c".to_string(), script.to_string()],
        ),
    ]
}

fn directory() -> PathBuf {
    tempfile::Builder::new()
        .prefix("platform-lab-test-")
        .tempdir()
        .expect("a directory")
        .keep()
}

#[test]
fn the_end_of_the_pipe_stops_everything_and_removes_the_directory() {
    let directory = directory();
    let supervisor = Supervisor::spawn(&directory, Stdio::piped());
    supervisor.note("begin");
    let mut pids: Vec<u32> = processes()
        .iter()
        .map(|process| supervisor.start(process))
        .collect();
    pids.push(child_of_stubborn(&directory));
    supervisor.note("ok");
    assert!(pids.iter().all(|pid| alive(*pid)), "all of {pids:?} run");
    let said = supervisor.end();
    assert!(!pids.iter().any(|pid| alive(*pid)), "all of {pids:?} are gone");
    assert!(
        !directory.exists(),
        "after success `{}` is removed",
        directory.display()
    );
    assert_eq!(said, "", "after success there is nothing to say");
}

#[test]
fn what_was_cut_off_keeps_its_logs() {
    for (note, reason) in [
        ("keep", "something failed"),
        ("begin", "something was still under way"),
    ] {
        let directory = directory();
        let supervisor = Supervisor::spawn(&directory, Stdio::piped());
        supervisor.start(&Process::new("talker", Path::new("echo"), ["hello".to_string()]));
        until("the end of `echo` is seen", || {
            supervisor.exit("talker").as_deref() == Some("0")
        });
        supervisor.note(note);
        let said = supervisor.end();
        let logs = directory.join("logs");
        let log = fs::read_to_string(logs.join("talker.log")).unwrap_or_default();
        assert_eq!(log, "hello\n", "{reason}, so the log is kept");
        assert!(
            said.contains(&logs.display().to_string()),
            "{reason}, so one is told where: {said}"
        );
        fs::remove_dir_all(&directory).expect("to remove what this test kept");
    }
}

#[test]
fn sigkill_leaves_nothing_behind() {
    // A stand-in for the test binary: it holds the pipe and can be killed without killing this one.
    let harness = "import os, signal, subprocess, sys
supervisor = subprocess.Popen([sys.executable, *sys.argv[1:3]], stdin=subprocess.PIPE, start_new_session=True)
supervisor.stdin.write(sys.argv[3].encode())
supervisor.stdin.flush()
open(sys.argv[2] + '/supervisor.pid', 'w').write(str(supervisor.pid))
signal.pause()";
    for victim in ["harness", "supervisor"] {
        let directory = directory();
        let starts: String = processes()
            .iter()
            .map(|Process { name, argv, env }| {
                format!(
                    "{}\n",
                    serde_json::json!({"start": {"name": name, "argv": argv, "env": env}})
                )
            })
            .collect();
        let supervise = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lab/supervise.py");
        let harness = Command::new("python3")
            .args(["-c", harness])
            .args([supervise.as_path(), directory.as_path(), Path::new(&starts)])
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map(Harness)
            .expect("python3 runs");
        let running =
            ["supervisor", "polite", "stubborn"].map(|name| pid(&directory.join(format!("{name}.pid"))));
        let victim_pid = if victim == "harness" {
            harness.0.id()
        } else {
            running[0]
        };
        let child = child_of_stubborn(&directory);
        let mut pids = running.to_vec();
        // The kernel kills a process with its supervisor, not the children of that process: the lab's have none.
        if victim == "harness" {
            pids.push(child);
        }
        assert!(
            pids.iter().all(|pid| alive(*pid)),
            "all of {pids:?} run before the {victim} is killed"
        );
        kill(victim_pid);
        until(
            &format!("all of {pids:?} are gone after SIGKILL of the {victim}"),
            || !pids.iter().any(|pid| alive(*pid)),
        );
        drop(harness);
        if alive(child) {
            kill(child);
        }
        if directory.exists() {
            fs::remove_dir_all(&directory).expect("to remove the run directory");
        }
    }
}

/// The stand-in ends with its test, also when that fails.
struct Harness(Child);

impl Drop for Harness {
    fn drop(&mut self) {
        // It may have been killed already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn child_of_stubborn(directory: &Path) -> u32 {
    pid(&directory.join("child.pid"))
}

fn pid(path: &Path) -> u32 {
    let mut found = None;
    until(&format!("`{}` holds a pid", path.display()), || {
        found = fs::read_to_string(path)
            .ok()
            .and_then(|text| text.trim().parse().ok());
        found.is_some()
    });
    found.expect("just seen")
}

fn kill(pid: u32) {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw).expect("a pid");
    kill_process(pid, Signal::KILL).expect("to kill a process of our own");
}

/// Whether a process runs; one that ended and that its parent has not asked about yet does not.
fn alive(pid: u32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| {
        stat.rsplit(')')
            .next()
            .is_some_and(|rest| !rest.trim_start().starts_with('Z'))
    })
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(30);
    while !holds() {
        assert!(Instant::now() < end, "not within 30 s: {what}");
        sleep(Duration::from_millis(20));
    }
}
