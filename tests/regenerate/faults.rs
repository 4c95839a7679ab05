//! `kill -9` and failing disks at every effect of a regenerate, of `--continue` and of `--abort`.

use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Output};

use super::jobs::{JOBS, Job, again, assert_nothing_left, assert_whole, result, undisturbed};
use super::place::{Place, words};
use super::snapshot;

/// Runs a job with its n-th effect disturbed, for every n, until it passes undisturbed.
fn sweep(job: Job, variable: &str, suffix: &str, check: impl Fn(&Output, &Place, &Place, &str)) {
    let start = job.place();
    let head = start.tip("main", "HEAD");
    let wanted = undisturbed(job, &start);
    let result_wanted = result(&wanted);
    for at in 1.. {
        let place = again(&start);
        let value = format!("{at}{suffix}");
        let output = job.run(&place, &[(variable, &value)]);
        if output.status.code() == Some(job.exit()) {
            assert!(at > 15, "{job:?} passes its effects one by one, {at} is too few");
            return;
        }
        let when = format!("{job:?}, {variable}={value}");
        check(&output, &start, &place, &when);
        assert_whole(&place, &head, &wanted, &when);
        job.converge(&place, &when);
        assert_eq!(
            result(&place),
            result_wanted,
            "{when}: the next run gives the result of an undisturbed one"
        );
        assert_nothing_left(&place, &when);
    }
}

/// Effects are counted, and can be made to fail, in debug builds only.
fn require_debug_build() {
    let is_debug = cfg!(debug_assertions);
    assert!(is_debug, "this test needs a build with debug assertions");
}

#[test]
fn killed_at_any_effect_it_is_completed_by_the_next_run() {
    require_debug_build();
    for job in JOBS {
        sweep(job, "PLATFORM_TEST_KILL_AT", "", |output, _, _, when| {
            assert_eq!(output.status.signal(), Some(9), "{when}: {}", words(output));
        });
    }
}

#[test]
fn a_full_disk_at_any_effect_is_named_and_leaves_everything_as_it_was() {
    require_debug_build();
    for job in JOBS {
        failing(job, 28, "No space left");
    }
}

#[test]
fn a_broken_disk_at_any_effect_is_named_and_leaves_everything_as_it_was() {
    require_debug_build();
    // The same places as a full disk; the two runs that a person ends are enough.
    for job in [Job::Conflict, Job::Continue] {
        failing(job, 5, "Input/output error");
    }
}

fn failing(job: Job, errno: i32, cause: &str) {
    let check = |output: &Output, start: &Place, place: &Place, when: &str| {
        let said = words(output);
        assert!(
            said.contains(cause) && output.status.code() == Some(6),
            "{when}: {said}"
        );
        let is_merging = |place: &Place| place.path("main/.git/MERGE_HEAD").exists();
        let is_done =
            place.tip("main", "HEAD") != start.tip("main", "HEAD") || is_merging(place) != is_merging(start);
        if is_done {
            return;
        }
        let contents = |place: &Place| -> Vec<(String, Vec<u8>)> {
            let files = snapshot::files(&place.path("main"));
            files.into_iter().map(|(path, seen)| (path, seen.bytes)).collect()
        };
        let (before, after) = (contents(start), contents(place));
        // Giving up may fail when all files are back and only the state of the merge is still there.
        assert!(
            before == after || job == Job::Abort,
            "{when}: every file is as before"
        );
    };
    sweep(job, "PLATFORM_TEST_FAIL_AT", &format!(":{errno}"), check);
}

/// The system calls that change something, and how many of each are tried.
const CALLS: &[(&str, u32)] = &[
    ("renameat2", 3),
    ("rename,renameat", 7),
    ("link,linkat", 5),
    ("unlink,unlinkat", 4),
    ("rmdir", 2),
    ("mkdir,mkdirat", 4),
    ("fsync", 6),
    ("chmod,fchmod,fchmodat", 2),
    ("write", 4),
    ("copy_file_range,sendfile", 2),
];

#[test]
fn killed_at_any_system_call_it_is_completed_by_the_next_run() {
    let found = Command::new("strace").arg("-V").output();
    if !found.is_ok_and(|output| output.status.success()) {
        eprintln!(
            "NOTE: `strace` is not installed: kills are tried at our own effects only, not inside libgit2"
        );
        return;
    }
    let mut kills = 0;
    for job in JOBS {
        let start = job.place();
        let head = start.tip("main", "HEAD");
        let wanted = undisturbed(job, &start);
        let result_wanted = result(&wanted);
        for (calls, most) in CALLS {
            for at in 1..=*most {
                let place = again(&start);
                let output = traced(job, &place, calls, at);
                if output.status.code() == Some(job.exit()) {
                    break;
                }
                let when = format!("{job:?}, killed at `{calls}` number {at}");
                let killed = output.status.signal() == Some(9) || output.status.code() == Some(137);
                assert!(killed, "{when}: {}", words(&output));
                assert_whole(&place, &head, &wanted, &when);
                job.converge(&place, &when);
                assert_eq!(
                    result(&place),
                    result_wanted,
                    "{when}: the result of an undisturbed run"
                );
                assert_nothing_left(&place, &when);
                kills += 1;
            }
        }
    }
    assert!(kills > 60, "four kinds of run make more than {kills} such calls");
}

fn traced(job: Job, place: &Place, calls: &str, at: u32) -> Output {
    let trace = format!("trace={calls}");
    let inject = format!("inject={calls}:signal=KILL:when={at}");
    let mut arguments = vec!["-f", "-qq", "-o", "/dev/null", "-e", &trace, "-e", &inject];
    arguments.push(env!("CARGO_BIN_EXE_platform"));
    arguments.extend(job.arguments());
    place.program("strace", "main", &arguments).output().unwrap()
}
