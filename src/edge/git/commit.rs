//! The first commit of a render, on its own branch and on the user's.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use git2::Oid;

use super::create::make_missing;
use super::error::GitError;
use super::first::{First, leaves};
use super::identity::{Identity, configuration, identity};
use super::leftovers::{clean, require_unlocked};
use super::open::{Checked, inspect};
use super::pack::hex;
use super::status::{require_clean, require_only};
use super::trees::build;
use super::worktree::{self, Wanted};
use super::{RENDERED, branches, references};
use crate::edge::disk::RunLock;
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
    Committed(Box<Commits>),
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
    // With a commit in it the repository stays, even if the last sync failed.
    let has_commit =
        || inspect(request.dir).is_ok_and(|found| found.is_some_and(|checked| !checked.is_unborn()));
    if outcome.is_err() && !has_commit() {
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
    let config = configuration(&checked.repository).map_err(checked.failed("reading the configuration"))?;
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
