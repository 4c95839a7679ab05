//! Full disks, read-only places and missing rights: an error that names path and cause, and the old state.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use super::child::{Job, command, commit, replace, require_debug_build, tree, words};
use super::repository::{assert_sound, expected, git, with_files};

/// Files below a directory; names that begin with a dot beside them are not looked at.
fn content(root: &Path) -> BTreeMap<String, String> {
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

/// Every effect of a job fails once, each with a full disk and with a broken one.
#[test]
fn every_effect_may_fail_and_nothing_is_left_half_done() {
    require_debug_build();
    for (job, generation) in [(Job::Replace(2), Some(1)), (Job::Replace(1), None)] {
        for (errno, name) in [(28, "No space left"), (5, "Input/output error")] {
            sweep(job, generation, errno, name);
        }
    }
}

fn sweep(job: Job, before: Option<u32>, errno: i32, name: &str) {
    for at in 1.. {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out");
        if let Some(generation) = before {
            replace(&out, generation);
        }
        let old = content(folder.path());
        let output = command(job, &out, &[])
            .env("PLATFORM_TEST_FAIL_AT", format!("{at}:{errno}"))
            .output()
            .unwrap();
        let new = expected(&tree(if job == Job::Replace(2) { 2 } else { 1 }));
        if output.status.success() {
            assert!(at > 40, "{job:?} passes its effects one by one, {at} is too few");
            assert_eq!(content(&out), new, "{job:?} when nothing fails any more");
            return;
        }
        let said = words(&output);
        assert!(
            said.contains(name) && said.contains("exit code 6"),
            "{job:?} failing at {at}: {said}"
        );
        let now = content(folder.path());
        // After the swap only the removal of the former content can fail; the new one is in place then.
        assert!(
            now == old || content(&out) == new,
            "{job:?} failing at {at}: old or new"
        );
        replace(&out, if job == Job::Replace(2) { 2 } else { 1 });
        assert_eq!(content(&out), new, "{job:?}: after failure {at} and a second run");
        assert_eq!(
            std::fs::read_dir(folder.path()).unwrap().count(),
            1,
            "{job:?}: nothing left beside it"
        );
    }
}

#[test]
fn a_commit_may_fail_at_every_effect() {
    require_debug_build();
    for grown in [false, true] {
        let mut wanted = None;
        for at in 1.. {
            let folder = tempfile::tempdir().unwrap();
            let dir = folder.path().join("d");
            if grown {
                with_files(&dir, &[("notes.md", "mine")]);
            }
            let output = command(Job::Commit, &dir, &[])
                .env("PLATFORM_TEST_FAIL_AT", format!("{at}:28"))
                .output()
                .unwrap();
            if output.status.success() {
                assert!(at > 40, "a commit passes its effects one by one, {at} is too few");
                break;
            }
            let said = words(&output);
            assert!(
                said.contains("No space left") && said.contains("exit code 6"),
                "failing at {at}: {said}"
            );
            match grown {
                true => {
                    assert_sound(&dir, &format!("after failure {at}"));
                    let head = git(&dir, &["log", "--format=%s"]);
                    assert!(
                        head == "mine\n" || head.starts_with("render: first\n"),
                        "failure {at}: {head}"
                    );
                }
                false => {
                    let committed = dir.join(".git/refs/heads/main").exists();
                    assert!(committed || !dir.exists(), "failure {at}: nothing, or all of it");
                }
            }
            commit(&dir, &tree(1)).unwrap_or_else(|error| panic!("the run after failure {at}: {error}"));
            assert_sound(&dir, &format!("a second run after failure {at}"));
            let tips = ["HEAD", "platform/rendered"].map(|name| git(&dir, &["rev-parse", name]));
            assert_eq!(
                wanted.get_or_insert(tips.clone()),
                &tips,
                "the same commits after failure {at}"
            );
        }
    }
}

/// Runs a shell line in a mount namespace of its own, where it may mount; `None` without the right to.
fn in_namespace(line: &str) -> Option<std::process::Output> {
    let probe = Command::new("unshare").args(["-m", "true"]).output();
    if !probe.is_ok_and(|output| output.status.success()) {
        eprintln!(
            "NOTE: no right to mount (`unshare -m`): full and read-only file systems are only simulated here"
        );
        return None;
    }
    Some(
        Command::new("unshare")
            .args(["-m", "sh", "-euc", line])
            .output()
            .unwrap(),
    )
}

#[test]
fn a_real_full_disk_is_an_error_and_not_a_crash() {
    let binary = std::env::current_exe().unwrap();
    let run = format!(
        "{} child::job --exact --nocapture --test-threads=1",
        binary.display()
    );
    for job in ["commit", "replace 1"] {
        let (mut full, mut fitted) = (0, 0);
        for pages in [1, 4, 8, 12, 16, 20, 24, 28, 32, 40, 48, 64, 96, 4096] {
            let folder = tempfile::tempdir().unwrap();
            let mount = folder.path().display().to_string();
            let line = format!(
                "mount -t tmpfs -o size={}k,nr_inodes=0 none {mount}; export FAULTS_JOB='{job}' FAULTS_DIR={mount}/d; \
                 {run} || {{ find {mount} -mindepth 1 | sed 's/^/LEFT /'; exit 1; }}",
                pages * 4
            );
            let Some(output) = in_namespace(&line) else { return };
            let said = words(&output);
            if output.status.success() {
                fitted += 1;
                continue;
            }
            full += 1;
            assert!(
                said.contains("No space left") && said.contains("exit code 6"),
                "{job}, {pages} pages: {said}"
            );
            assert!(
                !said.contains("LEFT"),
                "{job}, {pages} pages: nothing is left: {said}"
            );
        }
        assert!(
            full >= 3 && fitted >= 1,
            "{job}: {full} full and {fitted} sufficient disks"
        );
    }
}

#[test]
fn a_read_only_file_system_is_refused_before_any_work() {
    let folder = tempfile::tempdir().unwrap();
    let binary = std::env::current_exe().unwrap();
    let here = folder.path().display();
    for job in ["commit", "replace 1"] {
        let line = format!(
            "mount --bind {here} {here}; mount -o remount,ro,bind {here}; \
             FAULTS_JOB='{job}' FAULTS_DIR={here}/d {} child::job --exact --nocapture --test-threads=1",
            binary.display()
        );
        let Some(output) = in_namespace(&line) else { return };
        let said = words(&output);
        assert!(
            said.contains("Read-only file system") && said.contains("exit code 6"),
            "{job}: {said}"
        );
    }
}

#[test]
fn a_directory_without_the_right_to_write_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let closed = folder.path().join("closed");
    std::fs::create_dir(&closed).unwrap();
    for (path, mode) in [(folder.path(), 0o755), (closed.as_path(), 0o555)] {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }
    // Root may write everywhere; a copy of the binary that everyone can reach is run as nobody then.
    let binary = folder.path().join("child");
    std::fs::copy(std::env::current_exe().unwrap(), &binary).unwrap();
    std::fs::set_permissions(&binary, std::fs::Permissions::from_mode(0o755)).unwrap();
    for (job, dir) in [
        ("commit", closed.clone()),
        ("commit", closed.join("d")),
        ("replace 1", closed.join("d")),
    ] {
        let mut command = Command::new(&binary);
        if rustix::process::geteuid().is_root() {
            use std::os::unix::process::CommandExt;
            command.uid(65534).gid(65534);
        }
        let output = command
            .args(["child::job", "--exact", "--nocapture", "--test-threads=1"])
            .env("FAULTS_JOB", job)
            .env("FAULTS_DIR", &dir)
            .output()
            .unwrap();
        let said = words(&output);
        assert!(
            said.contains("Permission denied") && said.contains("exit code 6"),
            "{job}: {said}"
        );
        assert_eq!(
            std::fs::read_dir(&closed).unwrap().count(),
            0,
            "{job}: nothing was written"
        );
    }
}
