//! `.platform/lock.yaml`: which generator made which bytes from which spec.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Output, RenderError};
use crate::tree::sha256_hex;

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
        if lock.api_version == "tenancy.platform/v1alpha1"
            && lock.kind == "Lock"
            && lock.generator.name == "platform"
        {
            Ok(lock)
        } else {
            Err(LockError(format!(
                "it is a `{}` of `{}`",
                lock.kind, lock.api_version
            )))
        }
    }
}

/// Adds the lock of everything rendered so far.
pub(super) fn add(out: &mut Output, spec_bytes: &[u8]) -> Result<(), RenderError> {
    let files: Vec<_> = out.tree.iter().collect();
    let digests: BTreeMap<String, String> = files
        .par_iter()
        .map(|(path, file)| (path.to_string(), sha256_hex(&file.bytes)))
        .collect();
    let lock = Lock {
        api_version: "tenancy.platform/v1alpha1".to_owned(),
        kind: "Lock".to_owned(),
        generator: Generator {
            name: "platform".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        },
        spec: Source {
            path: "platform.yaml".to_owned(),
            sha256: sha256_hex(spec_bytes),
        },
        files: digests,
    };
    out.values(LOCK_PATH.to_owned(), "(the lock itself; never edit it)", &[lock])
}
