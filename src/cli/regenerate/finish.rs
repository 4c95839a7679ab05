//! `--continue` and `--abort`: the end of a merge with conflicts.

use std::path::Path;
use std::process::ExitCode;

use serde_json::json;

use super::report::short;
use crate::cli::args::Global;
use crate::cli::failure::Failure;
use crate::cli::output;
use crate::cli::render::WAIT;
use crate::edge::git::{abort_merge, continue_merge};
use crate::edge::{clock, env};

pub(super) fn resume(global: &Global, dir: &Path) -> Result<ExitCode, Failure> {
    let environment = |error: String| Failure::environment(error);
    let epoch = env::variable("SOURCE_DATE_EPOCH").map_err(|e| environment(e.to_string()))?;
    let time = clock::document_time(epoch.as_deref()).map_err(|e| environment(e.to_string()))?;
    let names = env::git_names().map_err(|e| environment(e.to_string()))?;
    let commit = continue_merge(dir, &names, time, WAIT)?;
    let document = json!({
        "apiVersion": "tenancy.platform/v1alpha1",
        "kind": "RegenerateEnd",
        "ended": "continued",
        "commit": commit,
        "keptFiles": [],
    });
    output::document(global, &document, || format!("merged: {}\n", short(&commit)))?;
    Ok(ExitCode::SUCCESS)
}

pub(super) fn abort(global: &Global, dir: &Path) -> Result<ExitCode, Failure> {
    let kept = abort_merge(dir, WAIT)?;
    let document = json!({
        "apiVersion": "tenancy.platform/v1alpha1",
        "kind": "RegenerateEnd",
        "ended": "aborted",
        "commit": null,
        "keptFiles": kept,
    });
    output::document(global, &document, || {
        let mut text = "given up: the branch and its files are as they were before\n".to_owned();
        for path in &kept {
            text.push_str(&format!("  kept      {path} (changed since)\n"));
        }
        text
    })?;
    Ok(ExitCode::SUCCESS)
}
