//! `platform render --explain FILE`: where each object comes from, and who set what in it.

use std::fmt::Write;
use std::process::ExitCode;

use serde_json::{Value, json};

use super::args::Global;
use super::failure::Failure;
use super::output;
use crate::plan::Plan;
use crate::render::{self, Explained, ExplainedChange};
use crate::spec::did_you_mean;

pub(super) fn run(global: &Global, plan: &Plan, path: &str) -> Result<ExitCode, Failure> {
    let path = path.trim_start_matches("./");
    let explained = render::explain(plan, path)?.map_err(|paths| {
        let near = did_you_mean(path, paths.iter().map(String::as_str));
        let hint = near.map_or_else(
            || "name a path of the render, such as tenants/<cluster>/<team>/quota.yaml".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        Failure::usage(format!("`{}` is not rendered", path.escape_debug())).hint(hint)
    })?;
    output::document(global, &document(&explained), || text(&explained))?;
    Ok(ExitCode::SUCCESS)
}

fn document(explained: &Explained) -> Value {
    let changes = |changes: &[ExplainedChange]| -> Value {
        changes
            .iter()
            .map(|change| json!({"path": change.path, "old": change.old, "new": change.new, "at": change.at}))
            .collect()
    };
    let objects: Vec<Value> = explained
        .objects
        .iter()
        .map(|object| {
            json!({
                "apiVersion": object.api_version,
                "kind": object.kind,
                "name": object.name,
                "namespace": object.namespace,
                "overlaid": changes(&object.changes),
            })
        })
        .collect();
    let spec: Vec<Value> = explained
        .spec
        .iter()
        .map(|(what, at)| json!({"what": what, "at": at}))
        .collect();
    json!({
        "apiVersion": "tenancy.platform/v1alpha1",
        "kind": "RenderExplanation",
        "path": explained.path,
        "blueprint": explained.blueprint,
        "spec": spec,
        "specOverlaid": changes(&explained.spec_changes),
        "objects": objects,
    })
}

fn text(explained: &Explained) -> String {
    // Writing to a String cannot fail.
    let mut text = format!("{}\n  blueprint: {}\n", explained.path, explained.blueprint);
    for (what, at) in &explained.spec {
        let _ = writeln!(text, "  {what}: {at}");
    }
    if !explained.spec_changes.is_empty() {
        text.push_str("\nthe spec, as overlays changed it\n");
        text.push_str(&table(&explained.spec_changes));
    }
    for object in &explained.objects {
        let namespace = object
            .namespace
            .as_deref()
            .map(|namespace| format!(" in {namespace}"));
        let _ = writeln!(
            text,
            "\n{} {} ({}){}",
            object.kind,
            object.name,
            object.api_version,
            namespace.unwrap_or_default()
        );
        match object.changes.is_empty() {
            true => text.push_str("  no overlay changes it\n"),
            false => text.push_str(&table(&object.changes)),
        }
    }
    text
}

fn table(changes: &[ExplainedChange]) -> String {
    let shown = |value: &Option<Value>| match value {
        None => "-".to_owned(),
        Some(Value::String(text)) => text.escape_debug().to_string(),
        Some(value) => value.to_string(),
    };
    let rows: Vec<Vec<String>> = changes
        .iter()
        .map(|change| {
            vec![
                change.path.clone(),
                shown(&change.old),
                shown(&change.new),
                change.at.clone(),
            ]
        })
        .collect();
    let table = output::table(&["FIELD", "OLD", "NEW", "SET BY"], &rows);
    table.lines().map(|line| format!("  {line}\n")).collect()
}
