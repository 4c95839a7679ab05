//! What members of a team cannot do to their own fence, and who else cannot.

use super::tenancy::{self, Tenancy};
use crate::lab::{self, User};

/// Verb, arguments; each must be forbidden to a member of team-a in the namespace team-a.
const FORBIDDEN: [&[&str]; 8] = [
    &[
        "label",
        "namespace",
        "team-a",
        "grant.tenancy.platform/nvidia.com_gpu=allowed",
        "--overwrite",
    ],
    &[
        "patch",
        "resourcequota",
        "tenant",
        "--type=merge",
        "-p",
        r#"{"spec":{"hard":{"pods":"1000"}}}"#,
    ],
    &["delete", "resourcequota", "tenant"],
    &["delete", "limitrange", "tenant"],
    &["delete", "networkpolicy", "default-deny"],
    &[
        "patch",
        "role",
        "tenant",
        "--type=json",
        "-p",
        r#"[{"op":"remove","path":"/rules/0"}]"#,
    ],
    &[
        "create",
        "rolebinding",
        "more",
        "--clusterrole=cluster-admin",
        "--user=member",
    ],
    &["create", "token", "workload"],
];

fn cannot_move_the_fence(tenancy: &Tenancy) {
    for arguments in FORBIDDEN {
        let full = [&["-n", "team-a"], arguments].concat();
        let answer = tenancy.as_member("team-a", &full, None);
        let why = answer.stderr.contains("Forbidden") || answer.stderr.contains("forbidden");
        assert!(
            !answer.status.success() && why,
            "member of team-a: {arguments:?}: {answer}"
        );
        assert!(
            answer.stderr.contains("member"),
            "the answer names the member: {answer}"
        );
    }
    let own = tenancy.as_member("team-a", &["-n", "team-a", "get", "pods"], None);
    assert!(own.status.success(), "a member sees the own pods: {own}");
    let foreign = tenancy.as_member("team-a", &["-n", "team-b", "get", "pods"], None);
    assert!(
        !foreign.status.success(),
        "a member does not see another team's pods: {foreign}"
    );
}

#[test]
fn members_cannot_move_their_fence_with_kyverno() {
    let _guard = lab::kyverno().shared();
    cannot_move_the_fence(tenancy::kyverno());
}

#[test]
fn members_cannot_move_their_fence_with_native_policies() {
    let _guard = lab::native().shared();
    cannot_move_the_fence(tenancy::native());
}

/// Even somebody whom RBAC lets do everything is held by the policy, unless the spec names them as admin.
fn policy_holds_everybody_else(tenancy: &Tenancy) {
    for arguments in FORBIDDEN
        .iter()
        .filter(|a| ["label", "patch", "delete"].contains(&a[0]))
    {
        let full = [&["-n", "team-a"], *arguments, &["--dry-run=server"]].concat();
        let answer = tenancy.cluster.kubectl(User::Root, &full, None);
        assert!(
            answer.denied_by("protect-platform-objects"),
            "cluster-admin outside the spec: {arguments:?}: {answer}"
        );
    }
    let label = [
        "label",
        "namespace",
        "team-a",
        "tenancy.platform/team=team-a",
        "--overwrite",
        "--dry-run=server",
    ];
    let admin = tenancy.cluster.kubectl(User::Admin, &label, None);
    assert!(admin.status.success(), "an admin of the spec: {admin}");
    let class = serde_json::json!({
        "apiVersion": "resource.k8s.io/v1", "kind": "DeviceClass", "metadata": {"name": "newer"},
        "spec": {
            "extendedResourceName": "nvidia.com/mig-3g.40gb",
            "selectors": [{"cel": {"expression": "device.driver == 'gpu.nvidia.com'"}}],
        },
    });
    let create = ["create", "--dry-run=server", "-f", "-"];
    let theft = tenancy
        .cluster
        .kubectl(User::Root, &create, Some(&class.to_string()));
    assert!(
        theft.denied_by("protect-platform-objects"),
        "a device class with a name that teams are granted: {theft}"
    );
    let own = [
        "label",
        "namespace",
        "team-a",
        "example.com/note=x",
        "--dry-run=server",
    ];
    let other = tenancy.cluster.kubectl(User::Root, &own, None);
    assert!(
        other.status.success(),
        "a label that is not the platform's: {other}"
    );
}

#[test]
fn kyverno_protects_platform_objects_from_other_cluster_admins() {
    let _guard = lab::kyverno().shared();
    policy_holds_everybody_else(tenancy::kyverno());
}

#[test]
fn native_policies_protect_platform_objects_from_other_cluster_admins() {
    let _guard = lab::native().shared();
    policy_holds_everybody_else(tenancy::native());
}
