//! The stages come up one after the other, and a policy counts when Kyverno has compiled it.

use std::time::Duration;

use super::moment::Moment;
use super::{Delivery, STAGES, delivered};
use crate::lab::{self, Cluster, User};
use crate::live::tenancy::POLICIES;

const POLICY: &str = "validatingpolicies.policies.kyverno.io";

/// While this is there, Kyverno has the policies and cannot say that they are ready.
const HOLD: &str = include_str!("hold.yaml");

/// Brings the example up, with two stops on the way at which later stages would start if they did not wait.
pub(super) fn bring_up(delivery: &mut Delivery, revision: &str) {
    let mut history = Vec::new();
    let cluster = delivery.cluster;
    hold(cluster);
    // First stop: nobody has installed what the HelmReleases ask for.
    delivery.watch(&mut history, "the controllers being waited for", |now| {
        waits(&now.stage("10-controllers").says)
    });
    let finished = lab::finish_releases(cluster);
    assert_eq!(
        finished.len(),
        4,
        "two releases and their repositories: {finished:?}"
    );
    // Second stop: the policies are stored, and not ready.
    delivery.watch(&mut history, "the policies being waited for", |now| {
        now.policies.len() == POLICIES.len() && waits(&now.stage("30-policies").says)
    });
    release(cluster);
    delivery.watch(&mut history, "every stage", |now| now.all_ready(revision));
    delivery.history = history;
}

/// Forbids everybody to write the status of a ValidatingPolicy, and returns when that is in force.
fn hold(cluster: &Cluster) {
    let probe = cluster.apply(User::Root, HOLD);
    assert!(probe.contains("hold-probe"), "{probe}");
    cluster.wait_denied("hold-status", || {
        let status = r#"{"status":{"generated":true}}"#;
        let patch = [
            "patch",
            POLICY,
            "hold-probe",
            "--subresource=status",
            "--type=merge",
        ];
        let patch = [patch.as_slice(), &["-p", status, "--dry-run=server"]].concat();
        cluster.kubectl(User::Root, &patch, None)
    });
    cluster.ok(User::Root, &["delete", POLICY, "hold-probe"]);
}

/// Takes the hold away, and makes Kyverno try again what it has given up.
fn release(cluster: &Cluster) {
    let binding = "validatingadmissionpolicybindings.admissionregistration.k8s.io";
    cluster.ok(User::Root, &["delete", binding, "hold-status"]);
    let mut round = 0;
    cluster.wait_for("policies that are ready", Duration::from_secs(60), || {
        round += 1;
        let note = format!("lab/round={round}");
        let annotate = [
            "annotate",
            "--overwrite",
            POLICY,
            "-l",
            "app.kubernetes.io/managed-by=platform",
        ];
        cluster.ok(User::Admin, &[annotate.as_slice(), &[note.as_str()]].concat());
        Moment::look(cluster)
            .policies
            .values()
            .all(|ready| *ready)
            .then_some(())
    });
}

/// What a Kustomization says while it has applied its objects and they are not healthy yet.
fn waits(says: &str) -> bool {
    says.contains("Running health checks")
}

#[test]
fn every_stage_waits_for_the_one_before_it() {
    let _guard = lab::flux().shared();
    let history = &delivered().history;
    for now in history {
        for pair in STAGES.windows(2) {
            let (before, after) = (now.stage(pair[0]), now.stage(pair[1]));
            assert!(
                after.objects == 0 || before.ready,
                "{} has objects while {} is not ready: {now:#?}",
                pair[1],
                pair[0]
            );
        }
        let teams = ["team-a", "team-b", "team-c"];
        assert!(
            now.stage("40-gpu").ready || !teams.iter().any(|team| now.namespaces.contains(*team)),
            "a team has a namespace before the GPUs are prepared: {now:#?}"
        );
    }
    let held = history
        .iter()
        .filter(|now| waits(&now.stage("10-controllers").says) && now.policies.is_empty())
        .count();
    assert!(held > 0, "the controllers were waited for: {history:#?}");
}

#[test]
fn the_policies_are_delivered_when_kyverno_has_compiled_them() {
    let _guard = lab::flux().shared();
    let history = &delivered().history;
    let held = history.iter().filter(|now| {
        let stage = now.stage("30-policies");
        stage.objects == POLICIES.len() && now.policies.values().all(|ready| !ready) && !stage.ready
    });
    assert!(
        held.count() > 0,
        "stored policies that are not ready were waited for: {history:#?}"
    );
    for now in history {
        let compiled = now.policies.len() == POLICIES.len() && now.policies.values().all(|ready| *ready);
        assert!(
            compiled || !now.stage("30-policies").ready,
            "the stage is ready, its policies are not: {now:#?}"
        );
    }
}
