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
mod tests {
    use super::*;

    fn paths(repository: &Path) -> Result<Vec<String>, String> {
        let read = read_overlays(repository).map_err(|error| error.to_string())?;
        Ok(read.keys().map(ToString::to_string).collect())
    }

    #[test]
    fn only_plain_files_of_the_folder_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        assert_eq!(paths(folder.path()), Ok(vec![]), "no folder");
        std::fs::create_dir_all(at("overlays/a/b")).unwrap();
        for name in [
            "overlays/README.md",
            "overlays/.gitkeep",
            "overlays/x.yaml",
            "overlays/a/b/y.yml",
            "overlays/z.txt",
        ] {
            std::fs::write(at(name), name).unwrap();
        }
        let wanted = ["overlays/a/b/y.yml", "overlays/x.yaml", "overlays/z.txt"];
        assert_eq!(
            paths(folder.path()).unwrap(),
            wanted,
            "Markdown and hidden files are not read"
        );
        let file = read_overlays(folder.path())
            .unwrap()
            .remove(&RelPath::parse("overlays/x.yaml").unwrap());
        assert_eq!(file.as_deref(), Some(&b"overlays/x.yaml"[..]), "exact bytes");
    }

    #[test]
    fn what_cannot_be_read_is_an_error_and_never_left_out() {
        use std::os::unix::ffi::OsStrExt;
        type Make = fn(&Path);
        let cases: [(&str, Make, &str); 5] = [
            (
                "link",
                |dir| std::os::unix::fs::symlink("x", dir.join("l.yaml")).unwrap(),
                "a symbolic link",
            ),
            (
                "large",
                |dir| std::fs::write(dir.join("x.yaml"), vec![b'#'; (1 << 20) + 1]).unwrap(),
                "larger than",
            ),
            (
                "name",
                |dir| std::fs::write(dir.join(std::ffi::OsStr::from_bytes(b"\xff.yaml")), "").unwrap(),
                "is not a file name that every system has",
            ),
            (
                "colon",
                |dir| std::fs::write(dir.join("a:b.yaml"), "").unwrap(),
                "is not a file name",
            ),
            (
                "deep",
                |dir| std::fs::create_dir_all(dir.join("a/".repeat(40))).unwrap(),
                "a directory",
            ),
        ];
        for (name, make, wanted) in cases {
            let folder = tempfile::tempdir().unwrap();
            std::fs::create_dir(folder.path().join("overlays")).unwrap();
            make(&folder.path().join("overlays"));
            let error = paths(folder.path()).expect_err(name);
            assert!(error.contains(wanted), "{name}: {error}");
        }
        let folder = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/", folder.path().join("overlays")).unwrap();
        let error = paths(folder.path()).expect_err("a link in place of the folder");
        assert!(error.contains("a symbolic link"), "{error}");
    }
}
