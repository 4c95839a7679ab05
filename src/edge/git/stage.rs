//! The directory in which a run prepares everything before the first visible change.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::error::GitError;
use super::open::Checked;
use crate::edge::disk::{effect, io_at, leftover_name, make_directory};

/// How staging directories are called; the process id follows.
pub(super) const PREFIX: &str = "platform-tmp-";

/// A staging directory inside the repository's own directory, removed at the end.
pub(super) struct Stage {
    pub(super) path: PathBuf,
    /// Where files of the work tree wait; on the work tree's file system.
    pub(super) tree_path: PathBuf,
    pub(super) tree: OwnedFd,
}

impl Stage {
    /// Makes the directory; leftovers have been cleaned before.
    pub(super) fn make(checked: &Checked) -> Result<Self, GitError> {
        let path = checked.repository.commondir().join(leftover_name(PREFIX));
        make_directory(&path)?;
        Self::make_tree(checked, &path).inspect_err(|_| drop(std::fs::remove_dir_all(&path)))
    }

    fn make_tree(checked: &Checked, path: &Path) -> Result<Self, GitError> {
        let device = |path: &Path| {
            std::fs::metadata(path)
                .map(|data| data.dev())
                .map_err(io_at("read", path))
        };
        let tree_path = match device(path)? == device(&checked.path)? {
            true => path.join("tree"),
            // A linked work tree may lie on another file system than its repository, where a rename cannot reach.
            false => checked.path.join(format!(".{}", leftover_name(PREFIX))),
        };
        let tree = make_directory(&tree_path)?;
        Ok(Self {
            path: path.to_owned(),
            tree_path,
            tree,
        })
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // What cannot be removed now is removed by the next run.
        let _ = std::fs::remove_dir_all(&self.tree_path);
        let _ = std::fs::remove_dir_all(&self.path);
    }
}

/// Writes a new file and syncs it.
pub(super) fn synced_file(path: &Path, bytes: &[u8]) -> Result<(), GitError> {
    effect().map_err(io_at("written", path))?;
    File::create_new(path)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .map_err(io_at("written", path))?;
    Ok(())
}

/// Syncs the names in a directory.
pub(super) fn sync_directory(path: &Path) -> Result<(), GitError> {
    effect().map_err(io_at("synced", path))?;
    File::open(path)
        .and_then(|directory| directory.sync_all())
        .map_err(io_at("synced", path))?;
    Ok(())
}

/// Takes a lock of Git by giving a prepared file a second name, so that the lock is complete from the first moment.
pub(super) fn lock_with(prepared: &Path, lock: &Path) -> Result<(), GitError> {
    effect().map_err(io_at("locked", lock))?;
    let linked = match std::fs::hard_link(prepared, lock) {
        Err(cause)
            if cause.kind() == ErrorKind::Unsupported || cause.kind() == ErrorKind::PermissionDenied =>
        {
            // File systems without hard links; a lock left by a killed run has to be removed by hand there.
            let copy = || -> std::io::Result<()> {
                let mut file = File::create_new(lock)?;
                std::io::copy(&mut File::open(prepared)?, &mut file)?;
                file.sync_all()
            };
            copy()
        }
        other => other,
    };
    match linked {
        Ok(()) => Ok(()),
        Err(cause) if cause.kind() == ErrorKind::AlreadyExists => Err(GitError::GitLock {
            path: lock.to_owned(),
        }),
        Err(cause) => Err(io_at("locked", lock)(cause).into()),
    }
}
