//! Exchanging files of the work tree one by one; everything is taken back on failure.

use std::collections::BTreeMap;
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt;

use rustix::fs::{AtFlags, CWD, Mode, OFlags, RenameFlags};
use rustix::io::Errno;

use super::files::{New, Seen, Step, Steps};
use crate::edge::disk::{Occupied, effect, io_at};
use crate::edge::git::error::GitError;
use crate::edge::git::open::Checked;
use crate::edge::git::stage::Stage;
use crate::edge::git::store::{EXECUTABLE, FILE, LINK};
use crate::edge::git::worktree::parent_of;

const DIRECTORY: OFlags = OFlags::PATH
    .union(OFlags::DIRECTORY)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);

/// What has been done, for taking it back.
pub(super) struct Done<'s> {
    root: OwnedFd,
    stage: &'s Stage,
    undo: Vec<Undo>,
}

enum Undo {
    /// The former file waits in the staging directory under this name.
    Former { path: String, staged: String },
    /// There was nothing before.
    Nothing { path: String, staged: String },
    /// This directory was made.
    Directory(String),
}

/// Makes all changes; on failure everything is as it was.
pub(super) fn perform<'s>(
    checked: &Checked,
    stage: &'s Stage,
    steps: &Steps<'_>,
) -> Result<Done<'s>, GitError> {
    let mut staged = BTreeMap::new();
    for (number, step) in steps.writes.iter().enumerate() {
        let Some(new) = &step.new else { continue };
        let name = format!("new-{number}");
        write_staged(stage, &name, new).map_err(io_at("written", &stage.tree_path.join(&name)))?;
        staged.insert(step.path, name);
    }
    let root = rustix::fs::openat(CWD, &checked.path, DIRECTORY, Mode::empty())
        .map_err(io_at("opened", &checked.path))?;
    let mut done = Done {
        root,
        stage,
        undo: Vec::new(),
    };
    let all = steps.removals.iter().chain(&steps.writes);
    for (number, step) in all.enumerate() {
        let former = format!("old-{number}");
        let made = effect()
            .map_err(Errno::from_io_error_or)
            .and_then(|()| match staged.get(step.path) {
                None => done.remove(step, former),
                Some(name) => done.put(step, name, former),
            });
        if let Err(errno) = made {
            done.take_back();
            let path = checked.path.join(step.path);
            return Err(match errno {
                CHANGED => GitError::Dirty {
                    path: checked.path.clone(),
                    files: Occupied::new([step.path.to_owned()]),
                },
                Errno::EXIST | Errno::NOTEMPTY | Errno::LOOP | Errno::NOTDIR | Errno::ISDIR => {
                    GitError::Obstructed {
                        path: checked.path.clone(),
                        files: Occupied::new([step.path.to_owned()]),
                    }
                }
                errno => io_at("written", &path)(errno).into(),
            });
        }
    }
    Ok(done)
}

/// Our own word for a file that changed between looking and writing; no call that is made here gives it.
const CHANGED: Errno = Errno::STALE;

trait FromIo {
    fn from_io_error_or(error: std::io::Error) -> Self;
}

impl FromIo for Errno {
    fn from_io_error_or(error: std::io::Error) -> Self {
        Errno::from_io_error(&error).unwrap_or(Errno::IO)
    }
}

fn write_staged(stage: &Stage, name: &str, new: &New) -> std::io::Result<()> {
    let path = stage.tree_path.join(name);
    effect()?;
    if new.entry.mode == LINK {
        use std::os::unix::ffi::OsStrExt;
        return std::os::unix::fs::symlink(std::ffi::OsStr::from_bytes(&new.bytes), path);
    }
    std::fs::write(&path, &new.bytes)?;
    if new.entry.mode == EXECUTABLE {
        let mode = std::fs::metadata(&path)?.permissions().mode();
        // Whoever may read may run it, as Git has it.
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode | (mode & 0o444) >> 2))?;
    } else {
        debug_assert_eq!(new.entry.mode, FILE, "a file is regular or executable");
    }
    Ok(())
}

impl Done<'_> {
    fn remove(&mut self, step: &Step<'_>, former: String) -> Result<(), Errno> {
        let path = step.path;
        let (parent, name) = match parent_of(&self.root, path) {
            Ok(found) => found,
            Err(Errno::NOENT) => return Ok(()), // gone already
            Err(errno) => return Err(errno),
        };
        match rustix::fs::renameat(&parent, name, &self.stage.tree, former.as_str()) {
            Ok(()) => self.undo.push(Undo::Former {
                path: path.to_owned(),
                staged: former.clone(),
            }),
            Err(Errno::NOENT) => return Ok(()),
            Err(errno) => return Err(errno),
        }
        self.require_same(step, &former)?;
        let mut above = path;
        while let Some((up, _)) = above.rsplit_once('/') {
            // Only an empty directory goes; Git does not know empty ones.
            let (parent, name) = parent_of(&self.root, up)?;
            if rustix::fs::unlinkat(&parent, name, AtFlags::REMOVEDIR).is_err() {
                break;
            }
            above = up;
        }
        Ok(())
    }

    /// That nobody has written a file since it was looked at.
    fn require_same(&self, step: &Step<'_>, former: &str) -> Result<(), Errno> {
        let data = rustix::fs::statat(&self.stage.tree, former, AtFlags::SYMLINK_NOFOLLOW)?;
        let now = Seen(
            data.st_ino,
            data.st_size.try_into().unwrap_or(0),
            data.st_mtime,
            data.st_mtime_nsec.try_into().unwrap_or(0),
        );
        match step.former == Some(now) {
            true => Ok(()),
            false => Err(CHANGED),
        }
    }

    fn put(&mut self, step: &Step<'_>, staged: &str, former: String) -> Result<(), Errno> {
        let path = step.path;
        self.make_directories(path)?;
        let (parent, name) = parent_of(&self.root, path)?;
        let tree = &self.stage.tree;
        if step.former.is_some() {
            // The former file is kept first; then one rename replaces it.
            match rustix::fs::linkat(&parent, name, tree, former.as_str(), AtFlags::empty()) {
                Ok(()) => {}
                Err(Errno::NOENT) => return self.put_new(step.path, staged),
                Err(Errno::PERM | Errno::OPNOTSUPP | Errno::NOSYS | Errno::MLINK) => {
                    rustix::fs::renameat(&parent, name, tree, former.as_str())?;
                }
                Err(errno) => return Err(errno),
            }
            self.undo.push(Undo::Former {
                path: path.to_owned(),
                staged: former.clone(),
            });
            self.require_same(step, &former)?;
            return rustix::fs::renameat(tree, staged, &parent, name);
        }
        self.put_new(path, staged)
    }

    /// Puts a file where nothing is; what came there meanwhile is never replaced.
    fn put_new(&mut self, path: &str, staged: &str) -> Result<(), Errno> {
        let (parent, name) = parent_of(&self.root, path)?;
        let tree = &self.stage.tree;
        match rustix::fs::renameat_with(tree, staged, &parent, name, RenameFlags::NOREPLACE) {
            Err(Errno::INVAL | Errno::NOSYS) => rustix::fs::renameat(tree, staged, &parent, name)?,
            other => other?,
        }
        self.undo.push(Undo::Nothing {
            path: path.to_owned(),
            staged: staged.to_owned(),
        });
        Ok(())
    }

    fn make_directories(&mut self, path: &str) -> Result<(), Errno> {
        for (slash, _) in path.match_indices('/') {
            let above = path.get(..slash).unwrap_or_default();
            let (parent, name) = parent_of(&self.root, above)?;
            match rustix::fs::mkdirat(&parent, name, Mode::from_raw_mode(0o777)) {
                Ok(()) => self.undo.push(Undo::Directory(above.to_owned())),
                Err(Errno::EXIST) => {}
                Err(errno) => return Err(errno),
            }
        }
        Ok(())
    }

    /// Puts everything back, the last first, as far as it can be done.
    pub(super) fn take_back(&mut self) {
        for undo in std::mem::take(&mut self.undo).into_iter().rev() {
            let _ = match &undo {
                Undo::Former { path, staged } => self
                    .make_directories(path)
                    .and_then(|()| parent_of(&self.root, path))
                    .and_then(|(parent, name)| {
                        rustix::fs::renameat(&self.stage.tree, staged.as_str(), &parent, name)
                    }),
                Undo::Nothing { path, staged } => parent_of(&self.root, path).and_then(|(parent, name)| {
                    rustix::fs::renameat(&parent, name, &self.stage.tree, staged.as_str())
                }),
                Undo::Directory(path) => parent_of(&self.root, path)
                    .and_then(|(parent, name)| rustix::fs::unlinkat(&parent, name, AtFlags::REMOVEDIR)),
            };
        }
        self.undo.clear();
    }
}
