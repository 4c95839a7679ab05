//! From `-f` to a plan: read, check, resolve, decide; every problem is a finding.

use std::io::Read;
use std::path::{Path, PathBuf};

use super::args::Global;
use super::failure::Failure;
use super::progress;
use crate::edge::disk;
use crate::overlay;
use crate::plan::gpu::{Aim, Layouts};
use crate::plan::{self, ClusterPlan, NodePlans, Plan};
use crate::spec::{Finding, MAX_BYTES};

/// A valid spec and what was decided from it.
pub(super) struct Loaded {
    /// The bytes of the spec.
    pub(super) bytes: Vec<u8>,
    /// What was decided.
    pub(super) plan: Plan,
}

/// The name of the spec in a repository.
pub(super) const SPEC_FILE: &str = "platform.yaml";

/// The spec that the flags name, planned over the layouts beside it.
pub(super) fn load(global: &Global) -> Result<Loaded, Failure> {
    load_for(global, Aim::default())
}

/// As [`load`], with what is to be minimised.
pub(super) fn load_for(global: &Global, aim: Aim) -> Result<Loaded, Failure> {
    let path = global.file.clone().unwrap_or_else(|| PathBuf::from(SPEC_FILE));
    let bytes = read_spec(&path)?;
    let decide = || decide(&path, &bytes, aim)?.map_err(Failure::findings);
    let plan = progress::during(global, "deciding", decide)?;
    Ok(Loaded { bytes, plan })
}

/// As [`load`], over layouts that are there for another reason.
pub(super) fn load_over(global: &Global, present: &Layouts) -> Result<Loaded, Failure> {
    let path = global.file.clone().unwrap_or_else(|| PathBuf::from(SPEC_FILE));
    let bytes = read_spec(&path)?;
    let (file, overlays) = (path.display().to_string(), overlays(&path)?);
    let decide = || plan::decide_over(&file, &bytes, &overlays, present, Aim::default());
    let plan = progress::during(global, "deciding", || decide().map_err(Failure::findings))?;
    Ok(Loaded { bytes, plan })
}

/// Plans a spec with what lies beside its file: the user's overlays, and the layouts of the last render.
///
/// The outer error is of the disk; the inner one holds what is wrong with the spec and with what lies beside it.
pub(super) fn decide(path: &Path, bytes: &[u8], aim: Aim) -> Result<Result<Plan, Vec<Finding>>, Failure> {
    let overlays = overlays(path)?;
    let node_plans = node_plans(path)?;
    let file = path.display().to_string();
    Ok(plan::decide_from(&file, bytes, &overlays, &node_plans, aim))
}

/// The user's own overlays, which lie beside the spec; a spec from standard input has none.
pub(super) fn overlays(spec: &Path) -> Result<overlay::Files, Failure> {
    if spec.as_os_str() == "-" {
        return Ok(overlay::Files::new());
    }
    Ok(disk::read_overlays(folder(spec))?)
}

/// The node plans of the last render, which lie beside the spec; a spec from standard input has none.
pub(super) fn node_plans(spec: &Path) -> Result<NodePlans, Failure> {
    if spec.as_os_str() == "-" {
        return Ok(NodePlans::new());
    }
    Ok(disk::read_node_plans(folder(spec))?)
}

/// The folder of a spec.
pub(super) fn folder(spec: &Path) -> &Path {
    let folder = spec.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}

/// Reads a file or standard input, at most as much as a spec may have.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    if path.as_os_str() == "-" {
        let mut bytes = Vec::new();
        let read = std::io::stdin()
            .lock()
            .take(MAX_BYTES + 1)
            .read_to_end(&mut bytes);
        read.map_err(|error| Failure::environment(format!("standard input cannot be read: {error}")))?;
        return Ok(bytes);
    }
    disk::read_bounded(path, MAX_BYTES).map_err(|error| Failure::usage(error.to_string()))
}

/// Reads the spec; where there is none, the hint says how to come by one.
pub(super) fn read_spec(path: &Path) -> Result<Vec<u8>, Failure> {
    read(path).map_err(|failure| {
        if path.as_os_str() == "-" || path.exists() {
            return failure;
        }
        failure.hint("name the spec with -f, enter its repository with -C, or write one with `platform init`")
    })
}

/// The clusters that a command is about: all, or the one that `--cluster` names.
pub(super) fn clusters<'p>(plan: &'p Plan, named: Option<&str>) -> Result<Vec<&'p ClusterPlan>, Failure> {
    let Some(name) = named else {
        return Ok(plan.clusters.iter().collect());
    };
    let all: Vec<&str> = plan
        .clusters
        .iter()
        .map(|cluster| cluster.name.as_str())
        .collect();
    match plan.cluster(name) {
        Some(cluster) => Ok(vec![cluster]),
        None => Err(
            Failure::usage(format!("cluster `{}` is not in the spec", name.escape_debug()))
                .hint(format!("clusters: {}", all.join(", "))),
        ),
    }
}
