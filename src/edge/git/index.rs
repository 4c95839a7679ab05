//! The index: prepared beside the real one, then put in its place under Git's own lock.

use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use git2::{Index, IndexEntry, IndexTime, Oid};
use rayon::prelude::*;

use super::error::GitError;
use super::open::Checked;
use super::pack::Id;
use super::references::lock_path;
use super::stage::{Stage, lock_with, sync_directory};
use super::trees::{FILE_MODE, Leaf};
use crate::edge::disk::{effect, io_at};

/// The name of the prepared index in the staging directory.
pub(super) const STAGED_INDEX: &str = "index";

/// A prepared index, and what the real one was when it was prepared.
pub(super) struct Prepared {
    staged: PathBuf,
    file: PathBuf,
    former: Option<Identity>,
    kept: PathBuf,
}

/// What tells one state of a file from another.
type Identity = (u64, u64, i64, i64);

fn identity(path: &Path) -> Result<Option<Identity>, GitError> {
    match std::fs::symlink_metadata(path) {
        Ok(data) => Ok(Some((data.ino(), data.size(), data.mtime(), data.mtime_nsec()))),
        Err(cause) if cause.kind() == ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(io_at("read", path)(cause).into()),
    }
}

/// Copies the index, adds the files as they now are in the work tree, and writes it synced into the staging directory.
///
/// Times and inodes are those on disk, so that `git status` need not read the files. The tree that the index stands
/// for must be the one that is committed; libgit2 computes it, so this also checks our own trees and pack.
pub(super) fn prepare(
    checked: &Checked,
    stage: &Stage,
    leaves: &[Leaf<'_>],
    tree: Oid,
) -> Result<Prepared, GitError> {
    let prepared = start(checked, stage)?;
    let staged = stage.path.join(STAGED_INDEX);
    let failed = || checked.failed("writing the index");
    let mut index = Index::open(&staged).map_err(failed())?;
    let dir = checked.path.as_path();
    let entries = leaves
        .par_iter()
        .map(|leaf| entry_of(dir, leaf.path, leaf.id, FILE_MODE))
        .collect::<Result<Vec<IndexEntry>, GitError>>()?;
    for entry in &entries {
        index.add(entry).map_err(failed())?;
    }
    let of_index = index.write_tree_to(&checked.repository).map_err(failed())?;
    if of_index != tree {
        return Err(GitError::Inconsistent(format!(
            "the index is tree `{of_index}`, the commit has `{tree}`"
        )));
    }
    write_synced(checked, &mut index, &staged)?;
    Ok(prepared)
}

/// Writes a prepared index and syncs it.
pub(super) fn write_synced(checked: &Checked, index: &mut Index, staged: &Path) -> Result<(), GitError> {
    effect().map_err(io_at("written", staged))?;
    index.write().map_err(checked.failed("writing the index"))?;
    std::fs::File::open(staged)
        .and_then(|file| file.sync_all())
        .map_err(io_at("synced", staged))?;
    Ok(())
}

/// Copies the index into the staging directory and remembers what it was.
pub(super) fn start(checked: &Checked, stage: &Stage) -> Result<Prepared, GitError> {
    let file = checked.repository.path().join("index");
    let staged = stage.path.join(STAGED_INDEX);
    let former = identity(&file)?;
    if former.is_some() {
        effect().map_err(io_at("written", &staged))?;
        std::fs::copy(&file, &staged).map_err(io_at("written", &staged))?;
    }
    Ok(Prepared {
        staged,
        file,
        former,
        kept: stage.path.join("index.former"),
    })
}

impl Prepared {
    /// Puts the prepared index in place; refused when the real one has changed meanwhile.
    pub(super) fn install(&self) -> Result<(), GitError> {
        let lock = lock_path(&self.file);
        lock_with(&self.staged, &lock)?;
        let installed = self.finish(&lock);
        if installed.is_err() {
            let _ = std::fs::remove_file(&lock);
        }
        installed
    }

    fn finish(&self, lock: &Path) -> Result<(), GitError> {
        if identity(&self.file)? != self.former {
            return Err(GitError::Moved {
                reference: "index".to_owned(),
            });
        }
        if self.former.is_some() {
            effect().map_err(io_at("written", &self.kept))?;
            std::fs::copy(&self.file, &self.kept).map_err(io_at("written", &self.kept))?;
        }
        effect().map_err(io_at("replaced", &self.file))?;
        std::fs::rename(lock, &self.file).map_err(io_at("replaced", &self.file))?;
        self.file
            .parent()
            .map_or(Ok(()), sync_directory)
            .inspect_err(|_| self.take_back())
    }

    /// Puts the former index back, as far as it can be done.
    pub(super) fn take_back(&self) {
        let _ = match self.former {
            Some(_) => std::fs::rename(&self.kept, &self.file),
            None => std::fs::remove_file(&self.file),
        };
    }
}

/// An index holds the low 32 bits of numbers that are wider on disk.
fn low(number: u64) -> u32 {
    (number & u64::from(u32::MAX)) as u32
}

fn time(seconds: i64, nanoseconds: i64) -> IndexTime {
    IndexTime::new(low(seconds as u64) as i32, low(nanoseconds as u64))
}

/// The entry of a file as it now is in the work tree.
pub(super) fn entry_of(dir: &Path, name: &str, id: Id, mode: i32) -> Result<IndexEntry, GitError> {
    let path = dir.join(name);
    let data = std::fs::symlink_metadata(&path).map_err(io_at("read", &path))?;
    let inconsistent = |error: git2::Error| GitError::Inconsistent(error.message().to_owned());
    Ok(IndexEntry {
        ctime: time(data.ctime(), data.ctime_nsec()),
        mtime: time(data.mtime(), data.mtime_nsec()),
        dev: low(data.dev()),
        ino: low(data.ino()),
        mode: mode as u32,
        uid: data.uid(),
        gid: data.gid(),
        file_size: low(data.size()),
        id: Oid::from_bytes(&id).map_err(inconsistent)?,
        flags: 0,
        flags_extended: 0,
        path: name.as_bytes().to_vec(),
    })
}
