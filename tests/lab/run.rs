//! One run of a control plane: its directory, its supervisor, and who may talk to it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use super::supervisor::{Process, Supervisor};
use super::users::{self, User};
use super::wait::poll;

/// A run directory (readable by its user only) and the processes that live in it.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) directory: PathBuf,
    pub(super) supervisor: Supervisor,
    tokens: Vec<(User, String)>,
}

impl Run {
    /// Makes a new directory under the temp directory, with tokens for all users.
    pub(super) fn new(name: &str) -> Run {
        let directory = tempfile::Builder::new()
            .prefix(&format!("platform-lab-{name}-"))
            .tempdir()
            .unwrap_or_else(|error| panic!("the lab's run directory: {error}"))
            // The supervisor removes it: only that also happens when this process is killed.
            .keep();
        let tokens: Vec<(User, String)> = User::ALL.iter().map(|user| (*user, users::token())).collect();
        let run = Run {
            supervisor: Supervisor::spawn(&directory, Stdio::inherit()),
            directory,
            tokens,
        };
        run.write("tokens.csv", &users::token_file(&run.tokens));
        run
    }

    /// Returns a path in the run directory.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// Writes a file into the run directory.
    pub(super) fn write(&self, name: &str, content: &str) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, content).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        path
    }

    /// Writes a kubeconfig for every user.
    pub(super) fn write_kubeconfigs(&self, server: &str, certificates: &Path) {
        let certificates =
            fs::read(certificates).unwrap_or_else(|error| panic!("{}: {error}", certificates.display()));
        for (user, token) in &self.tokens {
            self.write(
                &user.file(),
                &users::kubeconfig(*user, token, server, &certificates),
            );
        }
    }

    /// Starts a process with a home of its own, so that no setting or cache of the person who runs the tests matters.
    pub(super) fn start(&self, mut process: Process) {
        process
            .env
            .insert("HOME".to_string(), self.directory.display().to_string());
        self.supervisor.start(&process);
    }

    /// Waits until a started process is ready; its end, or the deadline, fails with the last lines of its log.
    pub(super) fn ready<T>(&self, name: &str, deadline: Duration, mut look: impl FnMut() -> Option<T>) -> T {
        let found = poll(deadline, || match self.supervisor.exit(name) {
            Some(status) => Some(Err(format!("ended by itself ({status})"))),
            None => look().map(Ok),
        });
        match found {
            Some(Ok(ready)) => ready,
            Some(Err(end)) => panic!("`{name}` {end}; {}", self.supervisor.log_tail(name)),
            None => panic!(
                "`{name}` was not ready within {deadline:?}; {}",
                self.supervisor.log_tail(name)
            ),
        }
    }
}
