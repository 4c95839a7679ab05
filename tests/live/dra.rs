//! DRA on a real API server: the rendered classes, grants and quotas let a team have its devices and no others.
//!
//! No driver and no scheduler runs here: what admission and quotas say of claims and pods needs neither.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};

use super::tenancy::{self, Tenancy};
use crate::lab::{self, Output, User};

const SPEC: &str = "
apiVersion: tenancy.platform/v1alpha1
kind: Tenancy
name: demo
policy: {engine: native}
clusters:
  - name: fra1
    pools:
      - {name: sliced, board: h100-80gb, nodes: 2, gpusPerNode: 4, sharing: dra}
      - {name: whole, board: a100-80gb, nodes: 1, gpusPerNode: 8, sharing: dra}
teams:
  - name: dra-a
    groups: [oidc:dra-a]
    gpus:
      - {cluster: fra1, pool: sliced, profile: 3g.40gb, count: 2}
      - {cluster: fra1, pool: sliced, profile: 1g.10gb+me, count: 1}
  - name: dra-b
    groups: [oidc:dra-b]
    gpus: [{cluster: fra1, pool: whole, count: 1}]
  - {name: dra-c, groups: [oidc:dra-c]}
";

/// The tree of the spec above.
fn render() -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    std::fs::write(directory.path().join("spec.yaml"), SPEC).expect("the spec is written");
    let output = Command::new(env!("CARGO_BIN_EXE_platform"))
        .current_dir(directory.path())
        .args(["render", "-f", "spec.yaml", "--out", "tree"])
        .output()
        .expect("the binary runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    directory
}

fn apply(tenancy: &Tenancy, tree: &Path, folder: &str) {
    let path = tree.join(folder);
    let path = path.to_str().expect("the path is text");
    let strict = ["apply", "--server-side", "--validate=strict", "-k", path];
    let answer = tenancy.cluster.kubectl(User::Admin, &strict, None);
    assert!(answer.status.success(), "{folder}: {answer}");
    assert!(!answer.stderr.contains("Warning"), "{folder}: {answer}");
}

fn claim(name: &str, class: &str) -> String {
    let request = json!({"name": "gpu", "exactly": {"deviceClassName": class}});
    json!({
        "apiVersion": "resource.k8s.io/v1", "kind": "ResourceClaim", "metadata": {"name": name},
        "spec": {"devices": {"requests": [request]}},
    })
    .to_string()
}

fn create(tenancy: &Tenancy, team: &str, object: &str) -> Output {
    tenancy.as_member(team, &["-n", team, "create", "-f", "-"], Some(object))
}

/// What the quota of a team says is used of a key.
fn used(tenancy: &Tenancy, team: &str, key: &str) -> String {
    let text = tenancy.cluster.ok(
        User::Root,
        &["-n", team, "get", "resourcequota", "tenant", "-o", "json"],
    );
    let quota: Value = serde_json::from_str(&text).expect("kubectl prints JSON");
    quota["status"]["used"][key].as_str().unwrap_or("?").to_owned()
}

/// Every file of the examples of a team, one object each.
fn examples(tree: &Path, team: &str) -> Vec<Value> {
    ["", "-claim"]
        .iter()
        .flat_map(|end| {
            let path = format!("docs/examples/fra1/{team}{end}.yaml");
            let bytes = std::fs::read(tree.join(&path)).unwrap_or_else(|error| panic!("{path}: {error}"));
            platform::render::read_back(&path, &bytes).expect("it is YAML")
        })
        .collect()
}

#[test]
fn a_team_has_the_devices_of_its_classes_and_no_others() {
    let _guard = lab::native().shared();
    let tenancy = tenancy::native();
    let cluster = tenancy.cluster;
    let directory = render();
    let tree = directory.path().join("tree");
    // Only the classes: the MIG configurations are those of the tenancy that all tests share.
    std::fs::write(
        tree.join("gpu/fra1/kustomization.yaml"),
        "resources: [device-classes.yaml]\n",
    )
    .expect("the file is written");
    apply(tenancy, &tree, "gpu/fra1");
    apply(tenancy, &tree, "tenants/fra1");
    for team in ["dra-a", "dra-b", "dra-c"] {
        cluster.wait_for("the status of a quota", Duration::from_secs(30), || {
            (used(
                tenancy,
                team,
                "gpu.nvidia.com.deviceclass.resource.k8s.io/devices",
            ) == "0")
                .then_some(())
        });
    }
    // Who may claim what, and who says no.
    for (team, class, refused) in [
        ("dra-a", "h100-80gb-3g.40gb", None),
        ("dra-a", "h100-80gb-1g.10gb.me", None),
        ("dra-a", "mig.nvidia.com", Some("gpu-entitlement")),
        ("dra-a", "gpu.nvidia.com", Some("gpu-entitlement")),
        ("dra-b", "gpu.nvidia.com", None),
        ("dra-b", "h100-80gb-3g.40gb", Some("gpu-entitlement")),
        ("dra-c", "h100-80gb-3g.40gb", Some("cannot create resource")),
    ] {
        let answer = tenancy.create(team, &claim("probe", class));
        let as_wanted = match refused {
            None => answer.status.success(),
            Some(by) => !answer.status.success() && answer.stderr.contains(by),
        };
        assert!(
            as_wanted,
            "{team} claims `{class}`, refused by {refused:?}: {answer}"
        );
    }
    // What the documentation shows is admitted, pod, template and claiming pod alike.
    for (team, objects) in [
        ("dra-a", examples(&tree, "dra-a")),
        ("dra-b", examples(&tree, "dra-b")),
    ] {
        assert_eq!(objects.len(), 3, "the examples of {team}");
        for object in objects {
            let answer = tenancy.create(team, &object.to_string());
            assert!(answer.status.success(), "{} of {team}: {answer}", object["kind"]);
        }
    }
    // Claims and pods draw on one promise, by whichever name.
    let first = create(tenancy, "dra-a", &claim("one", "h100-80gb-3g.40gb"));
    assert!(first.status.success(), "the first of two: {first}");
    let pod = examples(&tree, "dra-a")[0]
        .to_string()
        .replace("mig-1g.10gb.me", "mig-3g.40gb");
    let second = create(tenancy, "dra-a", &pod);
    assert!(second.status.success(), "the second of two, by a pod: {second}");
    let third = tenancy.create("dra-a", &claim("three", "h100-80gb-3g.40gb"));
    assert!(
        third.stderr.contains("exceeded quota"),
        "the third of two: {third}"
    );
    cluster.wait_for("the usage of both", Duration::from_secs(30), || {
        (used(tenancy, "dra-a", "requests.nvidia.com/mig-3g.40gb") == "2").then_some(())
    });
    assert_eq!(
        used(
            tenancy,
            "dra-a",
            "h100-80gb-3g.40gb.deviceclass.resource.k8s.io/devices"
        ),
        "1",
        "by claim"
    );
    // Nobody but the platform leads a granted name elsewhere.
    let class = |name: &str, resource: &str| {
        json!({
            "apiVersion": "resource.k8s.io/v1", "kind": "DeviceClass", "metadata": {"name": name},
            "spec": {"extendedResourceName": resource, "selectors": [{"cel": {"expression": "device.driver == 'gpu.nvidia.com'"}}]},
        })
        .to_string()
    };
    let dry = ["create", "--dry-run=server", "-f", "-"];
    let theft = cluster.kubectl(User::Root, &dry, Some(&class("newer", "nvidia.com/mig-3g.40gb")));
    assert!(
        theft.denied_by("protect-platform-objects"),
        "a second class for the name: {theft}"
    );
    let foreign = cluster.kubectl(User::Root, &dry, Some(&class("nics", "example.com/nic")));
    assert!(foreign.status.success(), "a class of somebody else: {foreign}");
    let delete = ["delete", "deviceclass", "h100-80gb-3g.40gb", "--dry-run=server"];
    let deleted = cluster.kubectl(User::Root, &delete, None);
    assert!(
        deleted.denied_by("protect-platform-objects"),
        "our class goes: {deleted}"
    );
    for arguments in [
        ["delete", "namespace", "dra-a", "dra-b", "dra-c"].as_slice(),
        &[
            "delete",
            "deviceclass",
            "-l",
            "app.kubernetes.io/managed-by=platform",
        ],
    ] {
        cluster.ok(User::Admin, arguments);
    }
}
