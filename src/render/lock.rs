//! Adds `.platform/lock.yaml` to a rendered tree.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::{Output, RenderError, yaml};
use crate::lock::{Generator, LOCK_PATH, Lock, Source};
use crate::plan::Plan;
use crate::tree::sha256_hex;

/// Adds the lock of everything rendered so far.
pub(super) fn add(plan: &Plan, out: &mut Output, spec_bytes: &[u8]) -> Result<(), RenderError> {
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
        overlays: plan.overlays.digests.clone(),
        files: digests,
    };
    let comment =
        "What was generated, by what, from what. Written by platform at every render; never edit it.";
    let bytes = yaml::write(LOCK_PATH, comment, &[lock])?;
    out.file(LOCK_PATH.to_owned(), "lock", bytes)
}
