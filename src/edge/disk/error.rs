//! What can go wrong on disk, in the words of the person who has to act.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::edge::Fault;

/// Names of files that are in the way: up to ten of them, and how many there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occupied {
    names: Vec<String>,
    total: usize,
}

impl Occupied {
    /// How many names are shown.
    const SHOWN: usize = 10;

    /// Keeps the first ten names in the given order and counts the rest.
    pub fn new(names: impl IntoIterator<Item = String>) -> Self {
        let mut shown = Vec::new();
        let mut total = 0;
        for name in names {
            total += 1;
            if shown.len() < Self::SHOWN {
                shown.push(name);
            }
        }
        Self { names: shown, total }
    }

    /// The names that are shown.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// How many there are in all.
    pub fn total(&self) -> usize {
        self.total
    }
}

impl fmt::Display for Occupied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, name) in self.names.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}`{}`", name.escape_debug())?;
        }
        match self.total - self.names.len() {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

/// Why a file or directory was not read or written.
#[derive(Debug, thiserror::Error)]
pub enum DiskError {
    /// The system refused an operation.
    #[error("`{}` cannot be {action}: {cause}", path.display())]
    Io {
        /// What was tried, as a participle: `read`, `written`, `created` …
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// The system's answer.
        #[source]
        cause: io::Error,
    },
    /// Something that is not an ordinary file stands where one is read.
    #[error("`{}` is {found}: allowed is a regular file", path.display())]
    NotAFile {
        /// The path that was named.
        path: PathBuf,
        /// What it is: `a directory`, `a named pipe` …
        found: &'static str,
    },
    /// A file is larger than its bound.
    #[error("`{}` is larger than {limit} bytes", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The bound in bytes.
        limit: u64,
    },
    /// A folder holds more files than are read.
    #[error("directory `{}` and those below it hold more than {limit} files", path.display())]
    TooMany {
        /// The directory in which the bound was met.
        path: PathBuf,
        /// The bound.
        limit: usize,
    },
    /// A file name that not every system has, or that is no UTF-8.
    #[error("`{}` is not a file name that every system has: allowed is UTF-8 without control characters and `\\:*?\"<>|`", path.display().to_string().escape_debug())]
    BadName {
        /// The file.
        path: PathBuf,
    },
    /// The output directory is something else.
    #[error("`{}` is {found}: allowed is a directory or a path that does not exist", path.display())]
    NotADirectory {
        /// The path that was named.
        path: PathBuf,
        /// What it is.
        found: &'static str,
    },
    /// The path has no last part that could be replaced, as `/`.
    #[error("`{}` cannot be replaced: it has no name inside another directory", path.display())]
    NoName {
        /// The path that was named.
        path: PathBuf,
    },
    /// The directory holds files and no render that we know.
    #[error("directory `{}` is not empty and not a former render: {reason}", path.display())]
    NotOurs {
        /// The directory.
        path: PathBuf,
        /// What was looked for and not found.
        reason: String,
    },
    /// Files in a former render were changed or added by hand.
    #[error("directory `{}` holds files that are not as they were rendered: {files}", path.display())]
    Edited {
        /// The directory.
        path: PathBuf,
        /// The files.
        files: Occupied,
    },
    /// A file appeared in the former render while it was being replaced.
    #[error("the former render is kept in `{}`: a file was added to it meanwhile", path.display())]
    OldKept {
        /// Where the former content is now.
        path: PathBuf,
    },
    /// A file was changed by somebody else between reading and writing it.
    #[error("`{}` was changed by somebody else meanwhile", path.display())]
    ChangedMeanwhile {
        /// The file.
        path: PathBuf,
    },
    /// Another run holds the lock.
    #[error("`{}` is locked by {holder}; waited {waited_seconds} s", path.display())]
    Locked {
        /// The lock file.
        path: PathBuf,
        /// Process, host and start time as the holder wrote them.
        holder: String,
        /// How long this run waited, in seconds.
        waited_seconds: u64,
    },
    /// Two paths of one tree exclude each other, as `a` and `a/b`.
    #[error("rendered file `{path}` is both a file and a directory")]
    Clash {
        /// The path that is both.
        path: String,
    },
}

impl DiskError {
    /// Whose turn it is.
    pub fn fault(&self) -> Fault {
        match self {
            Self::Io { .. } | Self::Locked { .. } | Self::OldKept { .. } | Self::ChangedMeanwhile { .. } => {
                Fault::Environment
            }
            Self::NotAFile { .. }
            | Self::TooLarge { .. }
            | Self::TooMany { .. }
            | Self::BadName { .. }
            | Self::NotADirectory { .. }
            | Self::NoName { .. }
            | Self::NotOurs { .. }
            | Self::Edited { .. } => Fault::Refused,
            Self::Clash { .. } => Fault::Bug,
        }
    }

    /// The next step, when there is one to name.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Io { cause, .. } => match cause.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                    Some("free some space and run it again")
                }
                io::ErrorKind::ReadOnlyFilesystem => Some("name a directory on a writable file system"),
                io::ErrorKind::PermissionDenied => Some("check owner and mode of the directory"),
                io::ErrorKind::ResourceBusy | io::ErrorKind::CrossesDevices => {
                    Some("name a directory below the mount point, not the mount point itself")
                }
                _ => None,
            },
            Self::NotADirectory { .. } | Self::NoName { .. } => Some("name a new or an empty directory"),
            Self::NotOurs { .. } => Some("name a new or an empty directory; nothing was touched"),
            Self::Edited { .. } => {
                Some("move these files away, or render into another directory; nothing was touched")
            }
            Self::OldKept { .. } => Some("look into it, keep what is yours and remove the rest"),
            Self::Locked { .. } => Some("wait for the other run to end"),
            Self::ChangedMeanwhile { .. } => Some("nothing was touched; run it again"),
            Self::BadName { .. } => Some("rename it"),
            Self::TooLarge { .. } | Self::TooMany { .. } | Self::NotAFile { .. } | Self::Clash { .. } => None,
        }
    }
}

/// Turns the system's answer into an error that names path and action.
pub(crate) fn io_at<E: Into<io::Error>>(action: &'static str, path: &Path) -> impl FnOnce(E) -> DiskError {
    move |cause| DiskError::Io {
        action,
        path: path.to_owned(),
        cause: cause.into(),
    }
}
