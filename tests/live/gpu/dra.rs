//! MIG instances by Dynamic Resource Allocation: the scheduler allocates them, and the quota of their class holds.
//!
//! Seen on Kubernetes 1.36.3, whose API server, controller manager and scheduler have `DRAExtendedResource` on by default:
//!
//! - A pod that asks for the extended resource of a class gets a claim of the scheduler's own, made when it is bound.
//! - `requests.<extended resource>` counts such a pod from its creation, and denies the pod.
//!   `<class>.deviceclass.resource.k8s.io/devices` counts its claim, so it cannot deny the pod: it denies the scheduler
//!   the claim, and the pod stays pending. Only both keys at the same number deny early and leave no way around.
//! - A pod and its claim are one device in `requests.…`, not two.
//! - A claim that a person makes counts in both, at its creation, and is denied itself.

use std::time::Duration;

use platform::plan::{self, Promise};
use platform::units::DnsLabel;
use serde_json::{Value, json};

use super::floor::{Floor, floor};
use crate::lab::{self, Output, User};

const NAMESPACE: &str = "dynamic";
const RESOURCE: &str = "nvidia.com/mig-3g.40gb";
const CLASS: &str = "mig-3g.40gb";

/// A pod that asks for one instance as it would with the device plugin.
fn pod(name: &str, resource: &str) -> Value {
    let namespace = DnsLabel::parse(NAMESPACE).expect("a label");
    let promise = Promise {
        pool: namespace.clone(),
        resource: resource.to_string(),
        count: 1,
        burst: 0,
    };
    let mut pod = plan::gpu_pod(&namespace, name, &promise);
    // No platform made this namespace, so it has the default account alone.
    pod["spec"]["serviceAccountName"] = "default".into();
    pod
}

fn claim(name: &str, class: &str) -> Value {
    let request = json!({"name": "gpu", "exactly": {"deviceClassName": class, "count": 1}});
    let spec = json!({"devices": {"requests": [request]}});
    let metadata = json!({"name": name, "namespace": NAMESPACE});
    json!({"apiVersion": "resource.k8s.io/v1", "kind": "ResourceClaim", "metadata": metadata, "spec": spec})
}

fn create(floor: &Floor, object: &Value) -> Output {
    let object = object.to_string();
    floor
        .cluster
        .kubectl(User::Root, &["-n", NAMESPACE, "create", "-f", "-"], Some(&object))
}

/// What the quota says is used, by key.
fn used(floor: &Floor, key: &str) -> Value {
    let quotas = floor.list(&["-n", NAMESPACE, "get", "resourcequotas"]);
    quotas[0]["status"]["used"][key].clone()
}

/// Sets the two keys of the class and waits until admission goes by them.
fn allow(floor: &Floor, requests: u32, devices: u32) {
    let hard = json!({requests_key(): requests.to_string(), devices_key(CLASS): devices.to_string()});
    let patch = json!({"spec": {"hard": hard}}).to_string();
    let command = [
        "-n",
        NAMESPACE,
        "patch",
        "resourcequota",
        "tenant",
        "--type=merge",
        "-p",
        &patch,
    ];
    floor.cluster.ok(User::Admin, &command);
    floor
        .cluster
        .wait_for("the new quota", Duration::from_secs(20), || {
            let quotas = floor.list(&["-n", NAMESPACE, "get", "resourcequotas"]);
            let status = &quotas[0]["status"]["hard"];
            (status[requests_key()] == hard[requests_key()]
                && status[devices_key(CLASS)] == hard[devices_key(CLASS)])
            .then_some(())
        });
}

fn requests_key() -> String {
    format!("requests.{RESOURCE}")
}

fn devices_key(class: &str) -> String {
    format!("{class}.deviceclass.resource.k8s.io/devices")
}

#[track_caller]
fn denied(answer: &Output, key: &str) {
    let quota = format!("exceeded quota: tenant, requested: {key}=1");
    assert!(
        !answer.status.success() && answer.stderr.contains(&quota),
        "`{quota}` is expected: {answer}"
    );
}

#[test]
fn instances_are_allocated_by_the_scheduler_and_counted_by_their_class() {
    let _guard = lab::gpu().exclusive();
    // The platform's policies are in force, whichever test comes first.
    let floor = floor();
    floor.cluster.apply(User::Admin, include_str!("dra.yaml"));
    lab::advertise(
        floor.cluster,
        "dynamic-0",
        &json!({"cpu": "64", "memory": "512Gi", "pods": "110"}),
    );
    allow(&floor, 2, 2);

    for name in ["first", "second"] {
        let created = create(&floor, &pod(name, RESOURCE));
        assert!(created.status.success(), "{created}");
    }
    let nodes = floor.wait_running(NAMESPACE, 2);
    assert!(nodes.values().all(|node| node == "dynamic-0"), "{nodes:?}");
    let mut devices: Vec<Value> = floor
        .list(&["-n", NAMESPACE, "get", "resourceclaims"])
        .iter()
        .map(|claim| claim["status"]["allocation"]["devices"]["results"][0]["device"].clone())
        .collect();
    devices.sort_by_key(ToString::to_string);
    assert_eq!(
        devices,
        ["gpu-0-mig-3g40gb-9-0", "gpu-0-mig-3g40gb-9-4"],
        "an instance each"
    );
    assert_eq!(
        used(&floor, &requests_key()),
        "2",
        "a pod and its claim are one device"
    );
    assert_eq!(used(&floor, &devices_key(CLASS)), "2");

    one_over_quota(&floor);
    generic_classes_are_closed(&floor);
    one_more_waits(&floor);
    the_class_alone_denies_late(&floor);
    remove(&floor);
}

fn one_over_quota(floor: &Floor) {
    denied(&create(floor, &pod("third", RESOURCE)), &requests_key());
    denied(&create(floor, &claim("third", CLASS)), &devices_key(CLASS));
}

/// A claim of a class that says less of the device would get the same instance past the quota of the profile.
fn generic_classes_are_closed(floor: &Floor) {
    for class in ["gpu.nvidia.com", "mig.nvidia.com"] {
        denied(&create(floor, &claim("generic", class)), &devices_key(class));
    }
    // A class can also be asked for by an implicit name. Only the claim is counted there, so it is the policy that denies
    // the pod: the namespace has a grant for the class and still none for the name of this resource.
    let implicit = create(
        floor,
        &pod(
            "implicit",
            "deviceclass.resource.kubernetes.io/vfio.gpu.nvidia.com",
        ),
    );
    assert!(implicit.denied_by("gpu-entitlement"), "{implicit}");
}

fn one_more_waits(floor: &Floor) {
    allow(floor, 3, 3);
    let third = create(floor, &pod("third", RESOURCE));
    assert!(third.status.success(), "{third}");
    let reason = floor.wait_unschedulable(NAMESPACE, "third");
    assert!(reason.contains("1 cannot allocate all claims"), "{reason}");
    assert_eq!(used(floor, &requests_key()), "3", "a pod that waits is counted");
    assert_eq!(used(floor, &devices_key(CLASS)), "2", "it has no claim yet");
    floor.clear(NAMESPACE);
    no_claims(floor);
}

fn the_class_alone_denies_late(floor: &Floor) {
    allow(floor, 3, 0);
    let late = create(floor, &pod("late", RESOURCE));
    assert!(late.status.success(), "the class does not count the pod: {late}");
    let quota = format!("exceeded quota: tenant, requested: {}=1", devices_key(CLASS));
    let said = floor.wait_not_scheduled(NAMESPACE, "late", "SchedulerError");
    assert!(said.contains(&quota), "{said}");
}

/// Claims end some time after their pods.
fn no_claims(floor: &Floor) {
    floor
        .cluster
        .wait_for("the end of the claims", Duration::from_secs(20), || {
            let claims = floor.list(&["-n", NAMESPACE, "get", "resourceclaims"]);
            claims.is_empty().then_some(())
        });
}

/// A class with an extended resource speaks for every node of the cluster, also for those of the other tests.
fn remove(floor: &Floor) {
    floor.clear(NAMESPACE);
    let delete = ["delete", "--wait=false", "-f", "-"];
    let deleted = floor
        .cluster
        .kubectl(User::Admin, &delete, Some(include_str!("dra.yaml")));
    assert!(deleted.status.success(), "{deleted}");
}
