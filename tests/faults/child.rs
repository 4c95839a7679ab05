//! The child process: one job on one directory, described by environment variables.

use std::path::Path;
use std::process::{Command, ExitStatus, Output};
use std::time::Duration;

use platform::edge::disk::replace_directory;
use platform::edge::env::GitNames;
use platform::edge::git::{Outcome, Request, commit_render};
use platform::tree::{File, Tree, sha256_hex};
use platform::units::RelPath;

/// Effects are counted, and can be made to fail, in debug builds only.
pub(crate) fn require_debug_build() {
    let is_debug = cfg!(debug_assertions);
    assert!(is_debug, "this test needs a build with debug assertions");
}

/// What a child does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Job {
    /// `commit_render` with some seeded files.
    Commit,
    /// `replace_directory` with the first or the second render.
    Replace(u32),
}

/// A small render; generation 2 differs in one file, lacks one and adds one.
pub(crate) fn tree(generation: u32) -> Tree {
    let mut files = vec![
        ("README.md".to_owned(), "# render\n".to_owned()),
        (
            "clusters/fra1/kustomization.yaml".to_owned(),
            format!("generation: {generation}\n"),
        ),
        (
            format!("policies/fra1/only-{generation}.yaml"),
            "a: 1\n".to_owned(),
        ),
    ];
    for team in 0..6 {
        for file in ["namespace", "quota", "rbac"] {
            files.push((
                format!("tenants/fra1/team-{team}/{file}.yaml"),
                format!("team: {team}\nkind: {file}\n"),
            ));
        }
    }
    let mut lock = "apiVersion: tenancy.platform/v1alpha1\nkind: Lock\ngenerator: {name: platform, version: 0.1.0}\nspec: {path: platform.yaml, sha256: x}\nfiles:\n".to_owned();
    for (path, text) in &files {
        lock.push_str(&format!("  \"{path}\": \"{}\"\n", sha256_hex(text.as_bytes())));
    }
    files.push((".platform/lock.yaml".to_owned(), lock));
    tree_of(&files)
}

/// A tree of the given files.
pub(crate) fn tree_of(files: &[(String, String)]) -> Tree {
    let mut tree = Tree::default();
    for (path, text) in files {
        let file = File {
            bytes: text.as_bytes().to_vec(),
            origin: "test",
        };
        assert!(
            tree.insert(RelPath::parse(path).unwrap(), file).is_none(),
            "`{path}` occurs once"
        );
    }
    tree
}

/// The seeded files of every commit in these tests.
pub(crate) fn seeded() -> Vec<(RelPath, Vec<u8>)> {
    [("platform.yaml", "kind: Tenancy\n"), ("overlays/.gitkeep", "")]
        .map(|(path, text)| (RelPath::parse(path).unwrap(), text.as_bytes().to_vec()))
        .to_vec()
}

/// Commits the first render the way every test does: fixed time, fixed names.
pub(crate) fn commit(dir: &Path, tree: &Tree) -> Result<Outcome, platform::edge::git::GitError> {
    let text = |text: &str| Some(text.to_owned());
    let names = GitNames {
        author_name: text("Author"),
        author_email: text("author@example.com"),
        committer_name: text("Committer"),
        committer_email: text("committer@example.com"),
    };
    commit_render(&Request {
        dir,
        branch: "main",
        tree,
        seeded: &seeded(),
        message: "render: first",
        time: 1_795_000_000,
        names: &names,
        wait: Duration::from_secs(60),
    })
}

/// Puts a generation of the small render at a directory; it must succeed.
pub(crate) fn replace(out: &Path, generation: u32) {
    replace_directory(out, &tree(generation), Duration::from_secs(60))
        .unwrap_or_else(|error| panic!("generation {generation} at {}: {error}", out.display()));
}

/// A command that does a job in a child; arguments before the binary (as `strace …`) go into `wrapper`.
pub(crate) fn command(job: Job, dir: &Path, wrapper: &[&str]) -> Command {
    let binary = std::env::current_exe().unwrap();
    let mut command = match wrapper.split_first() {
        Some((first, rest)) => {
            let mut command = Command::new(first);
            command.args(rest).arg(binary);
            command
        }
        None => Command::new(binary),
    };
    let job = match job {
        Job::Commit => "commit".to_owned(),
        Job::Replace(generation) => format!("replace {generation}"),
    };
    // One thread, so that the n-th effect is the same one in every run.
    command
        .args(["child::job", "--exact", "--nocapture", "--test-threads=1"])
        .env("RAYON_NUM_THREADS", "1")
        .env("FAULTS_JOB", job)
        .env("FAULTS_DIR", dir)
        .env_remove("PLATFORM_TEST_KILL_AT")
        .env_remove("PLATFORM_TEST_FAIL_AT");
    command
}

/// Whether a child was ended by `kill -9`, by itself or by what wraps it.
pub(crate) fn was_killed(status: ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt;
    status.signal() == Some(9) || status.code() == Some(137)
}

/// Both outputs of a child, for messages.
pub(crate) fn words(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// The entry of the child; without a job it commits into a directory of its own, as any test.
#[test]
fn job() {
    let own;
    let (dir, job) = match (std::env::var("FAULTS_DIR"), std::env::var("FAULTS_JOB")) {
        (Ok(dir), Ok(job)) => (std::path::PathBuf::from(dir), job),
        _ => {
            own = tempfile::tempdir().unwrap();
            (own.path().join("new"), "commit".to_owned())
        }
    };
    let done = match job.split_once(' ') {
        Some((_, generation)) => {
            let tree = tree(generation.parse().unwrap());
            replace_directory(&dir, &tree, Duration::from_secs(60)).map_err(|e| (e.fault(), e.to_string()))
        }
        None => commit(&dir, &tree(1))
            .map(drop)
            .map_err(|e| (e.fault(), e.to_string())),
    };
    if let Err((fault, message)) = done {
        panic!("exit code {}: {message}", fault.exit_code());
    }
}
