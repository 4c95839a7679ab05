//! Trees and blobs, read from the repository or kept in memory until one pack holds them all.

use std::collections::{BTreeMap, BTreeSet};

use git2::{ObjectType, Oid, Repository};

use super::error::GitError;
use super::pack::{Id, Kind, Object, object_id};

/// What a name in a tree stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) mode: i32,
    pub(super) id: Id,
}

/// The mode of a regular file, of an executable one, and of a directory.
pub(super) const FILE: i32 = 0o100_644;
pub(super) const EXECUTABLE: i32 = 0o100_755;
pub(super) const DIRECTORY: i32 = 0o040_000;

impl Entry {
    pub(super) fn file(id: Id) -> Self {
        Self { mode: FILE, id }
    }

    pub(super) fn is_tree(&self) -> bool {
        self.mode == DIRECTORY
    }

    /// Whether it is a file with content of its own, no link and no other repository.
    pub(super) fn is_file(&self) -> bool {
        self.mode & 0o170_000 == 0o100_000
    }
}

/// One directory: names to entries.
pub(super) type Listing = BTreeMap<Vec<u8>, Entry>;

/// A change of one path in a tree: another entry, or none.
pub(super) type Changes<'a> = BTreeMap<&'a str, Option<Entry>>;

/// The objects of a repository with those that are not written yet.
pub(super) struct Store<'r> {
    repository: &'r Repository,
    new: BTreeMap<Id, (Kind, Vec<u8>)>,
    given: BTreeMap<Id, &'r [u8]>,
}

impl<'r> Store<'r> {
    pub(super) fn new(repository: &'r Repository) -> Self {
        Self {
            repository,
            new: BTreeMap::new(),
            given: BTreeMap::new(),
        }
    }

    /// Lends the content of a blob whose id is known.
    pub(super) fn lend(&mut self, id: Id, bytes: &'r [u8]) {
        self.given.insert(id, bytes);
    }

    /// What was put here or lent, as far as these trees and blobs lead to it.
    pub(super) fn objects(&self, roots: &[Id]) -> Result<Vec<Object<'_>>, GitError> {
        let mut found = Vec::new();
        let mut seen = BTreeSet::new();
        let mut open: Vec<Id> = roots.to_vec();
        while let Some(id) = open.pop() {
            if !seen.insert(id) {
                continue;
            }
            if let Some((kind, bytes)) = self.new.get(&id) {
                found.push(Object {
                    id,
                    kind: *kind,
                    bytes,
                });
                if *kind == Kind::Tree {
                    open.extend(self.listing(Some(id))?.values().map(|entry| entry.id));
                }
            } else if let Some(bytes) = self.given.get(&id) {
                found.push(Object {
                    id,
                    kind: Kind::Blob,
                    bytes,
                });
            }
        }
        Ok(found)
    }

    pub(super) fn put(&mut self, kind: Kind, bytes: Vec<u8>) -> Id {
        let id = object_id(kind, &bytes);
        self.new.entry(id).or_insert((kind, bytes));
        id
    }

    /// The content of a blob.
    pub(super) fn blob(&self, id: Id) -> Result<Vec<u8>, GitError> {
        self.bytes(id, Kind::Blob, ObjectType::Blob)
    }

    fn bytes(&self, id: Id, kind: Kind, of: ObjectType) -> Result<Vec<u8>, GitError> {
        if let Some((found, bytes)) = self.new.get(&id)
            && *found == kind
        {
            return Ok(bytes.clone());
        }
        if let Some(bytes) = self.given.get(&id).filter(|_| kind == Kind::Blob) {
            return Ok(bytes.to_vec());
        }
        let read = || -> Result<Vec<u8>, git2::Error> {
            let odb = self.repository.odb()?;
            let object = odb.read(Oid::from_bytes(&id)?)?;
            match object.kind() == of {
                true => Ok(object.data().to_vec()),
                false => Err(git2::Error::from_str(
                    "an object has another type than its tree says",
                )),
            }
        };
        read().map_err(|cause| GitError::Git {
            path: self.repository.path().to_owned(),
            action: "reading an object",
            cause,
        })
    }

    /// The names in a tree; `None` is the empty one.
    pub(super) fn listing(&self, tree: Option<Id>) -> Result<Listing, GitError> {
        let Some(id) = tree else {
            return Ok(Listing::new());
        };
        let bytes = self.bytes(id, Kind::Tree, ObjectType::Tree)?;
        parse(&bytes).ok_or_else(|| GitError::Inconsistent("a tree object cannot be read".to_owned()))
    }

    /// The tree of some names; none for the empty one, which Git never stores below another.
    pub(super) fn put_listing(&mut self, listing: &Listing) -> Option<Id> {
        if listing.is_empty() {
            return None;
        }
        // Git sorts a directory as if its name ended with a slash.
        let sorted: BTreeMap<Vec<u8>, (&[u8], &Entry)> = listing
            .iter()
            .map(|(name, entry)| {
                let mut key = name.clone();
                key.extend(entry.is_tree().then_some(b'/'));
                (key, (name.as_slice(), entry))
            })
            .collect();
        let mut bytes = Vec::with_capacity(sorted.len() * 40);
        for (name, entry) in sorted.values() {
            bytes.extend_from_slice(format!("{:o} ", entry.mode).as_bytes());
            bytes.extend_from_slice(name);
            bytes.push(0);
            bytes.extend_from_slice(&entry.id);
        }
        Some(self.put(Kind::Tree, bytes))
    }

    /// The entry at a path of a tree.
    pub(super) fn entry(&self, tree: Option<Id>, path: &str) -> Result<Option<Entry>, GitError> {
        let (first, rest) = path.split_once('/').map_or((path, None), |(a, b)| (a, Some(b)));
        let found = self.listing(tree)?.get(first.as_bytes()).copied();
        match (found, rest) {
            (found, None) => Ok(found),
            (Some(entry), Some(rest)) if entry.is_tree() => self.entry(Some(entry.id), rest),
            _ => Ok(None),
        }
    }

    /// A tree with some paths changed; a file in the way of a directory is replaced by it.
    pub(super) fn update(&mut self, tree: Option<Id>, changes: &Changes<'_>) -> Result<Option<Id>, GitError> {
        let mut listing = self.listing(tree)?;
        let mut below: BTreeMap<&str, Changes<'_>> = BTreeMap::new();
        for (path, entry) in changes {
            match path.split_once('/') {
                Some((first, rest)) => {
                    below.entry(first).or_default().insert(rest, *entry);
                }
                None => match entry {
                    Some(entry) => drop(listing.insert(path.as_bytes().to_vec(), *entry)),
                    None => drop(listing.remove(path.as_bytes())),
                },
            }
        }
        for (name, changes) in below {
            let former = listing
                .get(name.as_bytes())
                .filter(|entry| entry.is_tree())
                .map(|entry| entry.id);
            // Removing below what is no directory removes nothing.
            if former.is_none() && changes.values().all(Option::is_none) {
                continue;
            }
            match self.update(former, &changes)? {
                Some(id) => drop(listing.insert(name.as_bytes().to_vec(), Entry { mode: DIRECTORY, id })),
                None => drop(listing.remove(name.as_bytes())),
            }
        }
        Ok(self.put_listing(&listing))
    }
}

/// Parses the bytes of a tree object: mode, blank, name, zero, id.
fn parse(mut bytes: &[u8]) -> Option<Listing> {
    let mut listing = Listing::new();
    while !bytes.is_empty() {
        let blank = bytes.iter().position(|b| *b == b' ')?;
        let mode = i32::from_str_radix(std::str::from_utf8(bytes.get(..blank)?).ok()?, 8).ok()?;
        let rest = bytes.get(blank + 1..)?;
        let zero = rest.iter().position(|b| *b == 0)?;
        let name = rest.get(..zero)?.to_vec();
        let id = rest.get(zero + 1..zero + 21)?.try_into().ok()?;
        listing.insert(name, Entry { mode, id });
        bytes = rest.get(zero + 21..)?;
    }
    Some(listing)
}
