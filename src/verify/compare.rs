//! Whether two objects mean the same to Kubernetes.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::units::parse_milli;

/// What the API server adds by itself; any other addition is somebody's.
const DEFAULTS: [(&str, &str); 8] = [
    ("protocol", "TCP"),
    ("failurePolicy", "Fail"),
    ("matchPolicy", "Equivalent"),
    ("scope", "*"),
    ("apiGroup", "rbac.authorization.k8s.io"),
    ("parameterNotFoundAction", "Deny"),
    ("mode", "Kubernetes"),
    ("type", "Container"),
];

/// Values below these keys are quantities, which have many spellings.
const QUANTITIES: [&str; 6] = [
    "hard",
    "default",
    "defaultRequest",
    "max",
    "min",
    "maxLimitRequestRatio",
];

/// The first difference between what is expected and what is live, as a sentence; `None` when they mean the same.
///
/// Maps are equal when they have the same keys, empty values and the server's defaults aside; lists are equal when they
/// are equal in order: an entry more in a rule, a subject or a port opens something.
pub(super) fn difference(expected: &Value, live: &Value) -> Option<String> {
    walk(expected, live, &mut Vec::new())
}

fn walk<'a>(expected: &'a Value, live: &'a Value, path: &mut Vec<&'a str>) -> Option<String> {
    match (expected, live) {
        (Value::Object(one), Value::Object(other)) => {
            let keys: BTreeSet<&'a String> = one.keys().chain(other.keys()).collect();
            keys.into_iter().find_map(|key| {
                let (expected, live) = (one.get(key), other.get(key));
                if expected.is_none() && tolerated(key, live?, path) {
                    return None;
                }
                path.push(key);
                let found = walk(
                    expected.unwrap_or(&Value::Null),
                    live.unwrap_or(&Value::Null),
                    path,
                );
                path.pop();
                found
            })
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => one
            .iter()
            .zip(other)
            .find_map(|(one, other)| walk(one, other, path)),
        (expected, live) if same(expected, live, path) => None,
        (expected, live) => Some(format!(
            "{} is {}, expected {}",
            place(path),
            shown(live),
            shown(expected)
        )),
    }
}

/// Whether the server may have added this.
fn tolerated(key: &str, live: &Value, path: &[&str]) -> bool {
    let default = DEFAULTS
        .iter()
        .any(|(name, value)| *name == key && live == *value);
    // A LimitRange's `max` also becomes its `default`, and that its `defaultRequest`.
    let derived =
        path.last() == Some(&"limits") && path.len() == 1 && matches!(key, "default" | "defaultRequest");
    default || derived || empty(live)
}

fn same(expected: &Value, live: &Value, path: &[&str]) -> bool {
    if expected == live || (empty(expected) && empty(live)) {
        return true;
    }
    let quantity = path.iter().any(|key| QUANTITIES.contains(key));
    let milli = |value: &Value| match value {
        Value::String(text) => parse_milli(text),
        Value::Number(number) => parse_milli(&number.to_string()),
        _ => None,
    };
    quantity && milli(expected).is_some() && milli(expected) == milli(live)
}

/// Absent, null and empty are the same to the API server, which leaves them out.
fn empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.values().all(empty),
        Value::String(text) => text.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// `hard` and a key of it read best apart: they contain dots themselves.
fn place(path: &[&str]) -> String {
    match path {
        [] => "the object".to_owned(),
        ["hard", key] => format!("hard `{key}`"),
        path => format!("`{}`", path.join(".")),
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "absent".to_owned(),
        Value::String(text) if text.chars().count() <= 120 => text.clone(),
        Value::String(_) => "another text".to_owned(),
        value => {
            let text = value.to_string();
            if text.chars().count() <= 120 {
                text
            } else {
                "another value".to_owned()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn defaults_and_spellings_are_tolerated_and_nothing_else() {
        let gpu = "requests.nvidia.com/mig-3g.40gb";
        for (expected, live, text) in [
            (
                json!({"hard": {"cpu": "64"}}),
                json!({"hard": {"cpu": "64000m"}}),
                None,
            ),
            (json!({"hard": {"cpu": "64"}}), json!({"hard": {"cpu": 64}}), None),
            (
                json!({"hard": {gpu: "4"}}),
                json!({"hard": {gpu: "8"}}),
                Some("hard `requests.nvidia.com/mig-3g.40gb` is 8, expected 4"),
            ),
            (
                json!({"hard": {gpu: "0"}}),
                json!({"hard": {}}),
                Some("hard `requests.nvidia.com/mig-3g.40gb` is absent, expected 0"),
            ),
            (
                json!({"hard": {}}),
                json!({"hard": {"pods": "1"}}),
                Some("hard `pods` is 1, expected absent"),
            ),
            (
                json!({"limits": [{"type": "Container", "max": {"cpu": "1"}}]}),
                json!({"limits": [{"type": "Container", "max": {"cpu": "1000m"}, "default": {"cpu": "1"}, "defaultRequest": {"cpu": "1"}}]}),
                None,
            ),
            (
                json!({"egress": [], "podSelector": {}, "policyTypes": ["Ingress", "Egress"]}),
                json!({"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}),
                None,
            ),
            (
                json!({"podSelector": {}, "policyTypes": ["Ingress"]}),
                json!({"podSelector": {}, "policyTypes": ["Ingress"], "ingress": [{}]}),
                Some("`ingress` is [{}], expected absent"),
            ),
            (
                json!({"egress": [{"ports": [{"port": 53, "protocol": "TCP"}]}]}),
                json!({"egress": [{"ports": [{"port": 53}]}]}),
                Some("`egress.ports.protocol` is absent, expected TCP"),
            ),
            (
                json!({"egress": [{"ports": [{"port": 53}]}]}),
                json!({"egress": [{"ports": [{"port": 53, "protocol": "TCP"}]}]}),
                None,
            ),
            (
                json!({"egress": [{"ports": [{"port": 53}], "to": [{"ipBlock": {"cidr": "10.0.0.0/8"}}]}]}),
                json!({"egress": [{"ports": [{"port": 53}]}]}),
                Some("`egress.to` is absent, expected [{\"ipBlock\":{\"cidr\":\"10.0.0.0/8\"}}]"),
            ),
            (
                json!({"rules": [{"verbs": ["get"]}]}),
                json!({"rules": [{"verbs": ["get"]}, {"verbs": ["*"]}]}),
                Some(
                    "`rules` is [{\"verbs\":[\"get\"]},{\"verbs\":[\"*\"]}], expected [{\"verbs\":[\"get\"]}]",
                ),
            ),
            (
                json!({"subjects": [{"kind": "Group", "name": "a"}]}),
                json!({"subjects": [{"kind": "Group", "name": "a", "apiGroup": "rbac.authorization.k8s.io"}]}),
                None,
            ),
            (
                json!({"validations": []}),
                json!({"matchConditions": [{"name": "a", "expression": "false"}]}),
                Some("`matchConditions` is [{\"name\":\"a\",\"expression\":\"false\"}], expected absent"),
            ),
            (
                json!({"enabled": false}),
                json!({}),
                Some("`enabled` is absent, expected false"),
            ),
        ] {
            assert_eq!(
                difference(&expected, &live).as_deref(),
                text,
                "{expected} and {live}"
            );
        }
    }
}
