//! Whom the policies let change what the platform owns: Flux's account that delivers it, and no account beside it.

use super::delivered;
use crate::lab::{self, User};
use crate::live::tenancy::POLICIES;

#[test]
fn the_policies_pass_the_account_that_delivers_and_no_other() {
    let _guard = lab::flux().shared();
    let cluster = delivered().cluster;
    cluster.wait_enforced(&POLICIES);
    let accounts = [
        ("flux-system:kustomize-controller", true),
        ("flux-system:helm-controller", false),
        ("flux-system:source-controller", false),
        ("flux-system:notification-controller", false),
        ("flux-system:default", false),
        ("team-a:kustomize-controller", false),
        ("team-a:workload", false),
        ("kyverno:kyverno-admission-controller", false),
    ];
    let raised = r#"{"spec":{"hard":{"pods":"5000"}}}"#;
    let changes: [&[&str]; 3] = [
        &[
            "-n",
            "team-b",
            "patch",
            "resourcequota",
            "tenant",
            "--type=merge",
            "-p",
            raised,
        ],
        &[
            "label",
            "namespace",
            "team-b",
            "grant.tenancy.platform/nvidia.com_gpu=allowed",
        ],
        &[
            "delete",
            "validatingpolicies.policies.kyverno.io",
            "gpu-isolation",
        ],
    ];
    for (account, passes) in accounts {
        // The group gives every right that RBAC has, so that only the policies are asked.
        let user = format!("--as=system:serviceaccount:{account}");
        for change in changes {
            let arguments = [
                &[user.as_str(), "--as-group=system:masters"],
                change,
                &["--dry-run=server"],
            ]
            .concat();
            let answer = cluster.kubectl(User::Root, &arguments, None);
            if passes {
                assert!(answer.status.success(), "{account}: {change:?}: {answer}");
            } else {
                assert!(
                    answer.denied_by("protect-platform-objects"),
                    "{account}: {change:?}: {answer}"
                );
            }
        }
    }
}
