//! One repository in use by one run.

use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use super::base::{self, LastRender};
use super::uncommitted::{self, Look};
use super::undo::{self, Recovered};
use super::{journal, journal::Phase};
use crate::edge::disk::RunLock;
use crate::edge::git::error::GitError;
use crate::edge::git::leftovers::{clean, require_unlocked};
use crate::edge::git::open::{Checked, inspect, look};

/// A repository that this run alone works in.
pub struct Session {
    pub(super) checked: Checked,
    /// Files that a person changed after a run had been killed among them; they were left as they are.
    pub left_alone: Vec<String>,
    /// A look at the work tree that was begun with the session.
    look: Mutex<Option<Look>>,
    _lock: Option<RunLock>,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("checked", &self.checked)
            .finish_non_exhaustive()
    }
}

impl Session {
    /// Locks the repository in `dir`, undoes what a killed run has left, and refuses every state named at [`inspect`].
    ///
    /// An unfinished merge of ours is [`GitError::Unfinished`]. `wait`: how long another run is waited for.
    pub fn begin(dir: &Path, wait: Duration) -> Result<Self, GitError> {
        let found = look(dir)?;
        let lock = RunLock::take(&found.repository.commondir().join("platform.lock"), wait)?;
        clean(&found)?;
        let left_alone = match undo::recover(&found)? {
            Recovered::Nothing | Recovered::Committed(_) => Vec::new(),
            Recovered::Undone(kept) => kept,
        };
        drop(found);
        let checked = Self::checked(dir)?;
        require_unlocked(&checked)?;
        Ok(Self {
            checked,
            look: Mutex::new(uncommitted::begin(dir)),
            left_alone,
            _lock: Some(lock),
        })
    }

    /// Opens the repository for looking only: nothing is locked, undone or written.
    pub fn look(dir: &Path) -> Result<Self, GitError> {
        let checked = Self::checked(dir)?;
        if journal::read(&checked)?.is_some_and(|journal| journal.phase != Phase::Conflicts) {
            return Err(GitError::InProgress {
                path: dir.to_owned(),
                operation: "a regenerate that was killed",
            });
        }
        Ok(Self {
            checked,
            look: Mutex::new(uncommitted::begin(dir)),
            left_alone: Vec::new(),
            _lock: None,
        })
    }

    fn checked(dir: &Path) -> Result<Checked, GitError> {
        let found = look(dir)?;
        if let Some(journal) = journal::read(&found)?
            && journal.phase == Phase::Conflicts
            && undo::merge_head(&found).as_deref() == Some(journal.rendered.as_str())
        {
            return Err(GitError::Unfinished { path: dir.to_owned() });
        }
        // Asked first: libgit2 cannot read every index of a sparse checkout.
        let config = found.repository.config();
        if config.is_ok_and(|config| config.get_bool("core.sparseCheckout").unwrap_or(false)) {
            return Err(GitError::Sparse { path: dir.to_owned() });
        }
        let checked = inspect(dir)?.ok_or_else(|| GitError::NoRepository { path: dir.to_owned() })?;
        if checked.tip.is_none() {
            return Err(GitError::Unborn {
                path: dir.to_owned(),
                branch: checked.branch().to_owned(),
            });
        }
        Ok(checked)
    }

    /// The last render that the branch contains.
    pub fn last_render(&self) -> Result<LastRender, GitError> {
        base::last_render(&self.checked)
    }

    /// Tracked files that are not as the branch has them; the first answer is of the time when the session began.
    pub(super) fn uncommitted(&self) -> Result<Vec<String>, GitError> {
        let begun = self.look.lock().ok().and_then(|mut look| look.take());
        match begun.map(Look::join) {
            Some(Ok(found)) => found,
            _ => uncommitted::uncommitted(&self.checked.path, &self.checked.repository),
        }
    }

    /// The name of the checked-out branch, as `main`.
    pub fn branch(&self) -> &str {
        self.checked.branch()
    }
}
