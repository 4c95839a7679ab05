//! A spec that is there: the old answers are the defaults, and what is not answered otherwise keeps every byte.

use super::pty::{DOWN, ENTER, Pty, UP};
use super::sandbox::Sandbox;

/// A spec as a person keeps it.
const OWN: &str = "\
# yaml-language-server: $schema=.platform/schema.json
# Ours since spring.
apiVersion: tenancy.platform/v1alpha1
kind: Tenancy
name: acme   # never change this

clusters:    # one, for now
  - name: fra1
    context: fra1-admin
    pools:
      # bought together
      - {name: h100, board: h100-80gb, nodes: 4, gpusPerNode: 8, sharing: mig}   # rack 7
teams:
  # the first customers
  - name: team-a
    groups: [oidc:team-a]
    gpus:
      - {cluster: fra1, pool: h100, memory: 40Gi, count: 4}   # agreed until winter
    quota: {cpu: 64, memory: 256Gi}
";

/// Takes the old answer of every question up to the teams.
fn keep_until_teams(pty: &mut Pty) {
    for prompt in [
        "Name of the platform [acme]",
        "Admin groups [platform-admins]",
        "GitOps engine",
        "URL of the Git repository [none]",
        "Branch that the clusters follow [main]",
        "Policy engine",
        "Policy mode",
        "Compliance presets",
        "Clusters",
        "GPU pools of `fra1`",
        "Secret backend",
    ] {
        pty.answer(prompt, ENTER);
    }
}

#[test]
fn the_old_answers_change_no_byte() {
    let sandbox = Sandbox::new();
    sandbox.write("demo/platform.yaml", OWN);
    let mut pty = Pty::start(&sandbox, 80, &["init", "demo"]);
    keep_until_teams(&mut pty);
    // Through every question about the team, too.
    pty.answer("Teams", &format!("{DOWN}{DOWN}{ENTER}"));
    pty.answer("Name of the team [team-a]", ENTER);
    pty.answer("Groups of `team-a` [oidc:team-a]", ENTER);
    pty.answer("Owners of `team-a` [none]", ENTER);
    pty.answer("Namespaces of `team-a` [team-a]", ENTER);
    pty.answer("GPUs of `team-a`", &format!("{DOWN}{DOWN}{ENTER}"));
    pty.answer("MIG profile", ENTER);
    pty.asked("How many for `team-a` [4]");
    pty.recorded("edit-80-count");
    pty.press(ENTER);
    pty.answer("GPUs of `team-a`", ENTER);
    pty.answer("Quota of `team-a` [cpu=64,memory=256Gi]", ENTER);
    pty.answer("Teams", ENTER);
    pty.asked("Write this?");
    pty.recorded("edit-80-summary");
    pty.press(ENTER);
    assert_eq!(pty.ended(), 0, "{}", pty.screen());
    assert_eq!(sandbox.read("demo/platform.yaml"), OWN, "byte for byte");
}

#[test]
fn a_changed_answer_changes_its_place_alone() {
    let sandbox = Sandbox::new();
    sandbox.write("demo/platform.yaml", OWN);
    let mut pty = Pty::start(&sandbox, 80, &["init", "demo"]);
    keep_until_teams(&mut pty);
    pty.answer("Teams", &format!("{DOWN}{DOWN}{ENTER}"));
    for prompt in ["Name of the team", "Groups", "Owners", "Namespaces"] {
        pty.answer(prompt, ENTER);
    }
    pty.answer("GPUs of `team-a`", &format!("{DOWN}{DOWN}{ENTER}"));
    pty.answer("MIG profile", ENTER);
    pty.answer("How many for `team-a` [4]", "6\r");
    pty.answer("GPUs of `team-a`", ENTER);
    pty.answer("Quota", ENTER);
    pty.answer("Teams", &format!("{DOWN}{ENTER}"));
    pty.answer("Name of the team [team-b]", ENTER);
    pty.answer("Groups", ENTER);
    pty.answer("Owners", ENTER);
    pty.answer("Namespaces", ENTER);
    pty.answer("GPUs of `team-b`", &format!("{UP}{ENTER}"));
    pty.answer("Quota", "-\r");
    pty.answer("Teams", ENTER);
    pty.answer("Write this?", ENTER);
    assert_eq!(pty.ended(), 0, "{}", pty.screen());
    let wanted = OWN.replace("count: 4}", "count: 6}") + "  - name: team-b\n    groups: [oidc:team-b]\n";
    assert_eq!(
        sandbox.read("demo/platform.yaml"),
        wanted,
        "two changes and nothing else"
    );
}

#[test]
fn a_changed_answer_in_a_rendered_repository_is_a_commit() {
    let sandbox = Sandbox::new();
    sandbox.write("demo/platform.yaml", OWN);
    assert_eq!(
        sandbox.run(&["init", "--yes", "demo"]).code,
        0,
        "the first render"
    );
    let mut pty = Pty::start(
        &sandbox,
        80,
        &["init", "demo", "--quota", "team-a=cpu=32,memory=256Gi"],
    );
    keep_until_teams(&mut pty);
    pty.answer("Teams", ENTER);
    pty.answer("Write this?", ENTER);
    assert_eq!(pty.ended(), 0, "{}", pty.screen());
    let spec = sandbox.read("demo/platform.yaml");
    assert_eq!(
        spec,
        OWN.replace("cpu: 64", "cpu: 32"),
        "one change and nothing else"
    );
    assert_eq!(
        sandbox.git("demo", &["status", "--porcelain"]),
        "",
        "all is committed"
    );
    let count = sandbox.git("demo", &["rev-list", "--count", "platform/rendered"]);
    assert_eq!(count, "2\n", "the render is committed, too");
}

#[test]
fn flags_edit_a_spec_without_a_question() {
    let sandbox = Sandbox::new();
    sandbox.write("demo/platform.yaml", OWN);
    let run = sandbox.run(&[
        "init",
        "demo",
        "--branch",
        "trunk",
        "--team",
        "team-b:oidc:b",
        "--gpu",
        "team-b=fra1/h100:1g.10gb:2",
    ]);
    assert_eq!(run.code, 0, "{run:?}");
    let spec = sandbox.read("demo/platform.yaml");
    for kept in OWN.lines() {
        assert!(spec.contains(kept), "{kept:?} is in\n{spec}");
    }
    for new in ["branch: trunk", "name: team-b", "profile: 1g.10gb"] {
        assert!(spec.contains(new), "{new:?} is in\n{spec}");
    }
}
