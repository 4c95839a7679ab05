//! The layouts that are there, as the last render left them beside the spec.

use std::path::Path;

use super::super::failure::Failure;
use crate::edge::disk;
use crate::plan::gpu::Layouts;
use crate::plan::{NodePlan, layouts};

/// The largest node plan that is read, in bytes.
const MAX_BYTES: u64 = 64 << 20;

/// The layouts of every `gpu/<cluster>/node-plan.yaml` beside a spec; none for a spec from standard input.
pub(super) fn beside(spec: &Path) -> Result<Layouts, Failure> {
    let mut known = Layouts::new();
    if spec.as_os_str() == "-" {
        return Ok(known);
    }
    let folder = spec.parent().unwrap_or(Path::new("")).join("gpu");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        return Ok(known);
    };
    let mut paths: Vec<_> = entries
        .filter_map(Result::ok)
        .map(|entry| entry.path().join("node-plan.yaml"))
        .filter(|path| path.is_file())
        .collect();
    paths.sort();
    for path in paths {
        let bytes = disk::read_bounded(&path, MAX_BYTES)?;
        let wrong = |cause: String| {
            Failure::usage(format!("`{}` is not a node plan: {cause}", path.display()))
                .hint("take the committed one back, or render the repository again")
        };
        let text = std::str::from_utf8(&bytes).map_err(|error| wrong(error.to_string()))?;
        let plan: NodePlan = serde_saphyr::from_str(text).map_err(|error| wrong(error.to_string()))?;
        known.extend(layouts(&plan));
    }
    Ok(known)
}
