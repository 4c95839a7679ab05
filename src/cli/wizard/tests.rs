//! The wizard without a terminal: what answers make of a spec, and what is refused.

use std::collections::BTreeSet;

use super::machine::{Next, Wizard};
use super::pick::Pick;
use super::question::{Answer, Kind};
use super::step::Step;
use super::{edited, empty, text};
use crate::overlay::Files;
use crate::spec::{self, Spec};

fn read(text: &str) -> Spec {
    spec::read("spec", text.as_bytes()).spec.expect("the spec holds")
}

fn wizard() -> Wizard {
    Wizard::new(empty("demo"), None, Files::new(), BTreeSet::new())
}

/// Answers with the default of each question until a step is reached.
fn go(wizard: &mut Wizard, to: Step) {
    for _ in 0..100 {
        if wizard.step() == to {
            return;
        }
        let answer = match wizard.question().kind {
            Kind::Text { default, .. } => Answer::Text(default),
            Kind::One { items, default } => Answer::One(items[default].pick.clone()),
            Kind::Many { .. } => Answer::Many(Vec::new()),
        };
        let before = wizard.step();
        let next = wizard.answer(&answer);
        assert_eq!(next, Ok(Next::Ask), "{before:?} takes its default");
    }
    panic!("{to:?} is not reached; the wizard is at {:?}", wizard.step());
}

#[test]
fn defaults_alone_make_a_spec_that_holds() {
    let mut wizard = wizard();
    go(&mut wizard, Step::Summary);
    let spec = wizard.into_spec();
    assert_eq!((spec.clusters.len(), spec.teams.len()), (1, 1), "{spec:?}");
    assert_eq!(spec.teams[0].gpus.len(), 1, "the team has a GPU: {spec:?}");
    let text = text(&spec).expect("it is written");
    let plan = crate::plan::decide("spec", text.as_bytes());
    assert!(plan.is_ok(), "{plan:#?}\n{text}");
}

#[test]
fn a_refused_answer_changes_nothing() {
    for (at, answer, reason) in [
        (Step::Name, "Demo", "is not a name"),
        (Step::Name, " ", "the name is empty"),
        (Step::AdminGroups, "system:authenticated", "would let everybody"),
        (Step::ClusterName(0), "Fra1", "is not a name"),
        (Step::PoolName(0, 0), "default", "is taken"),
        (Step::PoolNodes(0, 0), "0", "is 0; 1 to 100000 is allowed"),
        (Step::PoolNodes(0, 0), "many", "is not a whole number"),
        (Step::PoolGpus(0, 0), "65", "is 65; 1 to 64 is allowed"),
        (Step::TeamName(0), "kube-system", "is reserved"),
        (Step::TeamGroups(0), "system:masters", "belongs to Kubernetes"),
        (Step::TeamQuota(0, 0), "cpu=lots", "is not a quantity"),
        (Step::GpuCount(0, 0), "57", "does not fit"),
    ] {
        let mut wizard = wizard();
        go(&mut wizard, at);
        let before = serde_json::to_value(&wizard.spec).expect("data");
        let refusal = wizard.answer(&Answer::Text(answer.to_owned())).expect_err(answer);
        let lines = refusal.lines.join("\n");
        assert!(lines.contains(reason), "{at:?} {answer:?}: {lines}");
        assert_eq!(wizard.step(), at, "{answer:?}: the question is asked again");
        let after = serde_json::to_value(&wizard.spec).expect("data");
        assert_eq!(before, after, "{answer:?}: nothing changed");
    }
}

#[test]
fn what_is_left_shrinks_with_every_promise() {
    let mut wizard = wizard();
    go(&mut wizard, Step::GpuCount(0, 0));
    // One node with 8 H100: 56 of the smallest profile, of which 50 are taken.
    assert_eq!(
        wizard.answer(&Answer::Text("50".to_owned())),
        Ok(Next::Ask),
        "50 of 56"
    );
    go(&mut wizard, Step::Teams);
    assert_eq!(
        wizard.answer(&Answer::One(Pick::Add)),
        Ok(Next::Ask),
        "another team"
    );
    go(&mut wizard, Step::GpuCount(1, 0));
    let about = wizard.question().about;
    assert_eq!(
        about,
        ["6 × 1g.10gb left in cluster-1/gpu for this team"],
        "what is left"
    );
    let refusal = wizard
        .answer(&Answer::Text("7".to_owned()))
        .expect_err("one too many");
    assert!(
        refusal
            .lines
            .iter()
            .any(|line| line.starts_with("6 × 1g.10gb left")),
        "{refusal:?}"
    );
    assert_eq!(
        wizard.answer(&Answer::Text("6".to_owned())),
        Ok(Next::Ask),
        "exactly what is left"
    );
}

#[test]
fn going_back_forgets_what_was_begun_and_keeps_what_was_answered() {
    let mut wizard = wizard();
    go(&mut wizard, Step::Pools(0));
    assert_eq!(
        wizard.answer(&Answer::One(Pick::Add)),
        Ok(Next::Ask),
        "a pool is begun"
    );
    assert_eq!(wizard.spec.clusters[0].pools.len(), 1, "a pool is there");
    assert!(wizard.back(), "there is a question before");
    assert_eq!(wizard.step(), Step::Pools(0), "the list");
    assert!(wizard.spec.clusters[0].pools.is_empty(), "the pool is forgotten");
    while wizard.step() != Step::Name {
        assert!(wizard.back(), "{:?} leads back", wizard.step());
    }
    assert!(!wizard.back(), "nothing is before the first question");
    assert!(wizard.spec.clusters.is_empty(), "the cluster is forgotten");
    assert_eq!(
        wizard.answer(&Answer::Text("other".to_owned())),
        Ok(Next::Ask),
        "a name"
    );
    assert!(wizard.back(), "back to the name");
    let Kind::Text { default, .. } = wizard.question().kind else {
        panic!("the name is typed");
    };
    assert_eq!(default, "other", "the answer is the default now");
}

const SPEC: &str = "\
apiVersion: tenancy.platform/v1alpha1
kind: Tenancy
name: demo # ours
clusters:
  # here
  - name: one
    pools: [{name: gpu, board: h100-80gb, nodes: 1, gpusPerNode: 8, sharing: mig}]
  # there
  - {name: two}
teams:
  - name: team-a # first
    clusters: [one]
    gpus: [{cluster: one, pool: gpu, memory: 40Gi, count: 2}]
  - name: team-b # second
";

#[test]
fn every_edit_keeps_what_it_does_not_concern() {
    type Change = fn(&mut Spec);
    let cases: [(&str, Change, &str, &str); 6] = [
        ("nothing", |_| {}, "", ""),
        (
            "a name",
            |s| s.name = "no".to_owned(),
            "name: demo # ours",
            "name: \"no\" # ours",
        ),
        (
            "a count",
            |s| s.teams[0].gpus[0].count = 3,
            "count: 2",
            "count: 3",
        ),
        (
            "a team's name",
            |s| s.teams[1].name = "team-x".to_owned(),
            "name: team-b # second",
            "name: team-x # second",
        ),
        (
            "a team less",
            |s| drop(s.teams.remove(1)),
            "  - name: team-b # second\n",
            "",
        ),
        ("default admins", |s| s.admins.groups.clear(), "", ""),
    ];
    for (what, change, from, to) in cases {
        let old = read(SPEC);
        let mut new = old.clone();
        change(&mut new);
        let wanted = if from.is_empty() {
            SPEC.to_owned()
        } else {
            SPEC.replacen(from, to, 1)
        };
        assert_eq!(edited(SPEC, &old, &new), Ok(wanted), "{what}");
    }
}

#[test]
fn every_edit_reads_back_as_what_was_meant() {
    type Change = fn(&mut Spec);
    let cases: [(&str, Change); 6] = [
        ("first cluster gone", |s| {
            s.clusters.remove(0);
            s.teams[0].clusters.clear();
            s.teams[0].gpus.clear();
        }),
        ("both teams renamed", |s| {
            s.teams[0].name = "x".to_owned();
            s.teams[1].name = "y".to_owned();
        }),
        ("teams added", |s| {
            s.teams.push(super::answers::team("x"));
            s.teams.push(super::answers::team("no"));
        }),
        ("one gone, two came", |s| {
            s.teams.remove(0);
            s.teams.push(super::answers::team("x"));
            s.teams.push(super::answers::team("y"));
        }),
        ("a backend", |s| {
            s.secrets.push(super::pick::backend(spec::Backend::Vault))
        }),
        ("a pool in a cluster without", |s| {
            s.clusters[1].pools.push(super::answers::pool("p", "t4"))
        }),
    ];
    for (what, change) in cases {
        let old = read(SPEC);
        let mut new = old.clone();
        change(&mut new);
        let text = edited(SPEC, &old, &new).unwrap_or_else(|error| panic!("{what}: {error}"));
        let found = serde_json::to_value(read(&text)).expect("data");
        assert_eq!(
            found,
            serde_json::to_value(&new).expect("data"),
            "{what}:\n{text}"
        );
    }
}

#[test]
fn a_new_spec_says_what_its_parts_are() {
    let mut wizard = wizard();
    go(&mut wizard, Step::Summary);
    let text = text(&wizard.into_spec()).expect("it is written");
    let first = text.lines().next();
    assert_eq!(
        first,
        Some("# yaml-language-server: $schema=.platform/schema.json"),
        "{text}"
    );
    for key in ["admins:", "gitops:", "policy:", "clusters:", "teams:"] {
        let at = text
            .find(&format!("\n{key}"))
            .unwrap_or_else(|| panic!("{key} is in\n{text}"));
        let above = text[..at].lines().last().unwrap_or_default();
        assert!(above.starts_with("# "), "{key} has a comment:\n{text}");
    }
}
