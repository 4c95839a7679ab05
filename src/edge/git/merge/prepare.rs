//! From a request to everything that is known before the first write.

use std::collections::{BTreeMap, BTreeSet};

use git2::Oid;
use rayon::prelude::*;

use super::base::{LastRender, Sources};
use super::content::{Style, with_cr, without_cr};
use super::outcome::{Change, Conflict, Effect, Preview};
use super::session::Session;
use super::three_way::{self, Difference, Merged, differences};
use super::undo::object;
use crate::edge::disk::{Occupied, io_at, read_bounded};
use crate::edge::env::GitNames;
use crate::edge::git::error::GitError;
use crate::edge::git::open::Checked;
use crate::edge::git::pack::{Id, Kind, object_id};
use crate::edge::git::store::{Changes, Entry, Store};
use crate::lock::LOCK_PATH;
use crate::tree::Tree;

/// What to merge, and in whose name.
#[derive(Debug, Clone, Copy)]
pub struct MergeRequest<'a> {
    /// The last render of the branch.
    pub last: &'a LastRender,
    /// The files of the last render, where its commit is missing and it was rendered again.
    pub rebuilt: Option<&'a Tree>,
    /// The new render: all of it, or what may differ from the last one.
    pub render: &'a Tree,
    /// Where `render` is not all of it: paths of the last render that are gone; every other one is the same.
    pub removed: Option<&'a [String]>,
    /// The spec as it was read from the work tree.
    pub spec_before: &'a [u8],
    /// What the new render was made from; a spec that differs from `spec_before` is written to the work tree.
    pub sources: &'a Sources,
    /// Folders and files of the last render that have another name in the new one: old and new path.
    pub renames: &'a [(String, String)],
    /// The message of both commits, without trailer.
    pub message: &'a str,
    /// Author and commit time, in seconds since 1970 UTC.
    pub time: i64,
    /// Names from the environment; they win over the configuration.
    pub names: &'a GitNames,
}

/// The spec's place, and the folder of the user's overlays: what renders are made from.
pub(super) const SPEC: &str = "platform.yaml";
const OVERLAYS: &str = "overlays/";

/// The largest source file.
const BYTES: u64 = 256 << 20;

/// Paths with their entries; none where there is nothing.
pub(super) type Named = Vec<(String, Option<Entry>)>;

/// Everything that is known before the first write.
pub(super) struct Prepared<'a> {
    pub(super) store: Store<'a>,
    /// The tree of the new render, and of the branch's commit.
    pub(super) render: Id,
    pub(super) head: Id,
    /// What stands for the work tree before, sources included.
    pub(super) before: Option<Id>,
    pub(super) merged: Merged,
    /// Sources in the work tree that differ from the branch.
    pub(super) inputs: Named,
}

/// Works out the merge; `None` when the branch has this render and these sources already.
pub(super) fn prepare<'a>(
    session: &'a Session,
    request: &MergeRequest<'a>,
) -> Result<Option<Prepared<'a>>, GitError> {
    let checked = &session.checked;
    let mut store = Store::new(&checked.repository);
    let head = head_tree(checked)?;
    let base = match (request.last.commit, request.rebuilt) {
        (Some(commit), _) => Some(commit_tree(checked, commit)?),
        (None, Some(tree)) => put_tree(&mut store, None, tree, &[])?,
        (None, None) => {
            return Err(GitError::NoBase {
                path: checked.path.clone(),
            });
        }
    };
    let below = request.removed.and(base);
    let removed = request.removed.unwrap_or_default();
    let render = put_tree(&mut store, below, request.render, removed)?
        .ok_or_else(|| GitError::Inconsistent("the render has no file".to_owned()))?;
    let same_render = store.entry(Some(render), LOCK_PATH)? == store.entry(Some(head), LOCK_PATH)?;
    let (before, inputs) = with_inputs(session, &mut store, head, request)?;
    if same_render && request.spec_before == request.sources.spec {
        return Ok(None);
    }
    let former = store.entry(before, SPEC)?;
    let spec = source(&mut store, former, request.sources.spec.clone())?;
    let ours = store.update(before, &Changes::from([(SPEC, Some(spec))]))?;
    let (mut base_moved, mut ours_moved) = (base, ours);
    for (old, new) in request.renames {
        // Where the user has renamed the folder already, only the last render has to follow.
        if store.entry(ours_moved, new)?.is_none() || store.entry(ours_moved, old)?.is_none() {
            base_moved = renamed(&mut store, base_moved, old, new)?;
            ours_moved = renamed(&mut store, ours_moved, old, new)?;
        }
    }
    let config = checked
        .repository
        .config()
        .map_err(checked.failed("reading the configuration"))?;
    let style = Style {
        ours: checked.branch().to_owned(),
        with_base: config
            .get_string("merge.conflictStyle")
            .is_ok_and(|style| matches!(style.as_str(), "diff3" | "zdiff3")),
    };
    let merged = three_way::merge(&mut store, base_moved, ours_moved, Some(render), &style)?;
    if !merged.clashes.is_empty() {
        return Err(GitError::Obstructed {
            path: checked.path.clone(),
            files: Occupied::new(merged.clashes),
        });
    }
    require_distinct(checked, &store, &merged, before)?;
    Ok(Some(Prepared {
        store,
        render,
        head,
        before,
        merged,
        inputs,
    }))
}

impl Prepared<'_> {
    /// What changes in the work tree.
    pub(super) fn worktree(&self) -> Result<Vec<Difference>, GitError> {
        differences(&self.store, self.before, self.merged.tree)
    }

    /// The sources that differ from the branch, as the branch has them.
    pub(super) fn committed_inputs(&self) -> Result<Named, GitError> {
        let committed = |path: &String| Ok((path.clone(), self.store.entry(Some(self.head), path)?));
        self.inputs.iter().map(|(path, _)| committed(path)).collect()
    }

    /// What the merge does, with the bytes of all that changes.
    pub(super) fn preview(&self) -> Result<Preview, GitError> {
        let conflicts = self.merged.conflicts.iter().map(|conflict| Conflict {
            path: conflict.path.clone(),
            reason: match (conflict.base, conflict.ours, conflict.theirs) {
                (Some(_), Some(_), None) => "edited by hand, and no longer rendered",
                (None, Some(_), Some(_)) => "added by hand, and rendered now",
                _ => "edited by hand and changed by the render",
            },
        });
        let mut preview = Preview {
            conflicts: conflicts.collect(),
            kept_deleted: self.merged.kept_deleted.clone(),
            ..Preview::default()
        };
        for difference in self.worktree()? {
            let path = &difference.path;
            if preview.conflicts.iter().any(|conflict| conflict.path == *path) {
                continue;
            }
            let content = |entry: Option<Entry>| match entry.filter(Entry::is_file) {
                Some(entry) => self.store.blob(entry.id),
                None => Ok(Vec::new()),
            };
            let rendered = self.store.entry(Some(self.render), path)?;
            let effect = match (difference.before, difference.after) {
                (None, _) => Effect::Added,
                (_, None) => Effect::Removed,
                (_, after) if path != SPEC && after != rendered => Effect::Merged,
                _ => Effect::Changed,
            };
            preview.changes.push(Change {
                effect,
                before: content(difference.before)?,
                after: content(difference.after)?,
                path: difference.path,
            });
        }
        Ok(preview)
    }
}

fn renamed(store: &mut Store<'_>, tree: Option<Id>, old: &str, new: &str) -> Result<Option<Id>, GitError> {
    match store.entry(tree, old)? {
        None => Ok(tree),
        Some(entry) => store.update(tree, &Changes::from([(old, None), (new, Some(entry))])),
    }
}

/// Puts a render into the store: its files over the tree of another one.
fn put_tree<'a>(
    store: &mut Store<'a>,
    below: Option<Id>,
    render: &'a Tree,
    removed: &[String],
) -> Result<Option<Id>, GitError> {
    let files: Vec<_> = render.iter().collect();
    let ids: Vec<Id> = files
        .par_iter()
        .map(|(_, file)| object_id(Kind::Blob, &file.bytes))
        .collect();
    let mut changes: Changes<'_> = removed.iter().map(|path| (path.as_str(), None)).collect();
    for ((path, file), id) in files.iter().zip(&ids) {
        changes.insert(path.as_str(), Some(Entry::file(*id)));
        store.lend(*id, &file.bytes);
    }
    store.update(below, &changes)
}

/// The branch's tree with the sources as they lie in the work tree, and which of them differ from the branch.
///
/// Everything else must be committed.
fn with_inputs(
    session: &Session,
    store: &mut Store<'_>,
    head: Id,
    request: &MergeRequest<'_>,
) -> Result<(Option<Id>, Named), GitError> {
    let checked = &session.checked;
    let mut sources: BTreeSet<String> = request.sources.overlays.keys().map(ToString::to_string).collect();
    sources.insert(SPEC.to_owned());
    let mut dirty = Vec::new();
    for path in session.uncommitted()? {
        match path == SPEC || path.starts_with(OVERLAYS) {
            true => drop(sources.insert(path)),
            false => dirty.push(path),
        }
    }
    if !dirty.is_empty() {
        return Err(GitError::Dirty {
            path: checked.path.clone(),
            files: Occupied::new(dirty),
        });
    }
    let mut changes: BTreeMap<&str, Option<Entry>> = BTreeMap::new();
    for path in &sources {
        let place = checked.path.join(path);
        let former = store.entry(Some(head), path)?;
        let bytes = match std::fs::symlink_metadata(&place) {
            Ok(data) if data.is_file() => Some(without_cr(&read_bounded(&place, BYTES)?)),
            Ok(_) => {
                return Err(GitError::Obstructed {
                    path: checked.path.clone(),
                    files: Occupied::new([path.clone()]),
                });
            }
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => None,
            Err(cause) => return Err(io_at("read", &place)(cause).into()),
        };
        if path == SPEC && bytes.as_deref() != Some(request.spec_before) {
            return Err(GitError::Moved {
                reference: SPEC.to_owned(),
            });
        }
        let entry = bytes.map(|bytes| source(store, former, bytes)).transpose()?;
        if entry != former {
            changes.insert(path, entry);
        }
    }
    let inputs = changes
        .iter()
        .map(|(path, entry)| ((*path).to_owned(), *entry))
        .collect();
    Ok((store.update(Some(head), &changes)?, inputs))
}

/// The entry of a source whose lines end with LF: it keeps the mode of the former one, and CR LF where that has it.
fn source(store: &mut Store<'_>, former: Option<Entry>, bytes: Vec<u8>) -> Result<Entry, GitError> {
    let Some(former) = former.filter(Entry::is_file) else {
        return Ok(Entry::file(store.put(Kind::Blob, bytes)));
    };
    let committed = store.blob(former.id)?;
    let plain = without_cr(&committed);
    let id = match (plain == bytes, plain == committed) {
        (true, _) => former.id,
        (false, true) => store.put(Kind::Blob, bytes),
        (false, false) => store.put(Kind::Blob, with_cr(&bytes)),
    };
    Ok(Entry { id, ..former })
}

/// That no new file differs from another one by upper and lower case only, where the file system cannot tell them apart.
fn require_distinct(
    checked: &Checked,
    store: &Store<'_>,
    merged: &Merged,
    before: Option<Id>,
) -> Result<(), GitError> {
    let ignores_case = checked
        .repository
        .config()
        .and_then(|config| config.get_bool("core.ignoreCase"))
        .unwrap_or(false);
    if !ignores_case {
        return Ok(());
    }
    let mut clashes = BTreeSet::new();
    for difference in differences(store, before, merged.tree)? {
        if difference.before.is_none()
            && let Some(other) = same_but_for_case(store, merged.tree, &difference.path)?
        {
            clashes.insert(other);
        }
    }
    match clashes.is_empty() {
        true => Ok(()),
        false => Err(GitError::CaseClash {
            path: checked.path.clone(),
            files: Occupied::new(clashes),
        }),
    }
}

fn same_but_for_case(store: &Store<'_>, tree: Option<Id>, path: &str) -> Result<Option<String>, GitError> {
    let (first, rest) = path.split_once('/').map_or((path, None), |(a, b)| (a, Some(b)));
    let listing = store.listing(tree)?;
    for name in listing.keys() {
        let name = String::from_utf8_lossy(name);
        if name != first && name.to_lowercase() == first.to_lowercase() {
            return Ok(Some(format!("{name}` and `{first}")));
        }
    }
    match (rest, listing.get(first.as_bytes())) {
        (Some(rest), Some(entry)) if entry.is_tree() => same_but_for_case(store, Some(entry.id), rest),
        _ => Ok(None),
    }
}

pub(super) fn head_tree(checked: &Checked) -> Result<Id, GitError> {
    let tip = checked.tip.ok_or_else(|| GitError::NoRender {
        path: checked.path.clone(),
    })?;
    commit_tree(checked, tip)
}

fn commit_tree(checked: &Checked, commit: Oid) -> Result<Id, GitError> {
    let commit = checked
        .repository
        .find_commit(commit)
        .map_err(checked.failed("reading a commit"))?;
    object(commit.tree_id())
}
