//! `platform verify`: green after apply; then each change by hand is named, and nothing else is.

use super::tenancy::{self, Tenancy};
use crate::lab::{self, User};

/// One change by an admin: what is done, and words that verify's only finding must hold.
struct Drift {
    what: &'static str,
    change: Vec<&'static str>,
    subject: &'static str,
    words: &'static [&'static str],
    /// What `apply` cannot take back, because somebody else owns it now.
    undo: Option<Vec<&'static str>>,
}

fn drifts(kyverno: bool) -> Vec<Drift> {
    let kind = if kyverno {
        "validatingpolicies.policies.kyverno.io"
    } else {
        "validatingadmissionpolicies"
    };
    let acting = if kyverno {
        kind
    } else {
        "validatingadmissionpolicybindings"
    };
    let audit = r#"{"spec":{"validationActions":["Audit"]}}"#;
    let deny = r#"{"spec":{"validationActions":["Deny"]}}"#;
    vec![
        Drift {
            what: "a policy is deleted",
            change: vec!["delete", kind, "gpu-isolation"],
            subject: "policy/gpu-isolation",
            words: &["gpu-isolation", "missing"],
            undo: None,
        },
        Drift {
            what: "a policy is set to audit",
            change: vec![
                "patch",
                acting,
                "no-plaintext-secrets",
                "--type=merge",
                "-p",
                audit,
            ],
            subject: "policy/no-plaintext-secrets",
            words: &["no-plaintext-secrets", "Audit"],
            undo: Some(vec![
                "patch",
                acting,
                "no-plaintext-secrets",
                "--type=merge",
                "-p",
                deny,
            ]),
        },
        Drift {
            what: "a namespace is relabelled",
            change: vec![
                "label",
                "namespace",
                "team-b",
                "grant.tenancy.platform/nvidia.com_gpu=allowed",
            ],
            subject: "namespace/team-b",
            words: &["grant.tenancy.platform/nvidia.com_gpu"],
            undo: Some(vec![
                "label",
                "namespace",
                "team-b",
                "grant.tenancy.platform/nvidia.com_gpu-",
            ]),
        },
        Drift {
            what: "a quota is raised",
            change: vec![
                "-n",
                "team-b",
                "patch",
                "resourcequota",
                "tenant",
                "--type=merge",
                "-p",
                r#"{"spec":{"hard":{"requests.nvidia.com/gpu.shared":"8"}}}"#,
            ],
            subject: "namespace/team-b",
            words: &["tenant", "requests.nvidia.com/gpu.shared", "8", "2"],
            undo: None,
        },
        Drift {
            what: "a role is widened",
            change: vec![
                "-n",
                "team-c",
                "patch",
                "role",
                "tenant",
                "--type=json",
                "-p",
                r#"[{"op":"add","path":"/rules/-","value":{"apiGroups":[""],"resources":["serviceaccounts/token"],"verbs":["create"]}}]"#,
            ],
            subject: "namespace/team-c",
            words: &["tenant"],
            undo: None,
        },
    ]
}

fn names_each_change(tenancy: &Tenancy) {
    assert_eq!(tenancy.verify(), (Some(0), vec![]), "verify is green after apply");
    for drift in drifts(tenancy.is_kyverno()) {
        tenancy.cluster.ok(User::Admin, &drift.change);
        if tenancy.is_kyverno() {
            tenancy.cluster.wait_enforced(&[]);
        }
        let (code, wrong) = tenancy.verify();
        assert_eq!(code, Some(1), "{}: {wrong:?}", drift.what);
        let named = wrong.iter().any(|line| {
            line.starts_with(&format!("{}: ", drift.subject))
                && drift.words.iter().all(|word| line.contains(word))
        });
        assert!(
            named,
            "{}: verify names `{}` with {:?}: {wrong:#?}",
            drift.what, drift.subject, drift.words
        );
        // Only this subject, or probes that fail because of it and name the same policy.
        let policy = drift.subject.strip_prefix("policy/");
        let stray: Vec<_> = wrong
            .iter()
            .filter(|line| !line.starts_with(&format!("{}: ", drift.subject)))
            .filter(|line| policy.is_none_or(|policy| !line.contains(policy)))
            .collect();
        assert!(
            stray.is_empty(),
            "{}: nothing else is named: {stray:#?}",
            drift.what
        );
        if let Some(undo) = &drift.undo {
            tenancy.cluster.ok(User::Admin, undo);
        }
        restore(tenancy);
    }
    assert_eq!(tenancy.verify(), (Some(0), vec![]), "verify is green again");
}

/// `apply` brings back what was changed and what is missing.
fn restore(tenancy: &Tenancy) {
    let apply = tenancy.platform(&["apply", "--force-conflicts"]);
    assert!(apply.status.success(), "{apply}");
    tenancy.settle();
}

#[test]
fn verify_names_each_change_with_kyverno() {
    let _guard = lab::kyverno().exclusive();
    names_each_change(tenancy::kyverno());
}

#[test]
fn verify_names_each_change_with_native_policies() {
    let _guard = lab::native().exclusive();
    names_each_change(tenancy::native());
}

#[test]
fn strict_counts_what_was_not_assessed() {
    let _guard = lab::native().shared();
    let strict = tenancy::native().platform(&["verify", "--strict"]);
    assert_eq!(strict.status.code(), Some(1), "no Vault was probed: {strict}");
    assert!(
        strict.stdout.contains("not-assessed") || strict.stdout.contains('–'),
        "{strict}"
    );
}
