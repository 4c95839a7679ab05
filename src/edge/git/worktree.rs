//! Files of a render in the work tree: what is there, what is missing, and moving it in.

use std::collections::BTreeMap;
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use rustix::fs::{CWD, Mode, OFlags, RenameFlags};
use rustix::io::Errno;

use super::error::GitError;
use super::stage::Stage;
use crate::edge::disk::{DiskError, Occupied, effect, io_at, read_bounded, write_files};

/// A file that shall be in the work tree.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub(super) path: &'a str,
    pub(super) bytes: &'a [u8],
    /// Written only if the user has no such file; theirs is never compared or touched.
    pub(super) seeded: bool,
}

/// What has to happen in the work tree.
#[derive(Debug, Default)]
pub(super) struct Plan<'a> {
    /// Files that are missing.
    pub(super) missing: Vec<(&'a str, &'a [u8])>,
    /// The topmost missing paths: each is moved in by one rename, a directory with all that is in it.
    pub(super) moves: Vec<&'a str>,
    /// Seeded files for which the user has own content: path and that content.
    pub(super) kept: Vec<(&'a str, Vec<u8>)>,
}

/// The largest file of the user's that is taken over in place of a seeded one.
const KEPT_BYTES: u64 = 16 << 20;

/// Compares the work tree with what is wanted; anything in the way is an error that names it. Nothing is changed.
pub(super) fn plan<'a>(dir: &Path, wanted: &[Wanted<'a>]) -> Result<Plan<'a>, GitError> {
    let mut plan = Plan::default();
    let (mut differ, mut obstructed) = (Vec::new(), Vec::new());
    let mut known = BTreeMap::new();
    for file in wanted {
        let place = dir.join(file.path);
        let mode = match lookup(dir, file.path, &mut known)? {
            Found::File(mode) => mode,
            Found::Nothing(top) => {
                plan.missing.push((file.path, file.bytes));
                if plan.moves.last() != Some(&top) {
                    plan.moves.push(top);
                }
                continue;
            }
            Found::Obstacle(what) => {
                obstructed.push(what.to_owned());
                continue;
            }
        };
        let limit = if file.seeded {
            KEPT_BYTES
        } else {
            file.bytes.len() as u64
        };
        let present = match read_bounded(&place, limit) {
            Ok(bytes) => Some(bytes).filter(|_| mode & 0o111 == 0),
            Err(DiskError::TooLarge { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        match present {
            Some(bytes) if bytes == file.bytes => {}
            Some(bytes) if file.seeded => plan.kept.push((file.path, bytes)),
            _ => differ.push(file.path.to_owned()),
        }
    }
    // Two files below one missing directory need not be neighbours in path order.
    plan.moves.sort_unstable();
    plan.moves.dedup();
    obstructed.dedup();
    if !obstructed.is_empty() {
        return Err(GitError::Obstructed {
            path: dir.to_owned(),
            files: Occupied::new(obstructed),
        });
    }
    match differ.is_empty() {
        true => Ok(plan),
        false => Err(GitError::Differ {
            path: dir.to_owned(),
            files: Occupied::new(differ),
        }),
    }
}

enum Found<'a> {
    /// A regular file with its mode.
    File(u32),
    /// Nothing, from this part of the path on.
    Nothing(&'a str),
    /// Something else at this part of the path.
    Obstacle(&'a str),
}

/// Looks at every directory above a path once, then at the path; symbolic links are obstacles at any of them.
fn lookup<'a>(dir: &Path, path: &'a str, known: &mut BTreeMap<&'a str, bool>) -> Result<Found<'a>, GitError> {
    for (slash, _) in path.match_indices('/') {
        let above = path.get(..slash).unwrap_or_default();
        match known.get(above) {
            Some(true) => continue,
            Some(false) => return Ok(Found::Nothing(above)),
            None => {}
        }
        match kind_of(&dir.join(above))? {
            Some(metadata) if metadata.is_dir() => known.insert(above, true),
            Some(_) => return Ok(Found::Obstacle(above)),
            None => {
                known.insert(above, false);
                return Ok(Found::Nothing(above));
            }
        };
    }
    Ok(match kind_of(&dir.join(path))? {
        Some(metadata) if metadata.is_file() => Found::File(metadata.permissions().mode()),
        Some(_) => Found::Obstacle(path),
        None => Found::Nothing(path),
    })
}

fn kind_of(path: &Path) -> Result<Option<std::fs::Metadata>, GitError> {
    match std::fs::symlink_metadata(path) {
        Ok(metadata) => Ok(Some(metadata)),
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(io_at("read", path)(cause).into()),
    }
}

/// Writes the missing files into the staging directory.
pub(super) fn prepare(stage: &Stage, plan: &Plan<'_>) -> Result<(), GitError> {
    Ok(write_files(&stage.tree, &stage.tree_path, &plan.missing)?)
}

/// The moves that were made, for taking them back.
pub(super) struct Moved<'a> {
    root: OwnedFd,
    done: Vec<&'a str>,
}

/// Moves the prepared files to their places; what came there meanwhile is never replaced.
pub(super) fn move_in<'a>(dir: &Path, stage: &Stage, moves: &[&'a str]) -> Result<Moved<'a>, GitError> {
    let root = rustix::fs::openat(CWD, dir, DIRECTORY, Mode::empty()).map_err(io_at("opened", dir))?;
    let mut moved = Moved {
        root,
        done: Vec::new(),
    };
    for path in moves {
        if let Err(error) = move_one(dir, &moved.root, stage, path) {
            moved.take_back(stage);
            return Err(error);
        }
        moved.done.push(path);
    }
    Ok(moved)
}

impl Moved<'_> {
    /// Moves everything back into the staging directory, the last first, as far as it can be done.
    pub(super) fn take_back(&self, stage: &Stage) {
        for path in self.done.iter().rev() {
            if let Ok((parent, name)) = parent_of(&self.root, path) {
                let _ = rustix::fs::renameat(&parent, name, &stage.tree, *path);
            }
        }
    }
}

const DIRECTORY: OFlags = OFlags::PATH
    .union(OFlags::DIRECTORY)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);

fn move_one(dir: &Path, root: &OwnedFd, stage: &Stage, path: &str) -> Result<(), GitError> {
    let failed = |errno: Errno| -> GitError {
        let files = Occupied::new([path.to_owned()]);
        match errno {
            Errno::EXIST | Errno::NOTEMPTY | Errno::LOOP | Errno::NOTDIR => GitError::Obstructed {
                path: dir.to_owned(),
                files,
            },
            errno => io_at("written", &dir.join(path))(errno).into(),
        }
    };
    effect().map_err(io_at("written", &dir.join(path)))?;
    let (parent, name) = parent_of(root, path).map_err(failed)?;
    match rustix::fs::renameat_with(&stage.tree, path, &parent, name, RenameFlags::NOREPLACE) {
        // A file system without that flag: a directory only ever replaces an empty one, a file is linked.
        Err(Errno::INVAL | Errno::NOSYS) => {
            let flags = rustix::fs::AtFlags::empty();
            match rustix::fs::linkat(&stage.tree, path, &parent, name, flags) {
                Err(Errno::PERM) => rustix::fs::renameat(&stage.tree, path, &parent, name).map_err(failed),
                other => other.map_err(failed),
            }
        }
        other => other.map_err(failed),
    }
}

/// Opens the directory of a path part by part, following no symbolic link.
pub(super) fn parent_of<'p>(root: &OwnedFd, path: &'p str) -> Result<(OwnedFd, &'p str), Errno> {
    let mut here = rustix::io::fcntl_dupfd_cloexec(root, 0)?;
    let mut rest = path;
    while let Some((first, below)) = rest.split_once('/') {
        here = rustix::fs::openat(&here, first, DIRECTORY, Mode::empty())?;
        rest = below;
    }
    Ok((here, rest))
}
