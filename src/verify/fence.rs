//! Are quota, limits, network policies, role and bindings as rendered, and does nothing stand beside them?

use serde_json::Value;

use super::compare::difference;
use super::report::Finding;
use crate::apply::Object;

/// Judges the live objects of one kind in one namespace.
pub(super) fn judge(
    kind: &str,
    namespace: &str,
    exists: bool,
    expected: &[Object],
    live: &[&Value],
) -> Finding {
    if !exists {
        return Finding::not_satisfied(format!("namespace `{namespace}` does not exist"));
    }
    let name = |object: &Value| object["metadata"]["name"].as_str().map(str::to_owned);
    for object in expected {
        let found = live
            .iter()
            .find(|live| name(live).as_deref() == Some(object.name()));
        let Some(found) = found else {
            return Finding::not_satisfied(format!("{kind} `{}` is missing", object.name()));
        };
        if let Some(text) = meaning(object.value(), found) {
            return Finding::not_satisfied(format!("{kind} `{}`: {text}", object.name()));
        }
    }
    let extra = live
        .iter()
        .filter_map(|live| name(live))
        .find(|name| expected.iter().all(|object| object.name() != name));
    match extra {
        Some(name) => Finding::not_satisfied(format!(
            "{kind} `{name}` is there, but the plan has none of that name"
        )),
        None => {
            let names: Vec<String> = expected
                .iter()
                .map(|object| format!("`{}`", object.name()))
                .collect();
            Finding::satisfied(match names.as_slice() {
                [] => format!("no {kind}, as rendered"),
                names => format!("{kind} {} as rendered", names.join(", ")),
            })
        }
    }
}

/// The first difference in the fields that say what an object does.
pub(super) fn meaning(expected: &Value, live: &Value) -> Option<String> {
    // a spec's fields are named without `spec`, as people do
    if let Some(text) = difference(&expected["spec"], &live["spec"]) {
        return Some(text);
    }
    let own = |object: &Value| {
        let fields = object.as_object().into_iter().flatten();
        let fields = fields.filter(|(key, _)| {
            !matches!(
                key.as_str(),
                "apiVersion" | "kind" | "metadata" | "spec" | "status"
            )
        });
        Value::Object(fields.map(|(key, value)| (key.clone(), value.clone())).collect())
    };
    difference(&own(expected), &own(live))
}

#[cfg(test)]
mod tests;
