//! Three trees become one: the last render, the user's branch, the new render.
//!
//! | last render → user | last render → new render | result |
//! |---|---|---|
//! | same | anything | the new render |
//! | anything | same | the user's |
//! | edited | changed | merged by lines; the same lines are a conflict |
//! | edited | gone | a conflict: nothing that a person wrote is removed |
//! | deleted | changed | stays deleted, and is reported |
//! | new file | new file, other content | a conflict |

use std::collections::BTreeSet;

use super::content::{self, Style};
use crate::edge::git::error::GitError;
use crate::edge::git::pack::{Id, Kind};
use crate::edge::git::store::{DIRECTORY, Entry, Listing, Store};

/// A path that both sides changed so that a person has to decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Conflict {
    pub(super) path: String,
    pub(super) base: Option<Entry>,
    pub(super) ours: Option<Entry>,
    pub(super) theirs: Option<Entry>,
}

/// What three trees came to.
#[derive(Debug, Default)]
pub(super) struct Merged {
    /// The merged tree; where there is a conflict, with markers in the file or with the user's version of it.
    pub(super) tree: Option<Id>,
    pub(super) conflicts: Vec<Conflict>,
    /// Files that the user deleted and the new render has changed.
    pub(super) kept_deleted: Vec<String>,
    /// Paths that one side has as a file and the other as a directory.
    pub(super) clashes: Vec<String>,
}

type Sides = [Option<Entry>; 3];

/// Merges; `theirs` is the new render, `ours` the user's branch. Trees that are the same on two sides are not opened.
pub(super) fn merge(
    store: &mut Store<'_>,
    base: Option<Id>,
    ours: Option<Id>,
    theirs: Option<Id>,
    style: &Style,
) -> Result<Merged, GitError> {
    let mut merge = Merge {
        store,
        style,
        out: Merged::default(),
    };
    let entry = |id: Option<Id>| id.map(|id| Entry { mode: DIRECTORY, id });
    let merged = merge.one("", [entry(base), entry(ours), entry(theirs)])?;
    let mut out = merge.out;
    out.tree = merged.map(|entry| entry.id);
    Ok(out)
}

struct Merge<'s, 'r> {
    store: &'s mut Store<'r>,
    style: &'s Style,
    out: Merged,
}

impl Merge<'_, '_> {
    fn one(&mut self, path: &str, sides: Sides) -> Result<Option<Entry>, GitError> {
        let [base, ours, theirs] = sides;
        if base == theirs || ours == theirs {
            return Ok(ours);
        }
        if base == ours {
            return Ok(theirs);
        }
        let trees = sides.map(|side| side.filter(Entry::is_tree));
        let leaves = sides.map(|side| side.filter(|entry| !entry.is_tree()));
        let tree = match trees == [None; 3] {
            true => None,
            false => self.directory(path, trees)?,
        };
        let leaf = match leaves == [None; 3] {
            true => None,
            false => self.leaf(path, leaves)?,
        };
        if tree.is_some() && leaf.is_some() {
            self.out.clashes.push(path.to_owned());
        }
        Ok(tree.or(leaf))
    }

    fn directory(&mut self, path: &str, sides: Sides) -> Result<Option<Entry>, GitError> {
        let [base, ours, theirs] = sides;
        if base == theirs || ours == theirs {
            return Ok(ours);
        }
        if base == ours {
            return Ok(theirs);
        }
        let mut listings = Vec::with_capacity(3);
        for side in sides {
            listings.push(self.store.listing(side.map(|entry| entry.id))?);
        }
        let names: BTreeSet<&Vec<u8>> = listings.iter().flat_map(Listing::keys).collect();
        let mut merged = Listing::new();
        for name in names {
            let at = |side: usize| listings.get(side).and_then(|listing| listing.get(name)).copied();
            let sides = [at(0), at(1), at(2)];
            // A name that is no text is the user's: no render has one.
            let shown = String::from_utf8_lossy(name);
            let below = if path.is_empty() {
                shown.into_owned()
            } else {
                format!("{path}/{shown}")
            };
            let entry = self.one(&below, sides)?;
            merged.extend(entry.map(|entry| (name.clone(), entry)));
        }
        let id = self.store.put_listing(&merged);
        Ok(id.map(|id| Entry { mode: DIRECTORY, id }))
    }

    fn leaf(&mut self, path: &str, sides: Sides) -> Result<Option<Entry>, GitError> {
        let [base, ours, theirs] = sides;
        if base == theirs || ours == theirs {
            return Ok(ours);
        }
        if base == ours {
            return Ok(theirs);
        }
        let (Some(our), Some(their)) = (ours, theirs) else {
            if ours.is_none() {
                self.out.kept_deleted.push(path.to_owned());
                return Ok(None);
            }
            self.conflict(path, sides);
            return Ok(ours);
        };
        if !(our.is_file() && their.is_file() && base.is_none_or(|base| base.is_file())) {
            self.conflict(path, sides);
            return Ok(ours);
        }
        // The user's mode where they changed it, else the render's.
        let mode = match base {
            Some(base) if base.mode == our.mode => their.mode,
            _ => our.mode,
        };
        if our.id == their.id {
            return Ok(Some(Entry { mode, id: our.id }));
        }
        if let Some(base) = base {
            if base.id == our.id {
                return Ok(Some(Entry { mode, id: their.id }));
            }
            if base.id == their.id {
                return Ok(Some(Entry { mode, id: our.id }));
            }
        }
        let base_bytes = base.map(|base| self.store.blob(base.id)).transpose()?;
        let (our_bytes, their_bytes) = (self.store.blob(our.id)?, self.store.blob(their.id)?);
        let merged = content::merge(path, base_bytes.as_deref(), &our_bytes, &their_bytes, self.style)?;
        let Some(merged) = merged else {
            self.conflict(path, sides);
            return Ok(ours);
        };
        if !merged.is_clean {
            self.conflict(path, sides);
        }
        let id = self.store.put(Kind::Blob, merged.bytes);
        Ok(Some(Entry { mode, id }))
    }

    fn conflict(&mut self, path: &str, [base, ours, theirs]: Sides) {
        self.out.conflicts.push(Conflict {
            path: path.to_owned(),
            base,
            ours,
            theirs,
        });
    }
}

/// A path whose entry differs between two trees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Difference {
    pub(super) path: String,
    pub(super) before: Option<Entry>,
    pub(super) after: Option<Entry>,
}

/// Every file that differs between two trees, by path.
pub(super) fn differences(
    store: &Store<'_>,
    before: Option<Id>,
    after: Option<Id>,
) -> Result<Vec<Difference>, GitError> {
    let mut out = Vec::new();
    compare(store, "", before, after, &mut out)?;
    out.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(out)
}

fn compare(
    store: &Store<'_>,
    path: &str,
    before: Option<Id>,
    after: Option<Id>,
    out: &mut Vec<Difference>,
) -> Result<(), GitError> {
    if before == after {
        return Ok(());
    }
    let (old, new) = (store.listing(before)?, store.listing(after)?);
    let names: BTreeSet<&Vec<u8>> = old.keys().chain(new.keys()).collect();
    for name in names {
        let (before, after) = (old.get(name).copied(), new.get(name).copied());
        if before == after {
            continue;
        }
        let slash = if path.is_empty() { "" } else { "/" };
        let below = format!("{path}{slash}{}", String::from_utf8_lossy(name));
        let tree = |entry: Option<Entry>| entry.filter(Entry::is_tree).map(|entry| entry.id);
        let leaf = |entry: Option<Entry>| entry.filter(|entry| !entry.is_tree());
        compare(store, &below, tree(before), tree(after), out)?;
        if leaf(before) != leaf(after) {
            out.push(Difference {
                path: below,
                before: leaf(before),
                after: leaf(after),
            });
        }
    }
    Ok(())
}
