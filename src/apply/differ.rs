//! Whether a write would change anything, and which fields.

use serde_json::Value;

use super::FIELD_MANAGER;

/// How many fields a message names.
const SHOWN: usize = 3;
/// Metadata that changes with every write or that the server alone decides.
const VOLATILE: [&str; 4] = [
    "managedFields",
    "resourceVersion",
    "generation",
    "creationTimestamp",
];

/// The fields that differ between the live object and what it would become; `None` when a write changes nothing.
///
/// That we do not own the fields yet is a difference as well: only an owner can take a field away later.
pub(super) fn changes(live: &Value, next: &Value) -> Option<String> {
    let mut fields = Vec::new();
    walk(&bare(live), &bare(next), "", &mut fields);
    if fields.is_empty() {
        return (owned(live) != owned(next)).then(|| "ownership of the fields".to_owned());
    }
    let more = fields.len().saturating_sub(SHOWN);
    fields.truncate(SHOWN);
    let mut text = fields
        .iter()
        .map(|field| format!("`{field}`"))
        .collect::<Vec<_>>()
        .join(", ");
    if more > 0 {
        text.push_str(&format!(" and {more} more"));
    }
    Some(text)
}

fn bare(object: &Value) -> Value {
    let mut object = object.clone();
    if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.retain(|key, _| !VOLATILE.contains(&key.as_str()));
    }
    object
}

/// What our applies own, without the time.
fn owned(object: &Value) -> Option<&Value> {
    let entries = object["metadata"]["managedFields"].as_array()?;
    let ours = entries.iter().find(|entry| {
        entry["manager"] == FIELD_MANAGER && entry["operation"] == "Apply" && entry["subresource"].is_null()
    });
    ours.map(|entry| &entry["fieldsV1"])
}

fn walk(live: &Value, next: &Value, path: &str, fields: &mut Vec<String>) {
    match (live, next) {
        (Value::Object(live), Value::Object(next)) => {
            let added = next.keys().filter(|key| !live.contains_key(*key));
            for key in live.keys().chain(added) {
                let side = |map: &serde_json::Map<String, Value>| map.get(key).cloned().unwrap_or_default();
                walk(&side(live), &side(next), &format!("{path}.{key}"), fields);
            }
        }
        (live, next) if live == next => {}
        _ => fields.push(path.trim_start_matches('.').to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_fields_that_a_write_would_change_count() {
        let object = |version: &str, fields: &Value, data: &Value| {
            json!({"metadata": {"name": "a", "resourceVersion": version, "managedFields": [
                {"manager": "kubectl", "operation": "Update", "time": version, "fieldsV1": {"x": {}}},
                {"manager": "platform", "operation": "Apply", "time": version, "fieldsV1": fields},
            ]}, "data": data})
        };
        let (own, data) = (json!({"f:data": {}}), json!({"a": "1", "b": {"c": [1]}}));
        let live = object("1", &own, &data);
        for (next, expected) in [
            (object("2", &own, &data), None),
            (object("2", &json!({}), &data), Some("ownership of the fields")),
            (
                object("2", &own, &json!({"a": "2", "b": {"c": [1]}})),
                Some("`data.a`"),
            ),
            (
                object("2", &own, &json!({"b": {"c": [2]}, "d": 1})),
                Some("`data.a`, `data.b.c`, `data.d`"),
            ),
            (
                object("2", &own, &json!({"w": 1, "x": 1, "y": 1})),
                Some("`data.a`, `data.b`, `data.w` and 2 more"),
            ),
        ] {
            assert_eq!(changes(&live, &next).as_deref(), expected, "{next}");
        }
    }
}
