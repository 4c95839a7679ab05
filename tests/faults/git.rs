//! Committing a render: what real Git sees afterwards.

use std::path::Path;

use platform::edge::git::{Commits, GitError, Outcome, inspect, status_files};

use super::child::{commit, tree, tree_of};
use super::repository::{assert_commits, assert_sound, expected, files_of, git, with_files};

fn committed(dir: &Path) -> Commits {
    match commit(dir, &tree(1)) {
        Ok(Outcome::Committed(commits)) => *commits,
        other => panic!("a commit was expected: {other:?}"),
    }
}

#[test]
fn a_new_directory_becomes_a_repository_with_two_commits_in_one_pack() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("new");
    let commits = committed(&dir);
    assert_sound(&dir, "new");
    assert_commits(&dir, &commits, &tree(1), "new");
    let mut both = expected(&tree(1));
    both.insert("platform.yaml".to_owned(), "kind: Tenancy\n".to_owned());
    both.insert("overlays/.gitkeep".to_owned(), String::new());
    assert_eq!(files_of(&dir, "main"), both, "render and seeded files");
    let count = git(&dir, &["count-objects", "-v"]);
    assert!(
        count.starts_with("count: 0\n") && count.contains("packs: 1\n"),
        "one pack, nothing loose: {count}"
    );
    assert_eq!(
        git(&dir, &["log", "-1", "--format=%an <%ae> %cn <%ce> %at %ct"]).trim(),
        "Author <author@example.com> Committer <committer@example.com> 1795000000 1795000000"
    );
    assert!(
        git(&dir, &["reflog", "main"]).contains("platform: first render"),
        "the move is in the reflog"
    );
    let hooks: Vec<_> = std::fs::read_dir(dir.join(".git/hooks"))
        .unwrap()
        .map(|hook| hook.unwrap().file_name())
        .collect();
    assert_eq!(
        hooks,
        ["README.sample"],
        "no template of the machine was copied: those bring hooks"
    );
    for _ in 0..2 {
        assert_eq!(
            commit(&dir, &tree(1)).unwrap(),
            Outcome::NothingChanged,
            "the same render again"
        );
    }
    assert_eq!(
        git(&dir, &["rev-parse", "HEAD"]).trim(),
        commits.branch,
        "nothing moved"
    );
    match commit(&dir, &tree(2)) {
        Err(error @ GitError::NeedsRegenerate { .. }) => assert_eq!(error.fault().exit_code(), 2, "{error}"),
        other => panic!("another render must be merged, not committed: {other:?}"),
    }
    let merged = git(&dir, &["merge-base", "main", "platform/rendered"]);
    assert_eq!(
        merged.trim(),
        commits.rendered,
        "Git knows the base of the next merge"
    );
}

#[test]
fn the_same_render_gives_the_same_commits_anywhere() {
    let folder = tempfile::tempdir().unwrap();
    let one = committed(&folder.path().join("one"));
    let pool = rayon::ThreadPoolBuilder::new().num_threads(7).build().unwrap();
    let two = pool.install(|| committed(&folder.path().join("two")));
    assert_eq!(one, two, "commit ids depend on content, names and time only");
    let packs = |name: &str| {
        let mut names: Vec<_> = std::fs::read_dir(folder.path().join(name).join(".git/objects/pack"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        names.sort();
        names
    };
    assert_eq!(
        packs("one"),
        packs("two"),
        "and so does the pack, whose name is its checksum"
    );
}

#[test]
fn a_grown_repository_keeps_what_it_has() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("grown");
    let mine = [
        ("notes.md", "mine"),
        ("tenants/own/x.yaml", "own"),
        ("README.md", "# render\n"),
        ("platform.yaml", "kind: Mine\n"),
    ];
    with_files(&dir, &mine);
    let before = git(&dir, &["rev-parse", "HEAD"]).trim().to_owned();
    let commits = committed(&dir);
    assert_sound(&dir, "grown");
    assert_commits(&dir, &commits, &tree(1), "grown");
    assert_eq!(
        commits.kept,
        ["platform.yaml"],
        "the user's own spec is kept and named"
    );
    let mut all = expected(&tree(1));
    all.insert("overlays/.gitkeep".to_owned(), String::new());
    all.extend(mine.map(|(path, text)| (path.to_owned(), text.to_owned())));
    assert_eq!(files_of(&dir, "HEAD"), all, "the user's files and the render");
    let parents = git(&dir, &["log", "-1", "--format=%P"]);
    assert_eq!(
        parents.trim(),
        format!("{before} {}", commits.rendered),
        "the user's commit first, the render last"
    );
}

#[test]
fn an_untracked_spec_of_the_user_is_taken_over_as_it_is() {
    for with_repository in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("d");
        std::fs::create_dir(&dir).unwrap();
        if with_repository {
            git(&dir, &["init", "-q", "-b", "trunk"]);
        }
        std::fs::write(dir.join("platform.yaml"), "kind: Mine\n").unwrap();
        let commits = committed(&dir);
        assert_sound(&dir, "own spec");
        assert_eq!(
            git(&dir, &["show", "HEAD:platform.yaml"]),
            "kind: Mine\n",
            "repository: {with_repository}"
        );
        let branch = if with_repository { "trunk" } else { "main" };
        assert_eq!(
            commits.branch_name, branch,
            "an existing repository keeps its branch"
        );
    }
}

#[test]
fn other_content_is_refused_by_name_and_untouched() {
    for (path, tracked) in [
        ("README.md", true),
        ("tenants/fra1/team-3/quota.yaml", true),
        ("README.md", false),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("d");
        if tracked {
            with_files(&dir, &[(path, "mine")]);
        } else {
            std::fs::create_dir(&dir).unwrap();
            std::fs::write(dir.join(path), "mine").unwrap();
        }
        let error = commit(&dir, &tree(1)).unwrap_err();
        assert!(
            error.to_string().contains(&format!("`{path}`")),
            "{path}: {error}"
        );
        assert_eq!(error.fault().exit_code(), 2, "{path}: {error}");
        assert_eq!(std::fs::read_to_string(dir.join(path)).unwrap(), "mine", "{path}");
        assert_eq!(
            dir.join(".git").exists(),
            tracked,
            "{path}: no repository is left where there was none"
        );
        if tracked {
            assert_sound(&dir, path);
            assert_eq!(
                git(&dir, &["branch", "--list", "platform/*"]),
                "",
                "{path}: no branch was made"
            );
        }
    }
}

#[test]
fn nothing_in_an_untrusted_repository_is_run_and_bytes_stay_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("d");
    let bait = folder.path().join("pwned");
    with_files(
        &dir,
        &[
            (".gitattributes", "* filter=evil text eol=crlf ident\n"),
            ("x", "x\r\n"),
        ],
    );
    let touch = format!("touch {}", bait.display());
    for key in [
        "core.fsmonitor",
        "core.sshCommand",
        "core.editor",
        "core.pager",
        "gpg.program",
        "filter.evil.clean",
        "filter.evil.smudge",
        "filter.evil.process",
        "diff.external",
        "credential.helper",
        "alias.status",
    ] {
        git(&dir, &["config", key, &touch]);
    }
    for (key, value) in [
        ("core.autocrlf", "true"),
        ("commit.gpgsign", "true"),
        ("gc.auto", "1"),
        ("core.hooksPath", ".hooks"),
    ] {
        git(&dir, &["config", key, value]);
    }
    for hooks in [dir.join(".git/hooks"), dir.join(".hooks")] {
        std::fs::create_dir_all(&hooks).unwrap();
        for hook in [
            "pre-commit",
            "post-commit",
            "reference-transaction",
            "post-index-change",
            "prepare-commit-msg",
        ] {
            use std::os::unix::fs::PermissionsExt;
            std::fs::write(hooks.join(hook), format!("#!/bin/sh\n{touch}\n")).unwrap();
            std::fs::set_permissions(hooks.join(hook), std::fs::Permissions::from_mode(0o755)).unwrap();
        }
    }
    std::fs::write(dir.join(".git/info/exclude"), ".hooks\n*.yaml\n").unwrap();
    let commits = committed(&dir);
    assert!(!bait.exists(), "nothing was run");
    let lean = ["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"];
    let show = |name: &str| git(&dir, &[&lean[..], &["cat-file", "blob", name]].concat());
    for (path, text) in expected(&tree(1)) {
        assert_eq!(
            show(&format!("{}:{path}", commits.rendered)),
            text,
            "{path} in the render"
        );
        assert_eq!(
            std::fs::read_to_string(dir.join(&path)).unwrap(),
            text,
            "{path} on disk"
        );
    }
}

#[test]
fn status_names_what_is_not_committed() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("d");
    with_files(
        &dir,
        &[
            ("same", "1"),
            ("edited", "1"),
            ("gone", "1"),
            (".gitignore", "*.log\n"),
        ],
    );
    let checked = inspect(&dir).unwrap().unwrap();
    assert_eq!(status_files(&checked).unwrap(), [], "clean");
    std::fs::write(dir.join("edited"), "22").unwrap();
    std::fs::remove_file(dir.join("gone")).unwrap();
    std::fs::create_dir(dir.join("new")).unwrap();
    std::fs::write(dir.join("new/file"), "x").unwrap();
    std::fs::write(dir.join("new/x.log"), "x").unwrap();
    std::fs::write(dir.join("staged"), "x").unwrap();
    git(&dir, &["add", "staged"]);
    let shown: Vec<String> = status_files(&checked)
        .unwrap()
        .into_iter()
        .map(|(path, change)| format!("{path} {change:?}"))
        .collect();
    assert_eq!(
        shown,
        [
            "edited Modified",
            "gone Deleted",
            "new/file Untracked",
            "staged Added"
        ],
        "by path"
    );
}

#[test]
fn a_linked_work_tree_is_served_too() {
    let folder = tempfile::tempdir().unwrap();
    let main = folder.path().join("main");
    with_files(&main, &[("notes.md", "mine")]);
    let linked = folder.path().join("linked");
    git(
        &main,
        &["worktree", "add", "-q", "-b", "side", linked.to_str().unwrap()],
    );
    let commits = committed(&linked);
    assert_eq!(commits.branch_name, "side", "the branch of the linked work tree");
    assert_sound(&linked, "linked");
    assert_sound(&main, "main");
    assert_commits(&linked, &commits, &tree(1), "linked");
}

#[test]
fn eight_runs_at_once_give_the_result_of_one() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("new");
    let outcomes: Vec<_> = std::thread::scope(|scope| {
        let runs: Vec<_> = (0..8).map(|_| scope.spawn(|| commit(&dir, &tree(1)))).collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    let made = outcomes
        .iter()
        .filter(|outcome| matches!(outcome, Ok(Outcome::Committed(_))))
        .count();
    let same = outcomes
        .iter()
        .filter(|outcome| matches!(outcome, Ok(Outcome::NothingChanged)))
        .count();
    assert_eq!(
        (made, same),
        (1, 7),
        "one commits, the others find it done: {outcomes:?}"
    );
    assert_sound(&dir, "after eight threads");
    let alone = committed(&folder.path().join("alone"));
    assert_eq!(
        git(&dir, &["rev-parse", "HEAD"]).trim(),
        alone.branch,
        "the serial result"
    );
}

#[test]
fn a_render_whose_paths_clash_is_our_bug() {
    let folder = tempfile::tempdir().unwrap();
    let text = |text: &str| text.to_owned();
    for files in [[("a", "x"), ("a/b", "y")], [("platform.yaml", "x"), ("b", "y")]] {
        let tree = tree_of(&files.map(|(path, content)| (text(path), text(content))));
        let dir = folder.path().join("new");
        let error = commit(&dir, &tree).unwrap_err();
        assert_eq!(error.fault().exit_code(), 70, "{error}");
        assert!(!dir.exists(), "nothing is left: {error}");
    }
}
