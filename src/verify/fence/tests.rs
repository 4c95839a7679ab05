use super::*;
use crate::verify::Status;
use serde_json::json;

#[test]
fn the_fence_is_complete_and_stands_alone() {
    let role = |name: &str, verb: &str| {
        json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role",
        "metadata": {"name": name, "namespace": "a", "resourceVersion": "7"}, "rules": [{"verbs": [verb]}]})
    };
    let quota = |count: &str| json!({"metadata": {"name": "tenant"}, "spec": {"hard": {"requests.nvidia.com/gpu": count}}, "status": {"used": {}}});
    let object = |value: Value| Object::new(value).expect("an object");
    let expected = [object(role("tenant", "get"))];
    let mut rendered = quota("4");
    rendered["apiVersion"] = "v1".into();
    rendered["kind"] = "ResourceQuota".into();
    let quotas = [object(rendered)];
    for (kind, expected, live, exists, status, text) in [
        (
            "Role",
            &expected[..],
            vec![role("tenant", "get")],
            true,
            Status::Satisfied,
            "Role `tenant` as rendered",
        ),
        (
            "Role",
            &expected[..],
            vec![],
            true,
            Status::NotSatisfied,
            "Role `tenant` is missing",
        ),
        (
            "Role",
            &expected[..],
            vec![],
            false,
            Status::NotSatisfied,
            "namespace `a` does not exist",
        ),
        (
            "Role",
            &expected[..],
            vec![role("tenant", "*")],
            true,
            Status::NotSatisfied,
            "Role `tenant`: `rules.verbs` is *, expected get",
        ),
        (
            "Role",
            &expected[..],
            vec![role("tenant", "get"), role("backdoor", "get")],
            true,
            Status::NotSatisfied,
            "Role `backdoor` is there, but the plan has none of that name",
        ),
        (
            "Role",
            &[],
            vec![],
            true,
            Status::Satisfied,
            "no Role, as rendered",
        ),
        (
            "ResourceQuota",
            &quotas[..],
            vec![quota("8")],
            true,
            Status::NotSatisfied,
            "ResourceQuota `tenant`: hard `requests.nvidia.com/gpu` is 8, expected 4",
        ),
    ] {
        let finding = judge(kind, "a", exists, expected, &live.iter().collect::<Vec<_>>());
        assert_eq!(
            (finding.status, finding.found.as_str()),
            (status, text),
            "{live:?}"
        );
    }
}
