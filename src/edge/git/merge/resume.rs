//! The end of a merge with conflicts: committed when all are resolved, or given up.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use git2::Oid;

use super::journal::{self, Journal, Phase};
use super::undo::{id, merge_head, object, take_back};
use crate::edge::disk::{Occupied, RunLock, effect, io_at, read_bounded};
use crate::edge::env::GitNames;
use crate::edge::git::commit_object::CommitText;
use crate::edge::git::error::GitError;
use crate::edge::git::first::publish;
use crate::edge::git::identity::identity;
use crate::edge::git::leftovers::{STAGED_BRANCH, clean, require_unlocked};
use crate::edge::git::open::{Checked, look};
use crate::edge::git::pack::{Kind, Object, hex, object_id};
use crate::edge::git::references::{self, Move};
use crate::edge::git::stage::Stage;

/// Commits a merge whose conflicts a person has resolved; returns the commit in hexadecimal.
///
/// Files that still conflict in the index, or that still hold markers, are an error that names them. Resolved files
/// need not be added to the index: those that had conflicts and no longer hold markers are added here.
pub fn continue_merge(dir: &Path, names: &GitNames, time: i64, wait: Duration) -> Result<String, GitError> {
    let (checked, journal, _lock) = unfinished(dir, wait)?;
    let open: Vec<String> = journal
        .conflicts
        .iter()
        .filter(|path| has_markers(&checked.path.join(path)))
        .cloned()
        .collect();
    if !open.is_empty() {
        return Err(GitError::Unresolved {
            path: checked.path.clone(),
            files: Occupied::new(open),
        });
    }
    let failed = || checked.failed("reading the index");
    let mut index = checked.repository.index().map_err(failed())?;
    let conflicted: BTreeSet<String> = index
        .conflicts()
        .map_err(failed())?
        .filter_map(|conflict| {
            let conflict = conflict.ok()?;
            let side = conflict.our.or(conflict.their).or(conflict.ancestor)?;
            String::from_utf8(side.path).ok()
        })
        .collect();
    if let Some(foreign) = conflicted.iter().find(|path| !journal.conflicts.contains(path)) {
        return Err(GitError::Unresolved {
            path: checked.path.clone(),
            files: Occupied::new([foreign.clone()]),
        });
    }
    // A file that was edited and is no longer rendered has no markers: a person decides by `git add` or `git rm`.
    let undecided: Vec<String> = conflicted
        .iter()
        .filter(|path| is_untouched(&checked, &journal, path))
        .cloned()
        .collect();
    if !undecided.is_empty() {
        return Err(GitError::Undecided {
            path: checked.path.clone(),
            files: Occupied::new(undecided),
        });
    }
    for path in &conflicted {
        let there = std::fs::symlink_metadata(checked.path.join(path)).is_ok();
        let resolved = match there {
            true => index.add_path(path.as_ref()),
            false => index.remove_path(path.as_ref()),
        };
        resolved.map_err(checked.failed("resolving a conflict"))?;
    }
    if !conflicted.is_empty() {
        effect().map_err(io_at("written", &checked.repository.path().join("index")))?;
        index.write().map_err(checked.failed("writing the index"))?;
    }
    let tree = index.write_tree().map_err(checked.failed("writing the index"))?;
    commit(&checked, &journal, object(tree)?, names, time)
}

fn commit(
    checked: &Checked,
    journal: &Journal,
    tree: [u8; 20],
    names: &GitNames,
    time: i64,
) -> Result<String, GitError> {
    let config = checked
        .repository
        .config()
        .map_err(checked.failed("reading the configuration"))?;
    let identity = identity(&config, names);
    let text = CommitText {
        identity: &identity,
        time,
        message: &journal.message,
        render: id(&journal.render)?,
    };
    let bytes = text.bytes(tree, &[id(&journal.head)?, id(&journal.rendered)?]);
    let commit = object_id(Kind::Commit, &bytes);
    let stage = Stage::make(checked)?;
    let object = Object {
        id: commit,
        kind: Kind::Commit,
        bytes: &bytes,
    };
    publish(checked, &stage, std::iter::once(object))?;
    let head = Oid::from_str(&journal.head).map_err(checked.failed("reading the branch"))?;
    Move::prepare(
        checked,
        &checked.branch,
        Some(head),
        commit,
        stage.path.join(STAGED_BRANCH),
    )?
    .perform(checked, &identity.committer, time, "merge of a new render")?;
    for name in ["MERGE_HEAD", "MERGE_MODE", "MERGE_MSG"] {
        let path = checked.repository.path().join(name);
        effect().map_err(io_at("removed", &path))?;
        match std::fs::remove_file(&path) {
            Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => {
                return Err(io_at("removed", &path)(cause).into());
            }
            _ => {}
        }
    }
    journal::remove(checked)?;
    Ok(hex(&commit))
}

/// Gives a merge with conflicts up: work tree, index and branch are as before it, the spec keeps its content.
///
/// Returns files that were changed since, beside those with conflicts: they are left as they are.
pub fn abort_merge(dir: &Path, wait: Duration) -> Result<Vec<String>, GitError> {
    let (checked, journal, _lock) = unfinished(dir, wait)?;
    let given_up: BTreeSet<&str> = journal.conflicts.iter().map(String::as_str).collect();
    take_back(&checked, &journal, &given_up)
}

fn unfinished(dir: &Path, wait: Duration) -> Result<(Checked, Journal, RunLock), GitError> {
    let found = look(dir)?;
    let lock = RunLock::take(&found.repository.commondir().join("platform.lock"), wait)?;
    let nothing = || GitError::NothingUnfinished { path: dir.to_owned() };
    let journal = journal::read(&found)?
        .filter(|journal| journal.phase == Phase::Conflicts)
        .ok_or_else(nothing)?;
    if merge_head(&found).as_deref() != Some(journal.rendered.as_str()) || found.branch != journal.branch {
        return Err(nothing());
    }
    clean(&found)?;
    require_unlocked(&found)?;
    if references::target(&found, &journal.branch)?.map(|tip| tip.to_string()) != Some(journal.head.clone()) {
        return Err(GitError::Moved {
            reference: journal.branch.clone(),
        });
    }
    Ok((found, journal, lock))
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
        let store = crate::edge::git::store::Store::new(&checked.repository);
        let entry = store.entry(Some(id(&journal.after)?), path)?;
        Ok(super::undo::present(&checked.path, path)? == entry)
    };
    left().unwrap_or(true)
}
