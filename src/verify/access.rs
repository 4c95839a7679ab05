//! Does the authoriser let a member of the team do this?

use serde_json::{Value, json};

use super::report::Finding;
use super::{PROBE_USER, member};
use crate::edge::cluster::{Call, Cluster, ClusterError};
use crate::plan::Verb;

/// Asks the API server's own authoriser.
pub(super) async fn ask(cluster: &Cluster, groups: &[String], request: &Verb) -> Result<Value, ClusterError> {
    let review = json!({
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SubjectAccessReview",
        "spec": {
            "user": PROBE_USER,
            "groups": member(groups),
            "resourceAttributes": {
                "verb": request.verb,
                "group": request.group,
                "resource": request.resource,
                "subresource": request.subresource,
                "namespace": request.namespace,
            },
        },
    });
    let path = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
    cluster.call(&Call::post(path, review)).await
}

/// Judges the review.
pub(super) fn judge(expected: bool, review: &Value) -> Finding {
    let status = &review["status"];
    let Some(allowed) = status["allowed"].as_bool() else {
        return Finding::not_assessed("the authoriser gave no answer");
    };
    if let Some(error) = status["evaluationError"]
        .as_str()
        .filter(|_| !allowed && expected)
    {
        return Finding::not_assessed(format!("the authoriser could not decide: {error}"));
    }
    let reason = status["reason"].as_str().unwrap_or_default();
    let word = if allowed { "allowed" } else { "not allowed" };
    let found = if reason.is_empty() {
        word.to_owned()
    } else {
        format!("{word}: {reason}")
    };
    if allowed == expected {
        Finding::satisfied(found)
    } else {
        Finding::not_satisfied(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::Status;

    #[test]
    fn the_authorisers_word_counts() {
        for (expected, review, status, text) in [
            (
                true,
                json!({"status": {"allowed": true, "reason": "RBAC: x"}}),
                Status::Satisfied,
                "allowed: RBAC: x",
            ),
            (
                false,
                json!({"status": {"allowed": false}}),
                Status::Satisfied,
                "not allowed",
            ),
            (
                false,
                json!({"status": {"allowed": true}}),
                Status::NotSatisfied,
                "allowed",
            ),
            (
                true,
                json!({"status": {"allowed": false}}),
                Status::NotSatisfied,
                "not allowed",
            ),
            (
                true,
                json!({"status": {"allowed": false, "evaluationError": "webhook"}}),
                Status::NotAssessed,
                "the authoriser could not decide: webhook",
            ),
            (
                true,
                json!({}),
                Status::NotAssessed,
                "the authoriser gave no answer",
            ),
        ] {
            let finding = judge(expected, &review);
            assert_eq!(
                (finding.status, finding.found.as_str()),
                (status, text),
                "{review}"
            );
        }
    }
}
