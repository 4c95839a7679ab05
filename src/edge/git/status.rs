//! What in a work tree is not committed.

use std::collections::BTreeSet;
use std::path::Path;

use git2::{Status, StatusOptions};

use super::error::GitError;
use super::open::Checked;
use crate::edge::disk::{Occupied, io_at};

/// How a file differs from the checked-out commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileState {
    /// It is neither committed nor ignored.
    Untracked,
    /// It is in the index and not in the commit.
    Added,
    /// It differs from the commit.
    Modified,
    /// It was removed from the work tree or the index.
    Deleted,
}

/// The files that differ from the checked-out commit, by path; ignored files are not among them.
///
/// Names that are not UTF-8 are shown with replacement characters.
pub fn status_files(checked: &Checked) -> Result<Vec<(String, FileState)>, GitError> {
    let mut options = StatusOptions::new();
    options
        .include_untracked(true)
        .recurse_untracked_dirs(true)
        .include_unreadable(true)
        .sort_case_sensitively(true)
        .update_index(false);
    let statuses = checked
        .repository
        .statuses(Some(&mut options))
        .map_err(checked.failed("reading the status"))?;
    let entries = statuses.iter().filter_map(|entry| {
        Some((
            String::from_utf8_lossy(entry.path_bytes()).into_owned(),
            change(entry.status())?,
        ))
    });
    Ok(entries.collect())
}

fn change(status: Status) -> Option<FileState> {
    let deleted = Status::WT_DELETED | Status::INDEX_DELETED;
    if status == Status::CURRENT || status == Status::IGNORED {
        None
    } else if status.intersects(deleted) {
        Some(FileState::Deleted)
    } else if status == Status::WT_NEW {
        Some(FileState::Untracked)
    } else if status == Status::INDEX_NEW {
        Some(FileState::Added)
    } else {
        Some(FileState::Modified)
    }
}

/// That nothing but the expected files is uncommitted.
///
/// An expected file may be new, in the work tree or in the index: a run that was killed leaves it so. Its content is
/// compared elsewhere.
pub(super) fn require_clean(checked: &Checked, expected: &BTreeSet<&str>) -> Result<(), GitError> {
    let dirty = status_files(checked)?.into_iter().filter_map(|(path, change)| {
        let ours =
            matches!(change, FileState::Untracked | FileState::Added) && expected.contains(path.as_str());
        (!ours).then_some(path)
    });
    match Occupied::new(dirty) {
        none if none.total() == 0 => Ok(()),
        files => Err(GitError::Dirty {
            path: checked.path.clone(),
            files,
        }),
    }
}

/// That a directory without a repository holds nothing but expected files.
pub(super) fn require_only(dir: &Path, expected: &BTreeSet<&str>) -> Result<(), GitError> {
    let mut found = Vec::new();
    foreign(dir, "", expected, &mut found)?;
    found.sort_unstable();
    match found.is_empty() {
        true => Ok(()),
        false => Err(GitError::Dirty {
            path: dir.to_owned(),
            files: Occupied::new(found),
        }),
    }
}

/// Foreign names are gathered up to here; a home directory named by mistake is not walked to its end.
const ENOUGH: usize = 1000;

fn foreign(
    dir: &Path,
    below: &str,
    expected: &BTreeSet<&str>,
    found: &mut Vec<String>,
) -> Result<(), GitError> {
    let here = dir.join(below);
    for entry in std::fs::read_dir(&here).map_err(io_at("read", &here))? {
        let entry = entry.map_err(io_at("read", &here))?;
        let kind = entry.file_type().map_err(io_at("read", &entry.path()))?;
        let slash = if below.is_empty() { "" } else { "/" };
        let path = format!("{below}{slash}{}", entry.file_name().to_string_lossy());
        if kind.is_dir() {
            foreign(dir, &path, expected, found)?;
        } else if !expected.contains(path.as_str()) {
            found.push(path);
        }
        if found.len() >= ENOUGH {
            break;
        }
    }
    Ok(())
}
