//! A new user: every question, at two widths.

use super::pty::{DOWN, ENTER, ESCAPE, Pty, UP};
use super::sandbox::Sandbox;
use super::support::{golden, project};

/// Answers every question as a new user might, recording the screens under a prefix.
fn full_run(pty: &mut Pty, prefix: &str) {
    let recorded = |pty: &mut Pty, name: &str| pty.recorded(&format!("{prefix}-{name}"));
    pty.asked("Name of the platform [demo]");
    recorded(pty, "01-name");
    pty.press("Acme_AI\r");
    pty.shows("`acme-ai` would be one");
    recorded(pty, "02-name-refused");
    pty.press("acme-ai\r");
    pty.answer("Admin groups [platform-admins]", "oidc:platform, oidc:sre\r");
    pty.asked("GitOps engine");
    recorded(pty, "03-gitops");
    pty.press(ENTER);
    pty.answer(
        "URL of the Git repository",
        "https://git.example.com/acme/gpu.git\r",
    );
    pty.answer("Branch", ENTER);
    pty.asked("Policy engine");
    recorded(pty, "04-policy-engine");
    pty.press(ENTER);
    pty.answer("Policy mode", ENTER);
    pty.asked("Compliance presets");
    recorded(pty, "04-presets");
    pty.press(ENTER);
    pty.answer("Name of the cluster", "fra1\r");
    pty.answer("Context of `fra1`", "fra1-admin\r");
    pty.asked("Clusters");
    recorded(pty, "05-clusters");
    pty.press(ENTER);
    pty.answer("GPU pools of `fra1`", ENTER);
    pty.answer("Name of the pool", "h100\r");
    pty.asked("Board of `h100`");
    recorded(pty, "06-board");
    pty.press(ENTER);
    pty.answer("Nodes in `h100`", "four\r");
    pty.shows("`four` is not a whole number");
    pty.press("4\r");
    pty.answer("GPUs in each node", ENTER);
    pty.asked("How GPUs of `h100` are shared");
    recorded(pty, "07-sharing");
    pty.press(ENTER);
    pty.asked("GPU pools of `fra1`");
    recorded(pty, "08-pools");
    pty.press(ENTER);
    pty.asked("Secret backend");
    recorded(pty, "09-backend");
    pty.press(&format!("{DOWN}{ENTER}"));
    pty.answer("Name that teams refer to it by", "vault-prod\r");
    pty.answer("Address of its API", "http://vault.example.com\r");
    pty.shows("is not the URL");
    recorded(pty, "10-address-refused");
    pty.press(ENTER);
    pty.answer("Where pods reach it", "10.30.0.5/32\r");
    pty.asked("How secrets reach the pods");
    recorded(pty, "11-delivery");
    pty.press(ENTER);
    pty.answer("Name of the team [team-a]", ENTER);
    pty.answer("Groups of `team-a`", ENTER);
    pty.answer("Owners of `team-a`", "oidc:team-a-leads\r");
    pty.answer("Namespaces of `team-a`", ENTER);
    pty.asked("GPUs of `team-a`");
    recorded(pty, "12-gpus");
    pty.press(ENTER);
    pty.asked("MIG profile");
    recorded(pty, "13-profile");
    pty.press(&format!("{DOWN}{DOWN}{DOWN}{DOWN}{ENTER}"));
    pty.asked("How many for `team-a`");
    pty.shows("64 × 3g.40gb left in fra1/h100");
    pty.press("65\r");
    pty.shows("does not fit");
    pty.shows("✘");
    recorded(pty, "14-too-many");
    pty.press("60\r");
    pty.asked("GPUs of `team-a`");
    recorded(pty, "15-promised");
    pty.press(ENTER);
    pty.answer("Quota of `team-a`", "cpu=64,memory=256Gi,pods=100,storage=1Ti\r");
    pty.asked("Teams");
    recorded(pty, "16-teams");
    pty.press(&format!("{DOWN}{ENTER}"));
    pty.answer("Name of the team [team-b]", ENTER);
    pty.answer("Groups of `team-b`", ENTER);
    pty.answer("Owners of `team-b`", ENTER);
    pty.answer("Namespaces of `team-b`", ENTER);
    pty.answer("GPUs of `team-b`", ENTER);
    pty.asked("MIG profile");
    pty.shows("4 left");
    recorded(pty, "17-what-is-left");
    pty.press(&format!("{DOWN}{DOWN}{DOWN}{DOWN}{ENTER}"));
    pty.answer("How many for `team-b`", "5\r");
    pty.shows("✘");
    recorded(pty, "18-too-many-together");
    pty.press("4\r");
    pty.answer("GPUs of `team-b`", ENTER);
    pty.answer("Quota of `team-b`", ENTER);
    pty.answer("Teams", ENTER);
    pty.asked("Write this?");
    recorded(pty, "19-summary");
    pty.press(ENTER);
}

#[test]
fn a_new_user_answers_every_question_at_60_and_200_columns() {
    let mut specs = Vec::new();
    for columns in [60u16, 200] {
        let sandbox = Sandbox::new();
        let mut pty = Pty::start_with(&sandbox, columns, 30, &[("NO_COLOR", "1")], &["init", "demo"]);
        full_run(&mut pty, &format!("new-{columns}"));
        assert_eq!(pty.ended(), 0, "{columns}: {}", pty.screen());
        assert!(!pty.cursor_is_hidden(), "{columns}: the cursor is back");
        let escapes = String::from_utf8_lossy(&pty.bytes).into_owned();
        let colours = escapes.split("\u{1b}[").skip(1).any(|rest| {
            rest.find(|c: char| c.is_ascii_alphabetic())
                .is_some_and(|end| &rest[end..=end] == "m")
        });
        assert!(!colours, "{columns}: NO_COLOR leaves no colour");
        let run = sandbox.run(&["-C", "demo", "validate"]);
        assert_eq!(run.code, 0, "{columns}: what was written is valid: {run:?}");
        assert_eq!(
            sandbox.git("demo", &["status", "--porcelain"]),
            "",
            "{columns}: all of it is committed"
        );
        specs.push(sandbox.read("demo/platform.yaml"));
    }
    assert_eq!(specs[0], specs[1], "the width changes nothing");
    let difference = golden(&project("tests/wizard/screens/new-platform.yaml"), &specs[0]);
    assert_eq!(
        difference, None,
        "the spec that the answers make; UPDATE_GOLDEN=1 accepts"
    );
}

#[test]
fn every_question_leads_back() {
    let sandbox = Sandbox::new();
    let mut pty = Pty::start(&sandbox, 80, &["init", "demo"]);
    pty.answer("Name of the platform [demo]", ESCAPE);
    pty.shows("this is the first question");
    pty.press("other\r");
    pty.answer("Admin groups", "<\r");
    pty.answer("Name of the platform [other]", ENTER);
    pty.answer("Admin groups", ENTER);
    pty.answer("GitOps engine", ESCAPE);
    pty.answer("Admin groups", ENTER);
    pty.answer("GitOps engine", "<");
    pty.answer("Admin groups", ENTER);
    pty.answer("GitOps engine", ENTER);
    pty.answer("URL of the Git repository", ENTER);
    pty.answer("Branch", ENTER);
    pty.answer("Policy engine", ENTER);
    pty.answer("Policy mode", &format!("{UP}{ENTER}"));
    pty.answer("Compliance presets", ENTER);
    // The first cluster begins with its name; going back from there forgets it.
    pty.answer("Name of the cluster [cluster-1]", ESCAPE);
    pty.answer("Compliance presets", ESCAPE);
    pty.asked("Policy mode");
    pty.recorded("back-80-choice");
    pty.press(ENTER);
    pty.answer("Compliance presets", ENTER);
    pty.answer("Name of the cluster [cluster-1]", "fra1\r");
    pty.answer("Context of `fra1` [fra1]", ENTER);
    pty.answer("Clusters", &format!("{DOWN}{ENTER}"));
    pty.answer("Name of the cluster [cluster-1]", ESCAPE);
    pty.asked("Clusters");
    pty.shows("1: fra1");
    pty.press(ENTER);
    pty.answer("GPU pools of `fra1`", ENTER);
    pty.answer("Name of the pool", ESCAPE);
    pty.answer("GPU pools of `fra1`", &format!("{UP}{ENTER}"));
    pty.answer("Secret backend", ENTER);
    for prompt in ["Name of the team", "Groups", "Owners", "Namespaces", "Quota"] {
        pty.answer(prompt, ENTER);
    }
    pty.answer("Teams", ENTER);
    pty.answer("Write this?", &format!("{DOWN}{ENTER}"));
    pty.answer("Teams", ESCAPE);
    pty.answer("Quota", "cpu=2\r");
    pty.answer("Teams", ENTER);
    pty.answer("Write this?", &format!("{DOWN}{DOWN}{ENTER}"));
    assert_eq!(pty.ended(), 1, "abort: {}", pty.screen());
    assert!(!sandbox.path("demo").exists(), "nothing is written");
}

#[test]
fn questions_that_flags_answer_are_not_asked() {
    let sandbox = Sandbox::new();
    let mut pty = Pty::start(
        &sandbox,
        100,
        &[
            "init",
            "demo",
            "--name",
            "acme",
            "--admin-group",
            "a",
            "--gitops",
            "flux",
            "--repository",
            "-",
            "--branch",
            "main",
            "--overlay",
            "none",
            "--policy-engine",
            "native",
            "--policy-mode",
            "audit",
            "--cluster",
            "fra1",
            "--pool",
            "fra1/h100=h100-80gb:1x2:mig",
            "--secret-backend",
            "none",
            "--team",
            "team-a:oidc:a,oidc:b",
        ],
    );
    pty.answer("Owners of `team-a`", ENTER);
    pty.answer("Namespaces of `team-a`", ENTER);
    pty.answer("GPUs of `team-a`", ENTER);
    pty.answer("MIG profile", ENTER);
    pty.answer("How many", ENTER);
    pty.answer("GPUs of `team-a`", ENTER);
    pty.answer("Quota of `team-a`", ENTER);
    pty.asked("Write this?");
    pty.recorded("flags-100-summary");
    pty.press(ENTER);
    assert_eq!(pty.ended(), 0, "{}", pty.screen());
    let spec = sandbox.read("demo/platform.yaml");
    for part in ["name: acme", "engine: native", "mode: audit", "oidc:b", "1g.10gb"] {
        assert!(spec.contains(part), "{part} is in {spec}");
    }
}

#[test]
fn an_example_is_shown_before_it_is_written() {
    let sandbox = Sandbox::new();
    let mut pty = Pty::start(&sandbox, 60, &["init", "--preset", "single-cluster", "demo"]);
    pty.asked("Write this?");
    pty.recorded("preset-60-summary");
    pty.press(ENTER);
    assert_eq!(pty.ended(), 0, "{}", pty.screen());
    let example = include_str!("../../examples/single-cluster.yaml");
    assert_eq!(
        sandbox.read("demo/platform.yaml"),
        example.replace("name: single-cluster", "name: demo"),
        "the example under the directory's name"
    );
}

#[test]
fn yes_and_no_input_never_ask_on_a_terminal() {
    for (arguments, code) in [
        (&["init", "--yes", "demo"][..], 0),
        (&["init", "--no-input", "demo"], 2),
        (&["init", "--no-input", "--preset", "multi-cluster", "demo"], 0),
        (
            &["init", "--no-input", "--cluster", "c", "--team", "t", "demo"],
            0,
        ),
    ] {
        let sandbox = Sandbox::new();
        let mut pty = Pty::start(&sandbox, 80, arguments);
        assert_eq!(pty.ended(), code, "{arguments:?}: {}", pty.screen());
        assert_eq!(sandbox.path("demo").exists(), code == 0, "{arguments:?}: written");
        assert!(!pty.screen().contains("? "), "{arguments:?}: {}", pty.screen());
    }
}
