//! What the schema check cut out of a spec, so that later checks do not report it as missing.

use std::collections::BTreeSet;

use super::node::Position;

/// Keys and list entries that were there, were reported, and are gone from the tree.
#[derive(Debug, Default)]
pub struct Refused {
    keys: BTreeSet<(Position, String)>,
    entries: BTreeSet<String>,
}

impl Refused {
    /// Remembers a key of the mapping that begins at a place.
    pub(super) fn key(&mut self, mapping: Position, key: &str) {
        self.keys.insert((mapping, key.to_owned()));
    }

    /// Remembers a list entry by its name.
    pub(super) fn entry(&mut self, name: String) {
        self.entries.insert(name);
    }

    /// Whether the mapping that begins at a place had this key, or one that was probably meant to be it.
    pub fn has_key(&self, mapping: Position, key: &str) -> bool {
        self.keys.contains(&(mapping, key.to_owned()))
    }

    /// Whether a list had an entry of this name.
    pub fn has_entry(&self, name: &str) -> bool {
        self.entries.contains(name)
    }
}
