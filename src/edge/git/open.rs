//! Whether a directory is a repository that we may work in.

use std::ffi::OsStr;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use git2::{ErrorCode, Oid, Repository, RepositoryOpenFlags, RepositoryState};
use rustix::fs::Access;

use super::error::GitError;
use super::references;
use super::{RENDERED, branches};
use crate::edge::disk::{Occupied, io_at};

/// A repository whose state allows a commit; its work tree may still hold changes, see [`super::status_files`].
pub struct Checked {
    pub(super) repository: Repository,
    pub(super) path: PathBuf,
    /// The checked-out branch as a full reference name.
    pub(super) branch: String,
    /// The commit of that branch; `None` while it has none.
    pub(super) tip: Option<Oid>,
}

impl std::fmt::Debug for Checked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Checked")
            .field("path", &self.path)
            .field("branch", &self.branch)
            .finish_non_exhaustive()
    }
}

impl Checked {
    /// The name of the checked-out branch, as `main`.
    pub fn branch(&self) -> &str {
        self.branch.strip_prefix("refs/heads/").unwrap_or(&self.branch)
    }

    /// Whether the branch has no commit yet.
    pub fn is_unborn(&self) -> bool {
        self.tip.is_none()
    }

    /// The tree of the last render in hexadecimal, if there was one.
    pub fn rendered_tree(&self) -> Result<Option<String>, GitError> {
        let Some(tip) = references::target(self, RENDERED)? else {
            return Ok(None);
        };
        let commit = self
            .repository
            .find_commit(tip)
            .map_err(self.failed("reading `platform/rendered`"))?;
        Ok(Some(commit.tree_id().to_string()))
    }

    /// Turns libgit2's answer into an error that names the repository and what was tried.
    pub(super) fn failed(&self, action: &'static str) -> impl FnOnce(git2::Error) -> GitError + use<> {
        let path = self.path.clone();
        move |cause| GitError::Git { path, action, cause }
    }
}

/// Looks at `dir` itself, never at a repository further up; `None` when there is no repository yet.
///
/// Every state in which a commit would surprise its owner is an error of its own: no work tree, detached HEAD, an
/// unfinished merge, rebase, cherry-pick, revert or bisect, conflicts, a foreign owner, a directory that cannot be
/// written, a path that is a file or a symbolic link. A branch without commits is fine. Nothing is changed.
pub fn inspect(dir: &Path) -> Result<Option<Checked>, GitError> {
    let Some(mut checked) = open_branch(dir)? else {
        return Ok(None);
    };
    if let Some(operation) = operation(checked.repository.state()) {
        return Err(GitError::InProgress {
            path: dir.to_owned(),
            operation,
        });
    }
    require_no_conflict(dir, &checked.repository)?;
    require_writable(dir)?;
    require_writable(checked.repository.commondir())?;
    branches::require_room(&checked)?;
    checked.tip = references::target(&checked, &checked.branch)?;
    Ok(Some(checked))
}

/// As [`inspect`], whatever is going on in the repository; none is an error.
pub(super) fn look(dir: &Path) -> Result<Checked, GitError> {
    let mut checked = open_branch(dir)?.ok_or_else(|| GitError::NoRepository { path: dir.to_owned() })?;
    checked.tip = references::target(&checked, &checked.branch)?;
    Ok(checked)
}

/// The commit that is checked out, on a branch or not, for reading only; `None` without repository or commit.
pub(super) fn look_at_commit(dir: &Path) -> Result<Option<Checked>, GitError> {
    let Some(repository) = open(dir)? else {
        return Ok(None);
    };
    let tip = match repository.head() {
        Ok(head) => head.target(),
        Err(_) => None,
    };
    Ok(tip.map(|tip| Checked {
        repository,
        path: dir.to_owned(),
        branch: "HEAD".to_owned(),
        tip: Some(tip),
    }))
}

/// Opens the repository of a directory on a branch; the branch's commit is not looked up yet.
fn open_branch(dir: &Path) -> Result<Option<Checked>, GitError> {
    match std::fs::symlink_metadata(dir) {
        Ok(metadata) if metadata.is_dir() => {}
        Ok(metadata) => {
            let found = if metadata.is_symlink() {
                "a symbolic link"
            } else {
                "a file"
            };
            return Err(GitError::NotADirectory {
                path: dir.to_owned(),
                found,
            });
        }
        Err(cause) if cause.kind() == ErrorKind::NotFound => return Ok(None),
        Err(cause) => return Err(io_at("read", dir)(cause).into()),
    }
    let Some(repository) = open(dir)? else {
        require_writable(dir)?;
        return Ok(None);
    };
    let unsupported = |reason: String| GitError::Unsupported {
        path: dir.to_owned(),
        reason,
    };
    let same_place = |workdir: &Path| Some(workdir.canonicalize().ok()? == dir.canonicalize().ok()?);
    match repository.workdir() {
        Some(workdir) if !repository.is_bare() && same_place(workdir) == Some(true) => {}
        _ => return Err(GitError::NoWorkTree { path: dir.to_owned() }),
    }
    let head = repository
        .find_reference("HEAD")
        .map_err(|e| unsupported(e.message().to_owned()))?;
    let branch = match head.symbolic_target() {
        Ok(Some(name)) if name.starts_with("refs/heads/") => name.to_owned(),
        Ok(None) => return Err(GitError::Detached { path: dir.to_owned() }),
        _ => return Err(unsupported("HEAD names no branch".to_owned())),
    };
    drop(head);
    Ok(Some(Checked {
        repository,
        path: dir.to_owned(),
        branch,
        tip: None,
    }))
}

fn open(dir: &Path) -> Result<Option<Repository>, GitError> {
    let dot_git = dir.join(".git");
    let exists = match std::fs::symlink_metadata(&dot_git) {
        Ok(metadata) if metadata.is_symlink() => {
            return Err(GitError::Unsupported {
                path: dir.to_owned(),
                reason: "`.git` is a symbolic link".to_owned(),
            });
        }
        Ok(_) => true,
        Err(_) => false,
    };
    match Repository::open_ext(dir, RepositoryOpenFlags::NO_SEARCH, &[] as &[&OsStr]) {
        Ok(repository) => Ok(Some(repository)),
        Err(error) if error.code() == ErrorCode::NotFound && !exists => Ok(None),
        Err(error) if error.code() == ErrorCode::Owner => {
            Err(GitError::ForeignOwner { path: dir.to_owned() })
        }
        Err(error) => Err(GitError::Unsupported {
            path: dir.to_owned(),
            reason: error.message().to_owned(),
        }),
    }
}

fn operation(state: RepositoryState) -> Option<&'static str> {
    match state {
        RepositoryState::Clean => None,
        RepositoryState::Merge => Some("a merge"),
        RepositoryState::Revert | RepositoryState::RevertSequence => Some("a revert"),
        RepositoryState::CherryPick | RepositoryState::CherryPickSequence => Some("a cherry-pick"),
        RepositoryState::Bisect => Some("a bisect"),
        RepositoryState::Rebase | RepositoryState::RebaseInteractive | RepositoryState::RebaseMerge => {
            Some("a rebase")
        }
        RepositoryState::ApplyMailbox | RepositoryState::ApplyMailboxOrRebase => {
            Some("a series of patches or a rebase")
        }
    }
}

fn require_no_conflict(dir: &Path, repository: &Repository) -> Result<(), GitError> {
    let unsupported = |e: git2::Error| GitError::Unsupported {
        path: dir.to_owned(),
        reason: e.message().to_owned(),
    };
    let index = repository.index().map_err(unsupported)?;
    if !index.has_conflicts() {
        return Ok(());
    }
    let mut names = Vec::new();
    for conflict in index.conflicts().map_err(unsupported)? {
        let conflict = conflict.map_err(unsupported)?;
        let side = conflict.our.or(conflict.their).or(conflict.ancestor);
        names.extend(side.map(|entry| String::from_utf8_lossy(&entry.path).into_owned()));
    }
    Err(GitError::Conflicted {
        path: dir.to_owned(),
        files: Occupied::new(names),
    })
}

pub(super) fn require_writable(dir: &Path) -> Result<(), GitError> {
    rustix::fs::access(dir, Access::WRITE_OK | Access::EXEC_OK).map_err(|errno| GitError::NotWritable {
        path: dir.to_owned(),
        cause: errno.into(),
    })
}
