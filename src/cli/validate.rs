//! `platform validate`.

use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::json;

use super::args::{Format, Global};
use super::failure::Failure;
use super::load::{self, SPEC_FILE};
use super::{notes, output, progress};
use crate::plan::Plan;
use crate::plan::gpu::Aim;
use crate::render::{self, RenderError};
use crate::spec::Finding;

pub(super) fn run(global: &Global) -> Result<ExitCode, Failure> {
    let path = global.file.clone().unwrap_or_else(|| PathBuf::from(SPEC_FILE));
    let file = path.display().to_string();
    let bytes = load::read_spec(&path)?;
    let decided = progress::during(global, "deciding", || {
        let decided = load::decide(&path, &bytes, Aim::default())?;
        Ok::<_, Failure>(decided.and_then(|plan| unmatched(plan, &bytes)))
    })?;
    let (findings, notes, summary) = match decided {
        Ok(plan) => {
            let (clusters, teams) = (plan.clusters.len(), plan.model.teams.len());
            (
                Vec::new(),
                plan.notes,
                format!(
                    "{file}: valid ({clusters} {}, {teams} {})\n",
                    plural("cluster", clusters),
                    plural("team", teams)
                ),
            )
        }
        Err(findings) => (findings, Vec::new(), String::new()),
    };
    if matches!(global.output, Format::Table | Format::Wide) && !findings.is_empty() {
        return Err(Failure::findings(findings));
    }
    let document = json!({
        "apiVersion": "tenancy.platform/v1alpha1",
        "kind": "ValidationReport",
        "file": file,
        "valid": findings.is_empty(),
        "findings": notes::documents(&findings),
        "notes": notes::documents(&notes),
    });
    notes::say(global, &notes);
    output::document(global, &document, || summary)?;
    Ok(ExitCode::from(if findings.is_empty() { 0 } else { 2 }))
}

/// Overlays of objects show only in the render whether they match something.
fn unmatched(plan: Plan, bytes: &[u8]) -> Result<Plan, Vec<Finding>> {
    if !plan.overlays.has_object_patches() {
        return Ok(plan);
    }
    match render::render(&plan, bytes) {
        Err(RenderError::Overlays(findings)) => Err(findings),
        // Anything else is a bug of ours, which `render` reports as one.
        _ => Ok(plan),
    }
}

pub(super) fn plural(word: &str, count: usize) -> String {
    if count == 1 {
        word.to_owned()
    } else {
        format!("{word}s")
    }
}
