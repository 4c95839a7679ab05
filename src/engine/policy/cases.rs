//! Runs the examples of the policies.

use super::Parameters;
use super::evaluate::{Admission, EvaluateError, Resource, Verdict, compile};
use crate::catalog::policies::{Case, Policy};

/// What became of one example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseResult {
    /// The id of the policy.
    pub policy: String,
    /// The name of the example.
    pub case: String,
    /// What was expected: a part of the message of a denial, or `None` for allowed.
    pub expected: Option<String>,
    /// What the policy answered.
    pub verdict: Verdict,
}

impl CaseResult {
    /// Whether the answer is the expected one.
    pub fn passed(&self) -> bool {
        match (&self.expected, &self.verdict) {
            (None, Verdict::Allowed) => true,
            (Some(part), Verdict::Denied { message, .. }) => {
                message.contains(part.as_str()) && !message.contains("(the rule ")
            }
            _ => false,
        }
    }
}

/// Runs every example of the given policies, in their order.
///
/// The examples speak of the administrators group `platform-admins`, the user `platform-admin` and the service account
/// `system:serviceaccount:flux-system:kustomize-controller`; [`Parameters::example`] has them.
pub fn run_cases(policies: &[Policy], parameters: &Parameters) -> Result<Vec<CaseResult>, EvaluateError> {
    let mut results = Vec::new();
    for policy in policies {
        let compiled = compile(policy, parameters)?;
        for case in policy.cases()? {
            results.push(CaseResult {
                policy: policy.id.clone(),
                case: case.name.clone(),
                expected: case.message.clone(),
                verdict: compiled.evaluate(&admission(&case)),
            });
        }
    }
    Ok(results)
}

/// The request that an example describes.
pub(super) fn admission(case: &Case) -> Admission {
    let present = case.old_object.as_ref().unwrap_or(&case.object);
    Admission {
        operation: case.operation.clone(),
        object: case.object.clone(),
        old_object: case.old_object.clone(),
        namespace: case.namespace.clone(),
        user: case.user.clone(),
        resource: Resource {
            subresource: case.subresource.clone(),
            ..Resource::of(
                present["apiVersion"].as_str().unwrap_or_default(),
                present["kind"].as_str().unwrap_or_default(),
            )
        },
    }
}

impl Resource {
    /// The resource of an object by its `apiVersion` and `kind`, by the rule that plurals follow in Kubernetes.
    pub fn of(api_version: &str, kind: &str) -> Self {
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        let lower = kind.to_ascii_lowercase();
        let resource = match lower.strip_suffix('y') {
            Some(stem) if !stem.ends_with(['a', 'e', 'i', 'o', 'u']) => format!("{stem}ies"),
            _ if lower.ends_with('s') => format!("{lower}es"),
            _ => format!("{lower}s"),
        };
        Self {
            group: group.to_owned(),
            version: version.to_owned(),
            resource,
            subresource: String::new(),
        }
    }
}
