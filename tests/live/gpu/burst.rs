//! What is promised to one team and idle is used by another until its owner comes: by a priority class and a scoped quota.
//!
//! Seen on Kubernetes 1.36.3:
//!
//! - A quota with the scope `PriorityClass` takes `requests.nvidia.com/…`; its `NotIn` counts a pod without any class.
//! - A pod without a class preempts one of a class below zero: it runs as soon as the other has ended.
//! - With `preemptionPolicy: Never` a pod of the class waits, whatever runs.

use std::time::Duration;

use serde_json::{Value, json};

use super::floor::{floor, foreign_pod, name};
use crate::lab::{self, User};

const RESOURCE: &str = "nvidia.com/mig-2g.20gb";

fn pod(name: &str) -> Value {
    foreign_pod("burst", name, RESOURCE)
}

fn burst(name: &str) -> Value {
    let mut pod = pod(name);
    pod["spec"]["priorityClassName"] = "lab-burst".into();
    pod
}

#[test]
fn what_is_promised_is_taken_back_from_burst_pods() {
    let _guard = lab::gpu().exclusive();
    let floor = floor();
    floor.cluster.apply(User::Admin, include_str!("burst.yaml"));
    let capacity = json!({"cpu": "64", "memory": "512Gi", "pods": "110", RESOURCE: "2"});
    lab::advertise(floor.cluster, "burst-0", &capacity);
    floor.wait_quotas("borrower", 2);
    floor.wait_quotas("lender", 1);

    let ordinary = floor.create_as_root("borrower", &pod("ordinary"));
    let guaranteed = format!("exceeded quota: tenant-guaranteed, requested: requests.{RESOURCE}=1");
    assert!(
        ordinary.stderr.contains(&guaranteed),
        "a pod without a class is no burst: {ordinary}"
    );
    for name in ["first", "second"] {
        let created = floor.create_as_root("borrower", &burst(name));
        assert!(created.status.success(), "{created}");
    }
    floor.wait_running("borrower", 2);

    let created = floor.create_as_root("lender", &pod("owner"));
    assert!(created.status.success(), "{created}");
    floor.wait_running("lender", 1);
    let left = floor.wait_running("borrower", 1);
    assert_eq!(left.len(), 1, "one instance is taken back, not both: {left:?}");

    let late = floor.create_as_root("borrower", &burst("late"));
    assert!(late.status.success(), "{late}");
    let reason = floor.wait_unschedulable("borrower", "late");
    assert!(reason.contains(&format!("Insufficient {RESOURCE}")), "{reason}");
    let run: Vec<String> = floor
        .list(&["-n", "lender", "get", "pods"])
        .iter()
        .map(name)
        .collect();
    assert_eq!(run, ["owner"], "burst takes from nobody");
    let third = floor.create_as_root("borrower", &burst("third"));
    assert!(third.status.success(), "{third}");
    let over = floor.create_as_root("borrower", &burst("over"));
    let all = format!("exceeded quota: tenant, requested: requests.{RESOURCE}=1");
    assert!(over.stderr.contains(&all), "burst has its own end: {over}");

    for namespace in ["borrower", "lender"] {
        floor.clear(namespace);
    }
    let delete = ["delete", "--wait=false", "-f", "-"];
    let deleted = floor
        .cluster
        .kubectl(User::Admin, &delete, Some(include_str!("burst.yaml")));
    assert!(deleted.status.success(), "{deleted}");
    floor
        .cluster
        .wait_for("the end of the node", Duration::from_secs(20), || {
            let nodes = floor.list(&["get", "nodes"]);
            nodes.iter().all(|node| name(node) != "burst-0").then_some(())
        });
}
