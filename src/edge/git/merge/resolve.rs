//! Whether a person has resolved every conflict, and the index that says so.

use std::collections::BTreeSet;
use std::path::Path;

use git2::Index;

use super::journal::Journal;
use super::undo::{id, object, present};
use crate::edge::disk::{Occupied, effect, io_at, read_bounded};
use crate::edge::git::error::GitError;
use crate::edge::git::index::{Prepared, STAGED_INDEX, entry_of, start, write_synced};
use crate::edge::git::open::Checked;
use crate::edge::git::pack::Id;
use crate::edge::git::stage::Stage;
use crate::edge::git::store::Store;

/// Prepares the index with every conflict resolved as the work tree has it, and the tree that it stands for.
///
/// Files that still hold markers, and those without markers that nobody has decided about, are an error that names
/// them. Sources that were not committed before the merge are added.
pub(super) fn resolve(
    checked: &Checked,
    stage: &Stage,
    journal: &Journal,
) -> Result<(Prepared, Id), GitError> {
    let unresolved = |files: Vec<String>| GitError::Unresolved {
        path: checked.path.clone(),
        files: Occupied::new(files),
    };
    let with_markers = journal
        .conflicts
        .iter()
        .filter(|path| has_markers(&checked.path.join(path)));
    let open: Vec<String> = with_markers.cloned().collect();
    if !open.is_empty() {
        return Err(unresolved(open));
    }
    let prepared = start(checked, stage)?;
    let staged = stage.path.join(STAGED_INDEX);
    let failed = || checked.failed("reading the index");
    let mut index = Index::open(&staged).map_err(failed())?;
    let conflicted = conflicted(&index).map_err(failed())?;
    if let Some(foreign) = conflicted.iter().find(|path| !journal.conflicts.contains(path)) {
        return Err(unresolved(vec![foreign.clone()]));
    }
    // A file that was edited and is no longer rendered has no markers: a person decides by `git add` or `git rm`.
    let untouched = conflicted
        .iter()
        .filter(|path| is_untouched(checked, journal, path));
    let undecided: Vec<String> = untouched.cloned().collect();
    if !undecided.is_empty() {
        return Err(GitError::Undecided {
            path: checked.path.clone(),
            files: Occupied::new(undecided),
        });
    }
    let inputs = journal.inputs.iter().map(|input| &input.path);
    for path in conflicted.iter().chain(inputs) {
        add(checked, &mut index, path)?;
    }
    let tree = index
        .write_tree_to(&checked.repository)
        .map_err(checked.failed("writing the index"))?;
    write_synced(checked, &mut index, &staged)?;
    Ok((prepared, object(tree)?))
}

/// Brings a path into the index as it lies in the work tree: with content, as a link, or gone.
fn add(checked: &Checked, index: &mut Index, path: &str) -> Result<(), GitError> {
    let failed = || checked.failed("resolving a conflict");
    index.remove_path(path.as_ref()).map_err(failed())?;
    let Some(now) = present(&checked.path, path)? else {
        return Ok(());
    };
    effect().map_err(io_at("written", &checked.repository.path().join("objects")))?;
    // Line ends become those of the repository, as `git add` has it.
    let blob = checked
        .repository
        .blob_path(&checked.path.join(path))
        .map_err(failed())?;
    let entry = entry_of(&checked.path, path, object(blob)?, now.mode)?;
    index.add(&entry).map_err(failed())
}

fn conflicted(index: &Index) -> Result<BTreeSet<String>, git2::Error> {
    let mut found = BTreeSet::new();
    for conflict in index.conflicts()? {
        let conflict = conflict?;
        if let Some(side) = conflict.our.or(conflict.their).or(conflict.ancestor) {
            found.insert(String::from_utf8_lossy(&side.path).into_owned());
        }
    }
    Ok(found)
}

/// The largest file that is searched for markers.
const BYTES: u64 = 256 << 20;

/// Whether a file holds the three lines of a conflict, in their order.
fn has_markers(path: &Path) -> bool {
    let Ok(bytes) = read_bounded(path, BYTES) else {
        return false;
    };
    let mut wanted = [&b"<<<<<<< "[..], b"=======", b">>>>>>> "].into_iter().peekable();
    for line in bytes.split(|byte| *byte == b'\n') {
        if let Some(marker) = wanted.peek()
            && line.starts_with(marker)
        {
            wanted.next();
        }
    }
    wanted.peek().is_none()
}

/// Whether a conflicted file is still exactly as the merge left it.
fn is_untouched(checked: &Checked, journal: &Journal, path: &str) -> bool {
    let left = || -> Result<bool, GitError> {
        let store = Store::new(&checked.repository);
        let entry = store.entry(Some(id(&journal.after)?), path)?;
        Ok(present(&checked.path, path)? == entry)
    };
    left().unwrap_or(true)
}
