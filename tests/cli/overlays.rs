//! Overlays on the command line: what is wrong with them is the user's, with its place; what they do is explained.

use super::sandbox::Sandbox;

fn overlay(patch: &str) -> String {
    format!("apiVersion: tenancy.platform/v1alpha1\nkind: Overlay\npatches:\n  - {patch}\n")
}

const MORE_PODS: &str = "{target: {kind: ResourceQuota}, patch: {spec: {hard: {pods: '7'}}}}";

#[test]
fn a_target_that_matches_nothing_is_an_error_of_the_user_everywhere() {
    let sandbox = Sandbox::with_example();
    sandbox.write(
        "overlays/x.yaml",
        &overlay("{target: {kind: Deployment}, patch: {spec: {replicas: 2}}}"),
    );
    for arguments in [
        &["validate"][..],
        &["render", "--out", "out"],
        &["init", "--yes", "."],
    ] {
        let run = sandbox.run(arguments);
        assert_eq!(run.code, 2, "{arguments:?}: {run:?}");
        let wanted = "overlays/x.yaml:4:14: the target matches no rendered object";
        assert!(run.stderr.contains(wanted), "{arguments:?}: {run:?}");
    }
    assert!(!sandbox.path("out").exists(), "nothing is written");
    assert!(!sandbox.path(".git").exists(), "nothing is committed");
}

#[test]
fn overlays_lie_beside_the_spec_and_standard_input_has_none() {
    let sandbox = Sandbox::with_example();
    sandbox.write("repository/platform.yaml", &sandbox.read("platform.yaml"));
    sandbox.write("repository/overlays/x.yaml", &overlay(MORE_PODS));
    sandbox.write("overlays/broken.yaml", "kind: Overlay\n");
    let quota = |out: &str| sandbox.read(&format!("{out}/tenants/fra1/team-a/quota.yaml"));
    let run = sandbox.run(&["render", "--out", "beside", "-f", "repository/platform.yaml"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(quota("beside").contains("pods: \"7\""), "{}", quota("beside"));
    let run = sandbox.run_with(
        &["render", "--out", "none", "-f", "-"],
        &sandbox.read("platform.yaml"),
    );
    assert_eq!(run.code, 0, "{run:?}");
    assert!(quota("none").contains("pods: \"100\""), "{}", quota("none"));
    let run = sandbox.run(&["validate"]);
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.stderr.contains("overlays/broken.yaml:1:1: "), "{run:?}");
}

#[test]
fn what_is_no_plain_file_is_refused() {
    let sandbox = Sandbox::with_example();
    sandbox.write("elsewhere.yaml", &overlay(MORE_PODS));
    std::fs::create_dir(sandbox.path("overlays")).unwrap();
    std::os::unix::fs::symlink("../elsewhere.yaml", sandbox.path("overlays/x.yaml")).unwrap();
    let run = sandbox.run(&["validate"]);
    assert_eq!(run.code, 2, "{run:?}");
    assert!(
        run.stderr.contains("overlays/x.yaml` is a symbolic link"),
        "{run:?}"
    );
}

#[test]
fn every_overlaid_field_is_explained() {
    let sandbox = Sandbox::with_example();
    let patches = format!(
        "{MORE_PODS}\n  - {{target: {{kind: Tenancy}}, patch: {{policy: {{podSecurity: restricted}}}}}}"
    );
    sandbox.write("overlays/x.yaml", &overlay(&patches));
    let run = sandbox.run(&["render", "--explain", "tenants/fra1/team-a/quota.yaml"]);
    assert_eq!(run.code, 0, "{run:?}");
    for line in [
        "  blueprint: tenant/quota",
        "  team team-a: platform.yaml:44:5",
        "  policy.podSecurity  -    restricted  overlays/x.yaml:5:61",
        "ResourceQuota tenant (v1) in team-a",
        "  spec.hard.pods  100  7    overlays/x.yaml:4:65",
    ] {
        assert!(
            run.stdout.lines().any(|found| found == line),
            "{line:?} in {}",
            run.stdout
        );
    }
    let run = sandbox.run(&["render", "--explain", "tenants/fra1/team-a/qouta.yaml"]);
    assert_eq!(run.code, 2, "{run:?}");
    assert!(
        run.stderr
            .contains("did you mean `tenants/fra1/team-a/quota.yaml`?"),
        "{run:?}"
    );
    let run = sandbox.run(&["render"]);
    assert_eq!(run.code, 2, "neither --out nor --explain: {run:?}");
}
