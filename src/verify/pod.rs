//! Is a pod of a member admitted, or refused by exactly the policy that must refuse it?

use serde_json::Value;

use super::report::Finding;
use super::{PROBE_USER, member};
use crate::edge::cluster::{As, Call, Cluster, ClusterError, Refusal};
use crate::plan::Refuser;

/// Sends the pod through authentication, authorisation and admission without storing it.
pub(super) async fn ask(
    cluster: &Cluster,
    groups: &[String],
    namespace: &str,
    pod: &Value,
) -> Result<Result<(), Refusal>, ClusterError> {
    let path = format!("/api/v1/namespaces/{namespace}/pods");
    create(cluster, groups, path, pod).await
}

/// As [`ask`], with a ResourceClaim.
pub(super) async fn ask_claim(
    cluster: &Cluster,
    groups: &[String],
    namespace: &str,
    claim: &Value,
) -> Result<Result<(), Refusal>, ClusterError> {
    let path = format!("/apis/resource.k8s.io/v1/namespaces/{namespace}/resourceclaims");
    create(cluster, groups, path, claim).await
}

async fn create(
    cluster: &Cluster,
    groups: &[String],
    path: String,
    object: &Value,
) -> Result<Result<(), Refusal>, ClusterError> {
    let identity = As {
        user: PROBE_USER.to_owned(),
        groups: member(groups),
    };
    let call = Call::post(path, object.clone()).dry_run().impersonating(identity);
    match cluster.call(&call).await {
        Ok(_) => Ok(Ok(())),
        Err(ClusterError::Refused { refusal, .. }) if refusal.code != 401 => Ok(Err(refusal)),
        Err(error) => Err(error),
    }
}

/// Judges the answer; a refusal counts as a denial only if it names the policy.
///
/// `ours` are the ids of all policies: an API server stops at the first denial, in an order that it does not promise.
pub(super) fn judge(denied_by: Option<&Refuser>, ours: &[String], answer: &Result<(), Refusal>) -> Finding {
    let refusal = match answer {
        Ok(()) => None,
        // The name is taken, which is only found out after admission.
        Err(refusal) if refusal.reason == "AlreadyExists" => None,
        Err(refusal) => Some(refusal),
    };
    let Some(refusal) = refusal else {
        return match denied_by {
            None => Finding::satisfied("admitted"),
            Some(Refuser::Policy(policy)) => {
                Finding::not_satisfied(format!("admitted, expected a denial by `{policy}`"))
            }
            Some(Refuser::Quota) => Finding::not_satisfied("admitted, expected a denial by the quota"),
        };
    };
    let text = refusal.message.trim();
    if unasked(refusal) {
        return Finding::not_assessed(format!("the question could not be asked: {text}"));
    }
    if refusal.code == 404 {
        return Finding::not_satisfied(text.to_owned());
    }
    let policy = match denied_by {
        Some(Refuser::Policy(policy)) => Some(policy.as_str()),
        Some(Refuser::Quota) if text.contains("exceeded quota") => {
            return Finding::satisfied(format!("refused: {text}"));
        }
        Some(Refuser::Quota) => {
            return Finding::not_satisfied(format!("refused, but not by the quota: {text}"));
        }
        None => None,
    };
    match policy {
        // First: the URL of a webhook that does not answer names policies too.
        Some(policy) if text.contains("failed calling webhook") => Finding::not_assessed(format!(
            "refused because a policy engine did not answer, not by `{policy}`: {text}"
        )),
        Some(policy) if names(text, policy) => Finding::satisfied(format!("refused: {text}")),
        Some(policy) if ours.iter().any(|other| names(text, other)) => Finding::not_assessed(format!(
            "another policy refused it first, so `{policy}` was not heard: {text}"
        )),
        Some(policy) => Finding::not_satisfied(format!("refused, but not by `{policy}`: {text}")),
        None if text.contains("exceeded quota") => {
            Finding::not_assessed(format!("the namespace is using its quota: {text}"))
        }
        None => Finding::not_satisfied(format!("refused: {text}")),
    }
}

/// Whether the server refused the question, not the pod.
pub(super) fn unasked(refusal: &Refusal) -> bool {
    let text = &refusal.message;
    text.contains("cannot impersonate") || text.contains("does not support dry run")
}

/// Whether a text names a policy as a whole word: `gpu-isolation` is not named by `gpu-isolation-x`.
fn names(text: &str, policy: &str) -> bool {
    let part = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    text.match_indices(policy).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + policy.len()..].chars().next();
        !before.is_some_and(part) && !after.is_some_and(part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::Status;

    #[test]
    fn only_the_named_policy_makes_a_denial() {
        let refused = |code: u16, message: &str| {
            Err(Refusal {
                code,
                message: message.into(),
                ..Refusal::default()
            })
        };
        let taken = Err(Refusal {
            code: 409,
            reason: "AlreadyExists".into(),
            ..Refusal::default()
        });
        let ours = ["gpu-isolation", "gpu-node-pool"].map(str::to_owned);
        let policy = "ValidatingAdmissionPolicy 'gpu-isolation' with binding 'gpu-isolation' denied request: gpu-isolation: no";
        let quota = "pods \"x\" is forbidden: exceeded quota: tenant, requested: cpu=1";
        let impersonate = "users \"platform:probe\" is forbidden: User \"ci\" cannot impersonate resource \"users\" in API group \"\"";
        // Kubernetes 1.36 checks the request together with the impersonation first.
        let constrained =
            "pods is forbidden: User \"ci\" cannot impersonate-on:user-info:create resource \"pods\"";
        for (denied_by, answer, status) in [
            (None, Ok(()), Status::Satisfied),
            (None, taken.clone(), Status::Satisfied),
            (None, refused(403, policy), Status::NotSatisfied),
            (None, refused(403, quota), Status::NotAssessed),
            (None, refused(403, impersonate), Status::NotAssessed),
            (None, refused(403, constrained), Status::NotAssessed),
            (
                None,
                refused(404, "namespaces \"a\" not found"),
                Status::NotSatisfied,
            ),
            (Some("gpu-isolation"), Ok(()), Status::NotSatisfied),
            (Some("gpu-isolation"), taken, Status::NotSatisfied),
            (Some("gpu-isolation"), refused(422, policy), Status::Satisfied),
            (Some("gpu-node-pool"), refused(422, policy), Status::NotAssessed),
            (
                Some("isolation"),
                refused(422, "ValidatingAdmissionPolicy 'foreign' denied request"),
                Status::NotSatisfied,
            ),
            (Some("isolation"), refused(422, policy), Status::NotAssessed),
            (Some("gpu"), refused(422, policy), Status::NotAssessed),
            (Some("gpu-isolation"), refused(403, quota), Status::NotSatisfied),
            (
                Some("gpu-isolation"),
                refused(403, impersonate),
                Status::NotAssessed,
            ),
            (
                Some("gpu-isolation"),
                refused(404, "namespaces \"a\" not found"),
                Status::NotSatisfied,
            ),
            (
                Some("gpu-isolation"),
                refused(
                    500,
                    "failed calling webhook \"vpol\": Post \"https://127.0.0.1/vpol/gpu-entitlement/gpu-isolation/x\": refused",
                ),
                Status::NotAssessed,
            ),
        ] {
            let denied_by = denied_by.map(|policy| Refuser::Policy(policy.to_owned()));
            let finding = judge(denied_by.as_ref(), &ours, &answer);
            assert_eq!(
                finding.status, status,
                "{denied_by:?} {answer:?}: {}",
                finding.found
            );
        }
        for (answer, status) in [
            (Ok(()), Status::NotSatisfied),
            (refused(403, quota), Status::Satisfied),
            (refused(422, policy), Status::NotSatisfied),
            (refused(403, impersonate), Status::NotAssessed),
        ] {
            let finding = judge(Some(&Refuser::Quota), &ours, &answer);
            assert_eq!(finding.status, status, "frozen {answer:?}: {}", finding.found);
        }
    }
}
