//! What verify asks the authoriser about members of a team; the Role itself is `blueprints/tenant/rbac.yaml`.

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

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether the rules of the blueprint's Role allow a request.
    fn allows(
        rules: &[serde_json::Value],
        (verb, group, resource, subresource): (&str, &str, &str, &str),
    ) -> bool {
        let full = if subresource.is_empty() {
            resource.to_owned()
        } else {
            format!("{resource}/{subresource}")
        };
        let lists = |rule: &serde_json::Value, key: &str, wanted: &str| {
            rule[key]
                .as_array()
                .is_some_and(|all| all.iter().any(|one| one == wanted || one == "*"))
        };
        rules.iter().any(|rule| {
            lists(rule, "apiGroups", group) && lists(rule, "resources", &full) && lists(rule, "verbs", verb)
        })
    }

    #[test]
    fn the_role_allows_what_members_need_and_nothing_of_the_fence() {
        let text = crate::catalog::text("tenant/rbac.yaml").unwrap();
        let from = text.find("rules:").unwrap();
        let to = text[from..].find("[%-").unwrap() + from;
        let role: serde_json::Value = serde_yaml::from_str(&text[from..to]).unwrap();
        let rules = role["rules"].as_array().unwrap();
        assert!(!text[from..to].contains('*'), "nothing by wildcard");
        for request in ALLOWED {
            assert!(allows(rules, request), "{request:?} is allowed");
        }
        for request in DENIED.into_iter().chain(DENIED_IN_CLUSTER) {
            assert!(!allows(rules, request), "{request:?} is not allowed");
        }
    }
}
