//! Writing the first render: objects, files, index and branches, in this order.

use std::collections::BTreeSet;
use std::path::Path;

use git2::{OdbLookupFlags, Oid};
use rayon::prelude::*;

use super::commit::{Commits, Outcome, Request};
use super::commit_object::CommitText;
use super::error::GitError;
use super::identity::Identity;
use super::leftovers::{STAGED_BRANCH, STAGED_RENDERED};
use super::open::Checked;
use super::pack::{Id, Kind, Object, hex, object_id, write_pack};
use super::references::{self, Move};
use super::stage::{Stage, sync_directory};
use super::trees::{Leaf, Trees, build};
use super::worktree::{self, Plan, Wanted};
use super::{RENDERED, index};
use crate::edge::disk::{effect, io_at};

/// Files with the ids of their content, computed on all cores.
pub(super) fn leaves<'a: 'w, 'w>(files: impl Iterator<Item = &'w Wanted<'a>>) -> Vec<Leaf<'a>> {
    let files: Vec<&Wanted<'a>> = files.collect();
    files
        .par_iter()
        .map(|file| Leaf {
            path: file.path,
            id: object_id(Kind::Blob, file.bytes),
        })
        .collect()
}

/// Everything that is known before the first write.
pub(super) struct First<'a> {
    pub(super) request: &'a Request<'a>,
    pub(super) checked: &'a Checked,
    pub(super) wanted: &'a [Wanted<'a>],
    pub(super) rendered: Vec<Leaf<'a>>,
    pub(super) render: Trees,
    /// The commit of this very render, when a former run got that far.
    pub(super) former: Option<Oid>,
    pub(super) plan: Plan<'a>,
    pub(super) identity: Identity,
}

impl First<'_> {
    pub(super) fn write(&self) -> Result<Outcome, GitError> {
        let checked = self.checked;
        let kept = self.kept_leaves()?;
        let ours = self.leaves_of_branch(&kept);
        let tip = checked
            .tip
            .map(|tip| checked.repository.find_commit(tip))
            .transpose();
        let tip = tip.map_err(checked.failed("reading the branch"))?;
        let below = tip
            .as_ref()
            .map(git2::Commit::tree)
            .transpose()
            .map_err(checked.failed("reading the branch"))?;
        let branch_tree = build(&checked.repository, &ours, below.as_ref())?;

        let text = CommitText {
            identity: &self.identity,
            time: self.request.time,
            message: self.request.message,
            render: self.render.root,
        };
        let rendered_bytes = text.bytes(self.render.root, &[]);
        let rendered_id = match self.former {
            Some(oid) => raw(oid)?,
            None => object_id(Kind::Commit, &rendered_bytes),
        };
        let mut parents = checked.tip.map(raw).transpose()?.into_iter().collect::<Vec<Id>>();
        parents.push(rendered_id);
        let branch_bytes = text.bytes(branch_tree.root, &parents);
        let branch_id = object_id(Kind::Commit, &branch_bytes);

        let stage = Stage::make(checked)?;
        let mut commits = vec![(branch_id, &branch_bytes)];
        if self.former.is_none() {
            commits.push((rendered_id, &rendered_bytes));
        }
        self.write_objects(&stage, &commits, &branch_tree, &kept)?;
        worktree::prepare(&stage, &self.plan)?;
        let moves = self.prepare_moves(&stage, rendered_id, branch_id)?;

        // From here on changes are visible; each failure takes back what was done before it.
        let moved = worktree::move_in(self.request.dir, &stage, &self.plan.moves)?;
        let root = Oid::from_bytes(&branch_tree.root).map_err(checked.failed("reading an id"))?;
        let prepared =
            index::prepare(checked, &stage, &ours, root).inspect_err(|_| moved.take_back(&stage))?;
        prepared.install().inspect_err(|_| moved.take_back(&stage))?;
        for one in &moves {
            let performed = one.perform(
                checked,
                &self.identity.committer,
                self.request.time,
                "first render",
            );
            // Once the branch itself has moved the render is committed, even if syncing that failed.
            let is_committed = || {
                references::target(checked, &checked.branch)
                    .is_ok_and(|tip| tip.is_some_and(|tip| tip.as_bytes() == branch_id))
            };
            performed.inspect_err(|_| {
                if !is_committed() {
                    prepared.take_back();
                    moved.take_back(&stage);
                }
            })?;
        }
        Ok(Outcome::Committed(Box::new(Commits {
            rendered: hex(&rendered_id),
            branch: hex(&branch_id),
            branch_name: checked.branch().to_owned(),
            render_tree: hex(&self.render.root),
            identity: self.identity.clone(),
            kept: self
                .plan
                .kept
                .iter()
                .map(|(path, _)| (*path).to_owned())
                .collect(),
        })))
    }

    /// The user's own files at seeded paths that are not committed yet; the others stay as the branch has them.
    fn kept_leaves(&self) -> Result<Vec<(Leaf<'_>, &[u8])>, GitError> {
        let mut leaves = Vec::new();
        let committed = self
            .checked
            .tip
            .map(|tip| self.checked.repository.find_commit(tip)?.tree())
            .transpose();
        let committed = committed.map_err(self.checked.failed("reading the branch"))?;
        for (path, bytes) in &self.plan.kept {
            if committed
                .as_ref()
                .is_none_or(|tree| tree.get_path(Path::new(path)).is_err())
            {
                leaves.push((
                    Leaf {
                        path,
                        id: object_id(Kind::Blob, bytes),
                    },
                    bytes.as_slice(),
                ));
            }
        }
        Ok(leaves)
    }

    /// Everything of ours that the branch gets, in path order.
    fn leaves_of_branch<'s>(&'s self, kept: &[(Leaf<'s>, &[u8])]) -> Vec<Leaf<'s>> {
        let own: BTreeSet<&str> = self.plan.kept.iter().map(|(path, _)| *path).collect();
        let seeded = leaves(
            self.wanted
                .iter()
                .filter(|file| file.seeded && !own.contains(file.path)),
        );
        let mut all: Vec<Leaf<'s>> = self.rendered.iter().copied().chain(seeded).collect();
        all.extend(kept.iter().map(|(leaf, _)| *leaf));
        all.sort_by_key(|leaf| leaf.path);
        all
    }

    /// Writes what this render brings.
    fn write_objects(
        &self,
        stage: &Stage,
        commits: &[(Id, &Vec<u8>)],
        branch_tree: &Trees,
        kept: &[(Leaf<'_>, &[u8])],
    ) -> Result<(), GitError> {
        let trees = branch_tree.objects.iter().chain(&self.render.objects);
        let seeded = leaves(self.wanted.iter().filter(|file| file.seeded));
        let blobs = self
            .rendered
            .iter()
            .zip(self.wanted.iter().filter(|file| !file.seeded));
        let seeds = seeded.iter().zip(self.wanted.iter().filter(|file| file.seeded));
        let own: BTreeSet<&str> = self.plan.kept.iter().map(|(path, _)| *path).collect();
        let blobs = blobs.chain(seeds.filter(|(leaf, _)| !own.contains(leaf.path)));
        let all = commits
            .iter()
            .map(|(id, bytes)| Object {
                id: *id,
                kind: Kind::Commit,
                bytes,
            })
            .chain(trees.map(|(id, bytes)| Object {
                id: *id,
                kind: Kind::Tree,
                bytes,
            }))
            .chain(blobs.map(|(leaf, file)| Object {
                id: leaf.id,
                kind: Kind::Blob,
                bytes: file.bytes,
            }))
            .chain(kept.iter().map(|(leaf, bytes)| Object {
                id: leaf.id,
                kind: Kind::Blob,
                bytes,
            }));
        publish(self.checked, stage, all)
    }

    fn prepare_moves(&self, stage: &Stage, rendered: Id, branch: Id) -> Result<Vec<Move>, GitError> {
        let (checked, path) = (self.checked, &stage.path);
        let mut moves = Vec::new();
        if self.former.is_none() {
            moves.push(Move::prepare(
                checked,
                RENDERED,
                None,
                rendered,
                path.join(STAGED_RENDERED),
            )?);
        }
        moves.push(Move::prepare(
            checked,
            &checked.branch,
            checked.tip,
            branch,
            path.join(STAGED_BRANCH),
        )?);
        Ok(moves)
    }
}

/// Writes the objects that the repository lacks as one pack and moves it in, synced.
pub(super) fn publish<'o>(
    checked: &Checked,
    stage: &Stage,
    objects: impl Iterator<Item = Object<'o>>,
) -> Result<(), GitError> {
    let odb = checked
        .repository
        .odb()
        .map_err(checked.failed("reading the objects"))?;
    let lacks = |id: &Id| match Oid::from_bytes(id) {
        Ok(oid) => !odb.exists_ext(oid, OdbLookupFlags::NO_REFRESH),
        Err(_) => true,
    };
    let mut seen = BTreeSet::new();
    let objects: Vec<Object<'_>> = objects
        .filter(|object| seen.insert(object.id) && lacks(&object.id))
        .collect();
    if objects.is_empty() {
        return Ok(());
    }
    let name = write_pack(&stage.path, &objects)?;
    let packs = checked.repository.commondir().join("objects/pack");
    // The pack first: an index without its pack would be an error to every reader. A pack without its index is
    // only rubbish, and is taken away again.
    let [pack, index] = ["pack", "idx"].map(|ending| format!("{name}.{ending}"));
    move_file(&stage.path.join(&pack), &packs.join(&pack))?;
    move_file(&stage.path.join(&index), &packs.join(&index))
        .inspect_err(|_| drop(std::fs::remove_file(packs.join(&pack))))?;
    sync_directory(&packs)?;
    odb.refresh().map_err(checked.failed("reading the objects"))
}

fn raw(oid: Oid) -> Result<Id, GitError> {
    oid.as_bytes()
        .try_into()
        .map_err(|_| GitError::Inconsistent("an id is not 20 bytes".to_owned()))
}

fn move_file(from: &Path, to: &Path) -> Result<(), GitError> {
    effect()
        .and_then(|()| std::fs::rename(from, to))
        .map_err(io_at("moved", to))?;
    Ok(())
}
