//! The policy engines: both see the labels of the namespace, and both follow when they change.

use std::time::Duration;

use crate::lab::{self, Cluster, User};

const POD: &str = "
apiVersion: v1
kind: Pod
metadata: {name: probe}
spec: {containers: [{name: probe, image: example.com/probe}]}
";

const NAMESPACE_IS_GRANTED: &str = "namespaceObject.metadata.?labels[?'lab/granted'].orValue('') == 'yes'";

#[test]
fn kyverno_denies_and_admits_by_the_labels_of_the_namespace() {
    let cluster = lab::kyverno();
    let _guard = cluster.exclusive();
    cluster.apply(
        User::Admin,
        &format!(
            "
apiVersion: policies.kyverno.io/v1
kind: ValidatingPolicy
metadata: {{name: lab-granted}}
spec:
  validationActions: [Deny]
  matchConstraints:
    resourceRules:
      - {{apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [pods]}}
  validations:
    - {{expression: \"{NAMESPACE_IS_GRANTED}\", message: the namespace is not granted}}
"
        ),
    );
    cluster.wait_enforced(&["lab-granted"]);
    cluster.namespace("kyverno-labels", &[]);
    follows_the_label(cluster, "kyverno-labels", "lab-granted");

    cluster.ok(
        User::Admin,
        &["delete", "validatingpolicies.policies.kyverno.io", "lab-granted"],
    );
    cluster.wait_enforced(&[]);
    cluster.namespace("kyverno-after", &[]);
    let admitted = create_pod(cluster, "kyverno-after", &[]);
    assert!(
        admitted.status.success(),
        "a deleted policy is no longer enforced after `wait_enforced`: {admitted}"
    );
}

#[test]
fn the_api_server_denies_and_admits_by_the_labels_of_the_namespace() {
    let cluster = lab::native();
    let _guard = cluster.exclusive();
    cluster.apply(
        User::Admin,
        &format!(
            "
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {{name: lab-granted}}
spec:
  matchConstraints:
    resourceRules:
      - {{apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [pods]}}
  validations:
    - {{expression: \"{NAMESPACE_IS_GRANTED}\", message: the namespace is not granted}}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {{name: lab-granted}}
spec: {{policyName: lab-granted, validationActions: [Deny]}}
"
        ),
    );
    cluster.namespace("native-labels", &[]);
    let denied = cluster.wait_denied("lab-granted", || {
        create_pod(cluster, "native-labels", &["--dry-run=server"])
    });
    assert!(
        denied.stderr.contains("the namespace is not granted"),
        "the message of the rule: {denied}"
    );
    follows_the_label(cluster, "native-labels", "lab-granted");
    cluster.ok(
        User::Admin,
        &[
            "delete",
            "validatingadmissionpolicybinding,validatingadmissionpolicy",
            "lab-granted",
        ],
    );
}

#[test]
fn a_failure_that_is_not_a_denial_is_not_taken_for_one() {
    let cluster = lab::native();
    let _guard = cluster.shared();
    let forbidden = cluster.kubectl(User::Nobody, &["create", "namespace", "lab-granted"], None);
    assert!(!forbidden.status.success(), "`nobody` has no right: {forbidden}");
    assert!(
        !forbidden.denied_by("lab-granted"),
        "RBAC refused, no policy did: {forbidden}"
    );
}

fn follows_the_label(cluster: &Cluster, namespace: &str, policy: &str) {
    let denied = create_pod(cluster, namespace, &[]);
    assert!(
        denied.denied_by(policy),
        "a pod without the label on `{namespace}`: {denied}"
    );
    cluster.ok(User::Admin, &["label", "namespace", namespace, "lab/granted=yes"]);
    // The engines read namespaces from a cache.
    cluster.wait_for(
        "the label to arrive at the engine",
        Duration::from_secs(30),
        || {
            create_pod(cluster, namespace, &["--dry-run=server"])
                .status
                .success()
                .then_some(())
        },
    );
    let admitted = create_pod(cluster, namespace, &[]);
    assert!(
        admitted.status.success(),
        "the same pod after labelling `{namespace}`: {admitted}"
    );
}

fn create_pod(cluster: &Cluster, namespace: &str, flags: &[&str]) -> lab::Output {
    let arguments: Vec<&str> = ["-n", namespace, "create", "-f", "-"]
        .into_iter()
        .chain(flags.iter().copied())
        .collect();
    cluster.kubectl(User::Admin, &arguments, Some(POD))
}
