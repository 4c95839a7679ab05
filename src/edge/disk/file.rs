//! One file, replaced all or nothing.

use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use super::effect::effect;
use super::error::{DiskError, io_at};
use super::hidden::leftover_name;
use super::read::read_bounded;

/// How the new content is named until it takes its place.
const PREFIX: &str = ".platform-file-";

/// Replaces the content of a file that exists and still holds `former`; its mode stays, and a symbolic link to it too.
///
/// The new content is synced before one rename puts it in place: after a crash the file is old or new.
pub fn replace_file(path: &Path, former: &[u8], bytes: &[u8]) -> Result<(), DiskError> {
    let real = path.canonicalize().map_err(io_at("opened", path))?;
    let parent = real.parent().ok_or(DiskError::NoName { path: real.clone() })?;
    let mode = std::fs::metadata(&real)
        .map_err(io_at("read", path))?
        .permissions()
        .mode()
        & 0o7777;
    let staged = parent.join(leftover_name(PREFIX));
    let replaced = stage(&staged, mode, bytes).and_then(|()| {
        // As late as can be: what somebody else wrote since it was read is not overwritten.
        if read_bounded(&real, former.len() as u64 + 1).ok().as_deref() != Some(former) {
            return Err(DiskError::ChangedMeanwhile {
                path: path.to_owned(),
            });
        }
        effect().map_err(io_at("replaced", path))?;
        std::fs::rename(&staged, &real).map_err(io_at("replaced", path))
    });
    if replaced.is_err() {
        // The error that is reported says more than one about the leftover would.
        let _ = std::fs::remove_file(&staged);
    }
    replaced?;
    effect().map_err(io_at("synced", parent))?;
    std::fs::File::open(parent)
        .and_then(|directory| directory.sync_all())
        .map_err(io_at("synced", parent))
}

fn stage(staged: &Path, mode: u32, bytes: &[u8]) -> Result<(), DiskError> {
    match std::fs::remove_file(staged) {
        // Of a dead process that had our id.
        Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => {
            return Err(io_at("removed", staged)(cause));
        }
        _ => {}
    }
    effect().map_err(io_at("created", staged))?;
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(staged)
        .map_err(io_at("created", staged))?;
    effect().map_err(io_at("written", staged))?;
    file.write_all(bytes).map_err(io_at("written", staged))?;
    file.set_permissions(std::fs::Permissions::from_mode(mode))
        .map_err(io_at("written", staged))?;
    effect().map_err(io_at("synced", staged))?;
    file.sync_all().map_err(io_at("synced", staged))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_changes_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("a.yaml"), folder.path().join("link.yaml"));
        std::fs::write(&file, "old").unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink("a.yaml", &link).unwrap();
        replace_file(&link, b"old", b"new").unwrap();
        assert_eq!(std::fs::read(&file).unwrap(), b"new", "the target of the link");
        assert!(
            link.symlink_metadata().unwrap().is_symlink(),
            "the link stays a link"
        );
        let mode = file.metadata().unwrap().permissions().mode() & 0o7777;
        assert_eq!(mode, 0o640, "the mode stays");
        let error = replace_file(&file, b"old", b"newer").unwrap_err();
        assert!(matches!(error, DiskError::ChangedMeanwhile { .. }), "{error}");
        assert_eq!(
            std::fs::read(&file).unwrap(),
            b"new",
            "somebody else's content stays"
        );
        let names = std::fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(names, 2, "nothing is left over");
    }
}
