//! Overlays: patches of values, by target, per cluster and team; presets and the user's own have one format.

use std::collections::BTreeMap;

use crate::units::RelPath;

/// The folder of a repository that holds the user's own overlays.
pub const FOLDER: &str = "overlays";

/// The user's own overlay files by their path in the repository (`overlays/…`), exact bytes.
pub type Files = BTreeMap<RelPath, Vec<u8>>;
