//! The last render that the user's branch contains: the base of the merge.
//!
//! The lock in the branch names it: the render is the commit whose tree has exactly that lock. The merge base of Git
//! would be another one after a squash merge.

use std::collections::BTreeMap;
use std::path::Path;

use git2::{Commit, Oid, Sort};

use crate::edge::disk::is_node_plan;
use crate::edge::git::error::GitError;
use crate::edge::git::open::{Checked, look_at_commit};
use crate::edge::git::pack::Id;
use crate::edge::git::store::{Entry, Store};
use crate::edge::git::{RENDERED, TRAILER, references};
use crate::lock::{LOCK_PATH, Lock};
use crate::tree::sha256_hex;
use crate::units::RelPath;

/// Where a last render was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// On the local branch `platform/rendered`.
    Branch,
    /// On that branch of a remote, as `origin/platform/rendered`.
    Remote(String),
    /// Among the ancestors of the checked-out branch.
    History,
    /// Nowhere: it has to be rendered again from its sources.
    Missing,
}

/// The last render that the checked-out branch contains.
#[derive(Debug, Clone)]
pub struct LastRender {
    /// The lock of the branch.
    pub lock: Lock,
    /// The sources that it was made from, if a commit of this clone still has them.
    pub sources: Option<Sources>,
    /// Its node plans by path, exactly as it wrote them, as far as this clone still has them.
    pub node_plans: BTreeMap<RelPath, Vec<u8>>,
    /// Where its commit is.
    pub found: Found,
    /// Its commit.
    pub(super) commit: Option<Oid>,
}

/// What a render is made from: exact bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sources {
    /// The spec.
    pub spec: Vec<u8>,
    /// The user's overlays by path.
    pub overlays: BTreeMap<RelPath, Vec<u8>>,
    /// The node plans over which it was planned, by path: where they are those of the render itself, the plan is that
    /// render's, for a plan over its own layouts is itself.
    pub node_plans: BTreeMap<RelPath, Vec<u8>>,
}

/// How many commits are looked at before a search gives up.
const ENOUGH: usize = 100_000;

/// Finds the last render of the checked-out branch; a branch without lock or with an unknown one is an error.
pub(super) fn last_render(checked: &Checked) -> Result<LastRender, GitError> {
    let tip = checked.tip.ok_or_else(|| GitError::NoRender {
        path: checked.path.clone(),
    })?;
    let store = Store::new(&checked.repository);
    let entry = lock_entry(&store, tree_of(checked, tip)?)?.ok_or_else(|| GitError::NoRender {
        path: checked.path.clone(),
    })?;
    let lock = Lock::parse(&store.blob(entry.id)?).map_err(|error| GitError::Lock {
        path: checked.path.clone(),
        reason: error.to_string(),
    })?;
    require_related(checked, &store)?;
    let (found, commit) = find(checked, &store, entry, tip)?;
    let mut blobs = Blobs {
        store: &store,
        read: BTreeMap::new(),
    };
    let node_plans = node_plans(checked, &mut blobs, &lock, commit, tip)?;
    let mut sources = sources(checked, &mut blobs, &lock, tip)?;
    if let Some(sources) = &mut sources {
        sources.node_plans.clone_from(&node_plans);
    }
    Ok(LastRender {
        lock,
        sources,
        node_plans,
        found,
        commit,
    })
}

fn find(
    checked: &Checked,
    store: &Store<'_>,
    lock: Entry,
    tip: Oid,
) -> Result<(Found, Option<Oid>), GitError> {
    let mut starts: Vec<(Found, Oid)> = Vec::new();
    starts.extend(references::target(checked, RENDERED)?.map(|tip| (Found::Branch, tip)));
    starts.extend(
        remote_tips(checked)?
            .into_iter()
            .map(|(name, tip)| (Found::Remote(name), tip)),
    );
    for (found, start) in starts {
        let commit = search(checked, start, |commit| has_lock(store, commit, lock))?;
        if commit.is_some() {
            return Ok((found, commit));
        }
    }
    let commit = search(checked, tip, |commit| {
        Ok(is_render(commit) && has_lock(store, commit, lock)?)
    })?;
    Ok(match commit {
        Some(_) => (Found::History, commit),
        None => (Found::Missing, None),
    })
}

/// The tips of `platform/rendered` as the remotes were last seen, by name; what is no render is left out.
pub(super) fn remote_tips(checked: &Checked) -> Result<BTreeMap<String, Oid>, GitError> {
    let failed = || checked.failed("reading the remote branches");
    let references = checked
        .repository
        .references_glob("refs/remotes/*/platform/rendered")
        .map_err(failed())?;
    let mut tips = BTreeMap::new();
    for reference in references {
        let reference = reference.map_err(failed())?;
        if let (Ok(name), Some(tip)) = (reference.name(), reference.target())
            && checked
                .repository
                .find_commit(tip)
                .is_ok_and(|commit| is_render(&commit))
        {
            let short = name.strip_prefix("refs/remotes/").unwrap_or(name);
            tips.insert(short.to_owned(), tip);
        }
    }
    Ok(tips)
}

/// The first commit, the newest first, that is wanted.
fn search(
    checked: &Checked,
    start: Oid,
    mut wanted: impl FnMut(&Commit<'_>) -> Result<bool, GitError>,
) -> Result<Option<Oid>, GitError> {
    let failed = || checked.failed("reading the history");
    let mut walk = checked.repository.revwalk().map_err(failed())?;
    walk.set_sorting(Sort::TOPOLOGICAL | Sort::TIME)
        .map_err(failed())?;
    walk.push(start).map_err(failed())?;
    for oid in walk.take(ENOUGH) {
        let oid = oid.map_err(failed())?;
        let commit = checked.repository.find_commit(oid).map_err(failed())?;
        if wanted(&commit)? {
            return Ok(Some(oid));
        }
    }
    Ok(None)
}

fn tree_of(checked: &Checked, commit: Oid) -> Result<Id, GitError> {
    let commit = checked
        .repository
        .find_commit(commit)
        .map_err(checked.failed("reading a commit"))?;
    raw(commit.tree_id())
}

fn raw(oid: Oid) -> Result<Id, GitError> {
    oid.as_bytes()
        .try_into()
        .map_err(|_| GitError::Inconsistent("an id is not 20 bytes".to_owned()))
}

fn lock_entry(store: &Store<'_>, tree: Id) -> Result<Option<Entry>, GitError> {
    Ok(store.entry(Some(tree), LOCK_PATH)?.filter(Entry::is_file))
}

fn has_lock(store: &Store<'_>, commit: &Commit<'_>, lock: Entry) -> Result<bool, GitError> {
    Ok(lock_entry(store, raw(commit.tree_id())?)?.is_some_and(|found| found.id == lock.id))
}

/// Whether the trailer of a commit names the commit's own tree: so it is a render, not a merge of one.
fn is_render(commit: &Commit<'_>) -> bool {
    let tree = commit.tree_id().to_string();
    let message = commit.message().unwrap_or_default();
    message
        .lines()
        .rev()
        .filter_map(|line| line.strip_prefix(TRAILER)?.strip_prefix(": "))
        .any(|named| named.trim() == tree)
}

/// That a local `platform/rendered` is a branch of renders.
fn require_related(checked: &Checked, store: &Store<'_>) -> Result<(), GitError> {
    let Some(tip) = references::target(checked, RENDERED)? else {
        return Ok(());
    };
    let commit = checked
        .repository
        .find_commit(tip)
        .map_err(checked.failed("reading `platform/rendered`"))?;
    match is_render(&commit) && lock_entry(store, raw(commit.tree_id())?)?.is_some() {
        true => Ok(()),
        false => Err(GitError::UnrelatedRendered {
            path: checked.path.clone(),
            commit: tip.to_string(),
        }),
    }
}

/// Files of commits with their digests, each read once.
struct Blobs<'s, 'r> {
    store: &'s Store<'r>,
    read: BTreeMap<Id, (String, Vec<u8>)>,
}

impl Blobs<'_, '_> {
    /// The bytes of a path, with line ends of LF, if they have the digest.
    fn find(&mut self, tree: Id, path: &str, sha256: &str) -> Result<Option<Vec<u8>>, GitError> {
        let Some(entry) = self.store.entry(Some(tree), path)?.filter(Entry::is_file) else {
            return Ok(None);
        };
        if !self.read.contains_key(&entry.id) {
            let bytes = super::content::without_cr(&self.store.blob(entry.id)?);
            self.read.insert(entry.id, (sha256_hex(&bytes), bytes));
        }
        let found = self.read.get(&entry.id).filter(|(known, _)| known == sha256);
        Ok(found.map(|(_, bytes)| bytes.clone()))
    }
}

/// The sources whose digests the lock has: in the newest commit of the branch that holds all of them.
fn sources(
    checked: &Checked,
    blobs: &mut Blobs<'_, '_>,
    lock: &Lock,
    tip: Oid,
) -> Result<Option<Sources>, GitError> {
    let mut sources = None;
    search(checked, tip, |commit| {
        let tree = raw(commit.tree_id())?;
        let Some(spec) = blobs.find(tree, &lock.spec.path, &lock.spec.sha256)? else {
            return Ok(false);
        };
        let mut found = Sources {
            spec,
            ..Sources::default()
        };
        for (path, wanted) in &lock.overlays {
            let Some(bytes) = blobs.find(tree, path, wanted)? else {
                return Ok(false);
            };
            let Ok(path) = RelPath::parse(path) else {
                return Ok(false);
            };
            found.overlays.insert(path, bytes);
        }
        sources = Some(found);
        Ok(true)
    })?;
    Ok(sources)
}

/// The node plans whose digests the lock has: in the render's own commit, or where that is lost, each in the newest
/// commit of the branch that has it unedited. One that no commit has is left out.
fn node_plans(
    checked: &Checked,
    blobs: &mut Blobs<'_, '_>,
    lock: &Lock,
    render: Option<Oid>,
    tip: Oid,
) -> Result<BTreeMap<RelPath, Vec<u8>>, GitError> {
    let mut found = BTreeMap::new();
    let listed = lock.files.iter().filter(|(path, _)| is_node_plan(path));
    let mut missing: BTreeMap<RelPath, &String> = listed
        .filter_map(|(path, sha256)| Some((RelPath::parse(path).ok()?, sha256)))
        .collect();
    let mut look = |commit: &Commit<'_>| {
        let tree = raw(commit.tree_id())?;
        for (path, sha256) in std::mem::take(&mut missing) {
            match blobs.find(tree, path.as_str(), sha256)? {
                Some(bytes) => drop(found.insert(path, bytes)),
                None => drop(missing.insert(path, sha256)),
            }
        }
        Ok(missing.is_empty())
    };
    let done = match render {
        Some(render) => {
            let commit = checked.repository.find_commit(render);
            look(&commit.map_err(checked.failed("reading a commit"))?)?
        }
        None => false,
    };
    if !done {
        search(checked, tip, look)?;
    }
    Ok(found)
}

/// The sources of the last render that the checked-out commit contains; `None` where there is no render.
///
/// For looking only: a detached HEAD, an unfinished merge and a dirty work tree are all fine.
pub fn former_sources(dir: &Path) -> Result<Option<Sources>, GitError> {
    let Some(checked) = look_at_commit(dir)? else {
        return Ok(None);
    };
    match last_render(&checked) {
        Ok(last) => match last.sources {
            Some(sources) => Ok(Some(sources)),
            None => Err(GitError::NoSources { path: dir.to_owned() }),
        },
        Err(GitError::NoRender { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}
