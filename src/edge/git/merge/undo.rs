//! Taking back a merge: one that was killed while it wrote, or one that a person gives up.

use std::collections::BTreeSet;
use std::path::Path;

use git2::Oid;

use super::journal::{self, Journal, Phase};
use super::staging;
use super::three_way::{Difference, differences};
use super::{exchange, files};
use crate::edge::disk::{effect, io_at};
use crate::edge::git::error::GitError;
use crate::edge::git::open::Checked;
use crate::edge::git::pack::{Id, Kind, object_id};
use crate::edge::git::references;
use crate::edge::git::stage::Stage;
use crate::edge::git::store::{EXECUTABLE, Entry, FILE, LINK, Store};

/// What became of a merge that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Recovered {
    /// There was none, or it had been ended otherwise, or it waits for a person.
    Nothing,
    /// It was killed and has been undone; these files were changed since and were left alone.
    Undone(Vec<String>),
    /// It was killed after its branch had the commit, which is named in hexadecimal; nothing was left to do.
    Committed(String),
}

/// Undoes what a killed run has written, or completes it; a merge whose conflicts wait for a person is left alone.
///
/// Call it after [`leftovers::clean`](crate::edge::git::leftovers).
pub(super) fn recover(checked: &Checked) -> Result<Recovered, GitError> {
    let Some(found) = journal::read(checked)? else {
        return Ok(Recovered::Nothing);
    };
    let tip = references::target(checked, &found.branch)?.map(|tip| tip.to_string());
    if let Some(commit) = found.commit.clone()
        && tip.as_ref() == Some(&commit)
    {
        match merge_head(checked).as_deref() == Some(found.rendered.as_str()) {
            true => end(checked)?,
            false => journal::remove(checked)?,
        }
        return Ok(Recovered::Committed(commit));
    }
    if found.phase == Phase::Conflicts {
        if merge_head(checked).as_deref() != Some(found.rendered.as_str()) {
            // Ended by `git commit`, `git merge --abort` or `git reset`: nothing is left to do.
            journal::remove(checked)?;
        }
        return Ok(Recovered::Nothing);
    }
    if checked.branch != found.branch {
        return Err(GitError::Killed {
            path: checked.path.clone(),
            branch: found
                .branch
                .strip_prefix("refs/heads/")
                .unwrap_or(&found.branch)
                .to_owned(),
        });
    }
    if tip.as_deref() != Some(found.head.as_str()) {
        // Somebody has committed what lay there. The lock comes last, so it tells what the branch contains.
        journal::remove(checked)?;
        return Ok(Recovered::Nothing);
    }
    let stage = Stage::make(checked)?;
    take_back(checked, &stage, &found, &BTreeSet::new()).map(Recovered::Undone)
}

/// The commit that is being merged, in hexadecimal.
pub(super) fn merge_head(checked: &Checked) -> Option<String> {
    let text = std::fs::read_to_string(checked.repository.path().join("MERGE_HEAD")).ok()?;
    Some(text.lines().next()?.trim().to_owned())
}

/// Puts work tree and index back; files in `given_up` whatever they hold now, others only if they are as we left them.
///
/// Returns the files that hold neither what was there before nor what we wrote: they are left as they are.
pub(super) fn take_back(
    checked: &Checked,
    stage: &Stage,
    journal: &Journal,
    given_up: &BTreeSet<&str>,
) -> Result<Vec<String>, GitError> {
    let head = Oid::from_str(&journal.head)
        .and_then(|oid| checked.repository.find_commit(oid))
        .map_err(checked.failed("reading the branch"))?;
    let head_tree = object(head.tree_id())?;
    let mut store = Store::new(&checked.repository);
    let (before, after) = (journal.before(&mut store, head_tree)?, id(&journal.after)?);
    let all = differences(&store, Some(after), before)?;
    let mut back = Vec::new();
    let mut kept = Vec::new();
    for difference in all {
        let now = present(&checked.path, &difference.path)?;
        if now == difference.after {
            continue;
        }
        let ours = now == difference.before || now.is_none() || given_up.contains(difference.path.as_str());
        match ours {
            true => back.push(Difference {
                before: now,
                ..difference
            }),
            false => kept.push(difference.path),
        }
    }
    for path in given_up {
        // A conflicted file whose content we left as it was may hold a person's attempt to resolve it.
        if !back.iter().any(|difference| difference.path == *path) && !kept.iter().any(|kept| kept == path) {
            let (now, wanted) = (present(&checked.path, path)?, store.entry(before, path)?);
            if now != wanted {
                back.push(Difference {
                    path: (*path).to_owned(),
                    before: now,
                    after: wanted,
                });
            }
        }
    }
    let steps = files::plan(checked, &store, &back)?;
    let mut done = exchange::perform(checked, stage, &steps)?;
    let changes = differences(&store, Some(after), Some(head_tree))?;
    let prepared = staging::restore(checked, stage, &changes, &journal.conflicts, &store, head_tree)
        .inspect_err(|_| done.take_back())?;
    prepared.install().inspect_err(|_| done.take_back())?;
    end(checked)?;
    Ok(kept)
}

/// Removes the state of a merge, Git's and ours.
pub(super) fn end(checked: &Checked) -> Result<(), GitError> {
    for name in ["MERGE_MSG", "MERGE_MODE", "MERGE_HEAD"] {
        let path = checked.repository.path().join(name);
        effect().map_err(io_at("removed", &path))?;
        match std::fs::remove_file(&path) {
            Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => {
                return Err(io_at("removed", &path)(cause).into());
            }
            _ => {}
        }
    }
    journal::remove(checked)
}

pub(super) fn id(text: &str) -> Result<Id, GitError> {
    Oid::from_str(text)
        .map_err(|error| GitError::Inconsistent(error.message().to_owned()))
        .and_then(object)
}

pub(super) fn object(oid: Oid) -> Result<Id, GitError> {
    oid.as_bytes()
        .try_into()
        .map_err(|_| GitError::Inconsistent("an id is not 20 bytes".to_owned()))
}

/// What lies at a path of the work tree, as an entry.
pub(super) fn present(dir: &Path, path: &str) -> Result<Option<Entry>, GitError> {
    use std::os::unix::fs::PermissionsExt;
    let place = dir.join(path);
    let data = match std::fs::symlink_metadata(&place) {
        Ok(data) => data,
        Err(cause)
            if matches!(
                cause.kind(),
                std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory
            ) =>
        {
            return Ok(None);
        }
        Err(cause) => return Err(io_at("read", &place)(cause).into()),
    };
    if data.is_symlink() {
        let target = std::fs::read_link(&place).map_err(io_at("read", &place))?;
        return Ok(Some(Entry {
            mode: LINK,
            id: object_id(Kind::Blob, target.as_os_str().as_encoded_bytes()),
        }));
    }
    if !data.is_file() {
        return Ok(None);
    }
    let bytes = std::fs::read(&place).map_err(io_at("read", &place))?;
    let mode = if data.permissions().mode() & 0o100 == 0 {
        FILE
    } else {
        EXECUTABLE
    };
    Ok(Some(Entry {
        mode,
        id: object_id(Kind::Blob, &bytes),
    }))
}
