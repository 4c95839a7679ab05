//! The presets render the example, together too, refuse what they must, and the user's own overlays win over them.

use platform::spec::{CrossTeamSharing, Mode, PodSecurity};

use super::{files, overlay, rendered, text};
use crate::support::EXAMPLE;

fn with(presets: &str) -> String {
    let mut spec = EXAMPLE.replacen("\npolicy:", &format!("\noverlays: [{presets}]\npolicy:"), 1);
    spec = spec.replacen("  mode: enforce", "  mode: audit", 1);
    spec
}

#[test]
fn every_preset_renders_the_example_and_says_what_it_sets() {
    assert_eq!(
        platform::overlay::presets(),
        ["automotive", "finance", "healthcare"],
        "the presets"
    );
    for (presets, catalogues) in [
        ("finance", "dora, iso27001"),
        ("healthcare", "gdpr, hipaa, iso27001"),
        ("automotive", "iso27001, tisax"),
        (
            "finance, healthcare, automotive",
            "dora, iso27001, gdpr, hipaa, tisax",
        ),
    ] {
        let (plan, tree) = rendered(&with(presets), &files(&[]))
            .unwrap_or_else(|findings| panic!("{presets}: {findings:#?}"));
        let policy = &plan.model.policy;
        assert_eq!(policy.pod_security, PodSecurity::Restricted, "{presets}");
        assert_eq!(policy.mode, Mode::Enforce, "{presets}");
        assert_eq!(policy.cross_team_sharing, CrossTeamSharing::Refused, "{presets}");
        assert_eq!(plan.model.compliance.join(", "), catalogues, "{presets}");
        let changed: Vec<&str> = plan
            .overlays
            .spec_changes
            .iter()
            .map(|change| change.path.as_str())
            .collect();
        assert!(changed.contains(&"policy.podSecurity"), "{presets}: {changed:?}");
        let namespace = text(&tree, "tenants/fra1/team-a/namespace.yaml");
        assert!(
            namespace.contains("\"pod-security.kubernetes.io/enforce\": \"restricted\""),
            "{presets}: {namespace}"
        );
        let role = text(&tree, "secrets/fra1/vault-prod/role-tenant.yaml");
        assert!(
            role.contains("token_ttl: 5m") && role.contains("token_max_ttl: 30m"),
            "{presets}: {role}"
        );
        assert!(
            text(&tree, "secrets/fra1/vault-prod/audit.yaml").contains("AuditDevice"),
            "{presets}"
        );
        let controls = text(&tree, "docs/controls.md");
        for id in catalogues.split(", ") {
            let row = controls
                .lines()
                .find(|line| line.starts_with(&format!("| `{id}` |")));
            assert!(
                row.is_some_and(|row| row.ends_with("| `not-assessed` |")),
                "{presets}: {id} in {controls}"
            );
        }
    }
}

#[test]
fn no_preset_lets_teams_share_a_pool_with_or_without_a_waiver() {
    let shared = |presets: &str, waiver: &str| {
        let spec = with(presets).replacen(
            "  - name: team-c\n",
            "  - name: team-c\n    gpus: [{cluster: fra1, pool: a100-dev, count: 1}]\n",
            1,
        );
        rendered(&format!("{spec}{waiver}"), &files(&[]))
    };
    let waiver = "waivers:\n  - {control: gpu.cross-team-sharing, pool: a100-dev, teams: [team-b, team-c], \
                  owner: jane@example.com, reason: dev, expires: 2027-03-31}\n";
    assert!(shared("", waiver).is_ok(), "without a preset a waiver suffices");
    for preset in platform::overlay::presets() {
        for (waiver, code) in [(waiver, "sharing-refused"), ("", "cross-team-sharing")] {
            let found = shared(preset, waiver).err().unwrap_or_default();
            let codes: Vec<&str> = found.iter().map(|finding| finding.code).collect();
            assert_eq!(codes, [code], "{preset}: {found:#?}");
            let told = found[0].to_string();
            assert!(
                told.contains(&format!("built-in overlays/{preset}/{preset}.yaml:")),
                "{told}"
            );
        }
    }
}

#[test]
fn the_users_overlays_win_over_presets_and_say_so() {
    let own = overlay(
        "  - target: {kind: Tenancy}\n    patch: {policy: {podSecurity: baseline, secrets: {tokenTtl: 2m}}}\n",
    );
    let (plan, _) = rendered(&with("finance"), &files(&[("own.yaml", &own)])).unwrap();
    assert_eq!(
        plan.model.policy.pod_security,
        PodSecurity::Baseline,
        "the user's own"
    );
    assert_eq!(
        plan.model.policy.secrets.token_ttl.as_str(),
        "2m",
        "the user's own"
    );
    assert_eq!(
        plan.model.policy.secrets.token_max_ttl.as_str(),
        "30m",
        "the preset's"
    );
    let last = plan
        .overlays
        .spec_changes
        .iter()
        .rfind(|change| change.path == "policy.podSecurity")
        .unwrap();
    assert_eq!(last.old, Some("restricted".into()), "what the preset had set");
    assert_eq!(
        plan.overlays.place(last.at),
        "overlays/own.yaml:5:35",
        "where the user says so"
    );
}

#[test]
fn what_the_plan_promises_comes_from_the_patched_spec() {
    let own = overlay(
        "  - {target: {kind: Tenancy}, patch: {teams: [{name: team-a, quota: {pods: 7}}, {name: team-d, groups: [g]}]}}",
    );
    let (plan, tree) = rendered(EXAMPLE, &files(&[("own.yaml", &own)])).unwrap();
    let quota = text(&tree, "tenants/fra1/team-a/quota.yaml");
    assert!(
        quota.contains("pods: \"7\"") && quota.contains("limits.cpu: \"64\""),
        "{quota}"
    );
    let teams: Vec<&str> = plan.model.teams.iter().map(|team| team.name.as_str()).collect();
    assert_eq!(
        teams,
        ["team-a", "team-b", "team-c", "team-d"],
        "teams keep their order"
    );
    assert_eq!(
        plan.places["team team-d"], "overlays/own.yaml:4:81",
        "its place is in the overlay"
    );
}
