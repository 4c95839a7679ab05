//! The node plans beside a spec: an input of every command that plans, and of no other.

use super::sandbox::Sandbox;

const NODE_PLAN: &str = "gpu/fra1/node-plan.yaml";

#[test]
fn what_is_no_node_plan_is_a_finding_of_every_command_that_plans() {
    let sandbox = Sandbox::with_example();
    sandbox.write(
        NODE_PLAN,
        "apiVersion: tenancy.platform/v1alpha1\nkind: NodePlan\npools: [\n",
    );
    for arguments in [
        &["validate"][..],
        &["plan"],
        &["plan", "--from", "platform.yaml"],
        &["render", "--out", "out"],
        &["render", "--explain", "gpu/fra1/node-plan.yaml"],
        &["test"],
        &["apply", "--dry-run"],
        &["verify"],
        &["team", "remove", "team-c", "--yes"],
    ] {
        let run = sandbox.run(arguments);
        assert_eq!(run.code, 2, "{arguments:?}: {run:?}");
        for said in [
            "gpu/fra1/node-plan.yaml:",
            "not a node plan",
            "git checkout -- gpu/fra1/node-plan.yaml",
        ] {
            assert!(run.stderr.contains(said), "{arguments:?}: `{said}`: {run:?}");
        }
    }
    let check = sandbox.run(&["check", "--offline"]);
    assert!(check.stdout.contains("not a node plan"), "{check:?}");
    let report = sandbox.run(&["validate", "-o", "json"]);
    assert_eq!(report.code, 2, "{report:?}");
    let finding = &report.json()["findings"][0];
    assert_eq!(finding["file"], NODE_PLAN, "{finding}");
    assert_eq!(finding["code"], "node-plan", "{finding}");
    assert!(
        finding["line"].as_u64().is_some_and(|line| line >= 3),
        "{finding}"
    );
    for arguments in [
        &["plan", "--compact"][..],
        &["render", "--compact", "--out", "out"],
    ] {
        let run = sandbox.run(arguments);
        assert_eq!(run.code, 0, "{arguments:?} does without: {run:?}");
    }
    let text = sandbox.read("platform.yaml");
    let run = sandbox.run_with(&["plan", "-f", "-"], &text);
    assert_eq!(run.code, 0, "nothing lies beside standard input: {run:?}");
}

#[test]
fn both_the_spec_and_what_lies_beside_it_are_reported_at_once() {
    let sandbox = Sandbox::with_example();
    let text = sandbox.read("platform.yaml").replace("count: 4", "count: 4000");
    sandbox.write("sub/platform.yaml", &text);
    sandbox.write("sub/gpu/fra1/node-plan.yaml", "x");
    let run = sandbox.run(&["-f", "sub/platform.yaml", "validate"]);
    assert_eq!(run.code, 2, "{run:?}");
    for said in [
        "sub/gpu/fra1/node-plan.yaml:1:",
        "does not fit",
        "and the layouts beside it have 2 problems",
    ] {
        assert!(run.stderr.contains(said), "`{said}`: {run:?}");
    }
}

#[test]
fn a_link_beside_the_spec_is_not_followed() {
    let sandbox = Sandbox::with_example();
    std::fs::create_dir_all(sandbox.path("gpu/fra1")).unwrap();
    std::os::unix::fs::symlink("/etc/hostname", sandbox.path(NODE_PLAN)).unwrap();
    let run = sandbox.run(&["plan"]);
    assert!(run.code != 0 && run.stderr.contains("a symbolic link"), "{run:?}");
}

#[test]
fn a_render_over_its_own_layouts_is_itself() {
    let sandbox = Sandbox::new();
    let run = sandbox.run(&["init", "--yes", "demo"]);
    assert_eq!(run.code, 0, "{run:?}");
    let run = sandbox.run(&["-f", "demo/platform.yaml", "render", "--out", "again"]);
    assert_eq!(run.code, 0, "{run:?}");
    for (name, bytes) in sandbox.files("again") {
        let there = std::fs::read(sandbox.path("demo").join(&name)).unwrap();
        assert_eq!(there, bytes, "{name} is as it was rendered first");
    }
}

#[test]
fn the_first_render_knows_no_layouts_and_overwrites_none() {
    let sandbox = Sandbox::new();
    let first = sandbox.run(&["init", "--yes", "demo"]);
    assert_eq!(first.code, 0, "{first:?}");
    for (about, edit, code) in [
        ("as it would be rendered", None, 0),
        ("with another layout", Some(("3g.40gb: 2", "4g.40gb: 1")), 2),
        ("no node plan at all", Some(("kind: NodePlan", "kind: Mine")), 2),
    ] {
        let sandbox_two = Sandbox::new();
        sandbox_two.write("demo/platform.yaml", &sandbox.read("demo/platform.yaml"));
        let text = sandbox.read(&format!("demo/{NODE_PLAN}"));
        let text = edit.map_or(text.clone(), |(from, to)| {
            assert!(text.contains(from), "{about}: `{from}` is there");
            text.replacen(from, to, 1)
        });
        sandbox_two.write(&format!("demo/{NODE_PLAN}"), &text);
        let run = sandbox_two.run(&["init", "--yes", "demo"]);
        assert_eq!(run.code == 0, code == 0, "{about}: {run:?}");
        assert_eq!(
            sandbox_two.read(&format!("demo/{NODE_PLAN}")),
            text,
            "{about}: it is left as it was"
        );
        if code != 0 {
            assert!(run.stderr.contains(NODE_PLAN), "{about}: it is named: {run:?}");
            continue;
        }
        let again = sandbox_two.run(&["init", "--yes", "demo"]);
        assert!(again.stdout.contains("nothing changed"), "{about}: {again:?}");
    }
}
