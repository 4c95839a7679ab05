//! `platform render --out DIR`; `--explain FILE` is in `explain_file`.

use std::process::ExitCode;
use std::time::Duration;

use serde_json::json;

use super::args::{Global, RenderArgs};
use super::failure::Failure;
use super::{explain_file, load, output, progress};
use crate::edge::disk;
use crate::render;

/// How long a second run on the same directory waits for the first.
pub(super) const WAIT: Duration = Duration::from_secs(30);

pub(super) fn run(global: &Global, args: &RenderArgs) -> Result<ExitCode, Failure> {
    let loaded = load::load_for(global, super::args::aim(args.compact))?;
    let out = match (&args.out, &args.explain) {
        (_, Some(path)) => return explain_file::run(global, &loaded.plan, path),
        (Some(out), None) => out,
        (None, None) => return Err(Failure::usage("`--out` or `--explain` is needed")),
    };
    let tree = progress::during(global, "rendering", || {
        render::render(&loaded.plan, &loaded.bytes)
    })?;
    if !global.dry_run {
        progress::during(global, "writing", || disk::replace_directory(out, &tree, WAIT))?;
    }
    let files: Vec<String> = tree.iter().map(|(path, _)| path.to_string()).collect();
    let document = json!({
        "apiVersion": "tenancy.platform/v1alpha1",
        "kind": "RenderResult",
        "out": out,
        "written": !global.dry_run,
        "files": files,
    });
    output::document(global, &document, || {
        let verb = if global.dry_run { "would write" } else { "wrote" };
        format!("{verb} {} files to {}\n", files.len(), out.display())
    })?;
    Ok(ExitCode::SUCCESS)
}
