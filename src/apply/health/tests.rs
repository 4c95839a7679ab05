use super::*;
use serde_json::json;

#[test]
fn each_kind_has_its_own_sign_of_health() {
    let condition =
        |kind: &str, status: &str, message: &str| json!({"type": kind, "status": status, "message": message});
    let crd = |conditions: Value| json!({"status": {"conditions": conditions}});
    for (judge, live, expected) in [
        (namespace as Judge, json!({"status": {"phase": "Active"}}), None),
        (
            namespace,
            json!({"status": {"phase": "Terminating"}}),
            Some("is Terminating, not Active"),
        ),
        (namespace, json!({}), Some("is without a phase, not Active")),
        (
            established,
            crd(json!([condition("Established", "True", "")])),
            None,
        ),
        (
            established,
            crd(json!([condition("NamesAccepted", "False", "in use")])),
            Some("is not established: in use"),
        ),
        (established, json!({}), Some("is not established")),
        (
            ready,
            json!({"status": {"conditionStatus": {"ready": true}}}),
            None,
        ),
        (
            ready,
            json!({"status": {"conditionStatus": {"ready": false, "conditions": [condition("W", "False", "bad CEL"), condition("R", "True", "fine")]}}}),
            Some("is not ready: bad CEL"),
        ),
        (
            ready,
            json!({}),
            Some("is not ready: the policy engine has not accepted it"),
        ),
    ] {
        assert_eq!(judge(&live).as_deref(), expected, "{live}");
    }
}
