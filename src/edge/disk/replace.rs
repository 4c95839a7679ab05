//! Replacing a whole directory by one rename.
//!
//! ```text
//! check DIR ──► write .DIR.platform-tmp-<pid> ──► sync, if it replaces ──► exchange names ──► remove what was there
//! ```

use std::ffi::OsStr;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::{CWD, Mode, OFlags, RenameFlags};
use rustix::io::Errno;

use super::effect::effect;
use super::error::{DiskError, io_at};
use super::former::{self, Former};
use super::hidden::{is_dead_leftover, leftover_name};
use super::lock::RunLock;
use super::read::kind_name;
use super::remove::remove_listed;
use super::write::{make_directory, write_files};
use crate::tree::Tree;

/// Puts a tree at `out`: all of it, or nothing.
///
/// `out` must not exist, be empty, or be a former render in which no file was changed or added (see
/// `.platform/lock.yaml`); its parent must exist. A symbolic link at `out` itself is refused, links above it are
/// followed. A second run on the same `out` waits up to `wait`.
///
/// Where a former render is replaced, the new content is synced as a whole before the swap, with one `syncfs` and no
/// `fsync` per file: after a power loss `out` is old or new. Where there was nothing, there is nothing to lose, and the
/// content is left to the kernel. What a killed run leaves lies beside `out` as `.<name>.platform-tmp-<pid>`, and the next run
/// removes it.
pub fn replace_directory(out: &Path, tree: &Tree, wait: Duration) -> Result<(), DiskError> {
    let place = Place::of(out)?;
    let _lock = RunLock::take(&place.beside(".platform-lock"), wait)?;
    place.clean()?;
    let former = place.look()?;
    let staged = place.parent.join(leftover_name(&place.prefix("tmp")));
    let written = stage(&staged, tree, former.is_some()).and_then(|()| place.swap(&staged, former.as_ref()));
    if let Err(error) = written {
        // The first error is the one to report; what cannot be removed now is removed by the next run.
        let _ = std::fs::remove_dir_all(&staged);
        return Err(error);
    }
    match &former {
        Some(former) => remove_listed(&staged, former),
        None => Ok(()),
    }
}

fn stage(staged: &Path, tree: &Tree, replaces: bool) -> Result<(), DiskError> {
    let root = make_directory(staged)?;
    let files: Vec<(&str, &[u8])> = tree
        .iter()
        .map(|(path, file)| (path.as_str(), &file.bytes[..]))
        .collect();
    write_files(&root, staged, &files)?;
    if !replaces {
        return Ok(());
    }
    effect().map_err(io_at("synced", staged))?;
    rustix::fs::syncfs(&root).map_err(io_at("synced", staged))
}

/// The directory above the output, and the output's name in it.
struct Place {
    out: PathBuf,
    parent: PathBuf,
    parent_descriptor: OwnedFd,
    name: String,
}

impl Place {
    fn of(out: &Path) -> Result<Self, DiskError> {
        let whole;
        let named = match out.file_name() {
            Some(_) => out,
            None => {
                // `.` and `x/..` have a name once they are resolved.
                whole = std::fs::canonicalize(out).map_err(io_at("read", out))?;
                &whole
            }
        };
        let name = named.file_name().and_then(OsStr::to_str);
        let name = name.ok_or_else(|| DiskError::NoName { path: out.to_owned() })?;
        let parent = match named.parent() {
            Some(parent) if parent != Path::new("") => parent,
            _ => Path::new("."),
        };
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let parent_descriptor =
            rustix::fs::open(parent, flags, Mode::empty()).map_err(io_at("opened", parent))?;
        Ok(Self {
            // As the user wrote it, without a `./` in front.
            out: named.to_owned(),
            parent: parent.to_owned(),
            parent_descriptor,
            name: name.to_owned(),
        })
    }

    /// A path beside the output whose name starts with a dot and the output's name.
    fn beside(&self, suffix: &str) -> PathBuf {
        self.parent.join(format!(".{}{suffix}", self.name))
    }

    fn prefix(&self, kind: &str) -> String {
        format!(".{}.platform-{kind}-", self.name)
    }

    /// Removes what killed runs left, and puts back a directory that one had moved away.
    fn clean(&self) -> Result<(), DiskError> {
        let (temporary, moved) = (self.prefix("tmp"), self.prefix("old"));
        for entry in std::fs::read_dir(&self.parent).map_err(io_at("read", &self.parent))? {
            let entry = entry.map_err(io_at("read", &self.parent))?;
            let name = entry.file_name();
            let Some(name) = name.to_str() else { continue };
            let path = entry.path();
            if is_dead_leftover(name, &moved) && std::fs::symlink_metadata(&self.out).is_err() {
                std::fs::rename(&path, &self.out).map_err(io_at("put back", &path))?;
            } else if is_dead_leftover(name, &temporary) || is_dead_leftover(name, &moved) {
                effect().map_err(io_at("removed", &path))?;
                std::fs::remove_dir_all(&path).map_err(io_at("removed", &path))?;
            }
        }
        Ok(())
    }

    /// What stands at the output now; `None` when nothing does.
    fn look(&self) -> Result<Option<Former>, DiskError> {
        match std::fs::symlink_metadata(&self.out) {
            Ok(metadata) if metadata.is_dir() => former::inspect(&self.out).map(Some),
            Ok(metadata) => {
                let found = kind_name(metadata.file_type());
                Err(DiskError::NotADirectory {
                    path: self.out.clone(),
                    found,
                })
            }
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(cause) => Err(io_at("read", &self.out)(cause)),
        }
    }

    /// Gives the output's name to the staged directory; the former content then stands where the staged one was.
    fn swap(&self, staged: &Path, former: Option<&Former>) -> Result<(), DiskError> {
        let failed = |cause: std::io::Error| io_at("replaced", &self.out)(cause);
        effect().map_err(failed)?;
        let flags = match former {
            Some(_) => RenameFlags::EXCHANGE,
            None => RenameFlags::NOREPLACE,
        };
        match rustix::fs::renameat_with(CWD, staged, CWD, &self.out, flags) {
            Ok(()) => {}
            Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => self.swap_in_two_steps(staged, former)?,
            Err(errno) => return Err(failed(errno.into())),
        }
        match former {
            Some(_) => rustix::fs::fsync(&self.parent_descriptor).map_err(io_at("synced", &self.parent)),
            None => Ok(()),
        }
    }

    /// For file systems without an atomic exchange: the former directory is away for a moment, and `clean` puts it back.
    fn swap_in_two_steps(&self, staged: &Path, former: Option<&Former>) -> Result<(), DiskError> {
        let failed = |cause: std::io::Error| io_at("replaced", &self.out)(cause);
        if former.is_none() {
            return std::fs::rename(staged, &self.out).map_err(failed);
        }
        let moved = self.parent.join(leftover_name(&self.prefix("old")));
        std::fs::rename(&self.out, &moved).map_err(failed)?;
        let renamed = effect().and_then(|()| std::fs::rename(staged, &self.out));
        if let Err(cause) = renamed {
            let _ = std::fs::rename(&moved, &self.out);
            return Err(failed(cause));
        }
        std::fs::rename(&moved, staged).map_err(failed)
    }
}

#[cfg(test)]
#[path = "replace_tests.rs"]
mod tests;
