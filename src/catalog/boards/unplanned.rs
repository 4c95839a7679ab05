//! Boards that have MIG, of which too little is known to say what fits on one.

use serde::Deserialize;

use super::{Board, Engines, ModeChange};

/// What is published of a board's MIG, without the placements that a plan needs.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UnplannedMig {
    /// Why it cannot be planned, as the rest of a sentence that names the board.
    pub reason: String,
    /// What switching MIG mode costs.
    pub mode_change: ModeChange,
    /// Compute slices of the GPU.
    pub compute_slices: u32,
    /// Media engines of the GPU; `None` where they are not known.
    #[serde(default)]
    pub engines: Option<Engines>,
    /// Profile names of tables that contradict this one; a node may have them.
    #[serde(default)]
    pub other_names: Vec<String>,
    /// The profiles, smallest first.
    pub profiles: Vec<UnplannedProfile>,
}

/// A profile without placements.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UnplannedProfile {
    /// The driver's name, for example `1g.24gb-me`.
    pub name: String,
    /// The extended resource with `mig.strategy: mixed`; `+` becomes `.`.
    pub resource: String,
    /// Memory in the gigabytes of the name.
    pub memory_gb: u32,
    /// Compute slices it takes.
    pub compute_slices: u32,
    /// How many fit on one GPU that holds nothing else.
    pub max_instances: u32,
    /// Media engines it takes; `None` where they are not known.
    #[serde(default)]
    pub engines: Option<Engines>,
}

impl Board {
    /// Why the board cannot be partitioned by a plan although it has MIG; `None` for all other boards.
    pub fn not_ready(&self) -> Option<&str> {
        self.unplanned_mig.as_ref().map(|mig| mig.reason.as_str())
    }
}
