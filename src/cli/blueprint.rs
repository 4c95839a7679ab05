//! `platform blueprint list|export`.

use std::process::ExitCode;

use serde_json::json;

use super::args::{BlueprintArgs, BlueprintCommand, Global};
use super::failure::Failure;
use super::output;
use super::render::WAIT;
use crate::catalog;
use crate::edge::disk;
use crate::tree::{File, Tree};
use crate::units::RelPath;

pub(super) fn run(global: &Global, args: &BlueprintArgs) -> Result<ExitCode, Failure> {
    let files = catalog::files();
    match &args.command {
        BlueprintCommand::List => {
            let names: Vec<&str> = files.iter().map(|(path, _)| path.as_str()).collect();
            let document = json!({"apiVersion": "tenancy.platform/v1alpha1", "kind": "BlueprintList", "blueprints": names});
            output::document(global, &document, || {
                names.iter().map(|name| format!("{name}\n")).collect()
            })?;
        }
        BlueprintCommand::Export { dir } => {
            if !global.dry_run {
                disk::replace_directory(dir, &tree(&files)?, WAIT)?;
            }
            let document = json!({
                "apiVersion": "tenancy.platform/v1alpha1",
                "kind": "BlueprintExport",
                "directory": dir,
                "files": files.len(),
                "written": !global.dry_run,
            });
            output::document(global, &document, || {
                let verb = if global.dry_run { "would write" } else { "wrote" };
                format!("{verb} {} blueprints to {}\n", files.len(), dir.display())
            })?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn tree(files: &[(String, &'static [u8])]) -> Result<Tree, Failure> {
    let mut tree = Tree::default();
    for (path, bytes) in files {
        let path = RelPath::parse(path).map_err(|error| Failure::bug(error.to_string()))?;
        let file = File {
            bytes: bytes.to_vec(),
            origin: "blueprints",
        };
        if tree.insert(path, file).is_some() {
            return Err(Failure::bug("two blueprints have one path"));
        }
    }
    Ok(tree)
}
