//! What a merge is about to do to the work tree, so that a killed one is undone by the next run.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::edge::disk::{effect, io_at, read_bounded};
use crate::edge::git::error::GitError;
use crate::edge::git::open::Checked;
use crate::edge::git::pack::Id;
use crate::edge::git::stage::{Stage, sync_directory, synced_file};
use crate::edge::git::store::{Changes, Entry, Store};

/// How far a merge has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Phase {
    /// Files are being written: a run that finds this undoes them.
    Writing,
    /// Everything is written and a person resolves conflicts.
    Conflicts,
    /// A person has given the merge up: a run that finds this completes that.
    Aborting,
}

/// A merge that has begun; ids in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Journal {
    pub(super) phase: Phase,
    /// The branch, as a full reference name, and its commit before.
    pub(super) branch: String,
    pub(super) head: String,
    /// The commit that the branch gets; none while there are conflicts.
    pub(super) commit: Option<String>,
    /// The new commit on `platform/rendered`.
    pub(super) rendered: String,
    /// The tree of the new render.
    pub(super) render: String,
    /// Sources of the render in the work tree that differed from the branch before.
    pub(super) inputs: Vec<Input>,
    /// The tree that stands for the work tree after, conflict markers included.
    pub(super) after: String,
    /// The message of the merge, without trailer.
    pub(super) message: String,
    /// Paths with conflicts.
    pub(super) conflicts: Vec<String>,
}

/// A file of the work tree that was not committed: the spec or an overlay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Input {
    pub(super) path: String,
    /// Its mode and content; none where it was deleted.
    pub(super) entry: Option<(i32, String)>,
}

impl Journal {
    /// The tree that stood for the work tree before.
    pub(super) fn before(&self, store: &mut Store<'_>, head: Id) -> Result<Option<Id>, GitError> {
        let mut changes = Changes::new();
        for input in &self.inputs {
            let entry = match &input.entry {
                None => None,
                Some((mode, id)) => Some(Entry {
                    mode: *mode,
                    id: super::undo::id(id)?,
                }),
            };
            changes.insert(&input.path, entry);
        }
        store.update(Some(head), &changes)
    }
}

/// The largest journal that is read.
const BYTES: u64 = 64 << 20;

fn place(checked: &Checked) -> PathBuf {
    checked.repository.path().join("platform").join("regenerate.json")
}

/// The merge that has begun in this work tree, if any.
pub(super) fn read(checked: &Checked) -> Result<Option<Journal>, GitError> {
    let path = place(checked);
    if std::fs::symlink_metadata(&path).is_err() {
        return Ok(None);
    }
    let bytes = read_bounded(&path, BYTES)?;
    let journal = serde_json::from_slice(&bytes);
    journal.map(Some).map_err(|error| GitError::Journal {
        path,
        reason: error.to_string(),
    })
}

/// Writes the journal, synced, in one step.
pub(super) fn write(checked: &Checked, stage: &Stage, journal: &Journal) -> Result<(), GitError> {
    let path = place(checked);
    let staged = stage.path.join(format!("journal-{:?}", journal.phase));
    let bytes = serde_json::to_vec_pretty(journal).map_err(|e| GitError::Inconsistent(e.to_string()))?;
    synced_file(&staged, &bytes)?;
    if let Some(folder) = path.parent() {
        effect().map_err(io_at("created", folder))?;
        std::fs::create_dir_all(folder).map_err(io_at("created", folder))?;
        effect().map_err(io_at("written", &path))?;
        std::fs::rename(&staged, &path).map_err(io_at("written", &path))?;
        sync_directory(folder)?;
    }
    Ok(())
}

/// Removes the journal: the merge is done, or undone.
pub(super) fn remove(checked: &Checked) -> Result<(), GitError> {
    let path = place(checked);
    effect().map_err(io_at("removed", &path))?;
    match std::fs::remove_file(&path) {
        Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => {
            Err(io_at("removed", &path)(cause).into())
        }
        _ => path
            .parent()
            .filter(|folder| folder.is_dir())
            .map_or(Ok(()), sync_directory),
    }
}
