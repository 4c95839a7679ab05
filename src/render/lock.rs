//! Adds `.platform/lock.yaml` to a rendered tree.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::{Output, RenderError};
use crate::lock::{LOCK_PATH, Lock, Source};
use crate::plan::Plan;
use crate::tree::sha256_hex;

/// Adds the lock of everything rendered so far.
pub(super) fn add(plan: &Plan, out: &mut Output, spec_bytes: &[u8]) -> Result<(), RenderError> {
    let files: Vec<_> = out.tree.iter().collect();
    let digests: BTreeMap<String, String> = files
        .par_iter()
        .map(|(path, file)| (path.to_string(), sha256_hex(&file.bytes)))
        .collect();
    let spec = Source {
        path: "platform.yaml".to_owned(),
        sha256: sha256_hex(spec_bytes),
    };
    let lock = Lock::new(spec, plan.overlays.digests.clone(), digests);
    let bytes = lock
        .to_text()
        .map_err(|error| RenderError::Catalogue(error.to_string()))?
        .into_bytes();
    out.file(LOCK_PATH.to_owned(), "lock", bytes)
}
