//! `platform explain`: what a field of the spec is, from the same schema that checks it.

use serde_json::Value as Json;

use super::did_you_mean;
use super::schema::json_schema;

/// What there is to say about one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The dotted path, such as `teams.gpus.profile`.
    pub path: String,
    /// Its type in words, with the allowed words or range.
    pub kind: String,
    /// Whether the key must be there.
    pub required: bool,
    /// One paragraph.
    pub description: String,
    /// Fields below it: name, type, required, first sentence.
    pub fields: Vec<(String, String, bool, String)>,
}

/// Explains a dotted path (`teams.gpus.profile`; a leading `spec.` is ignored); the empty path is the whole spec.
///
/// Errors: the part that does not exist, what stands there instead, and the nearest word.
pub fn explain(path: &str) -> Result<Explanation, String> {
    let schema = json_schema();
    let definitions = &schema["$defs"];
    let mut here = schema;
    let mut required = true;
    let path = path
        .strip_prefix("spec.")
        .unwrap_or(if path == "spec" { "" } else { path });
    let mut description = text(schema, "description");
    let mut walked = String::new();
    for part in path.split('.').filter(|part| !part.is_empty()) {
        let part = part.split('[').next().unwrap_or(part);
        let fields = here.get("properties").and_then(Json::as_object);
        let Some(next) = fields.and_then(|f| f.get(part)) else {
            let names: Vec<&str> = fields
                .map(|f| f.keys().map(String::as_str).collect())
                .unwrap_or_default();
            let shown: String = part.escape_debug().take(60).collect();
            let place = if walked.is_empty() {
                "the spec".to_owned()
            } else {
                format!("`{walked}`")
            };
            let hint = did_you_mean(part, names.iter().copied()).map_or_else(
                || {
                    if names.is_empty() {
                        "it has no fields".to_owned()
                    } else {
                        format!("it has: {}", names.join(", "))
                    }
                },
                |near| format!("did you mean `{near}`?"),
            );
            return Err(format!("{place} has no field `{shown}`\n  hint: {hint}"));
        };
        required = is_required(here, part);
        description = text(next, "description");
        walked = if walked.is_empty() {
            part.to_owned()
        } else {
            format!("{walked}.{part}")
        };
        here = element(next, definitions);
        if description.is_empty() {
            description = text(here, "description");
        }
        if walked == path {
            let kind = kind_of(next, definitions);
            return Ok(Explanation {
                path: walked,
                kind,
                required,
                description,
                fields: fields_of(here, definitions),
            });
        }
    }
    let kind = kind_of(here, definitions);
    Ok(Explanation {
        path: walked,
        kind,
        required,
        description,
        fields: fields_of(here, definitions),
    })
}

fn text(schema: &Json, key: &str) -> String {
    schema
        .get(key)
        .and_then(Json::as_str)
        .unwrap_or_default()
        .replace('\n', " ")
}

fn is_required(schema: &Json, name: &str) -> bool {
    schema
        .get("required")
        .and_then(Json::as_array)
        .is_some_and(|r| r.iter().any(|n| n == name))
}

/// The schema of a value, or of the elements where it is a list.
fn element<'a>(schema: &'a Json, definitions: &'a Json) -> &'a Json {
    if let Some(name) = schema
        .get("$ref")
        .and_then(Json::as_str)
        .and_then(|r| r.rsplit('/').next())
    {
        return element(&definitions[name], definitions);
    }
    if let Some(first) = schema
        .get("anyOf")
        .and_then(Json::as_array)
        .and_then(|branches| branches.first())
    {
        return element(first, definitions);
    }
    schema
        .get("items")
        .map_or(schema, |items| element(items, definitions))
}

fn kind_of(schema: &Json, definitions: &Json) -> String {
    if schema.get("items").is_some() {
        return format!("list of {}", kind_of(&schema["items"], definitions));
    }
    if let Some(branches) = schema.get("anyOf").and_then(Json::as_array) {
        let kinds: Vec<String> = branches
            .iter()
            .map(|branch| kind_of(branch, definitions))
            .collect();
        return kinds.join(", or ");
    }
    let target = element(schema, definitions);
    if let Some(words) = target.get("enum").and_then(Json::as_array) {
        let words: Vec<&str> = words.iter().filter_map(Json::as_str).collect();
        return format!("one of {}", words.join(", "));
    }
    if let Some(word) = target.get("const").and_then(Json::as_str) {
        return format!("`{word}`");
    }
    let base = match target.get("type") {
        Some(Json::String(one)) => one.clone(),
        Some(Json::Array(many)) => many
            .iter()
            .filter_map(Json::as_str)
            .collect::<Vec<_>>()
            .join(" or "),
        _ => "any".to_owned(),
    };
    match (target.get("minimum"), target.get("maximum")) {
        (Some(low), Some(high)) => format!("{base}, {low} to {high}"),
        _ => base,
    }
}

fn fields_of(schema: &Json, definitions: &Json) -> Vec<(String, String, bool, String)> {
    let properties = schema.get("properties").and_then(Json::as_object);
    properties
        .into_iter()
        .flatten()
        .map(|(name, field)| {
            let mut about = text(field, "description");
            if about.is_empty() {
                about = text(element(field, definitions), "description");
            }
            (
                name.clone(),
                kind_of(field, definitions),
                is_required(schema, name),
                about,
            )
        })
        .collect()
}
