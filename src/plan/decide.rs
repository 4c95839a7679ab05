//! The whole way from the bytes of a spec to its plan.

use super::{Plan, build};
use crate::model::{self, Report};
use crate::overlay;
use crate::spec::{self, Finding};

/// Bytes → Plan, or everything that is wrong with them, by place; `file` is how messages name the spec.
pub fn decide(file: &str, bytes: &[u8]) -> Result<Plan, Vec<Finding>> {
    decide_with(file, bytes, &overlay::Files::new())
}

/// As [`decide`], with the user's own overlays laid over the spec and kept in the plan for the render.
pub fn decide_with(file: &str, bytes: &[u8], overlays: &overlay::Files) -> Result<Plan, Vec<Finding>> {
    let _ = overlays;
    let checked = spec::read(file, bytes);
    let mut report = Report::new(&checked);
    let model = checked
        .spec
        .as_ref()
        .and_then(|spec| model::build(spec, &mut report));
    let plan = model.and_then(|model| build(model, &mut report));
    let mut findings: Vec<Finding> = checked.findings.iter().cloned().collect();
    findings.extend(report.into_findings().into_sorted());
    findings.sort();
    findings.dedup();
    match plan {
        Some(plan) if findings.is_empty() => Ok(plan),
        _ => Err(findings),
    }
}
