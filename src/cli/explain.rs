//! `platform explain`.

use std::fmt::Write;
use std::process::ExitCode;

use serde_json::json;

use super::args::{ExplainArgs, Global};
use super::failure::Failure;
use super::output;
use crate::spec;

pub(super) fn run(global: &Global, args: &ExplainArgs) -> Result<ExitCode, Failure> {
    let explained = spec::explain(&args.path).map_err(|message| {
        let (message, hint) = message.split_once("\n  hint: ").unwrap_or((&message, ""));
        Failure::usage(message).hint(hint)
    })?;
    let fields: Vec<_> = explained
        .fields
        .iter()
        .map(|(name, kind, required, about)| json!({"name": name, "type": kind, "required": required, "description": about}))
        .collect();
    let document = json!({
        "apiVersion": "tenancy.platform/v1alpha1",
        "kind": "Explanation",
        "path": explained.path,
        "type": explained.kind,
        "required": explained.required,
        "description": explained.description,
        "fields": fields,
    });
    output::document(global, &document, || {
        let name = if explained.path.is_empty() {
            "platform.yaml"
        } else {
            &explained.path
        };
        let required = if explained.required { ", required" } else { "" };
        let mut text = format!(
            "{name}  <{}{required}>\n\n  {}\n",
            explained.kind, explained.description
        );
        if !explained.fields.is_empty() {
            text.push_str("\nfields:\n");
        }
        for (name, kind, required, about) in &explained.fields {
            let required = if *required { ", required" } else { "" };
            // Writing to a String cannot fail.
            let _ = writeln!(text, "  {name}  <{kind}{required}>\n      {about}");
        }
        text
    })?;
    Ok(ExitCode::SUCCESS)
}
