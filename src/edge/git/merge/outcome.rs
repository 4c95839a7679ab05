//! What a merge came to, for those who ask.

use crate::edge::git::identity::Identity;

/// What happened to a file of the user's branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// It is new.
    Added,
    /// The render's change was taken.
    Changed,
    /// The render's change was merged into the user's version.
    Merged,
    /// It is gone.
    Removed,
}

/// A file that changes, with its content before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Its path.
    pub path: String,
    /// What happens to it.
    pub effect: Effect,
    /// The user's content; empty when there is none.
    pub before: Vec<u8>,
    /// The merged content; empty when there is none.
    pub after: Vec<u8>,
}

/// A file that a person has to decide about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// Its path.
    pub path: String,
    /// What both sides did, as `edited by hand and changed by the render`.
    pub reason: &'static str,
}

/// What a merge would do or did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Preview {
    /// Files that change, by path.
    pub changes: Vec<Change>,
    /// Files with conflicts, by path.
    pub conflicts: Vec<Conflict>,
    /// Files that were deleted by hand and that the render has changed: they stay deleted.
    pub kept_deleted: Vec<String>,
}

/// A merge that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// What it did.
    pub preview: Preview,
    /// The commit on `platform/rendered`, in hexadecimal.
    pub rendered: String,
    /// The merge commit on the branch, in hexadecimal; none while there are conflicts.
    pub commit: Option<String>,
    /// The name of the branch, as `main`.
    pub branch_name: String,
    /// Who is named in the commits.
    pub identity: Identity,
}

/// What a merge came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MergeOutcome {
    /// The branch has this render already.
    NothingChanged,
    /// It was merged and committed.
    Committed(Box<Merged>),
    /// It waits for a person.
    Conflicts(Box<Merged>),
}
