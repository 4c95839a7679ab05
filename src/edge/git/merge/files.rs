//! Bringing the work tree from one tree to another: prepared beside, exchanged one by one, taken back on failure.

use std::collections::{BTreeMap, BTreeSet};
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use rustix::fs::{AtFlags, CWD, Mode, OFlags, RenameFlags};
use rustix::io::Errno;

use super::three_way::Difference;
use crate::edge::disk::{Occupied, effect, io_at, read_bounded};
use crate::edge::git::error::GitError;
use crate::edge::git::open::Checked;
use crate::edge::git::stage::Stage;
use crate::edge::git::store::{EXECUTABLE, Entry, FILE, Store};
use crate::edge::git::worktree::parent_of;

const DIRECTORY: OFlags = OFlags::PATH
    .union(OFlags::DIRECTORY)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);

/// One change of the work tree, with the bytes that it brings.
struct Step<'d> {
    path: &'d str,
    /// Whether something of the user's is at the path now and is replaced or removed.
    is_there: bool,
    new: Option<New>,
}

struct New {
    entry: Entry,
    bytes: Vec<u8>,
}

/// Changes that can be made: nothing is in the way of any.
pub(super) struct Steps<'d> {
    removals: Vec<Step<'d>>,
    writes: Vec<Step<'d>>,
}

/// Looks at every path that changes; what is in the way and would be lost is an error that names it.
pub(super) fn plan<'d>(
    checked: &Checked,
    store: &Store<'_>,
    differences: &'d [Difference],
) -> Result<Steps<'d>, GitError> {
    let leaving: BTreeSet<&str> = differences
        .iter()
        .filter(|difference| difference.before.is_some())
        .map(|difference| difference.path.as_str())
        .collect();
    let mut steps = Steps {
        removals: Vec::new(),
        writes: Vec::new(),
    };
    let mut obstacles = BTreeSet::new();
    for difference in differences {
        let path = difference.path.as_str();
        let is_there = difference.before.is_some();
        let Some(entry) = difference.after else {
            steps.removals.push(Step {
                path,
                is_there,
                new: None,
            });
            continue;
        };
        if !entry.is_file() && entry.mode != LINK {
            return Err(GitError::Unsupported {
                path: checked.path.clone(),
                reason: format!("`{path}` is another repository and would have to move"),
            });
        }
        let bytes = store.blob(entry.id)?;
        match in_the_way(&checked.path, path, &leaving)? {
            Some(above) if above == path && !is_there => {
                // A file that nobody has committed, but which is exactly the one to come, is no loss.
                let same = std::fs::symlink_metadata(checked.path.join(path))
                    .is_ok_and(|data| data.is_file())
                    && read_bounded(&checked.path.join(path), bytes.len() as u64)
                        .is_ok_and(|own| own == bytes);
                match same {
                    true => steps.writes.push(Step {
                        path,
                        is_there: true,
                        new: Some(New { entry, bytes }),
                    }),
                    false => drop(obstacles.insert(path.to_owned())),
                }
            }
            Some(above) if above != path => drop(obstacles.insert(above.to_owned())),
            _ => steps.writes.push(Step {
                path,
                is_there,
                new: Some(New { entry, bytes }),
            }),
        }
    }
    match obstacles.is_empty() {
        true => Ok(steps),
        false => Err(GitError::Obstructed {
            path: checked.path.clone(),
            files: Occupied::new(obstacles),
        }),
    }
}

/// The mode of a symbolic link.
const LINK: i32 = 0o120_000;

/// The first part of a path at which there is something that the change neither removes nor walks through.
fn in_the_way<'p>(dir: &Path, path: &'p str, leaving: &BTreeSet<&str>) -> Result<Option<&'p str>, GitError> {
    let parts = path
        .match_indices('/')
        .map(|(slash, _)| path.get(..slash).unwrap_or_default());
    for above in parts.chain([path]) {
        let place = dir.join(above);
        match std::fs::symlink_metadata(&place) {
            Ok(data) if data.is_dir() && above != path => {}
            // A directory at the place of a file: it goes if all that is in it goes.
            Ok(data) if data.is_dir() => {
                let all = files_below(&place, above)?;
                return Ok(all
                    .iter()
                    .any(|file| !leaving.contains(file.as_str()))
                    .then_some(above));
            }
            Ok(_) if leaving.contains(above) && above != path => return Ok(None),
            Ok(_) => return Ok(Some(above)),
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(cause) => return Err(io_at("read", &place)(cause).into()),
        }
    }
    Ok(None)
}

fn files_below(place: &Path, path: &str) -> Result<Vec<String>, GitError> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(place).map_err(io_at("read", place))? {
        let entry = entry.map_err(io_at("read", place))?;
        let below = format!("{path}/{}", entry.file_name().to_string_lossy());
        if entry.file_type().map_err(io_at("read", place))?.is_dir() {
            found.extend(files_below(&entry.path(), &below)?);
        } else {
            found.push(below);
        }
    }
    Ok(found)
}

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
                None => done.remove(step.path, former),
                Some(name) => done.put(step.path, name, former, step.is_there),
            });
        if let Err(errno) = made {
            done.take_back();
            let path = checked.path.join(step.path);
            return Err(match errno {
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
    fn remove(&mut self, path: &str, former: String) -> Result<(), Errno> {
        let (parent, name) = match parent_of(&self.root, path) {
            Ok(found) => found,
            Err(Errno::NOENT) => return Ok(()), // gone already
            Err(errno) => return Err(errno),
        };
        match rustix::fs::renameat(&parent, name, &self.stage.tree, former.as_str()) {
            Ok(()) => self.undo.push(Undo::Former {
                path: path.to_owned(),
                staged: former,
            }),
            Err(Errno::NOENT) => return Ok(()),
            Err(errno) => return Err(errno),
        }
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

    fn put(&mut self, path: &str, staged: &str, former: String, is_there: bool) -> Result<(), Errno> {
        self.make_directories(path)?;
        let (parent, name) = parent_of(&self.root, path)?;
        let tree = &self.stage.tree;
        if is_there {
            // The former file is kept first; then one rename replaces it.
            match rustix::fs::linkat(&parent, name, tree, former.as_str(), AtFlags::empty()) {
                Ok(()) => {}
                Err(Errno::NOENT) => return self.put(path, staged, former, false),
                Err(Errno::PERM | Errno::OPNOTSUPP | Errno::NOSYS | Errno::MLINK) => {
                    rustix::fs::renameat(&parent, name, tree, former.as_str())?;
                }
                Err(errno) => return Err(errno),
            }
            self.undo.push(Undo::Former {
                path: path.to_owned(),
                staged: former,
            });
            return rustix::fs::renameat(tree, staged, &parent, name);
        }
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
