//! The plan that the repository was last rendered from.

use std::path::Path;

use super::args::Global;
use super::failure::Failure;
use super::{load, output};
use crate::edge::git::{self, Sources};
use crate::plan::gpu::Aim;
use crate::plan::{self, Plan};
use crate::spec::Finding;

/// The plan of the last render in the repository around `dir`; `None` where nothing was rendered yet.
///
/// Where it cannot be found out, that is said, and the answer is `None` too.
pub(super) fn former_plan(global: &Global, dir: &Path) -> Result<Option<Plan>, Failure> {
    let unknown = |reason: String| {
        output::note(global, &format!("note: what changes cannot be shown: {reason}"));
        Ok(None)
    };
    match git::former_sources(dir) {
        Ok(None) => Ok(None),
        Ok(Some(sources)) => match plan_of(&sources, Aim::default()) {
            Ok(plan) => Ok(Some(plan)),
            Err(_) => unknown("the spec of the last render is not valid for this version".to_owned()),
        },
        Err(error) => unknown(error.to_string()),
    }
}

/// Plans what a render is or was made of; over its own layouts a render comes out as it was.
pub(super) fn plan_of(sources: &Sources, aim: Aim) -> Result<Plan, Vec<Finding>> {
    let Sources {
        spec,
        overlays,
        node_plans,
    } = sources;
    plan::decide_from(load::SPEC_FILE, spec, overlays, node_plans, aim)
}
