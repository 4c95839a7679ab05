//! What several test crates need: the pure core in one call, golden files, the shipped example.

#![allow(dead_code, reason = "each test crate uses a part of it")]

use std::path::{Path, PathBuf};

use platform::plan::{self, Plan};
use platform::render;
use platform::spec::Finding;
use platform::tree::Tree;

pub(crate) const EXAMPLE: &str = include_str!("../../examples/gpu-tenancy.yaml");

/// A path below the project.
pub(crate) fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Bytes → Plan, or all findings in the order of their places.
pub(crate) fn decide(file: &str, bytes: &[u8]) -> Result<Plan, Vec<Finding>> {
    let decided = plan::decide(file, bytes);
    let silent = decided.as_ref().is_err_and(Vec::is_empty);
    assert!(!silent, "{file}: no plan, and nothing says why");
    decided
}

/// Bytes → Tree, or all findings; a valid spec that does not render is a failure of the test.
pub(crate) fn tree(file: &str, bytes: &[u8]) -> Result<Tree, Vec<Finding>> {
    decide(file, bytes)
        .map(|plan| render::render(&plan, bytes).unwrap_or_else(|error| panic!("{file}: {error}")))
}

/// Whether golden files are rewritten instead of compared: `UPDATE_GOLDEN=1`.
pub(crate) fn updating() -> bool {
    std::env::var_os("UPDATE_GOLDEN").is_some_and(|value| value == "1")
}

/// Compares with a golden file, or writes it; the answer is a readable difference, if there is one.
pub(crate) fn golden(path: &Path, found: &str) -> Option<String> {
    if updating() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, found).unwrap();
        return None;
    }
    let wanted = std::fs::read_to_string(path).unwrap_or_default();
    (wanted != found).then(|| {
        let diff = similar::TextDiff::from_lines(wanted.as_str(), found);
        format!(
            "{}",
            diff.unified_diff()
                .context_radius(2)
                .header(&path.display().to_string(), "found")
        )
    })
}

/// The files of a folder with an extension, by name.
pub(crate) fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(project(folder))
        .unwrap_or_else(|error| panic!("{folder}: {error}"))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == extension))
        .collect();
    files.sort();
    files
}
