//! `platform version`.

use std::process::ExitCode;

use serde_json::json;

use super::args::Global;
use super::failure::Failure;
use super::output;

pub(super) fn run(global: &Global) -> Result<ExitCode, Failure> {
    let version = env!("CARGO_PKG_VERSION");
    let document = json!({
        "apiVersion": "tenancy.platform/v1alpha1",
        "kind": "Version",
        "version": version,
        "specVersions": ["tenancy.platform/v1alpha1"],
    });
    output::document(global, &document, || format!("platform {version}\n"))?;
    Ok(ExitCode::SUCCESS)
}
