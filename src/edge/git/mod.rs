//! A rendered tree in a Git repository, all or nothing.
//!
//! ```text
//! inspect ──► plan the work tree ──► objects in one pack ──► files ──► index ──► platform/rendered ──► branch
//! (refuse)    (refuse what differs)  (synced)                (renames)           (synced, last)
//! ```
//!
//! - [`inspect`]: whether a directory is a repository that we may work in.
//! - [`commit_render`]: the first commit of a render.
//! - [`Session`]: later ones, merged into the user's branch.
//! - [`status_files`]: what is not committed.
//!
//! Only libgit2 is used, without its network: no hook, filter, alias or helper from any configuration is run, and
//! blobs are the exact bytes of the tree. What we write ourselves (pack, references) is what libgit2 cannot write
//! durably through its safe interface. Commits are not signed.

mod branches;
mod commit;
mod commit_object;
mod create;
mod error;
mod first;
mod identity;
mod index;
mod leftovers;
mod merge;
mod open;
mod pack;
mod pack_index;
mod references;
mod stage;
mod status;
mod store;
mod survey;
mod trees;

mod worktree;

pub use commit::{Commits, Outcome, Request, commit_render};
pub use error::GitError;
pub use identity::{Identity, Person, identity};
pub use merge::*;
pub use open::{Checked, inspect};
pub use status::{FileState, status_files};
pub use survey::configured_identity;

/// The branch whose every commit is exactly one render.
pub const RENDERED: &str = "refs/heads/platform/rendered";

/// The trailer that names the tree of a render in both commits.
pub const TRAILER: &str = "Platform-Render";
