//! In which order the objects of a stage are written: what others need comes first.

use super::Object;

/// Objects that may be written at the same time.
pub(super) type Wave = Vec<Object>;

/// Kinds by wave; a kind that is not named belongs to the wave before the admission kinds.
const WAVES: [&[&str]; 5] = [
    &["Namespace"],
    &["CustomResourceDefinition"],
    &[
        "ServiceAccount",
        "ClusterRole",
        "Role",
        "PriorityClass",
        "StorageClass",
        "RuntimeClass",
    ],
    // Quotas and network policies stand before anything that could run.
    &[
        "ClusterRoleBinding",
        "RoleBinding",
        "ResourceQuota",
        "LimitRange",
        "NetworkPolicy",
        "ConfigMap",
        "Secret",
    ],
    &[],
];
/// Kinds that judge requests; they come last, so that they cannot refuse their own stage half way.
const ADMISSION: [&[&str]; 2] = [
    &["ValidatingAdmissionPolicy", "MutatingAdmissionPolicy"],
    &[
        "ValidatingAdmissionPolicyBinding",
        "MutatingAdmissionPolicyBinding",
        "ValidatingWebhookConfiguration",
        "MutatingWebhookConfiguration",
    ],
];

fn rank(kind: &str) -> usize {
    let early = WAVES.iter().position(|kinds| kinds.contains(&kind));
    let late = || ADMISSION.iter().position(|kinds| kinds.contains(&kind));
    early
        .or_else(|| late().map(|at| WAVES.len() + at))
        .unwrap_or(WAVES.len() - 1)
}

/// Cuts a stage into waves; inside a wave the objects keep the order of the files.
pub(super) fn waves(objects: Vec<Object>) -> Vec<Wave> {
    let mut waves: Vec<Wave> = (0..WAVES.len() + ADMISSION.len()).map(|_| Vec::new()).collect();
    for object in objects {
        waves[rank(object.kind())].push(object);
    }
    waves.retain(|wave| !wave.is_empty());
    waves
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_others_need_comes_first() {
        let kinds = [
            "ValidatingAdmissionPolicyBinding",
            "HelmRelease",
            "RoleBinding",
            "ValidatingAdmissionPolicy",
            "Role",
            "CustomResourceDefinition",
            "Namespace",
            "Deployment",
        ];
        let objects = kinds.map(|kind| {
            Object::new(json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": "a"}}))
                .expect("an object")
        });
        let waves = waves(objects.to_vec());
        let order: Vec<Vec<&str>> = waves
            .iter()
            .map(|wave| wave.iter().map(Object::kind).collect())
            .collect();
        let expected = [
            vec!["Namespace"],
            vec!["CustomResourceDefinition"],
            vec!["Role"],
            vec!["RoleBinding"],
            vec!["HelmRelease", "Deployment"],
            vec!["ValidatingAdmissionPolicy"],
            vec!["ValidatingAdmissionPolicyBinding"],
        ];
        assert_eq!(order, expected);
    }
}
