//! The MIG layouts of nodes as a mig-parted document, the content of the key `config.yaml` that the MIG manager reads.
//!
//! Format: NVIDIA/mig-parted v0.15.0 `api/spec/v1/spec.go`. The MIG manager reacts to a change of the node label
//! `nvidia.com/mig.config`, not of the document; therefore names are digests of their content, and a new content is
//! always a new label value.

mod check;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use crate::plan::gpu::{GpuState, Layout};
use crate::tree::sha256_hex;

pub use check::{Expected, check};

/// The configuration that switches MIG off everywhere; the GPU operator labels nodes with it by itself.
pub const ALL_DISABLED: &str = "all-disabled";
/// The key of the ConfigMap that holds the document. Source: GPU operator v26.7.0.
pub const CONFIG_MAP_KEY: &str = "config.yaml";

/// A mig-parted document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Document {
    version: &'static str,
    /// The configurations by name: a node takes the one its label names.
    #[serde(rename = "mig-configs")]
    pub configs: BTreeMap<String, Vec<Entry>>,
}

/// What some GPUs of a node hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// The GPUs.
    pub devices: Devices,
    /// MIG mode.
    #[serde(rename = "mig-enabled")]
    pub mig_enabled: bool,
    /// Instances per profile; present exactly when MIG is enabled, and empty for a free GPU.
    #[serde(rename = "mig-devices", skip_serializing_if = "Option::is_none")]
    pub mig_devices: Option<Layout>,
}

/// GPUs of a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Devices {
    /// All of them: written `all`.
    All(All),
    /// GPU indices in ascending order.
    Some(Vec<u32>),
}

/// The word `all`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum All {
    /// Every GPU of the node.
    All,
}

/// The document for some nodes, each given as the states of its GPUs; equal nodes share one configuration.
///
/// Entries of a configuration name every GPU index exactly once: mig-parted would configure a GPU of two entries
/// twice and never succeed on a node with a GPU of none. `all-disabled` is always there.
pub fn document<'a>(nodes: impl IntoIterator<Item = &'a [GpuState]>) -> Document {
    let off = Entry {
        devices: Devices::All(All::All),
        mig_enabled: false,
        mig_devices: None,
    };
    let mut configs = BTreeMap::from([(ALL_DISABLED.to_owned(), vec![off])]);
    for gpus in nodes {
        let name = config_name(gpus);
        if name != ALL_DISABLED {
            configs.insert(name, entries(gpus));
        }
    }
    Document {
        version: "v1",
        configs,
    }
}

/// The name of a node's configuration, the value of its label `nvidia.com/mig.config`.
///
/// `t-` and 16 hexadecimal digits of the SHA-256 of the content; `all-disabled` for a node without MIG.
pub fn config_name(gpus: &[GpuState]) -> String {
    if gpus.iter().all(|gpu| *gpu == GpuState::Whole) {
        return ALL_DISABLED.to_owned();
    }
    let digest = sha256_hex(canonical(gpus).as_bytes());
    format!("t-{}", &digest[..16])
}

/// One line per GPU in order; profile names hold neither blanks nor line ends.
fn canonical(gpus: &[GpuState]) -> String {
    let mut text = String::from("mig-parted v1\n");
    for gpu in gpus {
        match gpu {
            GpuState::Whole => text.push_str("off"),
            GpuState::Mig(layout) => {
                text.push_str("on");
                for (profile, count) in layout {
                    // Writing to a String cannot fail.
                    let _ = write!(text, " {count}x{profile}");
                }
            }
        }
        text.push('\n');
    }
    text
}

/// The entries of a node: GPUs with the same state together, in the order of their first GPU.
fn entries(gpus: &[GpuState]) -> Vec<Entry> {
    let mut groups: Vec<(&GpuState, Vec<u32>)> = Vec::new();
    for (gpu, index) in gpus.iter().zip(0u32..) {
        match groups.iter_mut().find(|(state, _)| *state == gpu) {
            Some((_, devices)) => devices.push(index),
            None => groups.push((gpu, vec![index])),
        }
    }
    let entry = |(state, devices): (&GpuState, Vec<u32>)| Entry {
        devices: Devices::Some(devices),
        mig_enabled: matches!(state, GpuState::Mig(_)),
        mig_devices: match state {
            GpuState::Mig(layout) => Some(layout.clone()),
            GpuState::Whole => None,
        },
    };
    groups.into_iter().map(entry).collect()
}

impl Document {
    /// The document as a value; key order is that of the format.
    pub fn to_value(&self) -> Result<serde_json::Value, serde_json::Error> {
        serde_json::to_value(self)
    }
}
