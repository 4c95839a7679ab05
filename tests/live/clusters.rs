//! The control planes themselves: the right version, the users, and the controllers that other tests rely on.

use std::time::Duration;

use crate::lab::{self, Cluster, User};

fn both() -> [&'static Cluster; 2] {
    [lab::native(), lab::kyverno()]
}

#[test]
fn they_run_the_pinned_version() {
    for cluster in both() {
        let _guard = cluster.shared();
        let version = cluster.ok(User::Nobody, &["version"]);
        for side in ["Client", "Server"] {
            let expected = format!("{side} Version: {}", lab::KUBERNETES);
            assert!(
                version.contains(&expected),
                "`kubectl version` has no `{expected}`:\n{version}"
            );
        }
    }
}

#[test]
fn users_may_do_what_their_bindings_say() {
    for cluster in both() {
        let _guard = cluster.shared();
        let cases = [
            (User::Root, "create", true),
            (User::Admin, "create", true),
            (User::Admin, "impersonate", true),
            (User::Nobody, "get", false),
            (User::ControllerManager, "create", false),
        ];
        for (user, verb, allowed) in cases {
            let answer = cluster.kubectl(user, &["auth", "can-i", verb, "namespaces"], None);
            assert_eq!(
                answer.stdout.trim() == "yes",
                allowed,
                "{user:?} may {verb} namespaces: {answer}"
            );
        }
    }
}

#[test]
fn the_admin_is_not_a_master() {
    let cluster = lab::native();
    let _guard = cluster.shared();
    let who = cluster.ok(User::Admin, &["auth", "whoami", "-o", "json"]);
    let who: serde_json::Value = serde_json::from_str(&who).expect("kubectl prints JSON");
    let expected = serde_json::json!(["platform-admins", "system:authenticated"]);
    assert_eq!(
        who["status"]["userInfo"]["username"], "platform-admin",
        "whoami: {who}"
    );
    assert_eq!(who["status"]["userInfo"]["groups"], expected, "whoami: {who}");
}

#[test]
fn the_kubeconfig_names_the_context_that_specs_use() {
    let cluster = lab::native();
    let _guard = cluster.shared();
    let kubeconfig = cluster.kubeconfig(User::Admin).display().to_string();
    let contexts = cluster.ok(User::Admin, &["config", "get-contexts", "-o", "name"]);
    assert_eq!(contexts.trim(), "fra1-admin", "contexts of {kubeconfig}");
}

#[test]
fn a_deleted_namespace_goes_away() {
    for cluster in both() {
        let _guard = cluster.shared();
        cluster.namespace("short-lived", &[]);
        cluster.ok(
            User::Admin,
            &["-n", "short-lived", "create", "configmap", "content"],
        );
        cluster.ok(
            User::Admin,
            &["delete", "namespace", "short-lived", "--wait=false"],
        );
        cluster.wait_for("the end of the namespace", Duration::from_secs(60), || {
            let get = cluster.kubectl(User::Admin, &["get", "namespace", "short-lived"], None);
            get.stderr.contains("NotFound").then_some(())
        });
    }
}

#[test]
fn a_quota_gets_a_status() {
    for cluster in both() {
        let _guard = cluster.shared();
        cluster.namespace("with-quota", &[]);
        cluster.ok(
            User::Admin,
            &[
                "-n",
                "with-quota",
                "create",
                "quota",
                "gpu",
                "--hard=requests.nvidia.com/mig-3g.40gb=1",
            ],
        );
        let hard = cluster.wait_for("the status of the quota", Duration::from_secs(60), || {
            let status = [
                "-n",
                "with-quota",
                "get",
                "quota",
                "gpu",
                "-o",
                "jsonpath={.status.hard}",
            ];
            Some(cluster.ok(User::Admin, &status)).filter(|status| !status.is_empty())
        });
        assert_eq!(hard, r#"{"requests.nvidia.com/mig-3g.40gb":"1"}"#, "status.hard");
    }
}
