//! What one clone remembers between runs: small texts below its `.git`, never committed.

use std::fs;
use std::path::{Path, PathBuf};

use super::error::{DiskError, io_at};

/// Where a remembered text lies; `None` when the directory has no `.git` of its own.
fn place(repository: &Path, name: &str) -> Option<PathBuf> {
    let git = repository.join(".git");
    git.symlink_metadata()
        .ok()?
        .is_dir()
        .then(|| git.join("platform").join(name))
}

/// The text that was remembered under a name, if any.
pub fn recall(repository: &Path, name: &str) -> Option<String> {
    let text = fs::read_to_string(place(repository, name)?).ok()?;
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// Remembers a text under a name: written beside and renamed, so that it is there whole or not at all.
pub fn remember(repository: &Path, name: &str, text: &str) -> Result<(), DiskError> {
    let Some(path) = place(repository, name) else {
        return Ok(());
    };
    let folder = path.parent().unwrap_or(repository);
    fs::create_dir_all(folder).map_err(io_at("create", folder))?;
    let beside = path.with_extension(format!("tmp-{}", std::process::id()));
    fs::write(&beside, format!("{text}\n")).map_err(io_at("write", &beside))?;
    fs::rename(&beside, &path).map_err(io_at("write", &path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clone_remembers_and_another_directory_does_not() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(recall(dir.path(), "x"), None);
        remember(dir.path(), "x", "nothing to write to").unwrap();
        assert_eq!(recall(dir.path(), "x"), None, "no .git, no memory");
        fs::create_dir(dir.path().join(".git")).unwrap();
        remember(dir.path(), "x", "one").unwrap();
        remember(dir.path(), "x", "two").unwrap();
        assert_eq!(recall(dir.path(), "x").as_deref(), Some("two"));
    }
}
