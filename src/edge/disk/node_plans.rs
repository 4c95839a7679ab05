//! The node plans of a repository: the GPU layouts that the last render left.

use std::collections::BTreeMap;
use std::path::Path;

use super::error::{DiskError, io_at};
use super::read::{kind_name, read_bounded};
use crate::units::RelPath;

/// The folder of a repository that holds one folder per cluster, and the file in each of those.
const FOLDER: &str = "gpu";
const FILE: &str = "node-plan.yaml";

/// The largest file that is read, in bytes: about a hundred thousand nodes, each with a layout of its own.
const FILE_BYTES: u64 = 64 << 20;

/// How many folders are looked into.
const FOLDERS: usize = 10_000;

/// Whether a path of a repository is that of a node plan: `gpu/<cluster>/node-plan.yaml`.
pub fn is_node_plan(path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    matches!(parts.as_slice(), [FOLDER, _, FILE])
}

/// Reads `gpu/<cluster>/node-plan.yaml` of every cluster of a repository; nothing where there is none.
///
/// A symbolic link in place of the folder or the file is an error, for it may lead out of the repository. Everything
/// else in the folder is somebody else's.
pub fn read_node_plans(repository: &Path) -> Result<BTreeMap<RelPath, Vec<u8>>, DiskError> {
    let root = repository.join(FOLDER);
    let mut files = BTreeMap::new();
    if !is_directory(&root, true)? {
        return Ok(files);
    }
    for (count, entry) in std::fs::read_dir(&root)
        .map_err(io_at("read", &root))?
        .enumerate()
    {
        if count >= FOLDERS {
            return Err(DiskError::TooMany {
                path: root,
                limit: FOLDERS,
            });
        }
        let entry = entry.map_err(io_at("read", &root))?;
        let path = entry.path().join(FILE);
        let metadata = match std::fs::symlink_metadata(&path) {
            Ok(metadata) => metadata,
            Err(error) if is_absent(&error) => continue,
            Err(error) => return Err(io_at("read", &path)(error)),
        };
        let name = entry.file_name();
        let shown = name.to_str().map(|name| format!("{FOLDER}/{name}/{FILE}"));
        let Some(relative) = shown.and_then(|shown| RelPath::parse(&shown).ok()) else {
            return Err(DiskError::BadName { path });
        };
        is_directory(&entry.path(), false)?;
        if !metadata.is_file() {
            return Err(DiskError::NotAFile {
                path,
                found: kind_name(metadata.file_type()),
            });
        }
        files.insert(relative, read_bounded(&path, FILE_BYTES)?);
    }
    Ok(files)
}

/// Whether there is a directory; what else stands there is an error where a directory `or_nothing` is expected, and a
/// link always.
fn is_directory(path: &Path, or_nothing: bool) -> Result<bool, DiskError> {
    match std::fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => Ok(true),
        Ok(metadata) => Err(DiskError::NotADirectory {
            path: path.to_owned(),
            found: kind_name(metadata.file_type()),
        }),
        Err(error) if or_nothing && is_absent(&error) => Ok(false),
        Err(error) => Err(io_at("read", path)(error)),
    }
}

fn is_absent(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{NotADirectory, NotFound};
    matches!(error.kind(), NotFound | NotADirectory)
}

#[cfg(test)]
mod tests;
