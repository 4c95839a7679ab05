//! Removing exactly what was looked at, and nothing that came later.

use std::io::ErrorKind;
use std::path::Path;

use super::effect::effect;
use super::error::{DiskError, io_at};
use super::former::Former;

/// Removes the listed files and directories below `root`, then `root` itself.
///
/// A file that was added since the list was made keeps its directory from being removed: the answer is then
/// [`DiskError::OldKept`], and the file is safe.
pub(super) fn remove_listed(root: &Path, former: &Former) -> Result<(), DiskError> {
    for file in &former.files {
        let path = root.join(file);
        effect().map_err(io_at("removed", &path))?;
        match std::fs::remove_file(&path) {
            Err(cause) if cause.kind() != ErrorKind::NotFound => return Err(io_at("removed", &path)(cause)),
            _ => {}
        }
    }
    let below = former
        .directories
        .iter()
        .rev()
        .map(|directory| root.join(directory));
    for path in below.chain([root.to_owned()]) {
        effect().map_err(io_at("removed", &path))?;
        match std::fs::remove_dir(&path) {
            Ok(()) => {}
            Err(cause) if cause.kind() == ErrorKind::NotFound => {}
            Err(cause) if cause.kind() == ErrorKind::DirectoryNotEmpty => {
                return Err(DiskError::OldKept {
                    path: root.to_owned(),
                });
            }
            Err(cause) => return Err(io_at("removed", &path)(cause)),
        }
    }
    Ok(())
}
