//! Cleaning up after a run that was killed.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::RENDERED;
use super::error::GitError;
use super::index::STAGED_INDEX;
use super::open::Checked;
use super::references::lock_path;
use super::stage::PREFIX;
use crate::edge::disk::{effect, io_at, is_dead_leftover};

/// The names under which moves of the two branches are prepared.
pub(super) const STAGED_RENDERED: &str = "rendered";
pub(super) const STAGED_BRANCH: &str = "branch";

/// Removes staging directories of dead runs, and the locks that are provably theirs. Call it under the run lock.
pub(super) fn clean(checked: &Checked) -> Result<(), GitError> {
    let common = checked.repository.commondir();
    for entry in std::fs::read_dir(common).map_err(io_at("read", common))? {
        let entry = entry.map_err(io_at("read", common))?;
        if entry
            .file_name()
            .to_str()
            .is_some_and(|name| is_dead_leftover(name, PREFIX))
        {
            take_back(checked, &entry.path())?;
        }
    }
    remove_dead(&checked.path, &format!(".{PREFIX}"))?;
    remove_dead(common, PREFIX)
}

/// That no other Git process holds the index or a branch of ours, or was killed holding it.
///
/// Such a lock is reported, never removed. Looking before the first write spares taking everything back later.
pub(super) fn require_unlocked(checked: &Checked) -> Result<(), GitError> {
    let common = checked.repository.commondir();
    for file in [
        checked.repository.path().join("index"),
        common.join(RENDERED),
        common.join(&checked.branch),
    ] {
        let lock = lock_path(&file);
        if std::fs::symlink_metadata(&lock).is_ok() {
            return Err(GitError::GitLock { path: lock });
        }
    }
    Ok(())
}

fn remove_dead(directory: &Path, prefix: &str) -> Result<(), GitError> {
    for entry in std::fs::read_dir(directory).map_err(io_at("read", directory))? {
        let entry = entry.map_err(io_at("read", directory))?;
        if entry
            .file_name()
            .to_str()
            .is_some_and(|name| is_dead_leftover(name, prefix))
        {
            effect().map_err(io_at("removed", &entry.path()))?;
            std::fs::remove_dir_all(entry.path()).map_err(io_at("removed", &entry.path()))?;
        }
    }
    Ok(())
}

fn take_back(checked: &Checked, staged: &Path) -> Result<(), GitError> {
    let common = checked.repository.commondir();
    for (prepared, file) in [
        (STAGED_INDEX, checked.repository.path().join("index")),
        (STAGED_RENDERED, common.join(RENDERED)),
        (STAGED_BRANCH, common.join(&checked.branch)),
    ] {
        let lock = lock_path(&file);
        if same_file(&staged.join(prepared), &lock) {
            effect().map_err(io_at("removed", &lock))?;
            std::fs::remove_file(&lock).map_err(io_at("removed", &lock))?;
        }
    }
    // A pack that was moved without its index is complete: give it the index.
    let packs = common.join("objects/pack");
    for entry in std::fs::read_dir(staged).map_err(io_at("read", staged))? {
        let path = entry.map_err(io_at("read", staged))?.path();
        let Some(name) = path.file_name() else { continue };
        if path.extension().is_some_and(|ending| ending == "idx")
            && packs.join(name).with_extension("pack").exists()
        {
            effect().map_err(io_at("moved", &path))?;
            std::fs::rename(&path, packs.join(name)).map_err(io_at("moved", &path))?;
        }
    }
    Ok(())
}

/// Whether two names are one file.
fn same_file(one: &Path, other: &Path) -> bool {
    match (std::fs::symlink_metadata(one), std::fs::symlink_metadata(other)) {
        (Ok(one), Ok(other)) => (one.dev(), one.ino()) == (other.dev(), other.ino()),
        _ => false,
    }
}
