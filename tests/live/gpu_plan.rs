//! `platform gpu plan --from-cluster`: layouts, pods in the way and contradictions, read from Node objects.

use serde_json::{Value, json};

use super::tenancy::platform;
use crate::lab::{self, Cluster, Output, User};

const SPEC: &str = "\
apiVersion: tenancy.platform/v1alpha1
kind: Tenancy
name: seen
clusters:
  - name: fra1
    context: fra1-admin
    pools:
      - name: seen-mig
        board: h100-80gb
        nodes: 3
        gpusPerNode: 2
        sharing: mig
teams:
  - name: vision
    groups: [g1]
    gpus: [{cluster: fra1, pool: seen-mig, profile: 3g.40gb, count: 12}]
";

/// What the MIG manager would have been given.
const CONFIGS: &str = "\
version: v1
mig-configs:
  t-seen:
    - {devices: [0], mig-enabled: true, mig-devices: {3g.40gb: 2}}
    - {devices: [1], mig-enabled: true, mig-devices: {1g.10gb: 7}}
";

fn node(cluster: &Cluster, name: &str, labels: &[(&str, &str)], allocatable: &[(&str, &str)]) {
    let mut all = serde_json::Map::from_iter([("gpu-type".to_owned(), json!("seen-mig"))]);
    all.extend(
        labels
            .iter()
            .map(|(key, value)| (format!("nvidia.com/{key}"), json!(value))),
    );
    let node = json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": all}});
    cluster.apply(User::Admin, &node.to_string());
    let amounts: serde_json::Map<String, Value> = allocatable
        .iter()
        .map(|(name, count)| (format!("nvidia.com/{name}"), json!(count)))
        .collect();
    let status = json!({"status": {"allocatable": amounts, "capacity": amounts}}).to_string();
    cluster.ok(
        User::Admin,
        &[
            "patch",
            "node",
            name,
            "--subresource=status",
            "--type=merge",
            "-p",
            &status,
        ],
    );
}

/// Writes an object as it is, whoever owns its fields.
fn replace(cluster: &Cluster, object: &Value) {
    let arguments = ["apply", "--server-side", "--force-conflicts", "-f", "-"];
    let output = cluster.kubectl(User::Admin, &arguments, Some(&object.to_string()));
    assert!(output.status.success(), "{output}");
}

fn json_of(answer: &Output) -> Value {
    serde_json::from_str(&answer.stdout)
        .unwrap_or_else(|error| panic!("one JSON document: {error}: {answer}"))
}

#[test]
fn layouts_pods_and_contradictions_are_read_from_the_nodes() {
    let cluster = lab::native();
    let _guard = cluster.exclusive();
    let folder = tempfile::tempdir().expect("a temporary directory");
    let write =
        |text: &str| std::fs::write(folder.path().join("platform.yaml"), text).expect("the spec is written");
    let plan = |more: &[&str]| {
        let arguments = [
            &["gpu", "plan", "--from-cluster", "-o", "json", "--timeout", "1m"],
            more,
        ]
        .concat();
        platform(cluster, folder.path(), &arguments)
    };
    write(SPEC);
    let made = cluster.kubectl(User::Admin, &["create", "namespace", "gpu-operator"], None);
    assert!(
        made.status.success() || made.stderr.contains("AlreadyExists"),
        "{made}"
    );
    let former = cluster.kubectl(
        User::Admin,
        &[
            "-n",
            "gpu-operator",
            "get",
            "configmap",
            "tenancy-mig-parted",
            "-o",
            "json",
        ],
        None,
    );
    let map = json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "tenancy-mig-parted", "namespace": "gpu-operator"},
        "data": {"config.yaml": CONFIGS},
    });
    replace(cluster, &map);

    let seen = [
        ("mig.config", "t-seen"),
        ("mig.config.state", "success"),
        ("gpu.product", "NVIDIA-H100-80GB-HBM3"),
    ];
    node(
        cluster,
        "seen-a",
        &seen,
        &[("mig-3g.40gb", "2"), ("mig-1g.10gb", "7"), ("gpu", "0")],
    );
    node(cluster, "seen-b", &[], &[("mig-3g.40gb", "4")]);
    node(cluster, "seen-c", &[("mig.capable", "true")], &[]);
    let pod = json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "seen-train", "namespace": "kube-system"},
        "spec": {
            "nodeName": "seen-a",
            // The policies leave the system namespaces alone, whatever other tests have applied.
            "tolerations": [{"operator": "Exists"}],
            "containers": [{
                "name": "main",
                "image": "registry.k8s.io/pause:3.10",
                "resources": {"limits": {"nvidia.com/mig-1g.10gb": "3"}},
            }],
        },
    });
    cluster.apply(User::Admin, &pod.to_string());

    let answer = plan(&[]);
    assert_eq!(answer.status.code(), Some(0), "{answer}");
    let document = json_of(&answer);
    let schema: Value =
        serde_json::from_str(include_str!("../../schemas/gpu-plan.schema.json")).expect("the schema is JSON");
    let validator = jsonschema::validator_for(&schema).expect("the schema is one");
    let errors: Vec<String> = validator
        .iter_errors(&document)
        .map(|error| error.to_string())
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
    assert_eq!(document["from"], "cluster", "{document:#}");
    let pool = &document["clusters"][0]["pools"][0];
    let names: Vec<&str> = pool["layouts"]
        .as_array()
        .expect("layouts")
        .iter()
        .filter_map(|gpu| gpu["nodeName"].as_str())
        .collect();
    assert_eq!(
        names,
        ["seen-a", "seen-a", "seen-b", "seen-b", "seen-c", "seen-c"],
        "{pool:#}"
    );
    let changes = pool["changes"].as_array().expect("changes");
    let from = |node: &str, gpu: u64| {
        let change = changes.iter().find(|c| c["nodeName"] == node && c["gpu"] == gpu);
        change.map(|change| change["from"].clone())
    };
    assert_eq!(
        from("seen-c", 0),
        Some(Value::Null),
        "nothing is known of it: {pool:#}"
    );
    assert_eq!(from("seen-b", 0), None, "the even division is kept: {pool:#}");
    let one = json!({"profiles": {"1g.10gb": 7}});
    assert_eq!(
        from("seen-a", 1),
        Some(one),
        "the ConfigMap says what lies there: {pool:#}"
    );
    let rollout = pool["rollout"].as_array().expect("a rollout");
    let first = rollout
        .iter()
        .find(|node| node["nodeName"] == "seen-a")
        .expect("seen-a is rebuilt");
    let way = json!([{"namespace": "kube-system", "name": "seen-train", "resource": "nvidia.com/mig-1g.10gb", "count": 3}]);
    assert_eq!(first["pods"], way, "{first:#}");
    assert_eq!(
        first["steps"][0]["command"], "kubectl --context fra1-admin cordon seen-a",
        "{first:#}"
    );

    // Another product, fewer GPUs, names of another driver, a node less than the spec has.
    let odd = [
        ("gpu.product", "Tesla-T4"),
        ("gpu.count", "1"),
        ("mig.config", "t-seen"),
    ];
    node(
        cluster,
        "seen-b",
        &odd,
        &[("mig-3g.40gb", "0"), ("mig-3g.39gb", "4")],
    );
    cluster.ok(User::Admin, &["delete", "node", "seen-c"]);
    let answer = plan(&[]);
    assert_eq!(answer.status.code(), Some(2), "{answer}");
    for words in [
        "platform.yaml:8:9: cluster `fra1`: node `seen-b` of pool `seen-mig` has GPUs `Tesla-T4`",
        "has 1 GPUs; the spec says 2 per node",
        "advertises nvidia.com/mig-3g.39gb",
    ] {
        assert!(answer.stderr.contains(words), "{words:?}: {answer}");
    }
    let document = json_of(&answer);
    assert_eq!(
        document["findings"].as_array().map(Vec::len),
        Some(3),
        "{document:#}"
    );
    let notes = document["notes"].to_string();
    assert!(
        notes.contains("has 2 nodes on the cluster, the spec says 3"),
        "{notes}"
    );

    let table = platform(cluster, folder.path(), &["gpu", "plan", "--from-cluster"]);
    assert!(
        table.stdout.contains("kube-system/seen-train"),
        "pods are named: {table}"
    );

    for name in ["seen-a", "seen-b"] {
        cluster.ok(User::Admin, &["delete", "node", name]);
    }
    cluster.ok(
        User::Admin,
        &[
            "-n",
            "kube-system",
            "delete",
            "pod",
            "seen-train",
            "--force",
            "--grace-period=0",
        ],
    );
    if former.status.success() {
        let mut former: Value = serde_json::from_str(&former.stdout).expect("a ConfigMap");
        former["metadata"] = json!({"name": "tenancy-mig-parted", "namespace": "gpu-operator", "labels": former["metadata"]["labels"]});
        replace(cluster, &former);
    } else {
        cluster.ok(
            User::Admin,
            &["-n", "gpu-operator", "delete", "configmap", "tenancy-mig-parted"],
        );
    }
}
