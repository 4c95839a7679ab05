//! Reading and moving branches.
//!
//! libgit2 moves a reference with a lock file and a rename as Git does, but a process that is killed in between leaves
//! a lock that nobody can tell from a living one, and whether it syncs depends on the configuration. Here the content
//! is written and synced beforehand, and the lock is a second name of that very file: the next run knows its own.

use std::io::Write;
use std::path::{Path, PathBuf};

use git2::{ErrorCode, Oid};

use super::error::GitError;
use super::identity::Person;
use super::open::Checked;
use super::pack::{Id, hex};
use super::stage::{lock_with, sync_directory, synced_file};
use crate::edge::disk::{effect, io_at};

/// The commit of a branch; `None` when there is none. A branch that only names another one is not supported.
pub(super) fn target(checked: &Checked, name: &str) -> Result<Option<Oid>, GitError> {
    match checked.repository.find_reference(name) {
        Ok(reference) => match reference.target() {
            Some(oid) => Ok(Some(oid)),
            None => Err(GitError::Unsupported {
                path: checked.path.clone(),
                reason: format!("`{name}` is a symbolic reference"),
            }),
        },
        Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
        Err(error) => Err(checked.failed("reading a reference")(error)),
    }
}

/// A move of one branch, with everything on disk except the last rename.
pub(super) struct Move {
    name: String,
    former: Option<Oid>,
    new: Id,
    prepared: PathBuf,
    file: PathBuf,
}

impl Move {
    /// Writes and syncs what the branch will say; `prepared` is a file of that name in the staging directory.
    pub(super) fn prepare(
        checked: &Checked,
        name: &str,
        former: Option<Oid>,
        new: Id,
        prepared: PathBuf,
    ) -> Result<Self, GitError> {
        let file = checked.repository.commondir().join(name);
        if let Some(directory) = file.parent() {
            effect().map_err(io_at("created", directory))?;
            std::fs::create_dir_all(directory).map_err(io_at("created", directory))?;
        }
        synced_file(&prepared, format!("{}\n", hex(&new)).as_bytes())?;
        Ok(Self {
            name: name.to_owned(),
            former,
            new,
            prepared,
            file,
        })
    }

    /// Moves the branch if it still is where it was, and syncs.
    pub(super) fn perform(
        &self,
        checked: &Checked,
        who: &Person,
        time: i64,
        action: &str,
    ) -> Result<(), GitError> {
        let lock = lock_path(&self.file);
        lock_with(&self.prepared, &lock)?;
        let moved = self.finish(checked, &lock, who, time, action);
        if moved.is_err() {
            let _ = std::fs::remove_file(&lock);
        }
        moved
    }

    fn finish(
        &self,
        checked: &Checked,
        lock: &Path,
        who: &Person,
        time: i64,
        action: &str,
    ) -> Result<(), GitError> {
        if target(checked, &self.name)? != self.former {
            return Err(GitError::Moved {
                reference: self.name.clone(),
            });
        }
        let former = self.former.map_or("0".repeat(40), |oid| oid.to_string());
        let line = format!(
            "{former} {} {} <{}> {time} +0000\tplatform: {action}\n",
            hex(&self.new),
            who.name,
            who.email
        );
        append_log(
            &checked.repository.commondir().join("logs").join(&self.name),
            &line,
        )?;
        if self.name == checked.branch {
            append_log(&checked.repository.path().join("logs/HEAD"), &line)?;
        }
        effect().map_err(io_at("moved", &self.file))?;
        std::fs::rename(lock, &self.file).map_err(io_at("moved", &self.file))?;
        for directory in self
            .file
            .ancestors()
            .skip(1)
            .take_while(|path| path.starts_with(checked.repository.commondir()))
        {
            sync_directory(directory)?;
        }
        Ok(())
    }
}

/// The lock that Git takes for a file.
pub(super) fn lock_path(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".lock");
    PathBuf::from(name)
}

/// Adds a line to a log of a reference, so that `git reflog` knows the move.
fn append_log(path: &Path, line: &str) -> Result<(), GitError> {
    effect().map_err(io_at("written", path))?;
    let parent = path.parent().unwrap_or(path);
    std::fs::create_dir_all(parent)
        .and_then(|()| std::fs::OpenOptions::new().create(true).append(true).open(path))
        .and_then(|mut file| file.write_all(line.as_bytes()))
        .map_err(io_at("written", path))?;
    Ok(())
}
