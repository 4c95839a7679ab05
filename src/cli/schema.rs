//! `platform schema`.

use std::process::ExitCode;

use super::failure::Failure;
use super::output;
use crate::spec;

pub(super) fn run() -> Result<ExitCode, Failure> {
    let schema =
        serde_json::to_string_pretty(spec::json_schema()).map_err(|error| Failure::bug(error.to_string()))?;
    output::answer(&format!("{schema}\n"))?;
    Ok(ExitCode::SUCCESS)
}
