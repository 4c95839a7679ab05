//! Why a repository is refused or could not be written.

use std::path::PathBuf;

use crate::edge::Fault;
use crate::edge::disk::{DiskError, Occupied};

/// Why a repository is refused or could not be written.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// A file or directory could not be read or written.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// The path is not a directory.
    #[error("`{}` is {found}: allowed is a directory or a path that does not exist", path.display())]
    NotADirectory {
        /// The path that was named.
        path: PathBuf,
        /// What it is.
        found: &'static str,
    },
    /// The repository has no work tree, or one that is elsewhere.
    #[error("repository `{}` has no work tree in this directory", path.display())]
    NoWorkTree {
        /// The path that was named.
        path: PathBuf,
    },
    /// HEAD names a commit, not a branch.
    #[error("repository `{}` has no branch checked out: HEAD is detached", path.display())]
    Detached {
        /// The work tree.
        path: PathBuf,
    },
    /// Something was begun and not ended.
    #[error("repository `{}` is in the middle of {operation}", path.display())]
    InProgress {
        /// The work tree.
        path: PathBuf,
        /// What: `a merge`, `a rebase` …
        operation: &'static str,
    },
    /// The index has unresolved conflicts.
    #[error("repository `{}` has unresolved conflicts: {files}", path.display())]
    Conflicted {
        /// The work tree.
        path: PathBuf,
        /// The files.
        files: Occupied,
    },
    /// There are changes that are not committed.
    #[error("work tree `{}` is not clean: {files}", path.display())]
    Dirty {
        /// The work tree.
        path: PathBuf,
        /// The files.
        files: Occupied,
    },
    /// Another user owns the repository.
    #[error("repository `{}` is owned by another user", path.display())]
    ForeignOwner {
        /// The work tree.
        path: PathBuf,
    },
    /// The directory cannot be written.
    #[error("directory `{}` is not writable: {cause}", path.display())]
    NotWritable {
        /// The directory.
        path: PathBuf,
        /// The system's answer.
        #[source]
        cause: std::io::Error,
    },
    /// The repository uses something that we cannot handle.
    #[error("repository `{}` cannot be used: {reason}", path.display())]
    Unsupported {
        /// The work tree.
        path: PathBuf,
        /// What it is.
        reason: String,
    },
    /// A lock of Git exists.
    #[error("`{}` exists: another Git process is running, or one was killed here", path.display())]
    GitLock {
        /// The lock.
        path: PathBuf,
    },
    /// The branch's name is not one.
    #[error("`{}` is not a branch name", .0.escape_debug())]
    BranchName(String),
    /// The branch of renders is checked out.
    #[error("branch `platform/rendered` is checked out: it is written by renders only")]
    RenderedCheckedOut,
    /// A branch `platform` leaves no room for `platform/rendered`.
    #[error("branch `platform` exists: Git allows no `platform/rendered` beside it")]
    NoRoomForRendered,
    /// Rendered files exist with other content.
    #[error("rendered files exist in `{}` with other content: {files}", path.display())]
    Differ {
        /// The work tree.
        path: PathBuf,
        /// The files.
        files: Occupied,
    },
    /// Something that is not a regular file or directory is in the way.
    #[error("rendered files cannot be written in `{}`; in the way: {files}", path.display())]
    Obstructed {
        /// The work tree.
        path: PathBuf,
        /// What is in the way.
        files: Occupied,
    },
    /// There is an older render; merging is the business of regenerate.
    #[error("branch `platform/rendered` has another render: tree `{former}`, the new one is `{new}`")]
    NeedsRegenerate {
        /// The tree of the last render, in hexadecimal.
        former: String,
        /// The tree of this render, in hexadecimal.
        new: String,
    },
    /// There is no repository.
    #[error("`{}` is no Git repository", path.display())]
    NoRepository {
        /// The directory.
        path: PathBuf,
    },
    /// The branch has no render.
    #[error("the checked-out branch of `{}` has no render: `.platform/lock.yaml` is not committed on it", path.display())]
    NoRender {
        /// The work tree.
        path: PathBuf,
    },
    /// The lock cannot be used.
    #[error("repository `{}`: {reason}", path.display())]
    Lock {
        /// The work tree.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// No render has the lock of the branch.
    #[error("repository `{}`: no render has the committed `.platform/lock.yaml`, and it cannot be rendered again from its sources", path.display())]
    NoBase {
        /// The work tree.
        path: PathBuf,
    },
    /// No commit of this clone has the spec that was rendered last.
    #[error("repository `{}`: no commit of this clone has the spec of the last render", path.display())]
    NoSources {
        /// The work tree.
        path: PathBuf,
    },
    /// `platform/rendered` is something else.
    #[error("branch `platform/rendered` of `{}` was not made by platform: {commit} is no render", path.display())]
    UnrelatedRendered {
        /// The work tree.
        path: PathBuf,
        /// Its tip.
        commit: String,
    },
    /// Not all files are checked out.
    #[error("repository `{}` is a sparse checkout", path.display())]
    Sparse {
        /// The work tree.
        path: PathBuf,
    },
    /// Two names differ by case only, where that is no difference.
    #[error("rendered files of `{}` differ from others by upper and lower case only: {files}", path.display())]
    CaseClash {
        /// The work tree.
        path: PathBuf,
        /// The files.
        files: Occupied,
    },
    /// The branch has no commit.
    #[error("branch `{branch}` of `{}` has no commit yet", path.display())]
    Unborn {
        /// The work tree.
        path: PathBuf,
        /// The branch, as `main`.
        branch: String,
    },
    /// A run was killed on another branch.
    #[error("a regenerate of branch `{branch}` of `{}` was killed, and another branch is checked out", path.display())]
    Killed {
        /// The work tree.
        path: PathBuf,
        /// The branch, as `main`.
        branch: String,
    },
    /// What is known of an unfinished merge cannot be read.
    #[error("`{}` cannot be read: {reason}", path.display())]
    Journal {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A merge waits for a person.
    #[error("a regenerate of `{}` waits for its conflicts to be resolved", path.display())]
    Unfinished {
        /// The work tree.
        path: PathBuf,
    },
    /// No merge waits for a person.
    #[error("no regenerate of `{}` waits for anything", path.display())]
    NothingUnfinished {
        /// The work tree.
        path: PathBuf,
    },
    /// Conflicts are not resolved.
    #[error("files of `{}` still have conflict markers: {files}", path.display())]
    Unresolved {
        /// The work tree.
        path: PathBuf,
        /// The files.
        files: Occupied,
    },
    /// Conflicts without markers are not decided.
    #[error("files of `{}` still wait for a decision: {files}", path.display())]
    Undecided {
        /// The work tree.
        path: PathBuf,
        /// The files.
        files: Occupied,
    },
    /// Somebody moved a branch while we worked.
    #[error("`{reference}` was moved by another process")]
    Moved {
        /// The reference.
        reference: String,
    },
    /// The packed content is beyond what one pack index addresses.
    #[error("the render is too large for one pack: allowed are 2 GiB")]
    TooLarge,
    /// libgit2 could not do something.
    #[error("repository `{}`: {action} failed: {}", path.display(), cause.message())]
    Git {
        /// The work tree.
        path: PathBuf,
        /// What was tried.
        action: &'static str,
        /// libgit2's answer.
        #[source]
        cause: git2::Error,
    },
    /// A name that is not UTF-8 would have to move with its team.
    #[error("`{}` would have to move, and its name is not UTF-8", .0.escape_debug())]
    NotText(String),
    /// Two of our own parts disagree.
    #[error("internal: {0}")]
    Inconsistent(String),
}

impl GitError {
    /// Whose turn it is.
    pub fn fault(&self) -> Fault {
        match self {
            Self::Disk(error) => error.fault(),
            Self::NotWritable { .. } | Self::Git { .. } | Self::GitLock { .. } | Self::Moved { .. } => {
                Fault::Environment
            }
            Self::Inconsistent(_) => Fault::Bug,
            Self::NotADirectory { .. }
            | Self::NoWorkTree { .. }
            | Self::Detached { .. }
            | Self::InProgress { .. }
            | Self::Conflicted { .. }
            | Self::Dirty { .. }
            | Self::ForeignOwner { .. }
            | Self::Unsupported { .. }
            | Self::BranchName(_)
            | Self::RenderedCheckedOut
            | Self::NoRoomForRendered
            | Self::Differ { .. }
            | Self::Obstructed { .. }
            | Self::NeedsRegenerate { .. }
            | Self::NoRepository { .. }
            | Self::NoRender { .. }
            | Self::Lock { .. }
            | Self::NoBase { .. }
            | Self::NoSources { .. }
            | Self::UnrelatedRendered { .. }
            | Self::Sparse { .. }
            | Self::CaseClash { .. }
            | Self::Unborn { .. }
            | Self::Killed { .. }
            | Self::Journal { .. }
            | Self::Unfinished { .. }
            | Self::NothingUnfinished { .. }
            | Self::Unresolved { .. }
            | Self::Undecided { .. }
            | Self::NotText(_)
            | Self::TooLarge => Fault::Refused,
        }
    }

    /// The next step, when there is one to name.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::Disk(error) => return error.hint(),
            Self::NotADirectory { .. } => "name the directory itself",
            Self::NoWorkTree { .. } => "clone it, and name the clone",
            Self::Detached { .. } => "`git switch` to the branch that shall get the commit",
            Self::InProgress { .. } => {
                "end it, or abort it with `git merge|rebase|cherry-pick|revert --abort` or `git bisect reset`"
            }
            Self::Conflicted { .. } => "resolve them and commit",
            Self::Dirty { .. } => {
                "commit, stash or remove these files; a directory that is no repository yet may hold `platform.yaml` and nothing else"
            }
            Self::ForeignOwner { .. } => {
                "if you trust it: `git config --global --add safe.directory <directory>`; nothing was touched"
            }
            Self::NotWritable { .. } => {
                "check owner and mode of the directory, and whether the file system is read-only"
            }
            Self::Unsupported { .. } => "use an ordinary repository, as `git init` makes it",
            Self::GitLock { .. } => "if no Git process is running there, remove this file",
            Self::BranchName(_) => "see `git help check-ref-format`",
            Self::RenderedCheckedOut => "`git switch` to your own branch",
            Self::NoRoomForRendered => "rename that branch: `git branch -m platform <other name>`",
            Self::Differ { .. } => {
                "move or commit them elsewhere, or choose another directory; nothing was touched"
            }
            Self::Obstructed { .. } => "move or remove it, or choose another directory; nothing was touched",
            Self::NeedsRegenerate { .. } => "`platform regenerate` merges the new render into your branch",
            Self::NoRepository { .. } => "`platform init` makes one; -C enters another directory",
            Self::NoRender { .. } => {
                "`platform init` commits the first render; restore a deleted lock with `git checkout <commit> -- .platform/lock.yaml`"
            }
            Self::Lock { .. } => {
                "use the version of platform that wrote it, or restore and commit it: `git checkout <commit> -- .platform/lock.yaml`; of two that met in a merge, either one will do"
            }
            Self::NoBase { .. } => {
                "was it edited? `git checkout <commit of the last regenerate> -- .platform/lock.yaml` and commit; in a partial clone: `git fetch origin platform/rendered:platform/rendered`"
            }
            Self::NoSources { .. } => "fetch the whole history: `git fetch --unshallow`",
            Self::UnrelatedRendered { .. } => {
                "rename that branch: `git branch -m platform/rendered <other name>`; nothing was touched"
            }
            Self::Sparse { .. } => "`git sparse-checkout disable` checks all files out; nothing was touched",
            Self::CaseClash { .. } => "rename your file with `git mv`; nothing was touched",
            Self::Unborn { .. } => "`platform init` commits the first render",
            Self::Killed { .. } => {
                "`git switch` back to that branch: the next regenerate there undoes what was begun"
            }
            Self::Journal { .. } => {
                "it tells how far a regenerate has come; if `git status` shows nothing of one, remove this file"
            }
            Self::Unfinished { .. } => {
                "resolve and `platform regenerate --continue`, or give it up with `platform regenerate --abort`"
            }
            Self::NothingUnfinished { .. } => "`platform regenerate` begins one",
            Self::Unresolved { .. } => {
                "edit them, or `git mergetool`; then `platform regenerate --continue`, or `--abort`"
            }
            Self::Undecided { .. } => {
                "`git add <file>` keeps a file, `git rm <file>` drops it; then `platform regenerate --continue`"
            }
            Self::NotText(_) => "rename that file with `git mv` and commit; nothing was touched",
            Self::Moved { .. } => "run it again",
            Self::TooLarge | Self::Git { .. } | Self::Inconsistent(_) => return None,
        })
    }
}
