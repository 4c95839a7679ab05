//! Making a repository where there is none: at once, or not at all.

use std::path::{Path, PathBuf};
use std::time::Duration;

use git2::{Repository, RepositoryInitOptions};
use rustix::fs::{CWD, RenameFlags};
use rustix::io::Errno;

use super::error::GitError;
use super::open::inspect;
use super::stage::{PREFIX, sync_directory};
use crate::edge::disk::{RunLock, effect, io_at, is_dead_leftover, leftover_name, make_directory};

/// What this run created, so that it can be taken away again when the run fails.
#[derive(Debug, Default)]
pub(super) struct Created {
    directory: Option<PathBuf>,
    repository: Option<PathBuf>,
}

impl Created {
    /// Removes the repository and the directory, if this run made them.
    pub(super) fn take_back(&self) {
        if let Some(dot_git) = &self.repository {
            let _ = std::fs::remove_dir_all(dot_git);
        }
        if let Some(directory) = &self.directory {
            // Only when nothing else is in it.
            let _ = std::fs::remove_dir(directory);
        }
    }
}

/// Makes directory and repository as far as they are missing; `allowed` judges the directory before anything is made.
///
/// The repository is made under another name and renamed, so that a killed run never leaves half of one. No template
/// is copied: templates bring hooks.
pub(super) fn make_missing(
    dir: &Path,
    head: &str,
    wait: Duration,
    allowed: impl Fn() -> Result<(), GitError>,
) -> Result<Created, GitError> {
    let mut created = Created::default();
    if inspect(dir)?.is_some() {
        return Ok(created);
    }
    effect().map_err(io_at("created", dir))?;
    match std::fs::create_dir(dir) {
        Ok(()) => created.directory = Some(dir.to_owned()),
        Err(cause) if cause.kind() == std::io::ErrorKind::AlreadyExists => {}
        Err(cause) => return Err(io_at("created", dir)(cause).into()),
    }
    let made = make_repository(dir, head, wait, allowed);
    match made {
        Ok(true) => created.repository = Some(dir.join(".git")),
        Ok(false) => {}
        Err(error) => {
            created.take_back();
            return Err(error);
        }
    }
    Ok(created)
}

fn make_repository(
    dir: &Path,
    head: &str,
    wait: Duration,
    allowed: impl Fn() -> Result<(), GitError>,
) -> Result<bool, GitError> {
    let _lock = RunLock::take_directory(dir, wait)?;
    if inspect(dir)?.is_some() {
        return Ok(false);
    }
    let prefix = format!(".{PREFIX}");
    for entry in std::fs::read_dir(dir).map_err(io_at("read", dir))? {
        let entry = entry.map_err(io_at("read", dir))?;
        if entry
            .file_name()
            .to_str()
            .is_some_and(|name| is_dead_leftover(name, &prefix))
        {
            std::fs::remove_dir_all(entry.path()).map_err(io_at("removed", &entry.path()))?;
        }
    }
    allowed()?;
    let staged = dir.join(leftover_name(&prefix));
    make_directory(&staged)?;
    let made = init_and_rename(dir, &staged, head);
    let _ = std::fs::remove_dir_all(&staged);
    made.map(|()| true)
}

fn init_and_rename(dir: &Path, staged: &Path, head: &str) -> Result<(), GitError> {
    let mut options = RepositoryInitOptions::new();
    options
        .no_reinit(true)
        .external_template(false)
        .initial_head(head);
    effect().map_err(io_at("created", dir))?;
    Repository::init_opts(staged, &options).map_err(|cause| GitError::Git {
        path: dir.to_owned(),
        action: "making a repository",
        cause,
    })?;
    let from = staged.join(".git");
    sync_all_below(&from)?;
    let to = dir.join(".git");
    effect().map_err(io_at("created", &to))?;
    match rustix::fs::renameat_with(CWD, &from, CWD, &to, RenameFlags::NOREPLACE) {
        Err(Errno::INVAL | Errno::NOSYS) => std::fs::rename(&from, &to).map_err(io_at("created", &to))?,
        other => other.map_err(io_at("created", &to))?,
    }
    // Until the new name is synced the repository does not count as made.
    sync_directory(dir).inspect_err(|_| drop(std::fs::remove_dir_all(&to)))
}

fn sync_all_below(directory: &Path) -> Result<(), GitError> {
    for entry in std::fs::read_dir(directory).map_err(io_at("read", directory))? {
        let path = entry.map_err(io_at("read", directory))?.path();
        if path.is_dir() {
            sync_all_below(&path)?;
        } else {
            std::fs::File::open(&path)
                .and_then(|file| file.sync_all())
                .map_err(io_at("synced", &path))?;
        }
    }
    sync_directory(directory)
}
