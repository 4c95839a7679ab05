//! Beyond the guarantee: what two quotas and a priority class make of a team's pods, on a real API server.

use std::path::Path;
use std::time::Duration;

use platform::plan::{self, BURST_CLASS, BURST_PRIORITY, GUARANTEED_QUOTA, Promise, TENANT_OBJECT};
use platform::render;
use serde_json::Value;

use crate::lab::{self, Cluster, Output, User};

/// The shipped example, and a team that may use one instance beyond its two.
const TEAM: &str = "  - name: bursting
    groups: [oidc:bursting]
    gpus:
      - {cluster: fra1, pool: h100-mig, profile: 3g.40gb, count: 2, burst: 1}
";

/// What a pod of the team meets: its name, whether it is of the class, and the quota that refuses it.
const PODS: [(&str, bool, Option<&str>); 6] = [
    ("first", false, None),
    ("second", false, None),
    ("third", false, Some(GUARANTEED_QUOTA)),
    ("beyond", true, None),
    ("beyond-too", true, Some(TENANT_OBJECT)),
    ("third-again", false, Some(TENANT_OBJECT)),
];

fn as_member(cluster: &Cluster, arguments: &[&str], stdin: Option<&str>) -> Output {
    let identity = [
        "--as=member",
        "--as-group=oidc:bursting",
        "--as-group=system:authenticated",
    ];
    let place = ["-n", "bursting"];
    cluster.kubectl(User::Root, &[&identity[..], &place, arguments].concat(), stdin)
}

fn create(cluster: &Cluster, promise: &Promise, name: &str, bursts: bool) -> Output {
    let namespace = platform::units::DnsLabel::parse("bursting").expect("a name");
    let pod = if bursts {
        plan::burst_pod(&namespace, name, promise)
    } else {
        plan::gpu_pod(&namespace, name, promise)
    };
    as_member(cluster, &["create", "-f", "-"], Some(&pod.to_string()))
}

/// Renders the spec and brings the team's folder and the priority class to the cluster.
fn deliver(cluster: &Cluster, directory: &Path) {
    let text = format!("{}{TEAM}", include_str!("../../examples/gpu-tenancy.yaml"));
    let plan = plan::decide("platform.yaml", text.as_bytes()).expect("the spec is valid");
    let tree = render::render(&plan, text.as_bytes()).expect("the plan renders");
    for path in [
        "gpu/fra1/priority-class.yaml",
        "tenants/fra1/bursting/namespace.yaml",
        "tenants/fra1/bursting/rbac.yaml",
        "tenants/fra1/bursting/quota.yaml",
        "tenants/fra1/bursting/limits.yaml",
    ] {
        let file = tree.get(path).unwrap_or_else(|| panic!("{path} is rendered"));
        let place = directory.join("object.yaml");
        std::fs::write(&place, &file.bytes).expect("the file is written");
        cluster.ok(User::Admin, &["apply", "-f", &place.display().to_string()]);
    }
}

/// Waits until the quota controller has counted, else everything is refused.
fn counted(cluster: &Cluster) {
    for quota in [TENANT_OBJECT, GUARANTEED_QUOTA] {
        cluster.wait_for("the status of the quotas", Duration::from_secs(60), || {
            let get = ["-n", "bursting", "get", "resourcequota", quota, "-o", "json"];
            let quota: Value = serde_json::from_str(&cluster.ok(User::Root, &get)).ok()?;
            let hard = quota["status"]["hard"]
                .as_object()
                .map_or(0, serde_json::Map::len);
            (hard > 0).then_some(())
        });
    }
}

#[test]
fn ordinary_pods_get_the_guarantee_and_pods_of_the_class_the_rest() {
    let cluster = lab::native();
    let _guard = cluster.exclusive();
    super::tenancy::native();
    let keep = tempfile::tempdir().expect("a temporary directory");
    deliver(cluster, keep.path());
    counted(cluster);
    let promise = Promise {
        pool: platform::units::DnsLabel::parse("h100-mig").expect("a name"),
        resource: "nvidia.com/mig-3g.40gb".to_owned(),
        class: None,
        count: 2,
        burst: 1,
    };
    for (name, bursts, refused_by) in PODS {
        let answer = create(cluster, &promise, name, bursts);
        match refused_by {
            None => assert!(answer.status.success(), "{name} is admitted: {answer}"),
            Some(quota) => assert!(
                !answer.status.success() && answer.stderr.contains(&format!("exceeded quota: {quota},")),
                "{name} is refused by quota `{quota}`: {answer}"
            ),
        }
    }
    let pod: Value = serde_json::from_str(&cluster.ok(
        User::Root,
        &["-n", "bursting", "get", "pod", "beyond", "-o", "json"],
    ))
    .expect("a pod is JSON");
    assert_eq!(pod["spec"]["priorityClassName"], BURST_CLASS, "{pod}");
    assert_eq!(
        pod["spec"]["priority"], BURST_PRIORITY,
        "it gives way to ordinary pods: {pod}"
    );
    assert_eq!(
        pod["spec"]["preemptionPolicy"], "Never",
        "it takes from nobody: {pod}"
    );
    for arguments in [
        ["delete", "namespace", "bursting", "--wait=true"],
        ["delete", "priorityclass", BURST_CLASS, "--wait=true"],
    ] {
        cluster.ok(User::Admin, &arguments);
    }
}
