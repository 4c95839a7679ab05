//! Teams that come and go with commits, and changes by hand that do not last.

use super::{Delivery, EXAMPLE, delivered};
use crate::lab::{self, User};

/// What fences a team in, besides its Namespace.
const FENCE: [(&str, &str); 9] = [
    ("resourcequota", "tenant"),
    ("limitrange", "tenant"),
    ("serviceaccount", "workload"),
    ("role", "tenant"),
    ("rolebinding", "tenant"),
    ("networkpolicy", "default-deny"),
    ("networkpolicy", "same-team"),
    ("networkpolicy", "dns"),
    ("networkpolicy", "egress"),
];

/// The example's last team and another one.
const TEAM_D: &str = "  - name: team-d
    groups: [oidc:team-d]
    quota: {cpu: 8, memory: 32Gi, pods: 50, storage: 100Gi}
";

/// Which parts of its fence a team has.
fn fence(delivery: &Delivery, team: &str) -> Vec<(&'static str, &'static str)> {
    FENCE
        .into_iter()
        .filter(|(kind, name)| delivery.get(team, kind, name).is_some())
        .collect()
}

#[test]
fn a_team_comes_and_goes_with_commits() {
    let _guard = lab::flux().exclusive();
    let delivery = delivered();
    let cluster = delivery.cluster;
    let without = fence(delivery, "team-c");
    assert!(without.len() >= 8, "team-c has its fence: {without:?}");

    delivery.deliver(&delivery.commit("team-d joins", &format!("{EXAMPLE}{TEAM_D}")));
    assert_eq!(
        fence(delivery, "team-d"),
        without,
        "the new team is fenced in like team-c"
    );
    let member = [
        "--as=member",
        "--as-group=oidc:team-d",
        "--as-group=system:authenticated",
    ];
    let work = [
        "-n",
        "team-d",
        "create",
        "configmap",
        "work",
        "--from-literal=kept=yes",
    ];
    cluster.ok(User::Root, &[member.as_slice(), &work].concat());

    delivery.deliver(&delivery.commit("team-d leaves", EXAMPLE));
    cluster.wait_for("the pruned fence", std::time::Duration::from_secs(30), || {
        fence(delivery, "team-d").is_empty().then_some(())
    });
    let namespace = delivery
        .get("", "namespace", "team-d")
        .expect("the namespace stays");
    assert_eq!(namespace["status"]["phase"], "Active", "{namespace}");
    let label = &namespace["metadata"]["labels"]["tenancy.platform/team"];
    assert_eq!(label, "team-d", "the policies still hold in it: {namespace}");
    let kept = delivery
        .get("team-d", "configmap", "work")
        .expect("what people made stays");
    assert_eq!(kept["data"]["kept"], "yes", "{kept}");
    let again = cluster.kubectl(
        User::Root,
        &[member.as_slice(), &["-n", "team-d", "get", "configmaps"]].concat(),
        None,
    );
    assert!(
        again.stderr.contains("forbidden"),
        "who has left has no access any more: {again}"
    );
    assert_eq!(fence(delivery, "team-c"), without, "the other teams keep theirs");
}

#[test]
fn a_revision_that_does_not_build_prunes_nothing() {
    let _guard = lab::flux().exclusive();
    let delivery = delivered();
    let whole = delivery.commit("before", EXAMPLE);
    let folder = delivery.render("broken", EXAMPLE);
    let file = folder.join("tenants/fra1/kustomization.yaml");
    let text = std::fs::read_to_string(&file).expect("the list of teams");
    std::fs::write(&file, format!("{text}- no-such-team\n")).expect("the list is written");
    let broken = delivery.source.commit(super::PLATFORM, &folder, "broken");
    delivery.publish(&broken);
    let now = delivery.wait("the failure", |now| {
        let stage = now.stage("60-tenants");
        !stage.ready && stage.says.contains("no-such-team")
    });
    assert_ne!(now.stage("60-tenants").revision, broken, "{now:#?}");
    for team in ["team-a", "team-b", "team-c"] {
        assert!(fence(delivery, team).len() >= 8, "{team} keeps its fence");
    }
    delivery.deliver(&whole);
}

#[test]
fn changes_by_hand_do_not_last() {
    let _guard = lab::flux().exclusive();
    let delivery = delivered();
    let cluster = delivery.cluster;
    let pods = |value: &str| {
        let quota = delivery
            .get("team-b", "resourcequota", "tenant")
            .expect("the quota");
        assert_eq!(quota["spec"]["hard"]["pods"], value, "{quota}");
    };
    pods("50");
    let raised = r#"{"spec":{"hard":{"pods":"500"}}}"#;
    let change = [
        "-n",
        "team-b",
        "patch",
        "resourcequota",
        "tenant",
        "--type=merge",
        "-p",
        raised,
    ];
    cluster.ok(User::Admin, &change);
    cluster.ok(
        User::Admin,
        &["-n", "team-b", "delete", "networkpolicy", "default-deny"],
    );
    pods("500");
    delivery.reconcile("flux-system", "60-tenants", "changes-by-hand");
    pods("50");
    assert!(
        delivery.get("team-b", "networkpolicy", "default-deny").is_some(),
        "the network policy is back"
    );
}
