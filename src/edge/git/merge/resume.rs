//! The end of a merge with conflicts: committed when all are resolved, or given up.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use git2::Oid;

use super::journal::{self, Journal, Phase};
use super::resolve::resolve;
use super::undo::{self, Recovered, end, id, merge_head, take_back};
use crate::edge::disk::RunLock;
use crate::edge::env::GitNames;
use crate::edge::git::commit_object::CommitText;
use crate::edge::git::error::GitError;
use crate::edge::git::first::publish;
use crate::edge::git::identity::{configuration, identity};
use crate::edge::git::leftovers::{STAGED_BRANCH, clean, require_unlocked};
use crate::edge::git::open::{Checked, look};
use crate::edge::git::pack::{Id, Kind, Object, hex, object_id};
use crate::edge::git::references::{self, Move};
use crate::edge::git::stage::Stage;

/// Commits a merge whose conflicts a person has resolved; returns the commit in hexadecimal.
///
/// Files that still conflict in the index, or that still hold markers, are an error that names them. Resolved files
/// need not be added to the index: those that had conflicts and no longer hold markers are added here. After a
/// `kill -9` the same call made again completes the work.
pub fn continue_merge(dir: &Path, names: &GitNames, time: i64, wait: Duration) -> Result<String, GitError> {
    let (checked, _lock) = locked(dir, wait)?;
    if let Recovered::Committed(commit) = undo::recover(&checked)? {
        return Ok(commit);
    }
    let mut journal = waiting(&checked)?;
    let stage = Stage::make(&checked)?;
    let (index, tree) = resolve(&checked, &stage, &journal)?;
    index.install()?;
    commit(&checked, &stage, &mut journal, tree, names, time)
}

fn commit(
    checked: &Checked,
    stage: &Stage,
    journal: &mut Journal,
    tree: Id,
    names: &GitNames,
    time: i64,
) -> Result<String, GitError> {
    let config = configuration(&checked.repository).map_err(checked.failed("reading the configuration"))?;
    let identity = identity(&config, names);
    let text = CommitText {
        identity: &identity,
        time,
        message: &journal.message,
        render: id(&journal.render)?,
    };
    let bytes = text.bytes(tree, &[id(&journal.head)?, id(&journal.rendered)?]);
    let commit = object_id(Kind::Commit, &bytes);
    let object = Object {
        id: commit,
        kind: Kind::Commit,
        bytes: &bytes,
    };
    publish(checked, stage, std::iter::once(object))?;
    // Whoever is killed after the branch has moved is recognised by this.
    journal.commit = Some(hex(&commit));
    journal::write(checked, stage, journal)?;
    let head = Oid::from_str(&journal.head).map_err(checked.failed("reading the branch"))?;
    let staged = stage.path.join(STAGED_BRANCH);
    Move::prepare(checked, &checked.branch, Some(head), commit, staged)?.perform(
        checked,
        &identity.committer,
        time,
        "merge of a new render",
    )?;
    end(checked)?;
    Ok(hex(&commit))
}

/// Gives a merge with conflicts up: work tree, index and branch are as before it, the spec keeps its content.
///
/// Returns files that were changed since, beside those with conflicts: they are left as they are. After a `kill -9`
/// the next run of any kind completes the work.
pub fn abort_merge(dir: &Path, wait: Duration) -> Result<Vec<String>, GitError> {
    let (checked, _lock) = locked(dir, wait)?;
    if let Recovered::Undone(kept) = undo::recover(&checked)? {
        return Ok(kept);
    }
    let mut journal = waiting(&checked)?;
    let stage = Stage::make(&checked)?;
    journal.phase = Phase::Aborting;
    journal::write(&checked, &stage, &journal)?;
    let given_up: BTreeSet<&str> = journal.conflicts.iter().map(String::as_str).collect();
    take_back(&checked, &stage, &journal, &given_up)
}

fn locked(dir: &Path, wait: Duration) -> Result<(Checked, RunLock), GitError> {
    let found = look(dir)?;
    let lock = RunLock::take(&found.repository.commondir().join("platform.lock"), wait)?;
    clean(&found)?;
    Ok((found, lock))
}

/// The merge that waits for a person on the checked-out branch.
fn waiting(checked: &Checked) -> Result<Journal, GitError> {
    let nothing = || GitError::NothingUnfinished {
        path: checked.path.clone(),
    };
    let journal = journal::read(checked)?
        .filter(|journal| journal.phase == Phase::Conflicts)
        .ok_or_else(nothing)?;
    if merge_head(checked).as_deref() != Some(journal.rendered.as_str()) || checked.branch != journal.branch {
        return Err(nothing());
    }
    require_unlocked(checked)?;
    if references::target(checked, &journal.branch)?.map(|tip| tip.to_string()) != Some(journal.head.clone())
    {
        return Err(GitError::Moved {
            reference: journal.branch,
        });
    }
    Ok(journal)
}
