//! The layouts that are there, read from the node plans that the last render left beside the spec.
//!
//! They are an input of every plan, as overlays are. What cannot be read is a finding and never taken for "nothing is
//! there": a plan over nothing may rebuild every GPU.

mod check;
mod read;

use std::collections::BTreeMap;

use super::gpu::{Aim, Layouts};
use super::node_plan::layouts;
use super::{Plan, decide_over};
use crate::overlay;
use crate::spec::Finding;
use crate::units::RelPath;
pub use read::read_node_plan;

/// The code of every finding of this module.
pub const NODE_PLAN_CODE: &str = "node-plan";

/// The files of node plans by path, `gpu/<cluster>/node-plan.yaml`.
pub type NodePlans = BTreeMap<RelPath, Vec<u8>>;

/// Bytes → Plan over the layouts that the node plans beside the spec say are there, or everything that is wrong with
/// them, by place; `file` is how messages name the spec.
///
/// With [`Aim::FewestGpus`] nothing is there, and the node plans are not even read.
pub fn decide_from(
    file: &str,
    bytes: &[u8],
    overlays: &overlay::Files,
    node_plans: &NodePlans,
    aim: Aim,
) -> Result<Plan, Vec<Finding>> {
    let known = match aim {
        Aim::LeastDisruption => read_layouts(file, node_plans),
        Aim::FewestGpus => Ok(Layouts::new()),
    };
    match known {
        Ok(present) => decide_over(file, bytes, overlays, &present, aim),
        Err(mut findings) => {
            let more = decide_over(file, bytes, overlays, &Layouts::new(), aim).err();
            findings.extend(more.into_iter().flatten());
            Err(findings)
        }
    }
}

/// Reads the layouts of all node plans of a repository; `spec` is how messages name the spec, whose folder they lie in.
///
/// Where there is none, nothing is known.
pub fn read_layouts(spec: &str, files: &NodePlans) -> Result<Layouts, Vec<Finding>> {
    let folder = spec.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut known = Layouts::new();
    let mut findings = Vec::new();
    for (path, bytes) in files {
        let shown = match folder {
            "" => path.to_string(),
            folder => format!("{folder}/{path}"),
        };
        match read_node_plan(path.as_str(), bytes) {
            Ok(plan) => known.extend(layouts(&plan)),
            Err(finding) => findings.push(Finding {
                file: shown,
                ..*finding
            }),
        }
    }
    match findings.is_empty() {
        true => Ok(known),
        false => Err(findings),
    }
}

#[cfg(test)]
mod tests;
