//! `platform init`: one repository of its own, everything kept that was there, nothing half done.

use super::sandbox::Sandbox;

fn clean(sandbox: &Sandbox, directory: &str) {
    assert_eq!(
        sandbox.git(directory, &["status", "--porcelain"]),
        "",
        "{directory}: nothing is left to commit"
    );
    let check = sandbox.git(directory, &["fsck", "--strict", "--no-dangling"]);
    assert!(!check.contains("error"), "{directory}: {check}");
}

#[test]
fn a_new_directory_becomes_a_clean_repository() {
    let sandbox = Sandbox::new();
    let run = sandbox.run(&["init", "--yes", "demo"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.stderr.contains("next: platform -C "), "{run:?}");
    clean(&sandbox, "demo");
    let spec = sandbox.read("demo/platform.yaml");
    assert!(
        spec.contains("\nname: demo\n"),
        "the spec has the directory's name: {spec}"
    );
    assert_eq!(
        sandbox.git("demo", &["symbolic-ref", "HEAD"]),
        "refs/heads/main\n",
        "the branch of the spec"
    );
    for (name, bytes) in sandbox.files("demo") {
        let committed = sandbox.git("demo", &["show", &format!("HEAD:{name}")]);
        assert_eq!(
            committed.as_bytes(),
            bytes,
            "{name} is committed as it lies there"
        );
    }
    let count = sandbox.files("demo").len();
    assert!(
        run.stdout.starts_with(&format!("wrote {count} files to ")),
        "{run:?}"
    );

    let head = sandbox.git("demo", &["rev-parse", "HEAD", "platform/rendered"]);
    let again = sandbox.run(&["init", "--yes", "demo"]);
    assert_eq!(again.code, 0, "{again:?}");
    assert!(again.stdout.contains("nothing changed"), "{again:?}");
    assert_eq!(
        sandbox.git("demo", &["rev-parse", "HEAD", "platform/rendered"]),
        head,
        "no commit is added"
    );
}

#[test]
fn names_of_directories_become_names() {
    let sandbox = Sandbox::new();
    for name in ["no", "on", "1e3", "0", "null", "a-b-c", "2027-03-31"] {
        let run = sandbox.run(&["init", "--yes", name]);
        assert_eq!(run.code, 0, "{name}: {run:?}");
        let plan = sandbox.run(&["-C", name, "plan", "-o", "json"]).json();
        assert_eq!(plan["name"], name, "{name}: {plan:#}");
    }
    for name in ["A", "a_b", "é", "-x", "a b", ".hidden"] {
        let run = sandbox.run(&["init", "--yes", "--", name]);
        assert_eq!(run.code, 2, "{name}: {run:?}");
        assert!(!sandbox.path(name).exists(), "{name} is not made");
    }
    std::fs::create_dir(sandbox.path("here")).unwrap();
    let run = sandbox.run(&["-C", "here", "init", "--yes"]);
    assert_eq!(run.code, 0, "the working directory: {run:?}");
    assert!(
        sandbox.read("here/platform.yaml").contains("\nname: here\n"),
        "its name"
    );
}

#[test]
fn files_of_the_user_are_kept() {
    let sandbox = Sandbox::new();
    let own = [
        ("demo/notes.txt", "mine\n"),
        ("demo/overlays/README.md", "my overlays\n"),
    ];
    for (name, text) in own {
        sandbox.write(name, text);
    }
    let run = sandbox.run(&["init", "--yes", "demo"]);
    assert_eq!(run.code, 2, "files that are in no commit: {run:?}");
    assert!(run.stderr.contains("`notes.txt`"), "they are named: {run:?}");
    assert_eq!(sandbox.files("demo").len(), 2, "nothing is written beside them");

    sandbox.git("demo", &["init", "-q", "-b", "main"]);
    sandbox.git("demo", &["add", "."]);
    sandbox.git("demo", &["commit", "-q", "-m", "mine"]);
    let run = sandbox.run(&["init", "--yes", "demo"]);
    assert_eq!(run.code, 0, "files that are committed: {run:?}");
    assert!(
        run.stderr.contains("`overlays/README.md` was yours already"),
        "{run:?}"
    );
    for (name, text) in own {
        assert_eq!(sandbox.read(name), text, "{name} is as it was");
    }
    clean(&sandbox, "demo");
}

#[test]
fn a_file_of_the_user_is_never_replaced_by_a_generated_one() {
    let sandbox = Sandbox::new();
    sandbox.write("demo/README.md", "mine\n");
    sandbox.git("demo", &["init", "-q", "-b", "main"]);
    sandbox.git("demo", &["add", "."]);
    sandbox.git("demo", &["commit", "-q", "-m", "mine"]);
    let run = sandbox.run(&["init", "--yes", "demo"]);
    assert_ne!(run.code, 0, "{run:?}");
    assert!(run.stderr.contains("README.md"), "it is named: {run:?}");
    assert_eq!(
        sandbox.files("demo"),
        [("README.md".to_owned(), b"mine\n".to_vec())],
        "nothing is written"
    );
}

#[test]
fn a_spec_that_is_there_is_used_as_it_is() {
    let sandbox = Sandbox::with_example();
    let own = "# mine\napiVersion: tenancy.platform/v1alpha1\nkind: Tenancy\nname: own\nclusters: [{name: c}]\nteams: [{name: t}]\n";
    sandbox.write("demo/platform.yaml", own);
    let run = sandbox.run(&["init", "--yes", "-f", "platform.yaml", "demo"]);
    assert_eq!(run.code, 2, "two specs: {run:?}");
    assert!(run.stderr.contains("differs from `platform.yaml`"), "{run:?}");
    assert_eq!(sandbox.files("demo").len(), 1, "nothing is written");

    let run = sandbox.run(&["init", "--yes", "demo"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(sandbox.read("demo/platform.yaml"), own, "byte for byte");
    clean(&sandbox, "demo");

    let run = sandbox.run(&["init", "--yes", "-f", "platform.yaml", "from-file"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(
        sandbox.read("from-file/platform.yaml"),
        sandbox.read("platform.yaml"),
        "the given spec"
    );
    let run = sandbox.run(&["init", "--yes", "-f", "absent.yaml", "x"]);
    assert_eq!((run.code, sandbox.path("x").exists()), (2, false), "{run:?}");
}

#[test]
fn a_directory_inside_a_repository_becomes_its_own() {
    let sandbox = Sandbox::new();
    sandbox.write("outer/file", "x");
    sandbox.git("outer", &["init", "-q"]);
    sandbox.git("outer", &["add", "."]);
    sandbox.git("outer", &["commit", "-q", "-m", "x"]);
    let head = sandbox.git("outer", &["rev-parse", "HEAD"]);
    let run = sandbox.run(&["init", "--yes", "outer/demo"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(
        sandbox.path("outer/demo/.git").is_dir(),
        "it has its own repository"
    );
    assert_eq!(
        sandbox.git("outer", &["rev-parse", "HEAD"]),
        head,
        "the outer one is untouched"
    );
    clean(&sandbox, "outer/demo");
}

#[test]
fn changes_that_are_not_committed_are_refused_by_name() {
    let sandbox = Sandbox::new();
    sandbox.write("demo/a", "1\n");
    sandbox.write("demo/b", "1\n");
    sandbox.git("demo", &["init", "-q", "-b", "main"]);
    sandbox.git("demo", &["add", "."]);
    sandbox.git("demo", &["commit", "-q", "-m", "mine"]);
    sandbox.write("demo/a", "2\n");
    sandbox.write("demo/b", "2\n");
    sandbox.git("demo", &["add", "b"]);
    let head = sandbox.git("demo", &["rev-parse", "HEAD"]);
    let run = sandbox.run(&["init", "--yes", "demo"]);
    assert_eq!(run.code, 2, "{run:?}");
    for name in ["`a`", "`b`"] {
        assert!(run.stderr.contains(name), "{name} is named: {run:?}");
    }
    assert_eq!(
        sandbox.git("demo", &["rev-parse", "HEAD"]),
        head,
        "nothing is committed"
    );
    assert_eq!(sandbox.files("demo").len(), 2, "nothing is written");
    assert_eq!(
        sandbox.git("demo", &["status", "--porcelain"]),
        " M a\nM  b\n",
        "the changes are as they were"
    );
}

#[test]
fn another_spec_in_a_repository_is_not_forced_over_the_former() {
    let sandbox = Sandbox::new();
    assert_eq!(sandbox.run(&["init", "--yes", "demo"]).code, 0, "the first time");
    let spec = sandbox.read("demo/platform.yaml").replace("team-c", "team-d");
    sandbox.write("demo/platform.yaml", &spec);
    let before = (
        sandbox.git("demo", &["rev-parse", "HEAD", "platform/rendered"]),
        sandbox.files("demo"),
    );
    let run = sandbox.run(&["init", "--yes", "demo"]);
    assert_eq!(run.code, 2, "{run:?}");
    let after = (
        sandbox.git("demo", &["rev-parse", "HEAD", "platform/rendered"]),
        sandbox.files("demo"),
    );
    assert!(before == after, "nothing is changed");
}

/// Prepares a place, then `init --yes demo` must refuse it with a word and change nothing.
type Prepare = fn(&Sandbox);

#[test]
fn odd_places_are_refused_and_left_as_they_are() {
    let cases: [(&str, Prepare, &str); 5] = [
        ("a file", |s| drop(s.write("demo", "x")), "demo"),
        (
            "a link out",
            |s| {
                std::fs::create_dir(s.path("elsewhere")).unwrap();
                std::os::unix::fs::symlink("elsewhere", s.path("demo")).unwrap();
            },
            "symbolic link",
        ),
        (
            "bare",
            |s| drop(s.git("", &["init", "-q", "--bare", "demo"])),
            "has no work tree",
        ),
        (
            "a merge",
            |s| {
                s.write("demo/x", "a");
                s.git("demo", &["init", "-q", "-b", "main"]);
                s.git("demo", &["add", "."]);
                s.git("demo", &["commit", "-q", "-m", "x"]);
                s.git("demo", &["switch", "-q", "-c", "side"]);
                s.git("demo", &["commit", "-q", "--allow-empty", "-m", "side"]);
                s.git("demo", &["switch", "-q", "main"]);
                s.git("demo", &["merge", "-q", "--no-ff", "--no-commit", "side"]);
            },
            "merge",
        ),
        (
            "detached",
            |s| {
                s.write("demo/x", "a");
                s.git("demo", &["init", "-q", "-b", "main"]);
                s.git("demo", &["add", "."]);
                s.git("demo", &["commit", "-q", "-m", "x"]);
                s.git("demo", &["switch", "-q", "--detach"]);
            },
            "detached",
        ),
    ];
    for (name, prepare, wanted) in cases {
        let sandbox = Sandbox::new();
        prepare(&sandbox);
        let before = sandbox.files("");
        let run = sandbox.run(&["init", "--yes", "demo"]);
        assert_ne!(run.code, 0, "{name}: {run:?}");
        assert!(run.stderr.contains(wanted), "{name}: {wanted:?} in {run:?}");
        assert!(!run.stderr.contains("panicked"), "{name}: {run:?}");
        assert_eq!(sandbox.files(""), before, "{name}: nothing is written");
    }
}
