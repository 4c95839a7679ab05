//! A new render is merged into the user's branch, with the last render as base.
//!
//! ```text
//! last render ──────────────► new render        (platform/rendered)
//!      │                          │
//!      ▼                          ▼
//! the user's branch ──────────► merge            (the checked-out branch)
//! ```
//!
//! - [`Session`]: one repository, locked; what a killed run left is undone first.
//! - [`last_render`](Session::last_render): the base, found by the lock of the branch.
//! - [`preview`](Session::preview), [`merge`](Session::merge): what would come, and doing it.
//! - [`continue_merge`], [`abort_merge`]: the end of a merge with conflicts.

mod base;
mod content;
mod exchange;
mod files;
mod journal;
mod outcome;
mod prepare;
mod resolve;
mod resume;
mod session;
mod staging;
mod three_way;
mod uncommitted;
mod undo;
mod write;

pub use base::{Found, LastRender, Sources, former_sources};
pub use content::without_cr;
pub use outcome::{Change, Conflict, Effect, MergeOutcome, Merged, Preview};
pub use prepare::MergeRequest;
pub use resume::{abort_merge, continue_merge};
pub use session::Session;
