//! `.platform/lock.yaml`: which generator made which bytes from which spec.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Where the lock lies.
pub const LOCK_PATH: &str = ".platform/lock.yaml";

/// The content of the lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Lock {
    /// Format of the lock.
    pub api_version: String,
    /// Always `Lock`.
    pub kind: String,
    /// What made the files.
    pub generator: Generator,
    /// What they were made from.
    pub spec: Source,
    /// SHA-256 of the user's own overlays, by path.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub overlays: BTreeMap<String, String>,
    /// SHA-256 of every generated file but the lock, by path.
    pub files: BTreeMap<String, String>,
}

/// What made the files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Generator {
    /// Always `platform`.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// What the files were made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Source {
    /// The spec's path in the repository.
    pub path: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
}

/// Why a lock cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{LOCK_PATH}` cannot be read: {0}")]
pub struct LockError(String);

impl Lock {
    /// Reads a lock; unknown fields and other formats are errors.
    pub fn parse(bytes: &[u8]) -> Result<Self, LockError> {
        let lock: Self = serde_saphyr::from_slice(bytes).map_err(|error| LockError(error.to_string()))?;
        if lock.generator.name != "platform" {
            return Err(LockError(format!(
                "it was written by `{}`",
                lock.generator.name.escape_debug()
            )));
        }
        if lock.api_version != "tenancy.platform/v1alpha1" || lock.kind != "Lock" {
            return Err(LockError(format!(
                "it is a `{}` of `{}`",
                lock.kind.escape_debug(),
                lock.api_version.escape_debug()
            )));
        }
        Ok(lock)
    }
}
