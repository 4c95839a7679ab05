//! Writing many small files into a directory that nobody else sees yet.

use std::collections::BTreeSet;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use rayon::prelude::*;
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;

use super::effect::effect;
use super::error::{DiskError, io_at};

/// Makes a directory that must not exist and opens it.
pub(crate) fn make_directory(path: &Path) -> Result<OwnedFd, DiskError> {
    effect().map_err(io_at("created", path))?;
    rustix::fs::mkdir(path, Mode::from_raw_mode(0o777)).map_err(io_at("created", path))?;
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    rustix::fs::open(path, flags, Mode::empty()).map_err(io_at("opened", path))
}

/// Writes files, given in path order, below an empty directory; directories first and once, then files on all cores.
///
/// Paths are resolved from the directory's descriptor, and files are created with `O_EXCL`: nothing is overwritten or
/// followed. Nothing is synced here. Modes are what the user's umask makes of 0666 and 0777.
pub(crate) fn write_files(
    root: &OwnedFd,
    root_path: &Path,
    files: &[(&str, &[u8])],
) -> Result<(), DiskError> {
    for directory in directories(files) {
        let at = || root_path.join(directory);
        effect().map_err(|cause| io_at("created", &at())(cause))?;
        rustix::fs::mkdirat(root, directory, Mode::from_raw_mode(0o777))
            .map_err(|cause| io_at("created", &at())(cause))?;
    }
    let groups: Vec<&[(&str, &[u8])]> = files.chunk_by(|a, b| parent(a.0) == parent(b.0)).collect();
    groups
        .par_iter()
        .try_for_each(|group| write_group(root, root_path, group))
}

/// The directory part of a path, empty at the top.
fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(parent, _)| parent)
}

/// Every directory above a file, each after its own parent.
fn directories<'a>(files: &[(&'a str, &[u8])]) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::new();
    for (path, _) in files {
        let mut above = parent(path);
        while !above.is_empty() && found.insert(above) {
            above = parent(above);
        }
    }
    found
}

fn write_group(root: &OwnedFd, root_path: &Path, group: &[(&str, &[u8])]) -> Result<(), DiskError> {
    let Some((first, _)) = group.first() else {
        return Ok(());
    };
    let folder = parent(first);
    let opened;
    let directory = if folder.is_empty() {
        root.as_fd()
    } else {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        opened = rustix::fs::openat(root, folder, flags, Mode::empty())
            .map_err(|cause| io_at("opened", &root_path.join(folder))(cause))?;
        opened.as_fd()
    };
    for (path, bytes) in group {
        let name = path.rsplit_once('/').map_or(*path, |(_, name)| name);
        let failed = |cause: std::io::Error| io_at("written", &root_path.join(path))(cause);
        effect().map_err(failed)?;
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = match rustix::fs::openat(directory, name, flags, Mode::from_raw_mode(0o666)) {
            Ok(file) => file,
            Err(Errno::EXIST) => {
                return Err(DiskError::Clash {
                    path: (*path).to_owned(),
                });
            }
            Err(errno) => return Err(failed(errno.into())),
        };
        write_all(&file, bytes).map_err(failed)?;
    }
    Ok(())
}

fn write_all(file: &OwnedFd, mut bytes: &[u8]) -> std::io::Result<()> {
    while !bytes.is_empty() {
        effect()?;
        match rustix::io::write(file, bytes) {
            Ok(0) => return Err(std::io::ErrorKind::WriteZero.into()),
            Ok(written) => bytes = bytes.get(written..).unwrap_or_default(),
            Err(Errno::INTR) => {}
            Err(errno) => return Err(errno.into()),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
