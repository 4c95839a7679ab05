//! What members of a team may do in their namespaces: an enumerated list, nothing by wildcard.

use serde_json::{Value, json};

const READ: [&str; 3] = ["get", "list", "watch"];
const WRITE: [&str; 8] = [
    "get",
    "list",
    "watch",
    "create",
    "update",
    "patch",
    "delete",
    "deletecollection",
];

/// The rules of the Role `tenant`.
///
/// Deliberately absent: every write on quotas, limit ranges, network policies, roles, bindings, service accounts and
/// their tokens, secrets, policy-engine and secret-store kinds; `escalate`, `bind`, `impersonate`.
pub fn tenant_rules() -> Vec<Value> {
    let rule = |groups: &[&str], resources: &[&str], verbs: &[&str]| json!({"apiGroups": groups, "resources": resources, "verbs": verbs});
    vec![
        rule(
            &[""],
            &[
                "pods",
                "services",
                "configmaps",
                "persistentvolumeclaims",
                "podtemplates",
                "replicationcontrollers",
            ],
            &WRITE,
        ),
        rule(
            &[""],
            &[
                "pods/log",
                "pods/status",
                "services/status",
                "persistentvolumeclaims/status",
                "replicationcontrollers/scale",
            ],
            &READ,
        ),
        rule(
            &[""],
            &["pods/exec", "pods/attach", "pods/portforward"],
            &["get", "create"],
        ),
        rule(&[""], &["pods/eviction"], &["create"]),
        rule(
            &[""],
            &["pods/ephemeralcontainers", "pods/resize"],
            &["get", "update", "patch"],
        ),
        rule(
            &[""],
            &[
                "secrets",
                "serviceaccounts",
                "resourcequotas",
                "limitranges",
                "events",
                "endpoints",
            ],
            &READ,
        ),
        rule(&["events.k8s.io"], &["events"], &READ),
        rule(&["discovery.k8s.io"], &["endpointslices"], &READ),
        rule(
            &["apps"],
            &["deployments", "statefulsets", "daemonsets", "replicasets"],
            &WRITE,
        ),
        rule(
            &["apps"],
            &["deployments/scale", "statefulsets/scale", "replicasets/scale"],
            &["get", "update", "patch"],
        ),
        rule(&["batch"], &["jobs", "cronjobs"], &WRITE),
        rule(&["autoscaling"], &["horizontalpodautoscalers"], &WRITE),
        rule(&["policy"], &["poddisruptionbudgets"], &WRITE),
        rule(&["networking.k8s.io"], &["ingresses"], &WRITE),
        rule(&["networking.k8s.io"], &["networkpolicies"], &READ),
        rule(&["rbac.authorization.k8s.io"], &["roles", "rolebindings"], &READ),
    ]
}

/// What a member must be able to do in the own namespace: verb, API group, resource, subresource.
pub(super) const ALLOWED: [(&str, &str, &str, &str); 4] = [
    ("create", "", "pods", ""),
    ("create", "apps", "deployments", ""),
    ("create", "batch", "jobs", ""),
    ("get", "", "resourcequotas", ""),
];

/// What a member must not be able to do in the own namespace.
pub(super) const DENIED: [(&str, &str, &str, &str); 18] = [
    ("update", "", "resourcequotas", ""),
    ("delete", "", "resourcequotas", ""),
    ("update", "", "limitranges", ""),
    ("delete", "", "limitranges", ""),
    ("create", "networking.k8s.io", "networkpolicies", ""),
    ("update", "networking.k8s.io", "networkpolicies", ""),
    ("delete", "networking.k8s.io", "networkpolicies", ""),
    ("update", "rbac.authorization.k8s.io", "roles", ""),
    ("escalate", "rbac.authorization.k8s.io", "roles", ""),
    ("bind", "rbac.authorization.k8s.io", "roles", ""),
    ("create", "rbac.authorization.k8s.io", "rolebindings", ""),
    ("update", "rbac.authorization.k8s.io", "rolebindings", ""),
    ("create", "", "serviceaccounts", ""),
    ("create", "", "serviceaccounts", "token"),
    ("create", "", "secrets", ""),
    ("update", "", "namespaces", ""),
    ("create", "policies.kyverno.io", "policyexceptions", ""),
    ("create", "secrets.hashicorp.com", "vaultauths", ""),
];

/// What a member must not be able to do in the cluster.
pub(super) const DENIED_IN_CLUSTER: [(&str, &str, &str, &str); 8] = [
    ("create", "", "namespaces", ""),
    ("update", "", "namespaces", ""),
    ("patch", "", "nodes", ""),
    ("create", "rbac.authorization.k8s.io", "clusterrolebindings", ""),
    ("delete", "policies.kyverno.io", "validatingpolicies", ""),
    (
        "delete",
        "admissionregistration.k8s.io",
        "validatingadmissionpolicies",
        "",
    ),
    ("impersonate", "", "groups", ""),
    ("create", "", "persistentvolumes", ""),
];
