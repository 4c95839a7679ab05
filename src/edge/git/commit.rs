//! The first commit of a render, on its own branch and on the user's.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use git2::{OdbLookupFlags, Oid};
use rayon::prelude::*;

use super::commit_object::CommitText;
use super::create::make_missing;
use super::error::GitError;
use super::identity::{Identity, identity};
use super::leftovers::{STAGED_BRANCH, STAGED_RENDERED, clean, require_unlocked};
use super::open::{Checked, inspect};
use super::pack::{Id, Kind, Object, hex, object_id, write_pack};
use super::references::{self, Move};
use super::stage::{Stage, sync_directory};
use super::status::{require_clean, require_only};
use super::trees::{Leaf, Trees, build};
use super::worktree::{self, Plan, Wanted};
use super::{RENDERED, branches, index};
use crate::edge::disk::{RunLock, effect, io_at};
use crate::edge::env::GitNames;
use crate::tree::Tree;
use crate::units::RelPath;

/// What to commit, where, and in whose name.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The work tree; it becomes a repository when it is none. Its parent must exist.
    pub dir: &'a Path,
    /// The branch of a new repository, as `main`; an existing one keeps the branch that is checked out.
    pub branch: &'a str,
    /// The render: exactly this is committed on `platform/rendered`.
    pub tree: &'a Tree,
    /// Files that belong to the user from then on: written when missing, otherwise left as they are.
    pub seeded: &'a [(RelPath, Vec<u8>)],
    /// The message of both commits, without trailer.
    pub message: &'a str,
    /// Author and commit time, in seconds since 1970 UTC.
    pub time: i64,
    /// Names from the environment; they win over the configuration.
    pub names: &'a GitNames,
    /// How long to wait for another run on the same repository.
    pub wait: Duration,
}

/// The two commits that were made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commits {
    /// The commit on `platform/rendered`, in hexadecimal.
    pub rendered: String,
    /// The commit on the checked-out branch, in hexadecimal; `rendered` is its last parent.
    pub branch: String,
    /// The name of that branch, as `main`.
    pub branch_name: String,
    /// The tree of the render in hexadecimal, as in the trailer `Platform-Render`.
    pub render_tree: String,
    /// Who is named, and whether that had to be made up.
    pub identity: Identity,
    /// Seeded files for which the user already had own content, which was kept.
    pub kept: Vec<String>,
}

/// What a commit came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Two commits were made.
    Committed(Commits),
    /// The same render is already committed on both branches; nothing was changed.
    NothingChanged,
}

/// Commits a render for the first time, all or nothing.
///
/// On `platform/rendered` the tree is exactly the render. The checked-out branch gets the render and the seeded files
/// beside what it has; its commit has the one on `platform/rendered` as last parent, so that Git itself knows the
/// merge base of every later render. Refused, with nothing touched: every state named at [`inspect`], uncommitted
/// changes, and rendered paths that exist with other content. A former, different render gives
/// [`GitError::NeedsRegenerate`].
///
/// Objects are in one pack, synced with its index and directory before a branch moves; when this returns `Ok` the
/// commits survive a power loss. (Files of the work tree are not synced one by one: `git restore .` brings them back.)
/// After a `kill -9` at any moment each branch is old or new, and the same call made again completes the work.
pub fn commit_render(request: &Request<'_>) -> Result<Outcome, GitError> {
    let head = branches::full_name(request.branch)?;
    let wanted = wanted(request)?;
    let expected: BTreeSet<&str> = wanted.iter().map(|file| file.path).collect();
    let created = make_missing(request.dir, &head, request.wait, || {
        require_only(request.dir, &expected)?;
        worktree::plan(request.dir, &wanted).map(drop)
    })?;
    let outcome = commit_in_repository(request, &wanted, &expected);
    if outcome.is_err() {
        created.take_back();
    }
    outcome
}

fn commit_in_repository(
    request: &Request<'_>,
    wanted: &[Wanted<'_>],
    expected: &BTreeSet<&str>,
) -> Result<Outcome, GitError> {
    let gone = || GitError::Inconsistent("the repository is gone while it is being used".to_owned());
    let lock = inspect(request.dir)?
        .ok_or_else(gone)?
        .repository
        .commondir()
        .join("platform.lock");
    let _lock = RunLock::take(&lock, request.wait)?;
    // Looked at again: another run may have ended while we waited.
    let checked = inspect(request.dir)?.ok_or_else(gone)?;
    clean(&checked)?;
    require_unlocked(&checked)?;
    let rendered = leaves(wanted.iter().filter(|file| !file.seeded));
    let render = build(&checked.repository, &rendered, None)?;
    let former = references::target(&checked, RENDERED)?;
    if let Some(tip) = former {
        let commit = checked
            .repository
            .find_commit(tip)
            .map_err(checked.failed("reading `platform/rendered`"))?;
        if commit.tree_id().as_bytes() != render.root {
            let (former, new) = (commit.tree_id().to_string(), hex(&render.root));
            return Err(GitError::NeedsRegenerate { former, new });
        }
        if has(&checked, tip)? {
            return Ok(Outcome::NothingChanged);
        }
        // Either a run was killed between the two branches, or the user is on a branch without renders.
    }
    require_clean(&checked, expected)?;
    let plan = worktree::plan(request.dir, wanted)?;
    let config = checked
        .repository
        .config()
        .map_err(checked.failed("reading the configuration"))?;
    let identity = identity(&config, request.names);
    First {
        request,
        checked: &checked,
        wanted,
        rendered,
        render,
        former,
        plan,
        identity,
    }
    .write()
}

/// Whether the checked-out branch contains a commit.
fn has(checked: &Checked, commit: Oid) -> Result<bool, GitError> {
    match checked.tip {
        Some(tip) if tip == commit => Ok(true),
        Some(tip) => checked
            .repository
            .graph_descendant_of(tip, commit)
            .map_err(checked.failed("comparing the branches")),
        None => Ok(false),
    }
}

/// The rendered and the seeded files in path order; a path that is both is a bug of the caller.
fn wanted<'a>(request: &Request<'a>) -> Result<Vec<Wanted<'a>>, GitError> {
    let rendered = request.tree.iter();
    let rendered = rendered.map(|(path, file)| Wanted {
        path: path.as_str(),
        bytes: &file.bytes,
        seeded: false,
    });
    let seeded = request.seeded.iter();
    let seeded = seeded.map(|(path, bytes)| Wanted {
        path: path.as_str(),
        bytes,
        seeded: true,
    });
    let mut all: Vec<Wanted<'a>> = rendered.chain(seeded).collect();
    all.sort_by_key(|file| file.path);
    match all.windows(2).find(|pair| pair[0].path == pair[1].path) {
        Some(pair) => Err(GitError::Inconsistent(format!(
            "`{}` is both rendered and seeded",
            pair[0].path
        ))),
        None => Ok(all),
    }
}

fn leaves<'a: 'w, 'w>(files: impl Iterator<Item = &'w Wanted<'a>>) -> Vec<Leaf<'a>> {
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
struct First<'a> {
    request: &'a Request<'a>,
    checked: &'a Checked,
    wanted: &'a [Wanted<'a>],
    rendered: Vec<Leaf<'a>>,
    render: Trees,
    /// The commit of this very render, when a former run got that far.
    former: Option<Oid>,
    plan: Plan<'a>,
    identity: Identity,
}

impl First<'_> {
    fn write(&self) -> Result<Outcome, GitError> {
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
            one.perform(
                checked,
                &self.identity.committer,
                self.request.time,
                "first render",
            )
            .inspect_err(|_| {
                prepared.take_back();
                moved.take_back(&stage);
            })?;
        }
        Ok(Outcome::Committed(Commits {
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
        }))
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

    /// Writes the objects that the repository lacks as one pack and moves it in, synced.
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
        let odb = self
            .checked
            .repository
            .odb()
            .map_err(self.checked.failed("reading the objects"))?;
        let lacks = |id: &Id| match Oid::from_bytes(id) {
            Ok(oid) => !odb.exists_ext(oid, OdbLookupFlags::NO_REFRESH),
            Err(_) => true,
        };
        let mut seen = BTreeSet::new();
        let objects: Vec<Object<'_>> = all
            .filter(|object| seen.insert(object.id) && lacks(&object.id))
            .collect();
        if objects.is_empty() {
            return Ok(());
        }
        let name = write_pack(&stage.path, &objects)?;
        let packs = self.checked.repository.commondir().join("objects/pack");
        // The pack first: an index without its pack would be an error to every reader.
        for ending in ["pack", "idx"] {
            let file = format!("{name}.{ending}");
            effect().map_err(io_at("moved", &packs.join(&file)))?;
            std::fs::rename(stage.path.join(&file), packs.join(&file))
                .map_err(io_at("moved", &packs.join(&file)))?;
        }
        sync_directory(&packs)?;
        odb.refresh().map_err(self.checked.failed("reading the objects"))
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

fn raw(oid: Oid) -> Result<Id, GitError> {
    oid.as_bytes()
        .try_into()
        .map_err(|_| GitError::Inconsistent("an id is not 20 bytes".to_owned()))
}
