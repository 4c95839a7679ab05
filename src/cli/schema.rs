//! `platform schema`.

use std::process::ExitCode;

use super::args::{SchemaArgs, SchemaFormat};
use super::failure::Failure;
use super::output;
use crate::spec;

pub(super) fn run(args: &SchemaArgs) -> Result<ExitCode, Failure> {
    if args.format == SchemaFormat::Markdown {
        output::answer(&reference()?)?;
        return Ok(ExitCode::SUCCESS);
    }
    let schema =
        serde_json::to_string_pretty(spec::json_schema()).map_err(|error| Failure::bug(error.to_string()))?;
    output::answer(&format!("{schema}\n"))?;
    Ok(ExitCode::SUCCESS)
}

/// All fields of the spec, an object a section, in the order of the schema.
fn reference() -> Result<String, Failure> {
    let mut text = String::from(
        "# The spec\n\nGenerated from the JSON Schema by `platform schema --format markdown`. \
         `platform explain FIELD` says the same in a terminal.\n",
    );
    section("", &mut text)?;
    Ok(text)
}

fn section(path: &str, text: &mut String) -> Result<(), Failure> {
    let explained = spec::explain(path).map_err(Failure::bug)?;
    if explained.fields.is_empty() {
        return Ok(());
    }
    let title = if path.is_empty() { "platform.yaml" } else { path };
    text.push_str(&format!(
        "\n## {title}\n\n{}\n\n| field | type | required | meaning |\n|---|---|---|---|\n",
        explained.description
    ));
    for (name, kind, required, about) in &explained.fields {
        let required = if *required { "yes" } else { "" };
        text.push_str(&format!(
            "| `{name}` | {} | {required} | {} |\n",
            cell(kind),
            cell(about)
        ));
    }
    for (name, ..) in &explained.fields {
        let below = if path.is_empty() {
            name.clone()
        } else {
            format!("{path}.{name}")
        };
        section(&below, text)?;
    }
    Ok(())
}

/// Text that cannot end its cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}
