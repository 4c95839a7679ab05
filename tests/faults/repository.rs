//! Asking the real `git` what it sees.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use platform::edge::git::Commits;
use platform::tree::Tree;

/// Runs `git` without any configuration of the machine; the answer must be success.
pub(crate) fn git(dir: &Path, arguments: &[&str]) -> String {
    let output = try_git(dir, arguments);
    let words = super::child::words(&output);
    assert!(
        output.status.success(),
        "git {arguments:?} in {}: {words}",
        dir.display()
    );
    String::from_utf8(output.stdout).unwrap()
}

/// Runs `git`; any answer will do.
pub(crate) fn try_git(dir: &Path, arguments: &[&str]) -> std::process::Output {
    Command::new("git")
        .args([
            "-c",
            "user.name=T",
            "-c",
            "user.email=t@example.com",
            "-c",
            "init.defaultBranch=main",
        ])
        .arg("-C")
        .arg(dir)
        .args(arguments)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_AUTHOR_DATE", "1700000000 +0000")
        .env("GIT_COMMITTER_DATE", "1700000000 +0000")
        .output()
        .unwrap_or_else(|error| panic!("`git` is needed for this test: {error}"))
}

/// A new repository with one commit of the given files.
pub(crate) fn with_files(dir: &Path, files: &[(&str, &str)]) {
    git(dir.parent().unwrap(), &["init", "-q", dir.to_str().unwrap()]);
    for (path, text) in files {
        std::fs::create_dir_all(dir.join(path).parent().unwrap()).unwrap();
        std::fs::write(dir.join(path), text).unwrap();
    }
    git(dir, &["add", "-A"]);
    git(dir, &["commit", "-q", "--allow-empty", "-m", "mine"]);
}

/// Paths and contents of a commit.
pub(crate) fn files_of(dir: &Path, commit: &str) -> BTreeMap<String, String> {
    let names = git(dir, &["ls-tree", "-r", "-z", "--name-only", commit]);
    let names = names.split_terminator('\0');
    names
        .map(|name| (name.to_owned(), git(dir, &["show", &format!("{commit}:{name}")])))
        .collect()
}

/// Paths and contents of a tree.
pub(crate) fn expected(tree: &Tree) -> BTreeMap<String, String> {
    tree.iter()
        .map(|(path, file)| (path.to_string(), String::from_utf8(file.bytes.clone()).unwrap()))
        .collect()
}

/// That Git finds nothing wrong, nothing uncommitted and nothing left over.
pub(crate) fn assert_sound(dir: &Path, when: &str) {
    let fsck = git(dir, &["fsck", "--strict", "--no-dangling", "--no-reflogs"]);
    assert_eq!(fsck, "", "{when}: git fsck");
    assert_eq!(git(dir, &["status", "--porcelain"]), "", "{when}: git status");
    let left: Vec<_> = walkdir::WalkDir::new(dir)
        .into_iter()
        .map(|entry| entry.unwrap().into_path())
        .filter(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            name.contains("platform-tmp") || (name.ends_with(".lock") && path.starts_with(dir.join(".git")))
        })
        .collect();
    assert!(left.is_empty(), "{when}: left over: {left:?}");
    let count = git(dir, &["count-objects", "-v"]);
    assert!(count.contains("garbage: 0\n"), "{when}: {count}");
}

/// That both commits say what they must.
pub(crate) fn assert_commits(dir: &Path, commits: &Commits, tree: &Tree, when: &str) {
    assert_eq!(
        files_of(dir, "platform/rendered"),
        expected(tree),
        "{when}: exactly the render"
    );
    let tip = |name: &str| git(dir, &["rev-parse", name]).trim().to_owned();
    assert_eq!(tip("platform/rendered"), commits.rendered, "{when}");
    assert_eq!(tip(&commits.branch_name), commits.branch, "{when}");
    assert_eq!(tip("HEAD"), commits.branch, "{when}");
    assert_eq!(tip("platform/rendered^{tree}"), commits.render_tree, "{when}");
    for name in ["HEAD", "platform/rendered"] {
        let trailer = git(
            dir,
            &[
                "log",
                "-1",
                "--format=%(trailers:key=Platform-Render,valueonly)",
                name,
            ],
        );
        assert_eq!(trailer.trim(), commits.render_tree, "{when}: trailer of {name}");
    }
    let parents = git(dir, &["log", "-1", "--format=%P", "HEAD"]);
    assert_eq!(
        parents.split_whitespace().last(),
        Some(commits.rendered.as_str()),
        "{when}: last parent"
    );
    assert_ne!(tip("HEAD"), commits.rendered, "{when}: two commits");
}
