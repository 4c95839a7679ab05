//! The configuration of the NVIDIA device plugin: one document per pool in one ConfigMap.
//!
//! Format: NVIDIA/k8s-device-plugin v0.20.0 `api/config/v1`, of which only what it reads is written: it accepts and
//! ignores `devices` and `rename`. A node takes the key that its label `nvidia.com/device-plugin.config` names; the
//! GPU operator sets `MIG_STRATEGY` from its ClusterPolicy, which wins over the file, so both say `mixed`.

mod check;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::catalog::boards::WHOLE_GPU;
use crate::plan::gpu::Sharing;
use crate::units::DnsLabel;

pub use check::check;

/// The key of a node without its own: whole GPUs and MIG instances, nothing shared.
pub const DEFAULT_KEY: &str = "default";

/// One configuration of the device plugin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Config {
    version: &'static str,
    flags: Flags,
    #[serde(skip_serializing_if = "Option::is_none")]
    sharing: Option<SharingBlock>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Flags {
    mig_strategy: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
enum SharingBlock {
    TimeSlicing(Replicated),
    Mps(Replicated),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Replicated {
    /// A shared slot has its own name, so that no quota in GPUs counts it.
    rename_by_default: bool,
    /// Two slots may be the same GPU: asking for two gives nothing, so it fails.
    fail_requests_greater_than_one: bool,
    resources: [ReplicatedResource; 1],
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct ReplicatedResource {
    name: &'static str,
    replicas: u32,
}

/// Why there is no configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DevicePluginError {
    /// A GPU is shared by two slots at least.
    #[error("pool `{pool}` has {replicas} replicas per GPU; allowed are 2 and more")]
    Replicas {
        /// Name of the pool.
        pool: String,
        /// What was given.
        replicas: u32,
    },
    /// The name of the pool is the key of the nodes without a pool.
    #[error("pool `{DEFAULT_KEY}` cannot be configured: the name is kept for nodes outside all pools")]
    Reserved,
    /// A pool needs a configuration twice: a bug.
    #[error("pool `{pool}` has two configurations")]
    Twice {
        /// Name of the pool.
        pool: String,
    },
}

/// The configurations by key: one per pool, with its name, and `default`.
pub fn configs<'a>(
    pools: impl IntoIterator<Item = (&'a DnsLabel, Sharing)>,
) -> Result<BTreeMap<String, Config>, DevicePluginError> {
    let mut configs = BTreeMap::from([(DEFAULT_KEY.to_owned(), Config::new(None))]);
    for (pool, sharing) in pools {
        if pool.as_str() == DEFAULT_KEY {
            return Err(DevicePluginError::Reserved);
        }
        let block = match sharing {
            Sharing::Whole | Sharing::Mig => None,
            Sharing::TimeSlicing { replicas } => Some(SharingBlock::TimeSlicing(replicated(pool, replicas)?)),
            Sharing::Mps { replicas } => Some(SharingBlock::Mps(replicated(pool, replicas)?)),
        };
        if configs.insert(pool.to_string(), Config::new(block)).is_some() {
            return Err(DevicePluginError::Twice {
                pool: pool.to_string(),
            });
        }
    }
    Ok(configs)
}

fn replicated(pool: &DnsLabel, replicas: u32) -> Result<Replicated, DevicePluginError> {
    if replicas < 2 {
        return Err(DevicePluginError::Replicas {
            pool: pool.to_string(),
            replicas,
        });
    }
    Ok(Replicated {
        rename_by_default: true,
        fail_requests_greater_than_one: true,
        resources: [ReplicatedResource {
            name: WHOLE_GPU,
            replicas,
        }],
    })
}

impl Config {
    fn new(sharing: Option<SharingBlock>) -> Self {
        Self {
            version: "v1",
            flags: Flags {
                mig_strategy: "mixed",
            },
            sharing,
        }
    }

    /// The configuration as a value; key order is that of the format.
    pub fn to_value(&self) -> Result<serde_json::Value, serde_json::Error> {
        serde_json::to_value(self)
    }
}
