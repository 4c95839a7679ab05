//! A policy as `policies.kyverno.io/v1 ValidatingPolicy`.
//!
//! No matchConditions and one shared namespaceSelector: policies that agree in these share one webhook call.
//! No autogen: it rewrites text, and the policies match the controllers themselves.

use serde_json::{Map, Value, json};

use super::{Action, Parameters, logic, metadata};
use crate::catalog::policies::Policy;

pub(super) fn validating_policy(policy: &Policy, parameters: &Parameters, action: Action) -> Value {
    let (variables, validations) = logic(policy, parameters);
    let mut constraints = Map::new();
    if let Some(selector) = parameters.namespace_selector() {
        constraints.insert("namespaceSelector".to_owned(), selector);
    }
    constraints.insert("resourceRules".to_owned(), json!(policy.rules));
    let annotations = [
        ("policies.kyverno.io/title", policy.title.as_str()),
        ("policies.kyverno.io/severity", policy.severity.as_str()),
        ("policies.kyverno.io/description", policy.why.as_str()),
    ];
    json!({
        "apiVersion": "policies.kyverno.io/v1",
        "kind": "ValidatingPolicy",
        "metadata": metadata(policy, &annotations),
        "spec": {
            "validationActions": [match action { Action::Enforce => "Deny", Action::Audit => "Audit" }],
            "failurePolicy": "Fail",
            "autogen": {"podControllers": {"controllers": []}},
            "evaluation": {"admission": {"enabled": true}, "background": {"enabled": policy.background}},
            "matchConstraints": constraints,
            "variables": variables,
            "validations": validations,
        },
    })
}
