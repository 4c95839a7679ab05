use super::*;
use crate::verify::Status;
use serde_json::json;

#[test]
fn a_policy_is_present_as_rendered_ready_and_acts() {
    let policy = |action: &str, expression: &str| {
        json!({
            "apiVersion": "policies.kyverno.io/v1", "kind": "ValidatingPolicy", "metadata": {"name": "p"},
            "spec": {"validationActions": [action], "validations": [{"expression": expression}]},
        })
    };
    let live = |action: &str, expression: &str, ready: bool| {
        let mut live = policy(action, expression);
        live["status"] = json!({"conditionStatus": {"ready": ready}, "autogen": {}});
        Some(live)
    };
    let rendered = Object::new(policy("Deny", "a")).expect("an object");
    for (live, mode, status, part) in [
        (
            live("Deny", "a", true),
            Mode::Enforce,
            Status::Satisfied,
            "acts as Deny",
        ),
        (None, Mode::Enforce, Status::NotSatisfied, "policy `p` is missing"),
        (
            live("Audit", "a", true),
            Mode::Enforce,
            Status::NotSatisfied,
            "policy `p` acts as Audit, expected Deny",
        ),
        (
            live("Deny", "a", true),
            Mode::Audit,
            Status::NotSatisfied,
            "policy `p` acts as Deny, expected Audit",
        ),
        (
            live("Deny", "true", true),
            Mode::Enforce,
            Status::NotSatisfied,
            "`validations.expression` is true, expected a",
        ),
        (
            live("Deny", "a", false),
            Mode::Enforce,
            Status::NotSatisfied,
            "policy `p` is not ready",
        ),
    ] {
        let finding = judge("p", mode, &[(rendered.clone(), live)]);
        assert_eq!(finding.status, status, "{part}");
        assert!(finding.found.contains(part), "{part:?} in {:?}", finding.found);
    }
    assert_eq!(
        judge("p", Mode::Enforce, &[]).status,
        Status::NotAssessed,
        "not rendered"
    );
}

#[test]
fn a_native_policy_without_its_binding_is_missing() {
    let object = |kind: &str, spec: Value| {
        Object::new(json!({"apiVersion": "admissionregistration.k8s.io/v1", "kind": kind, "metadata": {"name": "p"}, "spec": spec}))
            .expect("an object")
    };
    let policy = object(
        "ValidatingAdmissionPolicy",
        json!({"validations": [{"expression": "a"}]}),
    );
    let binding = object(
        "ValidatingAdmissionPolicyBinding",
        json!({"policyName": "p", "validationActions": ["Deny"]}),
    );
    let mut live = policy.value().clone();
    live["spec"]["failurePolicy"] = "Fail".into();
    let both = [
        (policy.clone(), Some(live.clone())),
        (binding.clone(), Some(binding.value().clone())),
    ];
    assert_eq!(
        judge("p", Mode::Enforce, &both).status,
        Status::Satisfied,
        "both are there"
    );
    let finding = judge("p", Mode::Enforce, &[(policy, Some(live)), (binding, None)]);
    assert_eq!(
        finding.found,
        "policy `p` is missing: there is no `ValidatingAdmissionPolicyBinding p`"
    );
}
