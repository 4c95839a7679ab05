//! `platform blueprint list|export`.

use std::process::ExitCode;

use serde_json::json;

use super::args::{BlueprintArgs, BlueprintCommand, Global};
use super::failure::Failure;
use super::output;
use crate::catalog;
use crate::edge::disk;

pub(super) fn run(global: &Global, args: &BlueprintArgs) -> Result<ExitCode, Failure> {
    let files = catalog::files();
    match &args.command {
        BlueprintCommand::List => {
            let names: Vec<&str> = files.iter().map(|(path, _)| path.as_str()).collect();
            let document = json!({"apiVersion": "tenancy.platform/v1alpha1", "kind": "BlueprintList", "blueprints": names});
            output::document(global, &document, || names.iter().map(|name| format!("{name}\n")).collect())?;
        }
        BlueprintCommand::Export { dir } => {
            if !global.dry_run {
                disk::write_new_directory(dir, &files)?;
            }
            output::note(global, &format!("wrote {} blueprints to {}", files.len(), dir.display()));
        }
    }
    Ok(ExitCode::SUCCESS)
}
