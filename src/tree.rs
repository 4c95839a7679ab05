//! The rendered repository in memory: path → bytes, with the origin of each file.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::units::RelPath;

/// One rendered file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// The exact bytes that are written.
    pub bytes: Vec<u8>,
    /// What made it: the blueprint's path below `blueprints/`.
    pub origin: &'static str,
}

/// All rendered files, ordered by path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree {
    files: BTreeMap<RelPath, File>,
}

impl Tree {
    /// Adds a file and returns the former one at the same path, which a caller must treat as a bug.
    #[must_use = "two files at one path are a bug in the renderer"]
    pub fn insert(&mut self, path: RelPath, file: File) -> Option<File> {
        self.files.insert(path, file)
    }

    /// The files in the order of their paths.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&RelPath, &File)> {
        self.files.iter()
    }

    /// The file at a path.
    pub fn get(&self, path: &str) -> Option<&File> {
        self.files.get(&RelPath::parse(path).ok()?)
    }

    /// How many files there are.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there is no file.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Moves the files of another tree in; returns a path that both had, if any.
    #[must_use = "two files at one path are a bug in the renderer"]
    pub fn absorb(&mut self, other: Self) -> Option<RelPath> {
        let mut clash = None;
        for (path, file) in other.files {
            if self.files.insert(path.clone(), file).is_some() {
                clash = Some(path);
            }
        }
        clash
    }
}

/// The SHA-256 of some bytes in lower-case hexadecimal (64 characters).
pub fn sha256_hex(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    let mut hex = String::with_capacity(64);
    for byte in digest {
        hex.push(char::from_digit(u32::from(byte >> 4), 16).unwrap_or('0'));
        hex.push(char::from_digit(u32::from(byte & 15), 16).unwrap_or('0'));
    }
    hex
}
