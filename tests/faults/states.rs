//! States of a directory or repository that are refused, each with its own words, and nothing touched.

use std::path::{Path, PathBuf};

use super::child::{commit, tree};
use super::repository::{git, try_git, with_files};

type Make = fn(&Path);

/// Two branches that conflict in `x`.
fn conflicting(dir: &Path) {
    with_files(dir, &[("x", "base\n")]);
    git(dir, &["switch", "-q", "-c", "other"]);
    std::fs::write(dir.join("x"), "theirs\n").unwrap();
    git(dir, &["commit", "-q", "-am", "theirs"]);
    git(dir, &["switch", "-q", "main"]);
    std::fs::write(dir.join("x"), "ours\n").unwrap();
    git(dir, &["commit", "-q", "-am", "ours"]);
}

fn clean(dir: &Path) {
    with_files(dir, &[("x", "x")]);
}

const STATES: &[(&str, Make, &str, u8)] = &[
    ("file", |dir| std::fs::write(dir, "x").unwrap(), "is a file", 2),
    (
        "link",
        |dir| {
            let real = dir.with_extension("real");
            std::fs::create_dir(&real).unwrap();
            std::os::unix::fs::symlink(real, dir).unwrap();
        },
        "is a symbolic link",
        2,
    ),
    (
        "parent missing",
        |dir| {
            let _ = std::fs::remove_dir_all(dir.parent().unwrap());
        },
        "No such file",
        6,
    ),
    (
        "bare",
        |dir| {
            git(
                dir.parent().unwrap(),
                &["init", "-q", "--bare", dir.to_str().unwrap()],
            );
        },
        "no work tree",
        2,
    ),
    (
        "work tree elsewhere",
        |dir| {
            clean(dir);
            git(dir, &["config", "core.worktree", "../.."]);
        },
        "no work tree",
        2,
    ),
    (
        "detached",
        |dir| {
            clean(dir);
            git(dir, &["checkout", "-q", "--detach"]);
        },
        "HEAD is detached",
        2,
    ),
    (
        "merge",
        |dir| {
            conflicting(dir);
            assert!(
                !try_git(dir, &["merge", "other"]).status.success(),
                "the merge must conflict"
            );
        },
        "in the middle of a merge",
        2,
    ),
    (
        "rebase",
        |dir| {
            conflicting(dir);
            assert!(
                !try_git(dir, &["rebase", "other"]).status.success(),
                "the rebase must conflict"
            );
        },
        "in the middle of a rebase",
        2,
    ),
    (
        "cherry-pick",
        |dir| {
            conflicting(dir);
            assert!(
                !try_git(dir, &["cherry-pick", "other"]).status.success(),
                "the pick must conflict"
            );
        },
        "in the middle of a cherry-pick",
        2,
    ),
    (
        "revert",
        |dir| {
            conflicting(dir);
            assert!(
                !try_git(dir, &["revert", "--no-edit", "other"]).status.success(),
                "the revert must conflict"
            );
        },
        "in the middle of a revert",
        2,
    ),
    (
        "bisect",
        |dir| {
            conflicting(dir);
            git(dir, &["bisect", "start"]);
            git(dir, &["bisect", "bad"]);
        },
        "in the middle of a bisect",
        2,
    ),
    (
        "conflicted index",
        |dir| {
            conflicting(dir);
            assert!(
                !try_git(dir, &["merge", "other"]).status.success(),
                "the merge must conflict"
            );
            std::fs::remove_file(dir.join(".git/MERGE_HEAD")).unwrap();
        },
        "unresolved conflicts: `x`",
        2,
    ),
    (
        "dirty: modified",
        |dir| {
            clean(dir);
            std::fs::write(dir.join("x"), "changed").unwrap();
        },
        "is not clean: `x`",
        2,
    ),
    (
        "dirty: many",
        |dir| {
            clean(dir);
            for number in 10..35 {
                std::fs::write(dir.join(format!("f{number}")), "").unwrap();
            }
        },
        "`f19` and 15 more",
        2,
    ),
    (
        "dirty: no repository",
        |dir| {
            std::fs::create_dir(dir).unwrap();
            std::fs::write(dir.join("thesis.tex"), "mine").unwrap();
        },
        "is not clean: `thesis.tex`",
        2,
    ),
    (
        "dirty: unborn",
        |dir| {
            git(dir.parent().unwrap(), &["init", "-q", dir.to_str().unwrap()]);
            std::fs::write(dir.join("thesis.tex"), "mine").unwrap();
        },
        "is not clean: `thesis.tex`",
        2,
    ),
    (
        "staged deletion",
        |dir| {
            clean(dir);
            git(dir, &["rm", "-q", "--cached", "x"]);
        },
        "is not clean: `x`",
        2,
    ),
    (
        ".git is rubbish",
        |dir| {
            std::fs::create_dir_all(dir.join(".git")).unwrap();
            std::fs::write(dir.join(".git/HEAD"), "rubbish").unwrap();
        },
        "cannot be used",
        2,
    ),
    (
        ".git is a link",
        |dir| {
            clean(dir);
            std::fs::rename(dir.join(".git"), dir.with_extension("git")).unwrap();
            std::os::unix::fs::symlink(dir.with_extension("git"), dir.join(".git")).unwrap();
        },
        "`.git` is a symbolic link",
        2,
    ),
    (
        "unknown extension",
        |dir| {
            clean(dir);
            git(dir, &["config", "core.repositoryformatversion", "1"]);
            git(dir, &["config", "extensions.fancy", "true"]);
        },
        "cannot be used",
        2,
    ),
    (
        "index.lock",
        |dir| {
            clean(dir);
            std::fs::write(dir.join(".git/index.lock"), "").unwrap();
        },
        "index.lock` exists",
        6,
    ),
    (
        "branch lock",
        |dir| {
            clean(dir);
            std::fs::write(dir.join(".git/refs/heads/main.lock"), "").unwrap();
        },
        "main.lock` exists",
        6,
    ),
    (
        "branch platform",
        |dir| {
            clean(dir);
            git(dir, &["branch", "platform"]);
        },
        "branch `platform` exists",
        2,
    ),
    (
        "rendered checked out",
        |dir| {
            clean(dir);
            git(dir, &["switch", "-q", "-c", "platform/rendered"]);
        },
        "`platform/rendered` is checked out",
        2,
    ),
    (
        "link at a file",
        |dir| {
            with_files(dir, &[("x", "x")]);
            std::os::unix::fs::symlink("x", dir.join("README.md")).unwrap();
            git(dir, &["add", "-A"]);
            git(dir, &["commit", "-q", "-m", "link"]);
        },
        "in the way: `README.md`",
        2,
    ),
    (
        "link at a directory",
        |dir| {
            with_files(dir, &[("x", "x")]);
            std::os::unix::fs::symlink("/etc", dir.join("tenants")).unwrap();
            git(dir, &["add", "-A"]);
            git(dir, &["commit", "-q", "-m", "link"]);
        },
        "in the way: `tenants`",
        2,
    ),
    (
        "link at a lower directory",
        |dir| {
            with_files(dir, &[("tenants/x", "x")]);
            std::os::unix::fs::symlink("/etc", dir.join("tenants/fra1")).unwrap();
            git(dir, &["add", "-A"]);
            git(dir, &["commit", "-q", "-m", "link"]);
        },
        "in the way: `tenants/fra1`",
        2,
    ),
    (
        "file at a directory",
        |dir| with_files(dir, &[("tenants", "x")]),
        "in the way: `tenants`",
        2,
    ),
    (
        "directory at a file",
        |dir| with_files(dir, &[("README.md/x", "x")]),
        "in the way: `README.md`",
        2,
    ),
    (
        "pipe at a file",
        |dir| {
            clean(dir);
            let mode = rustix::fs::Mode::from_raw_mode(0o600);
            rustix::fs::mknodat(
                rustix::fs::CWD,
                dir.join("README.md"),
                rustix::fs::FileType::Fifo,
                mode,
                0,
            )
            .unwrap();
        },
        "in the way: `README.md`",
        2,
    ),
    (
        "executable at a file",
        |dir| {
            use std::os::unix::fs::PermissionsExt;
            clean(dir);
            std::fs::write(dir.join("README.md"), "# render\n").unwrap();
            std::fs::set_permissions(dir.join("README.md"), std::fs::Permissions::from_mode(0o755)).unwrap();
        },
        "with other content: `README.md`",
        2,
    ),
];

#[test]
fn every_refused_state_has_its_words_its_code_and_is_left_alone() {
    for (name, make, wanted, code) in STATES {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("inner/d");
        std::fs::create_dir(folder.path().join("inner")).unwrap();
        make(&dir);
        let before = snapshot(folder.path());
        let error = commit(&dir, &tree(1)).expect_err(name);
        assert!(error.to_string().contains(wanted), "{name}: {error}");
        assert_eq!(error.fault().exit_code(), *code, "{name}: {error}");
        let after = snapshot(folder.path());
        let differ = before
            .iter()
            .filter(|one| !after.contains(one))
            .chain(after.iter().filter(|one| !before.contains(one)));
        let differ: Vec<_> = differ.map(|(path, _)| path.display().to_string()).collect();
        assert!(differ.is_empty(), "{name}: left as it was, not {differ:?}");
        let has_hint = error.hint().is_some() || *name == "parent missing";
        assert!(has_hint, "{name}: a next step is named");
    }
}

#[test]
fn a_foreign_owner_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("d");
    clean(&dir);
    if std::os::unix::fs::chown(dir.join(".git"), Some(12345), None)
        .and_then(|()| std::os::unix::fs::chown(&dir, Some(12345), None))
        .is_err()
    {
        // Without privileges ownership cannot be given away; any root-owned repository would do, but none is certain.
        eprintln!("NOTE: not run as root, a foreign owner cannot be set up here");
        return;
    }
    let error = commit(&dir, &tree(1)).unwrap_err();
    assert!(error.to_string().contains("owned by another user"), "{error}");
    assert!(
        error.hint().is_some_and(|hint| hint.contains("safe.directory")),
        "the hint names the setting"
    );
}

/// Every path below a directory with its kind and content; locks that only say who ran last are left out.
fn snapshot(root: &Path) -> Vec<(PathBuf, String)> {
    let mut found: Vec<_> = walkdir::WalkDir::new(root)
        .into_iter()
        .map(Result::unwrap)
        .map(|entry| {
            let kind = entry.file_type();
            let content = match () {
                () if kind.is_file() => {
                    String::from_utf8_lossy(&std::fs::read(entry.path()).unwrap()).into_owned()
                }
                () if kind.is_symlink() => {
                    format!("-> {}", std::fs::read_link(entry.path()).unwrap().display())
                }
                () => format!("{kind:?}"),
            };
            (entry.into_path(), content)
        })
        .collect();
    found.sort();
    found
}
