//! A private home with repositories in it; the real `git` and the real binary run there.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

/// The spec that every repository here begins with.
pub(crate) const SPEC: &str = include_str!("../../examples/gpu-tenancy.yaml");

/// A directory of its own that goes away with the test; `main` in it is a freshly generated repository.
pub(crate) struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    /// A place without any repository.
    pub(crate) fn empty() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("home")).unwrap();
        Self { folder }
    }

    /// A place whose `main` is the repository that `platform init` makes of [`SPEC`].
    pub(crate) fn with_repository() -> Self {
        static FIRST: OnceLock<Place> = OnceLock::new();
        let first = FIRST.get_or_init(|| {
            let place = Self::empty();
            std::fs::create_dir(place.path("main")).unwrap();
            std::fs::write(place.path("main/platform.yaml"), SPEC).unwrap();
            let output = place.platform("", &["init", "--yes", "main"]).output().unwrap();
            assert!(output.status.success(), "init: {}", words(&output));
            place
        });
        let place = Self::empty();
        copy(&first.path("main"), &place.path("main"));
        place
    }

    /// A path below the place.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The binary in a directory, with nothing from the environment of the test but `PATH`.
    pub(crate) fn platform(&self, directory: &str, arguments: &[&str]) -> Command {
        self.program(env!("CARGO_BIN_EXE_platform"), directory, arguments)
    }

    /// A program in a directory of this place.
    pub(crate) fn program(&self, program: &str, directory: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .current_dir(self.path(directory))
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.path("home"))
            .env("LC_ALL", "C")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_EDITOR", "true")
            .env("SOURCE_DATE_EPOCH", "1795000000")
            .env("RAYON_NUM_THREADS", "1");
        for (who, name) in [("AUTHOR", "Author"), ("COMMITTER", "Committer")] {
            command
                .env(format!("GIT_{who}_NAME"), name)
                .env(format!("GIT_{who}_EMAIL"), "person@example.com")
                .env(format!("GIT_{who}_DATE"), "1795000000 +0000");
        }
        command
    }

    /// Runs git; any answer will do.
    pub(crate) fn try_git(&self, directory: &str, arguments: &[&str]) -> Output {
        self.program("git", directory, arguments)
            .output()
            .unwrap_or_else(|error| panic!("`git` is needed for this test: {error}"))
    }

    /// Runs git; it must succeed.
    pub(crate) fn git(&self, directory: &str, arguments: &[&str]) -> String {
        let output = self.try_git(directory, arguments);
        assert!(output.status.success(), "git {arguments:?}: {}", words(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    /// The commit that a name stands for; empty when there is none.
    pub(crate) fn tip(&self, directory: &str, name: &str) -> String {
        let output = self.try_git(directory, &["rev-parse", "--verify", "-q", name]);
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// The node plans of a commit.
    pub(crate) fn node_plans(&self, directory: &str, commit: &str) -> platform::plan::NodePlans {
        let listed = self.git(directory, &["ls-tree", "-r", "--name-only", commit, "gpu/"]);
        let paths = listed.lines().filter(|path| path.ends_with("/node-plan.yaml"));
        let read = |path: &str| {
            let text = self.git(directory, &["show", &format!("{commit}:{path}")]);
            (platform::units::RelPath::parse(path).unwrap(), text.into_bytes())
        };
        paths.map(read).collect()
    }

    /// Replaces a text, which must be there, in a file.
    pub(crate) fn replace(&self, file: &str, from: &str, to: &str) {
        let path = self.path(file);
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{file}: {error}"));
        assert!(text.contains(from), "`{file}` has `{from}`");
        std::fs::write(&path, text.replacen(from, to, 1)).unwrap();
    }

    /// Writes a file and the directories above it.
    pub(crate) fn write(&self, file: &str, text: &str) {
        let path = self.path(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

/// Both outputs of a program, for messages.
pub(crate) fn words(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// Copies a directory with its links and modes.
pub(crate) fn copy(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from) {
        let entry = entry.unwrap();
        let place = to.join(entry.path().strip_prefix(from).unwrap());
        match entry.file_type() {
            kind if kind.is_dir() => std::fs::create_dir(&place).unwrap(),
            kind if kind.is_symlink() => {
                std::os::unix::fs::symlink(std::fs::read_link(entry.path()).unwrap(), &place).unwrap();
            }
            _ => drop(std::fs::copy(entry.path(), &place).unwrap()),
        }
    }
}
