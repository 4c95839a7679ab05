//! Reading the JSON Schema of one node: which part applies, which types it allows.

use serde_json::Value as Json;

use super::node::{Node, Value};

/// Follows `$ref`, and picks the branch of an `anyOf` that has the node's own type.
pub(super) fn resolve<'a>(node: &Node, schema: &'a Json, definitions: &'a Json) -> &'a Json {
    if let Some(branches) = schema.get("anyOf").and_then(Json::as_array) {
        let resolved: Vec<&Json> = branches
            .iter()
            .map(|branch| resolve(node, branch, definitions))
            .collect();
        let fits = resolved.iter().find(|branch| type_fits(&node.value, branch));
        return fits.or(resolved.first()).copied().unwrap_or(schema);
    }
    let name = schema
        .get("$ref")
        .and_then(Json::as_str)
        .and_then(|r| r.rsplit('/').next());
    name.map_or(schema, |name| &definitions[name])
}

/// The JSON types that a schema allows; none means any.
pub(super) fn types_of(schema: &Json) -> Vec<&str> {
    match schema.get("type") {
        Some(Json::String(one)) => vec![one.as_str()],
        Some(Json::Array(many)) => many.iter().filter_map(Json::as_str).collect(),
        _ => Vec::new(),
    }
}

/// Whether a value has a type that the schema allows; `4.0` is a whole number, as in JSON Schema.
pub(super) fn type_fits(value: &Value, schema: &Json) -> bool {
    let types = types_of(schema);
    types.is_empty()
        || types.iter().any(|wanted| match value {
            Value::Map(_) => *wanted == "object",
            Value::List(_) => *wanted == "array",
            Value::Text(_) => *wanted == "string",
            Value::Bool(_) => *wanted == "boolean",
            Value::Number(n) => *wanted == "number" || (*wanted == "integer" && is_whole(n)),
            Value::Null => false,
        })
}

/// The allowed types in words.
pub(super) fn type_words(schema: &Json) -> String {
    let words: Vec<&str> = types_of(schema)
        .into_iter()
        .map(|t| match t {
            "object" => "a mapping",
            "array" => "a list",
            "string" => "text",
            "integer" => "a whole number",
            "number" => "a number",
            "boolean" => "true or false",
            other => other,
        })
        .collect();
    words.join(" or ")
}

/// Whether a number has no fraction.
pub(super) fn is_whole(number: &serde_json::Number) -> bool {
    !number.is_f64() || number.as_f64().is_some_and(|value| value.fract() == 0.0)
}
