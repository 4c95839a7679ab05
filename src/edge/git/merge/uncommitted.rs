//! Which tracked files are not as the branch has them.

use std::path::Path;
use std::thread::JoinHandle;

use git2::{Repository, Status, StatusOptions};

use crate::edge::git::error::GitError;

/// Looks at every tracked file; untracked and ignored ones do not count.
pub(super) fn uncommitted(path: &Path, repository: &Repository) -> Result<Vec<String>, GitError> {
    let mut options = StatusOptions::new();
    options.include_untracked(false).update_index(false);
    let statuses = repository
        .statuses(Some(&mut options))
        .map_err(|cause| GitError::Git {
            path: path.to_owned(),
            action: "reading the status",
            cause,
        })?;
    let changed = statuses
        .iter()
        .filter(|entry| entry.status() != Status::CURRENT && !entry.status().is_ignored());
    Ok(changed
        .map(|entry| String::from_utf8_lossy(entry.path_bytes()).into_owned())
        .collect())
}

/// The same look, begun on another core: in a large repository it takes as long as planning does.
pub(super) type Look = JoinHandle<Result<Vec<String>, GitError>>;

/// Begins a look; `None` where it cannot be begun, which is no failure: it is taken later then.
pub(super) fn begin(path: &Path) -> Option<Look> {
    let path = path.to_owned();
    let look = move || {
        let repository = Repository::open(&path).map_err(|cause| GitError::Git {
            path: path.clone(),
            action: "opening it",
            cause,
        })?;
        uncommitted(&path, &repository)
    };
    std::thread::Builder::new()
        .name("status".to_owned())
        .spawn(look)
        .ok()
}
