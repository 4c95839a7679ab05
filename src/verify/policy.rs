//! Is the policy there as rendered, accepted by its engine, and does it deny what it must deny?

use serde_json::Value;

use super::fence::meaning;
use super::report::Finding;
use crate::apply::{Object, policy_ready};
use crate::edge::cluster::{Cluster, ClusterError, Discovery};
use crate::spec::Mode;

/// A rendered object and its live counterpart; `None` when there is none.
pub(super) type Pair = (Object, Option<Value>);

/// Looks up the live counterparts of a policy's objects; a kind that is not served has none.
pub(super) async fn ask(
    cluster: &Cluster,
    discovery: &Discovery,
    rendered: &[Object],
) -> Result<Vec<Pair>, ClusterError> {
    let mut pairs = Vec::with_capacity(rendered.len());
    for object in rendered {
        let resource = discovery.resource(object.api_version(), object.kind());
        let live = match resource {
            Some(resource) => {
                cluster
                    .find(&resource.path(object.namespace(), object.name()))
                    .await?
            }
            None => None,
        };
        pairs.push((object.clone(), live));
    }
    Ok(pairs)
}

/// Judges the objects of a policy.
pub(super) fn judge(id: &str, mode: Mode, pairs: &[Pair]) -> Finding {
    if pairs.is_empty() {
        return Finding::not_assessed(format!("policy `{id}` is not rendered for this cluster"));
    }
    for (object, live) in pairs {
        let Some(live) = live else {
            return Finding::not_satisfied(format!("policy `{id}` is missing: there is no `{object}`"));
        };
        if !live["metadata"]["deletionTimestamp"].is_null() {
            return Finding::not_satisfied(format!("policy `{id}` is being deleted: `{object}`"));
        }
        if let Some(text) = acts(mode, object.value(), live) {
            return Finding::not_satisfied(format!("policy `{id}` {text}"));
        }
        if let Some(text) = meaning(object.value(), live) {
            return Finding::not_satisfied(format!(
                "policy `{id}` differs from what is rendered: `{object}`: {text}"
            ));
        }
        let kyverno = object.group() == "policies.kyverno.io";
        if let Some(why) = kyverno.then(|| policy_ready(live)).flatten() {
            return Finding::not_satisfied(format!("policy `{id}` {why}"));
        }
    }
    Finding::satisfied(match mode {
        Mode::Enforce => "acts as Deny",
        Mode::Audit => "acts as Audit",
    })
}

/// What is wrong with the actions of an object that has actions.
fn acts(mode: Mode, rendered: &Value, live: &Value) -> Option<String> {
    let actions = |object: &Value| -> Vec<String> {
        let list = object["spec"]["validationActions"]
            .as_array()
            .into_iter()
            .flatten();
        list.filter_map(|action| action.as_str().map(str::to_owned))
            .collect()
    };
    let found = actions(live);
    if actions(rendered).is_empty() && found.is_empty() {
        return None;
    }
    let denies = found.iter().any(|action| action == "Deny");
    let expected = match mode {
        Mode::Enforce => "Deny",
        Mode::Audit => "Audit",
    };
    let right = denies == (mode == Mode::Enforce) && !found.is_empty();
    let found = if found.is_empty() {
        "nothing".to_owned()
    } else {
        found.join(", ")
    };
    (!right).then(|| format!("acts as {found}, expected {expected}"))
}

#[cfg(test)]
mod tests {
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
}
