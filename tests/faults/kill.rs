//! `kill -9` at every effect, then at every system call: the next run completes the work with the same result.

use std::path::Path;
use std::process::Command;

use super::child::{Job, command, commit, replace, require_debug_build, tree, was_killed, words};
use super::repository::{assert_sound, expected, git, try_git, with_files};

/// Where a run starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Start {
    Nothing,
    Repository,
}

fn set_up(start: Start, dir: &Path) {
    if start == Start::Repository {
        with_files(dir, &[("notes.md", "mine"), ("tenants/own/x.yaml", "own")]);
    }
}

/// What a run that nobody disturbs makes of a start: the ids of both branches.
fn undisturbed(start: Start) -> [String; 2] {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("d");
    set_up(start, &dir);
    commit(&dir, &tree(1)).unwrap();
    tips(&dir)
}

fn tips(dir: &Path) -> [String; 2] {
    ["HEAD", "platform/rendered"].map(|name| git(dir, &["rev-parse", name]).trim().to_owned())
}

/// Checks a repository after a kill, then after the next run.
fn assert_recovers(start: Start, dir: &Path, wanted: &[String; 2], when: &str) {
    if dir.join(".git").exists() {
        let fsck = try_git(dir, &["fsck", "--strict", "--no-dangling"]);
        assert!(
            fsck.status.success(),
            "{when}, before the next run: {}",
            words(&fsck)
        );
        let head = try_git(dir, &["rev-parse", "--verify", "-q", "HEAD"]);
        let head = String::from_utf8(head.stdout).unwrap();
        let is_old = match start {
            Start::Nothing => head.is_empty(),
            Start::Repository => git(dir, &["log", "-1", "--format=%s"]) == "mine\n",
        };
        assert!(
            is_old || head.trim() == wanted[0],
            "{when}: HEAD is old or new, not `{head}`"
        );
    }
    commit(dir, &tree(1)).unwrap_or_else(|error| panic!("{when}, the next run: {error}"));
    assert_eq!(&tips(dir), wanted, "{when}: the next run gives the same commits");
    assert_sound(dir, when);
}

#[test]
fn a_commit_killed_at_any_effect_is_completed_by_the_next_run() {
    require_debug_build();
    for start in [Start::Nothing, Start::Repository] {
        let wanted = undisturbed(start);
        for at in 1.. {
            let folder = tempfile::tempdir().unwrap();
            let dir = folder.path().join("d");
            set_up(start, &dir);
            let output = command(Job::Commit, &dir, &[])
                .env("PLATFORM_TEST_KILL_AT", at.to_string())
                .output()
                .unwrap();
            if output.status.success() {
                assert!(at > 40, "a commit passes its effects one by one, {at} is too few");
                break;
            }
            assert!(was_killed(output.status), "{start:?} at {at}: {}", words(&output));
            assert_recovers(start, &dir, &wanted, &format!("{start:?}, killed at effect {at}"));
        }
    }
}

#[test]
fn a_replacement_killed_at_any_effect_is_old_or_new() {
    require_debug_build();
    let (old, new) = (expected(&tree(1)), expected(&tree(2)));
    for at in 1.. {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out");
        replace(&out, 1);
        let output = command(Job::Replace(2), &out, &[])
            .env("PLATFORM_TEST_KILL_AT", at.to_string())
            .output()
            .unwrap();
        if output.status.success() {
            assert!(
                at > 40,
                "a replacement passes its effects one by one, {at} is too few"
            );
            return;
        }
        assert!(was_killed(output.status), "at {at}: {}", words(&output));
        let now = content(&out);
        assert!(
            now == old || now == new,
            "killed at effect {at}: old or new, not {now:?}"
        );
        replace(&out, 2);
        assert_eq!(content(&out), new, "after kill {at} and the next run");
        let beside: Vec<_> = std::fs::read_dir(folder.path())
            .unwrap()
            .map(|e| e.unwrap().file_name())
            .collect();
        assert_eq!(
            beside,
            ["out"],
            "after kill {at} and the next run nothing is left"
        );
    }
}

fn content(root: &Path) -> std::collections::BTreeMap<String, String> {
    walkdir::WalkDir::new(root)
        .into_iter()
        .map(Result::unwrap)
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            let path = entry
                .path()
                .strip_prefix(root)
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned();
            (path, std::fs::read_to_string(entry.path()).unwrap())
        })
        .collect()
}

/// The system calls that change something. Of `write` the first ones are enough: most are whole files, and those are
/// counted as effects above.
const CHANGES: &[(&str, u32)] = &[
    ("renameat2", 99),
    ("rename", 99),
    ("link,linkat", 99),
    ("unlink,unlinkat", 99),
    ("rmdir", 99),
    ("mkdir,mkdirat", 99),
    ("fsync", 99),
    ("chmod,fchmod,fchmodat", 99),
    ("write", 12),
];

#[test]
fn a_commit_killed_at_any_system_call_is_completed_by_the_next_run() {
    let found = Command::new("strace")
        .arg("-V")
        .output()
        .is_ok_and(|output| output.status.success());
    if !found {
        eprintln!(
            "NOTE: `strace` is not installed: kills are tried at our own effects only, not inside libgit2"
        );
        return;
    }
    let wanted = undisturbed(Start::Nothing);
    let mut kills = 0;
    for (calls, most) in CHANGES {
        for at in 1..=*most {
            let folder = tempfile::tempdir().unwrap();
            let dir = folder.path().join("d");
            let (trace, inject) = (
                format!("trace={calls}"),
                format!("inject={calls}:signal=KILL:when={at}"),
            );
            let log = folder.path().join("log");
            let wrapper = [
                "strace",
                "-f",
                "-qq",
                "-o",
                log.to_str().unwrap(),
                "-e",
                &trace,
                "-e",
                &inject,
            ];
            let output = command(Job::Commit, &dir, &wrapper).output().unwrap();
            if output.status.success() {
                break;
            }
            assert!(
                was_killed(output.status),
                "`{calls}` number {at}: {}",
                words(&output)
            );
            assert_recovers(
                Start::Nothing,
                &dir,
                &wanted,
                &format!("killed at `{calls}` number {at}"),
            );
            kills += 1;
        }
    }
    assert!(
        kills > 40,
        "a commit makes more than {kills} changing system calls"
    );
}
