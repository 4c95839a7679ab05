//! Whether a directory is a render of ours that nobody has touched.

use std::collections::BTreeMap;
use std::path::Path;

use rayon::prelude::*;

use super::error::{DiskError, Occupied, io_at};
use super::read::{kind_name, read_bounded};
use crate::lock::{LOCK_PATH, Lock};
use crate::tree::sha256_hex;

/// The largest lock file that is read: about a million entries.
const LOCK_BYTES: u64 = 256 << 20;

/// What a former render consists of: everything in it may be removed, and nothing else.
#[derive(Debug, Default)]
pub(super) struct Former {
    /// Files, relative to the directory.
    pub(super) files: Vec<String>,
    /// Directories, each after its parent.
    pub(super) directories: Vec<String>,
}

/// Looks at an existing directory; an empty one gives an empty answer, anything that is not ours is an error.
///
/// Missing files are allowed: rendering again restores them, and nothing that a person wrote is lost by it.
pub(super) fn inspect(out: &Path) -> Result<Former, DiskError> {
    let mut former = Former::default();
    let mut odd = Vec::new();
    walk(out, "", &mut former, &mut odd)?;
    former.directories.sort_unstable();
    if former.files.is_empty() && odd.is_empty() {
        return Ok(former);
    }
    let listed = read_lock(out)?;
    let edited: Vec<String> = former
        .files
        .par_iter()
        .map(|path| Ok((path, path == LOCK_PATH || is_as_listed(out, path, &listed)?)))
        .collect::<Result<Vec<_>, DiskError>>()?
        .into_iter()
        .filter(|(_, same)| !same)
        .map(|(path, _)| path.clone())
        .collect();
    odd.extend(edited);
    odd.sort_unstable();
    match odd.is_empty() {
        true => Ok(former),
        false => Err(DiskError::Edited {
            path: out.to_owned(),
            files: Occupied::new(odd),
        }),
    }
}

fn walk(out: &Path, below: &str, former: &mut Former, odd: &mut Vec<String>) -> Result<(), DiskError> {
    let here = out.join(below);
    for entry in std::fs::read_dir(&here).map_err(io_at("read", &here))? {
        let entry = entry.map_err(io_at("read", &here))?;
        let kind = entry.file_type().map_err(io_at("read", &entry.path()))?;
        let slash = if below.is_empty() { "" } else { "/" };
        let shown = format!("{below}{slash}{}", entry.file_name().to_string_lossy());
        match entry.file_name().to_str() {
            Some(name) if kind.is_dir() && name != ".git" => {
                former.directories.push(shown.clone());
                walk(out, &shown, former, odd)?;
            }
            Some(_) if kind.is_file() => former.files.push(shown),
            _ => odd.push(shown),
        }
    }
    Ok(())
}

fn read_lock(out: &Path) -> Result<BTreeMap<String, String>, DiskError> {
    let path = out.join(LOCK_PATH);
    let not_ours = |reason: String| DiskError::NotOurs {
        path: out.to_owned(),
        reason,
    };
    match std::fs::symlink_metadata(&path) {
        Ok(metadata) if metadata.is_file() => {}
        Ok(metadata) => {
            return Err(not_ours(format!(
                "`{LOCK_PATH}` is {}",
                kind_name(metadata.file_type())
            )));
        }
        Err(_) => return Err(not_ours(format!("it has no `{LOCK_PATH}`"))),
    }
    let bytes = read_bounded(&path, LOCK_BYTES)?;
    Ok(Lock::parse(&bytes)
        .map_err(|error| not_ours(error.to_string()))?
        .files)
}

fn is_as_listed(out: &Path, path: &str, listed: &BTreeMap<String, String>) -> Result<bool, DiskError> {
    let Some(digest) = listed.get(path) else {
        return Ok(false);
    };
    Ok(sha256_hex(&read_bounded(&out.join(path), u64::MAX)?) == *digest)
}
