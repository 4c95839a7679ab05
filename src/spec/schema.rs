//! The JSON Schema of the spec, generated from its types.

use std::sync::LazyLock;

use schemars::transform::{RecursiveTransform, Transform};
use schemars::{JsonSchema, Schema, generate::SchemaSettings};
use serde_json::Value;

use super::types::Spec;

/// Where the schema lies in the project and, below `.platform/`, in a generated repository.
pub const SCHEMA_FILE: &str = "schema.json";

static SCHEMA: LazyLock<Value> = LazyLock::new(generate);

/// The schema (draft 2020-12) as JSON, the same on every call.
pub fn json_schema() -> &'static Value {
    &SCHEMA
}

fn generate() -> Value {
    schema_of::<Spec>()
}

/// The schema of any document that is checked as the spec is, such as an overlay.
pub fn schema_of<T: JsonSchema>() -> Value {
    let mut schema = SchemaSettings::draft2020_12()
        .into_generator()
        .into_root_schema_for::<T>();
    RecursiveTransform(drop_rust_detail).transform(&mut schema);
    schema.to_value()
}

/// Removes what only Rust cares about: integer formats, and descriptions of single enum words folded into one list.
fn drop_rust_detail(schema: &mut Schema) {
    schema.remove("format");
    schema.remove("default");
    let words: Option<Vec<Value>> = schema
        .get("oneOf")
        .and_then(Value::as_array)
        .and_then(|branches| {
            branches
                .iter()
                .map(|branch| branch.get("const").cloned())
                .collect()
        });
    if let Some(words) = words {
        schema.remove("oneOf");
        schema.insert("type".to_owned(), "string".into());
        schema.insert("enum".to_owned(), Value::Array(words));
    }
}
