//! The index of a merge: what changed at stage 0, what conflicts at stages 1, 2 and 3.

use std::collections::BTreeMap;

use git2::{Index, IndexEntry, Oid};

use super::three_way::{Conflict, Difference};
use crate::edge::git::error::GitError;
use crate::edge::git::index::{Prepared, STAGED_INDEX, entry_of, start, write_synced};
use crate::edge::git::open::Checked;
use crate::edge::git::pack::Id;
use crate::edge::git::stage::Stage;
use crate::edge::git::store::{Entry, Store};

/// Copies the index, brings the changed paths into it and writes it, synced, into the staging directory.
///
/// `tree` is what the index must stand for when nothing conflicts; builds with assertions let libgit2 compute it from the
/// index alone.
/// `unstaged` are paths with their committed entries: while a merge waits, what a person has not committed stays out
/// of the index, because `git merge --abort` would throw it away.
pub(super) fn prepare(
    checked: &Checked,
    stage: &Stage,
    changes: &[Difference],
    conflicts: &[Conflict],
    unstaged: &[(String, Option<Entry>)],
    tree: Option<Id>,
) -> Result<Prepared, GitError> {
    let prepared = start(checked, stage)?;
    let staged = stage.path.join(STAGED_INDEX);
    let failed = || checked.failed("writing the index");
    let mut index = Index::open(&staged).map_err(failed())?;
    let conflicting = |path: &str| conflicts.iter().any(|conflict| conflict.path == path);
    // What goes first, so that a file can take the place of a directory and the other way round.
    for change in changes
        .iter()
        .filter(|change| change.after.is_none() || conflicting(&change.path))
    {
        index.remove_path(change.path.as_ref()).map_err(failed())?;
    }
    for change in changes.iter().filter(|change| !conflicting(&change.path)) {
        if let Some(entry) = change.after {
            index
                .add(&entry_of(&checked.path, &change.path, entry.id, entry.mode)?)
                .map_err(failed())?;
        }
    }
    for conflict in conflicts {
        index.remove_path(conflict.path.as_ref()).map_err(failed())?;
        for (number, side) in [(1, conflict.base), (2, conflict.ours), (3, conflict.theirs)] {
            if let Some(side) = side {
                index
                    .add(&staged_entry(&conflict.path, side, number)?)
                    .map_err(failed())?;
            }
        }
    }
    for (path, entry) in unstaged {
        index.remove_path(path.as_ref()).map_err(failed())?;
        if let Some(entry) = entry {
            index.add(&staged_entry(path, *entry, 0)?).map_err(failed())?;
        }
    }
    // An assertion about ourselves: libgit2 takes quadratic time for it in a directory of ten thousand teams.
    if cfg!(debug_assertions)
        && conflicts.is_empty()
        && let Some(tree) = tree
    {
        let wanted = Oid::from_bytes(&tree).map_err(failed())?;
        let got = index.write_tree_to(&checked.repository).map_err(failed())?;
        if got != wanted {
            return Err(GitError::Inconsistent(format!(
                "the index is tree `{got}`, the merge has `{wanted}`"
            )));
        }
    }
    write_synced(checked, &mut index, &staged)?;
    Ok(prepared)
}

/// Where the stage of an entry stands in its flags. Source: `git help gitformat-index`.
const STAGE_SHIFT: u16 = 12;

fn staged_entry(path: &str, side: Entry, number: u16) -> Result<IndexEntry, GitError> {
    let inconsistent = |error: git2::Error| GitError::Inconsistent(error.message().to_owned());
    let zero = git2::IndexTime::new(0, 0);
    Ok(IndexEntry {
        ctime: zero,
        mtime: zero,
        dev: 0,
        ino: 0,
        mode: side.mode as u32,
        uid: 0,
        gid: 0,
        file_size: 0,
        id: Oid::from_bytes(&side.id).map_err(inconsistent)?,
        flags: number << STAGE_SHIFT,
        flags_extended: 0,
        path: path.as_bytes().to_vec(),
    })
}

/// Prepares an index that is the branch's again at the changed and the conflicting paths.
///
/// The entries carry no times, so that Git looks at the files itself: what differs shows as uncommitted.
pub(super) fn restore(
    checked: &Checked,
    stage: &Stage,
    changes: &[Difference],
    conflicts: &[String],
    store: &Store<'_>,
    head: Id,
) -> Result<Prepared, GitError> {
    let prepared = start(checked, stage)?;
    let staged = stage.path.join(STAGED_INDEX);
    let failed = || checked.failed("writing the index");
    let mut index = Index::open(&staged).map_err(failed())?;
    let mut wanted: BTreeMap<&str, Option<Entry>> = BTreeMap::new();
    for change in changes {
        wanted.insert(&change.path, change.after);
    }
    for path in conflicts {
        wanted.insert(path, store.entry(Some(head), path)?);
    }
    for path in wanted.keys() {
        index.remove_path(path.as_ref()).map_err(failed())?;
    }
    for (path, entry) in wanted {
        if let Some(entry) = entry {
            index.add(&staged_entry(path, entry, 0)?).map_err(failed())?;
        }
    }
    write_synced(checked, &mut index, &staged)?;
    Ok(prepared)
}
