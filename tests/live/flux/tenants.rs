//! A team's own Kustomization acts as the team: it reaches the team's namespace and no other.

use std::fmt::Write;
use std::time::Duration;

use serde_json::{Value, json};

use super::{Delivery, delivered};
use crate::lab::{self, User};

/// The team's account for deliveries, which an admin gave the right to write ConfigMaps in its namespace.
const ACCOUNT: &str = "deliveries";

/// Prepares the team's repository, its source in its namespace, and its account.
fn prepare(delivery: &Delivery) {
    let content = delivery.home.join("app");
    std::fs::create_dir_all(&content).expect("a folder");
    let object = json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "app"},
        "data": {"from": "team-a"},
    });
    std::fs::write(content.join("app.yaml"), object.to_string()).expect("the object is written");
    let revision = delivery.source.commit("app", &content, "an application");
    let mut objects = String::new();
    for object in [
        json!({
            "apiVersion": "source.toolkit.fluxcd.io/v1",
            "kind": "GitRepository",
            "metadata": {"name": "app", "namespace": "team-a"},
            "spec": {"interval": "1m0s", "url": "https://git.example.com/team-a/app.git"},
        }),
        json!({
            "apiVersion": "v1",
            "kind": "ServiceAccount",
            "metadata": {"name": ACCOUNT, "namespace": "team-a"},
        }),
        json!({
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "RoleBinding",
            "metadata": {"name": ACCOUNT, "namespace": "team-a"},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "edit"},
            "subjects": [{"kind": "ServiceAccount", "name": ACCOUNT, "namespace": "team-a"}],
        }),
    ] {
        writeln!(objects, "---\n{object}").expect("text grows");
    }
    delivery.cluster.apply(User::Admin, &objects);
    delivery
        .source
        .publish(delivery.cluster, ("team-a", "app"), "app", &revision);
}

/// Applies a Kustomization in the team's namespace and returns its Ready condition when it is settled.
fn outcome(delivery: &Delivery, name: &str, change: &Value) -> Value {
    let mut object = json!({
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
        "kind": "Kustomization",
        "metadata": {"name": name, "namespace": "team-a"},
        "spec": {
            "interval": "10m",
            "path": "./",
            "prune": true,
            "sourceRef": {"kind": "GitRepository", "name": "app"},
            "serviceAccountName": ACCOUNT,
            "targetNamespace": "team-a",
        },
    });
    let spec = object["spec"].as_object_mut().expect("a mapping");
    for (key, value) in change.as_object().expect("changes of the spec") {
        spec.insert(key.clone(), value.clone());
    }
    spec.retain(|_, value| !value.is_null());
    delivery.cluster.apply(User::Admin, &object.to_string());
    let what = format!("the outcome of {name}");
    delivery.cluster.wait_for(&what, Duration::from_secs(60), || {
        let kind = "kustomizations.kustomize.toolkit.fluxcd.io";
        let object = delivery.get("team-a", kind, name)?;
        let conditions = object["status"]["conditions"].as_array()?;
        let ready = conditions.iter().find(|c| c["type"] == "Ready")?;
        (ready["status"] != "Unknown").then(|| ready.clone())
    })
}

#[test]
fn a_teams_kustomization_reaches_no_other_namespace() {
    let _guard = lab::flux().exclusive();
    let delivery = delivered();
    prepare(delivery);
    let own = outcome(delivery, "own", &json!({}));
    assert_eq!(own["status"], "True", "its own namespace: {own}");
    let object = delivery
        .get("team-a", "configmap", "app")
        .expect("it is delivered");
    assert_eq!(object["data"]["from"], "team-a", "{object}");

    let account = |name: &str| format!("system:serviceaccount:team-a:{name}");
    let cases = [
        (
            "another-team",
            json!({"targetNamespace": "team-b"}),
            vec!["forbidden".to_string(), account(ACCOUNT), "team-b".to_string()],
        ),
        (
            "the-platform",
            json!({"targetNamespace": "flux-system"}),
            vec![
                "forbidden".to_string(),
                account(ACCOUNT),
                "flux-system".to_string(),
            ],
        ),
        (
            "nobody-named",
            json!({"targetNamespace": "team-b", "serviceAccountName": null}),
            vec!["forbidden".to_string(), account("default"), "team-b".to_string()],
        ),
        (
            "the-platforms-account",
            json!({"targetNamespace": "team-b", "serviceAccountName": "kustomize-controller"}),
            vec!["forbidden".to_string(), account("kustomize-controller")],
        ),
        (
            "the-platforms-source",
            json!({"sourceRef": {"kind": "GitRepository", "name": "flux-system", "namespace": "flux-system"}}),
            vec!["can't access 'GitRepository/flux-system/flux-system'".to_string()],
        ),
    ];
    for (name, change, words) in cases {
        let ready = outcome(delivery, name, &change);
        assert_eq!(ready["status"], "False", "{name}: {ready}");
        let message = ready["message"].as_str().unwrap_or_default();
        for word in &words {
            assert!(message.contains(word), "{name}: `{word}` is named: {ready}");
        }
    }
    for namespace in ["team-b", "flux-system"] {
        let reached = delivery.get(namespace, "configmap", "app");
        assert!(reached.is_none(), "{namespace} was reached: {reached:?}");
    }
    let kind = "kustomizations.kustomize.toolkit.fluxcd.io";
    delivery.cluster.ok(
        User::Admin,
        &["-n", "team-a", "delete", kind, "--all", "--timeout=60s"],
    );
    let pruned = delivery.get("team-a", "configmap", "app");
    assert!(pruned.is_none(), "what it delivered goes with it: {pruned:?}");
}

#[test]
fn members_cannot_make_flux_act_for_them() {
    let _guard = lab::flux().shared();
    let delivery = delivered();
    for kind in [
        "kustomizations.kustomize.toolkit.fluxcd.io",
        "helmreleases.helm.toolkit.fluxcd.io",
        "gitrepositories.source.toolkit.fluxcd.io",
    ] {
        let ask = ["-n", "team-a", "auth", "can-i", "create", kind];
        let member = [
            "--as=member",
            "--as-group=oidc:team-a",
            "--as-group=system:authenticated",
        ];
        let answer = delivery
            .cluster
            .kubectl(User::Root, &[member.as_slice(), &ask].concat(), None);
        assert_eq!(answer.stdout.trim(), "no", "a member may create {kind}: {answer}");
    }
}
