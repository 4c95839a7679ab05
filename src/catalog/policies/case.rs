//! Examples of a policy: one request per file, named after the answer that is expected.

use serde::Deserialize;
use serde_json::{Value, json};

use super::PolicyError;
use super::load::{text, yaml};
use crate::catalog::BLUEPRINTS;

/// Who makes the request of an example.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// User name.
    pub name: String,
    /// Groups.
    #[serde(default)]
    pub groups: Vec<String>,
}

/// One request and the answer that is expected.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// The file's name without `.yaml`, for instance `denied-no-grant`.
    pub name: String,
    /// `CREATE`, `UPDATE` or `DELETE`.
    pub operation: String,
    /// For instance `ephemeralcontainers`; empty for the object itself.
    pub subresource: String,
    /// Who asks.
    pub user: Subject,
    /// The Namespace around the object; null for objects outside of one.
    pub namespace: Value,
    /// The object as it would become; null on `DELETE`.
    pub object: Value,
    /// The object as it is; `None` on `CREATE`.
    pub old_object: Option<Value>,
    /// A part of the message of the denial; `None` when the request is allowed.
    pub message: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Fixture {
    #[serde(default = "create")]
    operation: String,
    #[serde(default)]
    subresource: String,
    #[serde(default = "member")]
    user: Subject,
    #[serde(default = "team")]
    namespace: Place,
    #[serde(default)]
    object: Value,
    #[serde(default)]
    old_object: Option<Value>,
    #[serde(default)]
    message: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    #[serde(default = "team_name")]
    name: String,
    #[serde(default)]
    labels: serde_json::Map<String, Value>,
    #[serde(default)]
    terminating: bool,
}

fn create() -> String {
    "CREATE".to_owned()
}

fn team_name() -> String {
    "team-a".to_owned()
}

fn member() -> Subject {
    Subject {
        name: "jane".to_owned(),
        groups: vec!["team-a".to_owned(), "system:authenticated".to_owned()],
    }
}

fn team() -> Place {
    let labels = serde_json::Map::from_iter([("tenancy.platform/team".to_owned(), json!("team-a"))]);
    Place {
        name: team_name(),
        labels,
        terminating: false,
    }
}

/// Kinds outside of any namespace, as far as a policy matches them.
const CLUSTER_KINDS: [&str; 4] = [
    "Namespace",
    "ClusterRole",
    "ClusterRoleBinding",
    "ValidatingPolicy",
];

/// The examples of a policy in the order of their names.
pub(super) fn read(id: &str) -> Result<Vec<Case>, PolicyError> {
    let folder = format!("policies/{id}/tests");
    let Some(dir) = BLUEPRINTS.get_dir(&folder) else {
        return Err(PolicyError::Missing { path: folder });
    };
    let mut names: Vec<&str> = dir
        .files()
        .filter_map(|file| file.path().file_name()?.to_str())
        .collect();
    names.sort_unstable();
    names
        .into_iter()
        .map(|name| one(&format!("{folder}/{name}"), name))
        .collect()
}

fn one(path: &str, file: &str) -> Result<Case, PolicyError> {
    let wrong = |reason: &str| PolicyError::Case {
        path: path.to_owned(),
        reason: reason.to_owned(),
    };
    text(path)?;
    let fixture: Fixture = yaml(path)?;
    let name = file
        .strip_suffix(".yaml")
        .ok_or_else(|| wrong("a fixture's name ends with `.yaml`"))?;
    match (
        name.starts_with("denied-"),
        name.starts_with("allowed-"),
        &fixture.message,
    ) {
        (true, _, Some(message)) if !message.is_empty() => {}
        (_, true, None) => {}
        _ => {
            return Err(wrong(
                "a fixture is `denied-<what>.yaml` with a `message`, or `allowed-<what>.yaml` without one",
            ));
        }
    }
    if (fixture.operation == "DELETE") != fixture.object.is_null() {
        return Err(wrong(
            "`object` is given exactly when the operation is not `DELETE`",
        ));
    }
    if (fixture.operation == "CREATE") == fixture.old_object.is_some() {
        return Err(wrong(
            "`oldObject` is given exactly when the operation is not `CREATE`",
        ));
    }
    let present = fixture.old_object.as_ref().unwrap_or(&fixture.object);
    let kind = present["kind"]
        .as_str()
        .ok_or_else(|| wrong("the object has no `kind`"))?;
    let namespace = if CLUSTER_KINDS.contains(&kind) {
        Value::Null
    } else {
        namespace_object(fixture.namespace)
    };
    Ok(Case {
        name: name.to_owned(),
        operation: fixture.operation,
        subresource: fixture.subresource,
        user: fixture.user,
        namespace,
        object: fixture.object,
        old_object: fixture.old_object,
        message: fixture.message,
    })
}

fn namespace_object(place: Place) -> Value {
    let mut labels = serde_json::Map::new();
    labels.insert("kubernetes.io/metadata.name".to_owned(), json!(place.name));
    labels.extend(place.labels);
    let mut metadata = json!({"name": place.name, "labels": labels});
    if place.terminating {
        metadata["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
    }
    json!({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
}
