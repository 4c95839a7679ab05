//! `platform apply`: what it brings, that it is idempotent, and what it refuses.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::tenancy::{self, Tenancy};
use crate::lab::{self, User};

const STAGES: [&str; 3] = ["policies/fra1", "gpu/fra1", "tenants/fra1"];

#[test]
fn every_rendered_core_object_passes_server_side_dry_run() {
    for (cluster, tenancy) in [
        (lab::kyverno(), tenancy::kyverno as fn() -> &'static Tenancy),
        (lab::native(), tenancy::native),
    ] {
        let _guard = cluster.shared();
        let tenancy = tenancy();
        for stage in STAGES {
            let folder = tenancy.directory.join(stage);
            let folder = folder.to_str().expect("the path is text");
            let manager = "--field-manager=platform";
            let answer = cluster.kubectl(
                User::Admin,
                &[
                    "apply",
                    "--server-side",
                    manager,
                    "--dry-run=server",
                    "-k",
                    folder,
                ],
                None,
            );
            assert!(answer.status.success(), "{stage}: {answer}");
        }
    }
}

#[test]
fn every_folder_builds_with_kustomize() {
    let cluster = lab::native();
    let _guard = cluster.shared();
    let tenancy = tenancy::native();
    let mut built = 0;
    for entry in walkdir::WalkDir::new(&tenancy.directory) {
        let entry = entry.expect("the repository can be walked");
        if entry.file_name() == "kustomization.yaml" {
            let folder = entry
                .path()
                .parent()
                .and_then(std::path::Path::to_str)
                .expect("a folder");
            cluster.ok(User::Root, &["kustomize", folder]);
            built += 1;
        }
    }
    assert!(built >= 6, "{built} folders were built");
}

/// Name and resourceVersion of everything that the platform owns.
fn versions(tenancy: &Tenancy) -> Vec<(String, String)> {
    let kinds =
        "namespaces,resourcequotas,limitranges,networkpolicies,serviceaccounts,roles,rolebindings,configmaps";
    let policies = if tenancy.is_kyverno() {
        "validatingpolicies.policies.kyverno.io"
    } else {
        "validatingadmissionpolicies,validatingadmissionpolicybindings"
    };
    let mut all = Vec::new();
    for list in [kinds, policies] {
        let label = "app.kubernetes.io/managed-by=platform";
        let text = tenancy
            .cluster
            .ok(User::Root, &["get", list, "-A", "-l", label, "-o", "json"]);
        let list: Value = serde_json::from_str(&text).expect("kubectl prints JSON");
        for item in list["items"].as_array().into_iter().flatten() {
            let meta = &item["metadata"];
            let name = format!("{} {}/{}", item["kind"], meta["namespace"], meta["name"]);
            // The API server type-checks native policies and writes their status when it gets to it.
            let is_checked = item["kind"] == "ValidatingAdmissionPolicy";
            let version = if is_checked {
                "generation"
            } else {
                "resourceVersion"
            };
            all.push((name, meta[version].to_string()));
        }
    }
    assert!(all.len() > 25, "the platform owns {} objects", all.len());
    all
}

#[test]
fn a_second_apply_changes_no_resource_version() {
    for (cluster, tenancy) in [
        (lab::kyverno(), tenancy::kyverno as fn() -> &'static Tenancy),
        (lab::native(), tenancy::native),
    ] {
        let _guard = cluster.exclusive();
        let tenancy = tenancy();
        // Once more first: status of policies and quotas may have moved versions since the set-up.
        let first = tenancy.platform(&["apply"]);
        assert!(first.status.success(), "{first}");
        tenancy.settle();
        let before = versions(tenancy);
        let second = tenancy.platform(&["apply", "-o", "json"]);
        assert!(second.status.success(), "{second}");
        assert_eq!(
            before,
            versions(tenancy),
            "a second apply is idempotent: {second}"
        );
        assert!(
            !second.stdout.contains("\"created\"") && !second.stdout.contains("\"changed\""),
            "{second}"
        );
    }
}

#[test]
fn kinds_that_the_cluster_does_not_serve_are_listed() {
    let cluster = lab::kyverno();
    let _guard = cluster.shared();
    let answer = tenancy::kyverno().platform(&["apply", "--dry-run"]);
    assert!(answer.status.success(), "{answer}");
    assert!(
        answer.stdout.contains("needs flux"),
        "HelmRelease is not served here, and apply says so: {answer}"
    );
}

#[test]
fn nodes_are_labelled_and_tainted() {
    let cluster = lab::kyverno();
    let _guard = cluster.shared();
    tenancy::kyverno();
    let text = cluster.ok(User::Root, &["get", "nodes", "-o", "json"]);
    let nodes: Value = serde_json::from_str(&text).expect("kubectl prints JSON");
    for node in nodes["items"].as_array().expect("a list") {
        let labels = &node["metadata"]["labels"];
        let pool = labels["gpu-type"].as_str().expect("each node has its pool");
        assert_eq!(labels["nvidia.com/device-plugin.config"], pool, "{node}");
        let mig = labels["nvidia.com/mig.config"].as_str();
        assert_eq!(
            mig.is_some_and(|name| name.starts_with("t-")),
            pool == "h100-mig",
            "{node}"
        );
        let taints = node["spec"]["taints"].as_array().cloned().unwrap_or_default();
        let ours = taints
            .iter()
            .any(|t| t["key"] == "nvidia.com/gpu" && t["value"] == pool && t["effect"] == "NoSchedule");
        assert!(ours, "the taint of {pool}: {taints:?}");
    }
}

#[test]
fn a_node_that_joins_changes_no_other_one() {
    let cluster = lab::kyverno();
    let _guard = cluster.exclusive();
    let tenancy = tenancy::kyverno();
    let configs = || -> BTreeMap<String, Option<String>> {
        let text = cluster.ok(
            User::Root,
            &["get", "nodes", "-l", "gpu-type=h100-mig", "-o", "json"],
        );
        let nodes: Value = serde_json::from_str(&text).expect("kubectl prints JSON");
        let nodes = nodes["items"].as_array().cloned().unwrap_or_default();
        let config = |node: &Value| {
            let text = |value: &Value| value.as_str().map(str::to_owned);
            let config = text(&node["metadata"]["labels"]["nvidia.com/mig.config"]);
            Some((text(&node["metadata"]["name"])?, config))
        };
        nodes.iter().filter_map(config).collect()
    };
    let before = configs();
    let distinct: BTreeSet<_> = before.values().collect();
    assert!(
        before.len() == 4 && distinct.len() == 2,
        "nodes of two kinds: {before:?}"
    );
    // By its name it is the first of all.
    let joined = "a-h100-mig";
    let node = json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": joined, "labels": {"gpu-type": "h100-mig"}}});
    cluster.apply(User::Root, &node.to_string());
    let apply = tenancy.platform(&["apply", "-o", "json"]);
    let mut with = configs();
    cluster.ok(User::Root, &["delete", "node", joined]);
    assert!(apply.status.success(), "{apply}");
    assert!(
        apply
            .stdout
            .contains("5 nodes match `gpu-type=h100-mig`, expected 4"),
        "{apply}"
    );
    assert_eq!(
        with.remove(joined),
        Some(None),
        "there is no place for a fifth node in the plan"
    );
    assert_eq!(with, before, "the others keep what they carry");
}

#[test]
fn a_wrong_context_and_missing_rights_are_refused_by_name() {
    let cluster = lab::native();
    let _guard = cluster.shared();
    let tenancy = tenancy::native();
    let wrong = tenancy.platform(&["--context", "elsewhere", "apply"]);
    assert_eq!(wrong.status.code(), Some(6), "{wrong}");
    assert!(
        wrong.stderr.contains("`elsewhere`") && wrong.stderr.contains("fra1-admin"),
        "{wrong}"
    );
    let nobody = cluster.kubeconfig(User::Nobody);
    let nobody = nobody.to_str().expect("the path is text");
    let forbidden = tenancy.platform(&["--kubeconfig", nobody, "apply"]);
    assert_eq!(forbidden.status.code(), Some(4), "{forbidden}");
}

#[test]
fn another_cluster_under_the_same_context_is_refused() {
    let (first, second) = (lab::native(), lab::kyverno());
    let _first = first.shared();
    let _second = second.shared();
    let tenancy = tenancy::native();
    tenancy::kyverno();
    let other = second.kubeconfig(User::Admin);
    let answer = tenancy.platform(&["--kubeconfig", other.to_str().expect("the path is text"), "apply"]);
    assert!(
        !answer.status.success(),
        "the repository belongs to another cluster: {answer}"
    );
}

#[test]
fn deleting_a_namespace_completes() {
    for (cluster, tenancy) in [
        (lab::kyverno(), tenancy::kyverno as fn() -> &'static Tenancy),
        (lab::native(), tenancy::native),
    ] {
        let _guard = cluster.exclusive();
        let tenancy = tenancy();
        cluster.ok(User::Admin, &["delete", "namespace", "team-c", "--timeout=60s"]);
        let apply = tenancy.platform(&["apply"]);
        assert!(apply.status.success(), "apply brings the namespace back: {apply}");
        cluster.ok(User::Root, &["-n", "team-c", "get", "resourcequota", "tenant"]);
    }
}
