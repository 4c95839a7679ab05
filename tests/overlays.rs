//! Overlays: merges as kustomize does them, every mistake with its place, and laws that hold for all of them.

#![allow(clippy::unwrap_used, reason = "a test helper that cannot go on has failed")]

mod support;

#[path = "overlays/findings.rs"]
mod findings;
#[path = "overlays/laws.rs"]
mod laws;
#[path = "overlays/merges.rs"]
mod merges;
#[path = "overlays/presets.rs"]
mod presets;

use platform::overlay::Files;
use platform::plan::{self, Plan};
use platform::render::{self, RenderError};
use platform::spec::Finding;
use platform::tree::Tree;
use platform::units::RelPath;

/// Overlay files by their names below `overlays/`.
fn files(texts: &[(&str, &str)]) -> Files {
    let path = |name: &str| RelPath::parse(&format!("overlays/{name}")).unwrap();
    texts
        .iter()
        .map(|(name, text)| (path(name), text.as_bytes().to_vec()))
        .collect()
}

/// An overlay with these patches, written in YAML, each an entry of a list.
fn overlay(patches: &str) -> String {
    format!("apiVersion: tenancy.platform/v1alpha1\nkind: Overlay\npatches:\n{patches}\n")
}

/// A spec with overlays, planned and rendered; the findings of either.
fn rendered(spec: &str, files: &Files) -> Result<(Plan, Tree), Vec<Finding>> {
    let plan = plan::decide_with("platform.yaml", spec.as_bytes(), files)?;
    match render::render(&plan, spec.as_bytes()) {
        Ok(tree) => Ok((plan, tree)),
        Err(RenderError::Overlays(findings)) => Err(findings),
        Err(error) => panic!("a bug: {error}"),
    }
}

/// The text of a rendered file.
fn text(tree: &Tree, path: &str) -> String {
    let file = tree.get(path).unwrap_or_else(|| panic!("{path} is rendered"));
    String::from_utf8(file.bytes.clone()).unwrap()
}
