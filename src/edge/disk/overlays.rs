//! The user's own overlays in a repository.

use std::collections::BTreeMap;
use std::path::Path;

use super::error::{DiskError, io_at};
use super::read::{kind_name, read_bounded};
use crate::units::RelPath;

/// The folder of a repository that holds them.
const FOLDER: &str = "overlays";

/// The largest file that is read, in bytes.
const FILE_BYTES: u64 = 1 << 20;

/// How many files are read at most, and how many folders deep.
const FILES: usize = 1_000;
const DEPTH: usize = 16;

/// Reads every file below `overlays/` of a repository but hidden ones and Markdown; nothing where there is no folder.
///
/// Paths begin with `overlays/`. A symbolic link, a special file, or a name that is no portable UTF-8 file name is an
/// error: what is not read could be a patch that somebody relies on.
pub fn read_overlays(repository: &Path) -> Result<BTreeMap<RelPath, Vec<u8>>, DiskError> {
    let root = repository.join(FOLDER);
    let mut files = BTreeMap::new();
    match std::fs::symlink_metadata(&root) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(files),
        Err(error) => return Err(io_at("read", &root)(error)),
        Ok(metadata) if !metadata.is_dir() => {
            return Err(DiskError::NotADirectory {
                path: root,
                found: kind_name(metadata.file_type()),
            });
        }
        Ok(_) => walk(&root, FOLDER, 0, &mut files)?,
    }
    Ok(files)
}

fn walk(
    folder: &Path,
    below: &str,
    depth: usize,
    files: &mut BTreeMap<RelPath, Vec<u8>>,
) -> Result<(), DiskError> {
    for entry in std::fs::read_dir(folder).map_err(io_at("read", folder))? {
        let entry = entry.map_err(io_at("read", folder))?;
        let path = entry.path();
        let kind = entry.file_type().map_err(io_at("read", &path))?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with('.') || name.ends_with(".md") {
            continue;
        }
        let shown = format!("{below}/{name}");
        let Some(relative) = entry
            .file_name()
            .to_str()
            .and_then(|_| RelPath::parse(&shown).ok())
        else {
            return Err(DiskError::BadName { path });
        };
        if kind.is_dir() && depth < DEPTH {
            walk(&path, &shown, depth + 1, files)?;
        } else if kind.is_file() {
            if files.len() >= FILES {
                return Err(DiskError::TooMany {
                    path: folder.to_owned(),
                    limit: FILES,
                });
            }
            files.insert(relative, read_bounded(&path, FILE_BYTES)?);
        } else {
            return Err(DiskError::NotAFile {
                path,
                found: kind_name(kind),
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
