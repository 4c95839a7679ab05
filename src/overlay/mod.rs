//! Overlays: patches of values, by target, per cluster and team; presets and the user's own have one format.
//!
//! ```text
//! preset, file ── load ──▶ Overlays ── patch_spec ──▶ the tree of the spec, before it is checked and planned
//!                              └────── apply ───────▶ each rendered object that a target matches
//! ```
//!
//! Order: presets as the spec lists them, then the user's files by path; in a file from top to bottom. A user's file
//! wins over a preset. Two presets, or two of the user's files, that set one field to different values are an error.

mod change;
mod compile;
mod document;
mod keys;
mod load;
mod merge;
mod object;
mod operation;
mod preset;
mod selector;
mod target;
mod tenancy;

use std::collections::BTreeMap;

use crate::spec::Position;
use crate::units::RelPath;

pub use change::Change;
pub use document::schema;
pub use load::{MAX_FILE_BYTES, MAX_FILES, load};
pub use object::{Patched, Place};
pub use preset::names as presets;

use change::Layer;
use compile::Overlay;

/// The folder of a repository that holds the user's own overlays.
pub const FOLDER: &str = "overlays";

/// The user's own overlay files by their path in the repository (`overlays/…`), exact bytes.
pub type Files = BTreeMap<RelPath, Vec<u8>>;

/// Everything that is laid over a spec and over what is rendered from it, in the order in which it is laid.
#[derive(Debug, Clone, Default)]
pub struct Overlays {
    /// The files by the source of a position: the spec, then each overlay, as messages name them.
    pub files: Vec<String>,
    /// SHA-256 of the user's own files, by path.
    pub digests: BTreeMap<String, String>,
    /// What patches of kind `Tenancy` changed in the spec.
    pub spec_changes: Vec<Change>,
    layers: Vec<Layer>,
    overlays: Vec<Overlay>,
}

impl Overlays {
    /// A place as messages print it: `file:line:column`.
    pub fn place(&self, at: Position) -> String {
        let file = self.files.get(usize::from(at.source)).map_or("", String::as_str);
        format!("{file}:{}:{}", at.line, at.column)
    }
}
