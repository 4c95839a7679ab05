//! A policy as `ValidatingAdmissionPolicy` and its binding.

use serde_json::{Value, json};

use super::{Action, Parameters, logic, metadata};
use crate::catalog::policies::{Policy, SystemNamespaces};

pub(super) fn policy_and_binding(policy: &Policy, parameters: &Parameters, action: Action) -> Vec<Value> {
    let (variables, validations) = logic(policy, parameters);
    let annotations = [
        ("tenancy.platform/title", policy.title.as_str()),
        ("tenancy.platform/severity", policy.severity.as_str()),
        ("tenancy.platform/description", policy.why.as_str()),
    ];
    let judged = json!({
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicy",
        "metadata": metadata(policy, &annotations),
        "spec": {
            "failurePolicy": "Fail",
            "matchConstraints": {"resourceRules": policy.rules},
            "variables": variables,
            "validations": validations,
        },
    });
    let mut binding = json!({
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": metadata(policy, &annotations[..2]),
        "spec": {
            "policyName": policy.id,
            "validationActions": match action {
                Action::Enforce => json!(["Deny"]),
                Action::Audit => json!(["Audit", "Warn"]),
            },
        },
    });
    if policy.system_namespaces == SystemNamespaces::Exempt
        && let Some(selector) = parameters.namespace_selector()
    {
        binding["spec"]["matchResources"] = json!({"namespaceSelector": selector});
    }
    vec![judged, binding]
}
