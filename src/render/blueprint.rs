//! Blueprints with holes: Tera 2 under a strict profile, so that no value can change the structure of a file.
//!
//! Delimiters `[[ ]]`, `[% %]`, `[# #]`. In `.yaml` every hole becomes a JSON string, which is a quoted YAML scalar.
//! A missing value is an error. The filter `safe` is banned by test.

use std::io::Write;
use std::sync::LazyLock;

use serde::Serialize;
use tera::{Context, Delimiters, Kwargs, State, Tera, Value};

use crate::catalog;

/// Why a blueprint could not be filled; always a bug of the blueprint or of the renderer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("blueprint `{name}` cannot be filled: {cause}")]
pub struct FillError {
    /// The blueprint's path below `blueprints/`.
    pub name: String,
    /// What the template engine says.
    pub cause: String,
}

static ENGINE: LazyLock<Result<Tera, FillError>> = LazyLock::new(engine);

/// Fills a blueprint with the fields of a value.
pub(super) fn fill<T: Serialize>(name: &'static str, values: &T) -> Result<String, FillError> {
    let engine = ENGINE.as_ref().map_err(FillError::clone)?;
    let failed = |error: tera::Error| FillError {
        name: name.to_owned(),
        cause: error.to_string(),
    };
    let context = Context::from_serialize(values).map_err(failed)?;
    engine.render(name, &context).map_err(failed)
}

/// Folders of `blueprints/` that hold templates.
const FOLDERS: [&str; 4] = ["tenant", "gitops/flux", "gitops/argocd", "docs"];

fn engine() -> Result<Tera, FillError> {
    let mut tera = Tera::new();
    let failed = |name: &str, cause: String| FillError {
        name: name.to_owned(),
        cause,
    };
    tera.set_delimiters(Delimiters {
        block_start: "[%".into(),
        block_end: "%]".into(),
        variable_start: "[[".into(),
        variable_end: "]]".into(),
        comment_start: "[#".into(),
        comment_end: "#]".into(),
    })
    .map_err(|error| failed("(delimiters)", error.to_string()))?;
    tera.autoescape_on([".yaml"]);
    tera.set_escape_fn(json_string);
    tera.register_filter("md", markdown_cell);
    tera.register_filter("code", markdown_code);
    tera.register_filter("sh", shell_word);
    for folder in FOLDERS {
        for file in catalog::BLUEPRINTS
            .get_dir(folder)
            .into_iter()
            .flat_map(include_dir::Dir::files)
        {
            let name = file.path().to_string_lossy().into_owned();
            let text = file
                .contents_utf8()
                .ok_or_else(|| failed(&name, "it is not UTF-8".to_owned()))?;
            tera.add_raw_template(&name, text)
                .map_err(|error| failed(&name, error.to_string()))?;
        }
    }
    Ok(tera)
}

fn json_string(text: &str, out: &mut dyn Write) -> std::io::Result<()> {
    serde_json::to_writer(out, text).map_err(std::io::Error::from)
}

/// A value inside a Markdown table or sentence: nothing in it can start markup.
fn markdown_cell(value: &str, _: Kwargs, _: &State) -> Value {
    let mut cell = String::with_capacity(value.len());
    for c in value.chars() {
        if "\\`*_{}[]<>()#+!|~$&".contains(c) {
            cell.push('\\');
        }
        cell.push(c);
    }
    Value::safe_string(&cell)
}

/// A value as Markdown code, its back-ticks included: a fence longer than any run of back-ticks inside.
///
/// Source: CommonMark 0.31 §6.1.
fn markdown_code(value: &str, _: Kwargs, _: &State) -> Value {
    let longest = value.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if value.starts_with(['`', ' ']) || value.ends_with(['`', ' ']) {
        " "
    } else {
        ""
    };
    Value::safe_string(&format!("{fence}{pad}{value}{pad}{fence}"))
}

/// A value as one word of a POSIX shell.
fn shell_word(value: &str, _: Kwargs, _: &State) -> Value {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~:/@%+".contains(c);
    if !value.is_empty() && value.chars().all(plain) {
        return Value::safe_string(value);
    }
    Value::safe_string(&format!("'{}'", value.replace('\'', r"'\''")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_blueprint_parses_and_none_switches_escaping_off() {
        let engine = ENGINE.as_ref().expect("all blueprints parse");
        assert!(engine.get_template_names().count() > 5);
        for folder in FOLDERS {
            for file in catalog::BLUEPRINTS.get_dir(folder).unwrap().files() {
                let text = file.contents_utf8().unwrap();
                assert!(!text.contains("safe"), "{} uses `safe`", file.path().display());
            }
        }
    }
}
