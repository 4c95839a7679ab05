//! GPU boards: what each one is, and which MIG instances fit on it. Data: `blueprints/boards/<id>.yaml`.

mod check;
mod evidence;
mod names;
mod parse;
#[cfg(test)]
mod tests;
mod unplanned;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

pub use check::MAX_MEMORY_UNITS;
pub use evidence::{Confidence, Evidence};
pub use names::{mig_resource, profile_memory_gb};
pub use parse::{BoardError, parse};
pub use unplanned::{UnplannedMig, UnplannedProfile};

/// The extended resource of a whole GPU. Source: NVIDIA k8s-device-plugin.
pub const WHOLE_GPU: &str = "nvidia.com/gpu";
/// What `renameByDefault` appends to the name of a shared resource. Source: k8s-device-plugin `api/config/v1`.
pub const SHARED_SUFFIX: &str = ".shared";

/// One board of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Board {
    /// How a spec names it, for example `h100-80gb`; unique, and the stem of its file.
    pub id: String,
    /// The name a person reads.
    pub title: String,
    /// The GPU architecture in lower case, for example `hopper`.
    pub architecture: String,
    /// Memory in the gigabytes of the product name.
    pub memory_gb: u32,
    /// Values of the node label `nvidia.com/gpu.product`.
    pub product_labels: ProductLabels,
    /// PCI ids as `<vendor>:<device>` in lower-case hexadecimal.
    pub pci_ids: Vec<String>,
    /// How it is partitioned; `None` for a board without MIG, and for one of which too little is known.
    #[serde(default)]
    pub mig: Option<Mig>,
    /// What is published of a board that has MIG but cannot be planned; `None` for all others.
    #[serde(default)]
    pub unplanned_mig: Option<UnplannedMig>,
    /// How sure each figure is, and which source says so.
    pub evidence: Vec<Evidence>,
    /// The sources by their short name.
    pub sources: BTreeMap<String, String>,
    /// What a reader should know beside the figures.
    pub notes: Vec<String>,
}

/// The product labels of a board.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProductLabels {
    /// The label values with MIG off or with `mig.strategy: mixed`; empty where none is known.
    pub values: Vec<String>,
    /// Whether they were seen on a labelled node or in a published list, not derived.
    pub verified: bool,
}

/// What a board offers for partitioning.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Mig {
    /// What switching MIG mode costs.
    pub mode_change: ModeChange,
    /// Compute slices of the GPU.
    pub compute_slices: u32,
    /// Memory units of the GPU; placements count in them.
    pub memory_units: u32,
    /// Media engines of the GPU; `None` where they are not known, and then those of its profiles are not either.
    #[serde(default)]
    pub engines: Option<Engines>,
    /// Other names that some drivers give to profiles, by the name in `profiles`.
    #[serde(default)]
    pub name_aliases: BTreeMap<String, Vec<String>>,
    /// The profiles, smallest first.
    pub profiles: Vec<Profile>,
}

/// What switching MIG mode on or off costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ModeChange {
    /// A reset of the GPU, often a reboot of the node (Ampere).
    GpuReset,
    /// No reset (Hopper and later).
    OnDemand,
}

/// Media engines of a GPU or of an instance.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Engines {
    /// Video decoders.
    pub decoders: u32,
    /// Video encoders.
    pub encoders: u32,
    /// JPEG decoders.
    pub jpeg: u32,
    /// Optical-flow accelerators.
    pub optical_flow: u32,
}

/// One kind of MIG instance. Names are not unique across boards: always use them together with the board.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Profile {
    /// The driver's name, for example `3g.40gb` or `1g.10gb+me`.
    pub name: String,
    /// The extended resource with `mig.strategy: mixed`; `+` becomes `.`.
    pub resource: String,
    /// Memory in the gigabytes of the name; the driver gives slightly less.
    pub memory_gb: u32,
    /// Compute slices it takes.
    pub compute_slices: u32,
    /// Memory units it takes: the size of each placement.
    pub memory_units: u32,
    /// How many fit on one GPU that holds nothing else.
    pub max_instances: u32,
    /// Where it may lie.
    pub placements: Vec<Placement>,
    /// Media engines it takes; `None` where they are not known.
    #[serde(default)]
    pub engines: Option<Engines>,
    /// Streaming multiprocessors it has; `None` where they are not known or differ between the products of the board.
    #[serde(default)]
    pub multiprocessors: Option<u32>,
    /// Its memory in MiB as the driver printed it, where that was seen.
    #[serde(default)]
    pub memory_mib: Option<u32>,
    /// The number `nvidia-smi mig -lgip` prints; advisory, the driver may number differently.
    pub instance_profile_id: u32,
    /// The oldest driver branch that has it, where that is known.
    #[serde(default)]
    pub minimum_driver: Option<String>,
}

/// A place on the GPU: the memory units `start .. start + size`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Placement {
    /// First unit.
    pub start: u32,
    /// Number of units.
    pub size: u32,
}

impl Board {
    /// The MIG profiles that a plan may use, smallest first; empty for a board without MIG or one that is not ready.
    pub fn profiles(&self) -> &[Profile] {
        self.mig.as_ref().map_or(&[], |mig| &mig.profiles)
    }

    /// The profile of a name, written as the driver does (`1g.10gb+me`).
    pub fn profile(&self, name: &str) -> Option<&Profile> {
        self.profiles().iter().find(|profile| profile.name == name)
    }

    /// The smallest plain profile (no `+…` variant) with at least `memory_gib`; `None` when the largest is smaller.
    ///
    /// Sizes are those of the profile names, so that 40 GiB asks for `3g.40gb`, as people do; the driver keeps
    /// about 2 % of it. Smallest: fewest memory units, then fewest compute slices.
    pub fn profile_for_memory(&self, memory_gib: u32) -> Option<&Profile> {
        self.profiles()
            .iter()
            .filter(|profile| profile.memory_gb >= memory_gib && profile.is_plain())
            .min_by_key(|profile| (profile.memory_units, profile.compute_slices))
    }
}

impl Profile {
    /// Whether it is the plain form of its size, not a variant such as `+me`.
    pub fn is_plain(&self) -> bool {
        !self.name.contains(['+', '-'])
    }
}

static BOARDS: LazyLock<Result<Vec<Board>, BoardError>> = LazyLock::new(parse::embedded);

/// All boards of the catalogue in the order of their ids.
pub fn boards() -> Result<&'static [Board], BoardError> {
    BOARDS.as_ref().map(Vec::as_slice).map_err(BoardError::clone)
}

/// The board of an id; `None` when the catalogue has none.
pub fn board(id: &str) -> Result<Option<&'static Board>, BoardError> {
    Ok(boards()?.iter().find(|board| board.id == id))
}

/// The ids of all boards in order.
pub fn ids() -> Result<Vec<&'static str>, BoardError> {
    Ok(boards()?.iter().map(|board| board.id.as_str()).collect())
}
