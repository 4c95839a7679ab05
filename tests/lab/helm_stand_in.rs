//! Plays helm-controller, and source-controller's part for chart repositories: it installs nothing, and says it has.

use serde_json::{Value, json};

use super::Cluster;
use super::users::User;

const KINDS: &str = "helmrepositories.source.toolkit.fluxcd.io,helmreleases.helm.toolkit.fluxcd.io";

/// Marks every HelmRepository and HelmRelease as reconciled at its present generation, and returns their names.
pub(crate) fn finish_releases(cluster: &Cluster) -> Vec<String> {
    let text = cluster.ok(User::Root, &["get", KINDS, "-A", "-o", "json"]);
    let list: Value = serde_json::from_str(&text).expect("kubectl prints JSON");
    let items = list["items"].as_array().expect("a list of objects");
    items.iter().map(|object| finish(cluster, object)).collect()
}

fn finish(cluster: &Cluster, object: &Value) -> String {
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).expect("a name");
    let (kind, name) = (text("/kind"), text("/metadata/name"));
    let generation = &object["metadata"]["generation"];
    let ready = json!({
        "type": "Ready",
        "status": "True",
        "reason": "Succeeded",
        "message": "said by the stand-in of the lab",
        "observedGeneration": generation,
        // Any fixed moment: nobody reads when it was.
        "lastTransitionTime": "2026-01-01T00:00:00Z",
    });
    let status = json!({"status": {"observedGeneration": generation, "conditions": [ready]}});
    let status = status.to_string();
    cluster.ok(
        User::Root,
        &[
            "-n",
            text("/metadata/namespace"),
            "patch",
            kind,
            name,
            "--subresource=status",
            "--type=merge",
            "-p",
            &status,
        ],
    );
    format!("{kind}/{name}")
}
