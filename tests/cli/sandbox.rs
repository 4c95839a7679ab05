//! A private home, working directory and Git configuration for one test.

use std::path::{Path, PathBuf};
use std::time::Duration;

use assert_cmd::Command;

/// A directory of its own that goes away with the test.
pub(crate) struct Sandbox {
    folder: tempfile::TempDir,
}

/// What a run gave.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// The document on standard output.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["home", "tmp", "work"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }
        Self { folder }
    }

    /// A sandbox whose working directory holds the shipped example as `platform.yaml`.
    pub(crate) fn with_example() -> Self {
        let sandbox = Self::new();
        sandbox.write("platform.yaml", include_str!("../../examples/gpu-tenancy.yaml"));
        sandbox
    }

    /// A path below the working directory.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("work").join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// The binary with nothing from the environment of the test but `PATH`.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        self.program(
            Path::new(env!("CARGO_BIN_EXE_platform")),
            &self.path(""),
            arguments,
        )
    }

    fn program(&self, program: &Path, directory: &Path, arguments: &[&str]) -> Command {
        let home = self.folder.path().join("home");
        let mut command = Command::new(program);
        command
            .args(arguments)
            .current_dir(directory)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", &home)
            .env("XDG_CONFIG_HOME", home.join(".config"))
            .env("XDG_CACHE_HOME", home.join(".cache"))
            .env("TMPDIR", self.folder.path().join("tmp"))
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .timeout(Duration::from_secs(120));
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        self.run_with(arguments, "")
    }

    pub(crate) fn run_with(&self, arguments: &[&str], stdin: &str) -> Run {
        let mut command = self.command(arguments);
        command.write_stdin(stdin);
        Self::finish(&mut command)
    }

    pub(crate) fn finish(command: &mut Command) -> Run {
        let output = command.output().unwrap();
        Run {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).expect("standard output is UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("standard error is UTF-8"),
        }
    }

    /// Runs git below the working directory; it must succeed.
    pub(crate) fn git(&self, directory: &str, arguments: &[&str]) -> String {
        let identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
        let all: Vec<&str> = identity.iter().chain(arguments).copied().collect();
        let run = Self::finish(&mut self.program(Path::new("git"), &self.path(directory), &all));
        assert_eq!(run.code, 0, "git {arguments:?}: {run:?}");
        run.stdout
    }

    /// Every file below a directory of the working directory with its bytes, `.git` left out.
    pub(crate) fn files(&self, directory: &str) -> Vec<(String, Vec<u8>)> {
        let root = self.path(directory);
        let mut files: Vec<_> = walkdir::WalkDir::new(&root)
            .into_iter()
            .filter_entry(|entry| entry.file_name() != ".git")
            .map(|entry| entry.unwrap())
            .filter(|entry| entry.file_type().is_file())
            .map(|entry| {
                let name = entry
                    .path()
                    .strip_prefix(&root)
                    .unwrap()
                    .to_string_lossy()
                    .into_owned();
                (name, std::fs::read(entry.path()).unwrap())
            })
            .collect();
        files.sort();
        files
    }
}
