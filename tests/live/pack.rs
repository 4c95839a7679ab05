//! The whole table of pods, judged by the real engines as it is judged offline.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::tenancy::{self, POLICIES, Tenancy};
use crate::lab::{self, User};

/// Questions asked at the same time; the API server and Kyverno share two cores with us.
const AT_ONCE: usize = 4;

fn rows() -> Vec<Value> {
    let table: Value =
        serde_yaml::from_str(include_str!("../admission/pods.yaml")).expect("the table is YAML");
    table.as_array().cloned().expect("the table is a list")
}

/// The pod of a row: `main` laid over its container, `spec` over its spec.
fn pod(row: &Value) -> Value {
    let over = |base: Value, key: &str| {
        let mut map: Map<String, Value> = base.as_object().cloned().unwrap_or_default();
        map.extend(row[key].as_object().cloned().unwrap_or_default());
        Value::Object(map)
    };
    let main = over(
        json!({"name": "main", "image": "registry.example.com/app:1.0"}),
        "main",
    );
    let mut metadata = json!({"name": "pod"});
    if row["annotations"].is_object() {
        metadata["annotations"] = row["annotations"].clone();
    }
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": over(json!({"containers": [main]}), "spec")})
}

/// The namespaces of the table, and everything that the API server asks for before any policy is asked.
fn prepare(tenancy: &Tenancy, rows: &[Value]) {
    let label = |key: &str, value: &str| (key.to_owned(), Value::from(value));
    let team = label("tenancy.platform/team", "team-pack");
    let places = [
        ("pack-team", vec![team.clone()]),
        (
            "pack-gpu",
            vec![
                team,
                label("grant.tenancy.platform/nvidia.com_mig-3g.40gb", "allowed"),
                label("grant.tenancy.platform/dra", "allowed"),
                label("pool.tenancy.platform/h100-mig", "allowed"),
            ],
        ),
        ("pack-other", vec![]),
    ];
    for (name, labels) in places {
        let labels: Map<String, Value> = labels.into_iter().collect();
        let namespace =
            json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}});
        tenancy.cluster.apply(User::Admin, &namespace.to_string());
        let account = json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "workload", "namespace": name}});
        tenancy.cluster.apply(User::Admin, &account.to_string());
        tenancy
            .cluster
            .wait_for("the default service account", Duration::from_secs(30), || {
                let get = ["-n", name, "get", "serviceaccount", "default"];
                tenancy
                    .cluster
                    .kubectl(User::Root, &get, None)
                    .status
                    .success()
                    .then_some(())
            });
    }
    let classes: BTreeSet<&str> = rows
        .iter()
        .filter_map(|row| row["spec"]["runtimeClassName"].as_str())
        .collect();
    for class in classes {
        let object = json!({
            "apiVersion": "node.k8s.io/v1", "kind": "RuntimeClass", "metadata": {"name": class}, "handler": "runc",
        });
        tenancy.cluster.apply(User::Root, &object.to_string());
    }
}

/// Why an engine's answer to a row is wrong, if it is.
fn objection(tenancy: &Tenancy, row: &Value) -> Option<String> {
    let name = row["name"].as_str().unwrap_or("?");
    let namespace = format!("pack-{}", row["in"].as_str().unwrap_or("?"));
    let refused: Vec<&str> = row["refused"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let create = ["-n", namespace.as_str(), "create", "--dry-run=server", "-f", "-"];
    let answer = tenancy
        .cluster
        .kubectl(User::Root, &create, Some(&pod(row).to_string()));
    let named: Vec<&str> = POLICIES
        .into_iter()
        .filter(|policy| answer.denied_by(policy))
        .collect();
    let right = if refused.is_empty() {
        answer.status.success()
    } else {
        !named.is_empty() && named.iter().all(|policy| refused.contains(policy))
    };
    (!right).then(|| {
        format!(
            "{name}: expected {refused:?}, named {named:?}: {}",
            answer.stderr.trim()
        )
    })
}

fn agree(tenancy: &Tenancy) {
    let rows = rows();
    prepare(tenancy, &rows);
    let (next, wrong) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(row) = rows.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let objection = objection(tenancy, row);
                    wrong.lock().expect("no other thread panicked").extend(objection);
                }
            });
        }
    });
    let wrong = wrong.into_inner().expect("no thread panicked");
    assert!(
        wrong.is_empty(),
        "{} of {} rows:\n{}",
        wrong.len(),
        rows.len(),
        wrong.join("\n")
    );
    assert!(rows.len() >= 100, "the table has its {} rows", rows.len());
}

#[test]
fn kyverno_agrees_with_the_table_of_pods() {
    let _guard = lab::kyverno().shared();
    agree(tenancy::kyverno());
}

#[test]
fn the_api_server_agrees_with_the_table_of_pods() {
    let _guard = lab::native().shared();
    agree(tenancy::native());
}
