//! Writing a merge: objects, journal, `platform/rendered`, files, index, branch, in this order.

use std::path::Path;

use git2::Oid;

use super::base::remote_tips;
use super::journal::{self, Input, Journal, Phase};
use super::outcome::{MergeOutcome, Merged, Preview};
use super::prepare::{MergeRequest, Prepared, prepare};
use super::session::Session;
use super::three_way::differences;
use super::undo::object;
use super::{exchange, files, staging};
use crate::edge::disk::{effect, io_at};
use crate::edge::git::commit_object::CommitText;
use crate::edge::git::error::GitError;
use crate::edge::git::first::publish;
use crate::edge::git::identity::{Identity, configuration, identity};
use crate::edge::git::leftovers::{STAGED_BRANCH, STAGED_RENDERED};
use crate::edge::git::open::Checked;
use crate::edge::git::pack::{Id, Kind, Object, hex, object_id};
use crate::edge::git::references::Move;
use crate::edge::git::stage::{Stage, sync_directory};
use crate::edge::git::store::Entry;
use crate::edge::git::{RENDERED, references};

impl Session {
    /// What [`merge`](Self::merge) would do; `None` when nothing changes. Nothing is written.
    pub fn preview(&self, request: &MergeRequest<'_>) -> Result<Option<Preview>, GitError> {
        let prepared = prepare(self, request)?;
        prepared.map(|prepared| prepared.preview()).transpose()
    }

    /// Commits the new render on `platform/rendered` and merges it into the checked-out branch, all or nothing.
    ///
    /// Work tree and index change only where the merge changes something. Conflicts leave index stages 1, 2 and 3,
    /// markers in the files, and `MERGE_HEAD`, as `git merge` does. After a `kill -9` at any moment the next
    /// [`Session::begin`] undoes what was begun, and the same call made again completes the work.
    pub fn merge(&self, request: &MergeRequest<'_>) -> Result<MergeOutcome, GitError> {
        let Some(prepared) = prepare(self, request)? else {
            return Ok(MergeOutcome::NothingChanged);
        };
        let checked = &self.checked;
        let config =
            configuration(&checked.repository).map_err(checked.failed("reading the configuration"))?;
        Write {
            checked,
            request,
            identity: identity(&config, request.names),
            prepared,
        }
        .write()
    }
}

struct Write<'a> {
    checked: &'a Checked,
    request: &'a MergeRequest<'a>,
    identity: Identity,
    prepared: Prepared<'a>,
}

impl Write<'_> {
    fn write(&self) -> Result<MergeOutcome, GitError> {
        let (checked, prepared) = (self.checked, &self.prepared);
        let preview = prepared.preview()?;
        let changes = prepared.worktree()?;
        let steps = files::plan(checked, &prepared.store, &changes)?;
        let text = CommitText {
            identity: &self.identity,
            time: self.request.time,
            message: self.request.message,
            render: prepared.render,
        };
        let (rendered, rendered_bytes) = self.rendered(&text)?;
        let head = checked
            .tip
            .ok_or_else(|| GitError::Inconsistent("the branch has no commit".to_owned()))?;
        let after = prepared
            .merged
            .tree
            .ok_or_else(|| GitError::Inconsistent("the merge has no file".to_owned()))?;
        let commit_bytes = text.bytes(after, &[object(head)?, rendered]);
        let commit = prepared
            .merged
            .conflicts
            .is_empty()
            .then(|| object_id(Kind::Commit, &commit_bytes));

        let stage = Stage::make(checked)?;
        let mut commits: Vec<Object<'_>> = Vec::new();
        let mut push = |id: Id, bytes| {
            commits.push(Object {
                id,
                kind: Kind::Commit,
                bytes,
            });
        };
        if let Some(bytes) = &rendered_bytes {
            push(rendered, bytes);
        }
        if let Some(id) = commit {
            push(id, &commit_bytes);
        }
        let inputs = prepared
            .inputs
            .iter()
            .filter_map(|(_, entry)| Some(entry.as_ref()?.id));
        let sides = prepared
            .merged
            .conflicts
            .iter()
            .flat_map(|c| [c.base, c.ours, c.theirs]);
        let roots: Vec<Id> = [prepared.render, after]
            .into_iter()
            .chain(inputs)
            .chain(sides.flatten().map(|side| side.id))
            .collect();
        let objects = prepared.store.objects(&roots)?;
        publish(checked, &stage, commits.into_iter().chain(objects))?;
        self.move_rendered(&stage, rendered)?;

        let mut journal = Journal {
            phase: Phase::Writing,
            branch: checked.branch.clone(),
            head: head.to_string(),
            commit: commit.map(|id| hex(&id)),
            rendered: hex(&rendered),
            render: hex(&prepared.render),
            after: hex(&after),
            message: self.request.message.to_owned(),
            conflicts: preview
                .conflicts
                .iter()
                .map(|conflict| conflict.path.clone())
                .collect(),
            inputs: prepared.inputs.iter().map(input).collect(),
        };
        journal::write(checked, &stage, &journal)?;
        // From here on changes are visible; each failure takes back what was done before it.
        let visible = self.visible(&stage, &steps, &mut journal, commit, after);
        if visible.is_err() && !self.is_committed(commit) {
            journal::remove(checked)?;
        }
        visible?;
        let merged = Box::new(Merged {
            preview,
            rendered: hex(&rendered),
            commit: commit.map(|id| hex(&id)),
            branch_name: checked.branch().to_owned(),
            identity: self.identity.clone(),
        });
        Ok(match commit {
            Some(_) => MergeOutcome::Committed(merged),
            None => MergeOutcome::Conflicts(merged),
        })
    }

    /// The commit of the render: the tip of `platform/rendered` when it is this very render, else a new one.
    fn rendered(&self, text: &CommitText<'_>) -> Result<(Id, Option<Vec<u8>>), GitError> {
        let checked = self.checked;
        let local = references::target(checked, RENDERED)?;
        let failed = || checked.failed("reading `platform/rendered`");
        if let Some(tip) = local {
            let commit = checked.repository.find_commit(tip).map_err(failed())?;
            if object(commit.tree_id())? == self.prepared.render {
                return Ok((object(tip)?, None));
            }
        }
        // What others have pushed becomes a parent too, so that pushing this branch is a fast-forward.
        let mut parents: Vec<Oid> = local.into_iter().collect();
        let known = |parents: &[Oid], other: Oid| -> Result<bool, GitError> {
            for parent in parents {
                if *parent == other
                    || checked
                        .repository
                        .graph_descendant_of(*parent, other)
                        .map_err(failed())?
                {
                    return Ok(true);
                }
            }
            Ok(false)
        };
        for other in remote_tips(checked)?
            .into_values()
            .chain(self.request.last.commit)
        {
            if !known(&parents, other)? {
                parents.push(other);
            }
        }
        let parents = parents.into_iter().map(object).collect::<Result<Vec<Id>, _>>()?;
        let bytes = text.bytes(self.prepared.render, &parents);
        Ok((object_id(Kind::Commit, &bytes), Some(bytes)))
    }

    fn move_rendered(&self, stage: &Stage, rendered: Id) -> Result<(), GitError> {
        let checked = self.checked;
        let former = references::target(checked, RENDERED)?;
        if former.is_some_and(|tip| tip.as_bytes() == rendered) {
            return Ok(());
        }
        let prepared = stage.path.join(STAGED_RENDERED);
        Move::prepare(checked, RENDERED, former, rendered, prepared)?.perform(
            checked,
            &self.identity.committer,
            self.request.time,
            "new render",
        )
    }

    /// Files, index, and either the branch or the state of an unfinished merge.
    fn visible(
        &self,
        stage: &Stage,
        steps: &files::Steps<'_>,
        journal: &mut Journal,
        commit: Option<Id>,
        after: Id,
    ) -> Result<(), GitError> {
        let (checked, prepared) = (self.checked, &self.prepared);
        let mut done = exchange::perform(checked, stage, steps)?;
        let changes = differences(&prepared.store, Some(prepared.head), Some(after))?;
        let unstaged = match commit {
            Some(_) => Vec::new(),
            None => prepared.committed_inputs().inspect_err(|_| done.take_back())?,
        };
        let conflicts = &prepared.merged.conflicts;
        let index = staging::prepare(checked, stage, &changes, conflicts, &unstaged, Some(after))
            .inspect_err(|_| done.take_back())?;
        index.install().inspect_err(|_| done.take_back())?;
        let ended = match commit {
            Some(commit) => self.move_branch(stage, commit),
            None => self.leave_conflicts(stage, journal),
        };
        ended.inspect_err(|_| {
            if !self.is_committed(commit) {
                index.take_back();
                done.take_back();
            }
        })?;
        match commit {
            Some(_) => journal::remove(checked),
            None => Ok(()),
        }
    }

    fn move_branch(&self, stage: &Stage, commit: Id) -> Result<(), GitError> {
        let checked = self.checked;
        let prepared = stage.path.join(STAGED_BRANCH);
        Move::prepare(checked, &checked.branch, checked.tip, commit, prepared)?.perform(
            checked,
            &self.identity.committer,
            self.request.time,
            "merge of a new render",
        )
    }

    /// Whether the branch has the merge, whatever failed after its move.
    fn is_committed(&self, commit: Option<Id>) -> bool {
        commit.is_some_and(|commit| {
            references::target(self.checked, &self.checked.branch)
                .is_ok_and(|tip| tip.is_some_and(|tip| tip.as_bytes() == commit))
        })
    }

    /// Writes what `git status`, `git commit` and `git mergetool` look for.
    fn leave_conflicts(&self, stage: &Stage, journal: &mut Journal) -> Result<(), GitError> {
        let folder = self.checked.repository.path();
        let write = |name: &str, text: String| -> Result<(), GitError> {
            let staged = stage.path.join(name);
            let path = folder.join(name);
            effect().map_err(io_at("written", &path))?;
            std::fs::write(&staged, text)
                .and_then(|()| std::fs::File::open(&staged)?.sync_all())
                .and_then(|()| std::fs::rename(&staged, &path))
                .map_err(io_at("written", &path))?;
            Ok(())
        };
        let mut message = CommitText::message(self.request.message, self.prepared.render);
        message.push_str("\n# Conflicts:\n");
        for path in &journal.conflicts {
            message.push_str(&format!("#\t{path}\n"));
        }
        let made = write("MERGE_MSG", message)
            .and_then(|()| write("MERGE_MODE", "no-ff".to_owned()))
            .and_then(|()| write("MERGE_HEAD", format!("{}\n", journal.rendered)))
            .and_then(|()| sync_directory(folder))
            .and_then(|()| {
                journal.phase = Phase::Conflicts;
                journal::write(self.checked, stage, journal)
            });
        made.inspect_err(|_| remove_merge_state(folder))
    }
}

fn input((path, entry): &(String, Option<Entry>)) -> Input {
    Input {
        path: path.clone(),
        entry: entry.map(|entry| (entry.mode, hex(&entry.id))),
    }
}

/// Removes the state of an unfinished merge, as far as it can be done.
fn remove_merge_state(folder: &Path) {
    for name in ["MERGE_HEAD", "MERGE_MODE", "MERGE_MSG"] {
        let _ = std::fs::remove_file(folder.join(name));
    }
}
