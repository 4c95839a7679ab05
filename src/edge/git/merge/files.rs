//! Which files of the work tree change, and whether anything would be lost by that.

use std::collections::BTreeSet;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::content::without_cr;
use super::three_way::Difference;
use super::undo::present;
use crate::edge::disk::{Occupied, io_at, read_bounded};
use crate::edge::git::error::GitError;
use crate::edge::git::open::Checked;
use crate::edge::git::store::{Entry, LINK, Store};
use crate::lock::LOCK_PATH;

/// One change of the work tree, with the bytes that it brings.
pub(super) struct Step<'d> {
    pub(super) path: &'d str,
    /// The user's file at the path, which is replaced or removed; none where nothing is expected.
    pub(super) former: Option<Seen>,
    pub(super) new: Option<New>,
}

/// What tells one state of a file from another: inode, size, time of change in seconds and nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seen(pub(super) u64, pub(super) u64, pub(super) i64, pub(super) i64);

pub(super) struct New {
    pub(super) entry: Entry,
    pub(super) bytes: Vec<u8>,
}

/// Changes that can be made: nothing is in the way of any.
pub(super) struct Steps<'d> {
    pub(super) removals: Vec<Step<'d>>,
    pub(super) writes: Vec<Step<'d>>,
}

/// Looks at every path that changes; what is in the way or differs and would be lost is an error that names it.
pub(super) fn plan<'d>(
    checked: &Checked,
    store: &Store<'_>,
    differences: &'d [Difference],
) -> Result<Steps<'d>, GitError> {
    let leaving: BTreeSet<&str> = differences
        .iter()
        .filter(|difference| difference.before.is_some())
        .map(|difference| difference.path.as_str())
        .collect();
    let mut steps = Steps {
        removals: Vec::new(),
        writes: Vec::new(),
    };
    let (mut obstacles, mut dirty) = (BTreeSet::new(), BTreeSet::new());
    for difference in differences {
        let path = difference.path.as_str();
        // Git may have been told not to look at a file (`git update-index --assume-unchanged`); we do look.
        let former = match difference.before {
            None => None,
            Some(entry) => match is_as(checked, store, path, entry)? {
                true => seen(&checked.path.join(path))?,
                false => {
                    dirty.insert(path.to_owned());
                    continue;
                }
            },
        };
        let Some(entry) = difference.after else {
            steps.removals.push(Step {
                path,
                former,
                new: None,
            });
            continue;
        };
        if !entry.is_file() && entry.mode != LINK {
            return Err(GitError::Unsupported {
                path: checked.path.clone(),
                reason: format!("`{path}` is another repository and would have to move"),
            });
        }
        let bytes = store.blob(entry.id)?;
        match in_the_way(&checked.path, path, &leaving)? {
            Some(above) if above == path && difference.before.is_none() => {
                // A file that nobody has committed, but which is exactly the one to come, is no loss.
                let same = std::fs::symlink_metadata(checked.path.join(path))
                    .is_ok_and(|data| data.is_file())
                    && read_bounded(&checked.path.join(path), bytes.len() as u64)
                        .is_ok_and(|own| own == bytes);
                match same {
                    true => steps.writes.push(Step {
                        path,
                        former: seen(&checked.path.join(path))?,
                        new: Some(New { entry, bytes }),
                    }),
                    false => drop(obstacles.insert(path.to_owned())),
                }
            }
            Some(above) if above != path => drop(obstacles.insert(above.to_owned())),
            _ => steps.writes.push(Step {
                path,
                former,
                new: Some(New { entry, bytes }),
            }),
        }
    }
    if !dirty.is_empty() {
        return Err(GitError::Dirty {
            path: checked.path.clone(),
            files: Occupied::new(dirty),
        });
    }
    // The lock says what the branch contains: it comes when everything else is there.
    steps.writes.sort_by_key(|step| step.path == LOCK_PATH);
    match obstacles.is_empty() {
        true => Ok(steps),
        false => Err(GitError::Obstructed {
            path: checked.path.clone(),
            files: Occupied::new(obstacles),
        }),
    }
}

/// Whether a file is what was committed, line ends apart; one that is gone is no loss either.
fn is_as(checked: &Checked, store: &Store<'_>, path: &str, entry: Entry) -> Result<bool, GitError> {
    let Some(now) = present(&checked.path, path)? else {
        return Ok(true);
    };
    if now.id == entry.id || !(now.is_file() && entry.is_file()) {
        return Ok(now.id == entry.id);
    }
    let place = checked.path.join(path);
    let bytes = std::fs::read(&place).map_err(io_at("read", &place))?;
    Ok(without_cr(&bytes) == without_cr(&store.blob(entry.id)?))
}

fn seen(place: &Path) -> Result<Option<Seen>, GitError> {
    match std::fs::symlink_metadata(place) {
        Ok(data) => Ok(Some(Seen(
            data.ino(),
            data.size(),
            data.mtime(),
            data.mtime_nsec(),
        ))),
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(io_at("read", place)(cause).into()),
    }
}

/// The first part of a path at which there is something that the change neither removes nor walks through.
fn in_the_way<'p>(dir: &Path, path: &'p str, leaving: &BTreeSet<&str>) -> Result<Option<&'p str>, GitError> {
    let parts = path
        .match_indices('/')
        .map(|(slash, _)| path.get(..slash).unwrap_or_default());
    for above in parts.chain([path]) {
        let place = dir.join(above);
        match std::fs::symlink_metadata(&place) {
            Ok(data) if data.is_dir() && above != path => {}
            // A directory at the place of a file: it goes if all that is in it goes.
            Ok(data) if data.is_dir() => {
                let all = files_below(&place, above)?;
                return Ok(all
                    .iter()
                    .any(|file| !leaving.contains(file.as_str()))
                    .then_some(above));
            }
            Ok(_) if leaving.contains(above) && above != path => return Ok(None),
            Ok(_) => return Ok(Some(above)),
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(cause) => return Err(io_at("read", &place)(cause).into()),
        }
    }
    Ok(None)
}

fn files_below(place: &Path, path: &str) -> Result<Vec<String>, GitError> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(place).map_err(io_at("read", place))? {
        let entry = entry.map_err(io_at("read", place))?;
        let below = format!("{path}/{}", entry.file_name().to_string_lossy());
        if entry.file_type().map_err(io_at("read", place))?.is_dir() {
            found.extend(files_below(&entry.path(), &below)?);
        } else {
            found.push(below);
        }
    }
    Ok(found)
}
