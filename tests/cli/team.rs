//! `platform team`: the spec is edited in place, and where there is no repository only the file.

use super::sandbox::Sandbox;

/// Lines of `after` that are not in `before`, and the other way round.
fn difference(before: &str, after: &str) -> (Vec<String>, Vec<String>) {
    let only = |a: &str, b: &str| {
        let other: Vec<&str> = b.lines().collect();
        a.lines()
            .filter(|line| !other.contains(line))
            .map(str::to_owned)
            .collect()
    };
    (only(after, before), only(before, after))
}

#[test]
fn a_team_is_added_like_its_siblings_and_removed_again() {
    let sandbox = Sandbox::with_example();
    let before = sandbox.read("platform.yaml");
    let add = [
        "team",
        "add",
        "no",
        "--group",
        "oidc:no",
        "--owner",
        "oidc:leads",
        "--gpu",
        "h100-mig:3g.40gb=2",
        "--cpu",
        "8",
        "--memory",
        "64Gi",
        "--pods",
        "10",
        "--storage",
        "1Ti",
        "--secret",
        "vault-prod:ml/key=key",
    ];
    let run = sandbox.run(&add);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(run.stdout, "platform.yaml: add no\n", "{run:?}");
    assert!(run.stderr.contains("only the file was edited"), "{run:?}");
    let after = sandbox.read("platform.yaml");
    let (added, gone) = difference(&before, &after);
    assert_eq!(gone, Vec::<String>::new(), "nothing of the old spec goes");
    assert_eq!(
        added,
        [
            "  - name: \"no\"",
            "    groups: [oidc:no]",
            "    owners: [oidc:leads]",
            "      - {cluster: fra1, pool: h100-mig, profile: 3g.40gb, count: 2}",
            "    quota: {cpu: 8, memory: 64Gi, pods: 10, storage: 1Ti}",
            "      - {from: vault-prod, path: ml/key, as: key}",
        ],
        "in the style of the other teams"
    );
    assert_eq!(sandbox.run(&["validate"]).code, 0, "the new spec is valid");

    let again = sandbox.run(&add);
    assert_eq!((again.code, again.stdout.as_str()), (0, ""), "{again:?}");
    assert!(
        again
            .stderr
            .contains("nothing changed: team `no` is there exactly so"),
        "{again:?}"
    );
    assert_eq!(
        sandbox.read("platform.yaml"),
        after,
        "the second time changes nothing"
    );

    let removed = sandbox.run(&["team", "remove", "no", "--yes"]);
    assert_eq!(removed.code, 0, "{removed:?}");
    assert!(
        removed
            .stderr
            .contains("the namespaces and the data in them stay: no"),
        "{removed:?}"
    );
    assert_eq!(sandbox.read("platform.yaml"), before, "byte by byte as before");
}

#[test]
fn a_frozen_team_has_a_quota_of_zeros_and_keeps_its_promise() {
    let sandbox = Sandbox::with_example();
    let before = sandbox.read("platform.yaml");
    let run = sandbox.run(&["team", "freeze", "team-a"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(
        difference(&before, &sandbox.read("platform.yaml")),
        (vec!["    frozen: true".to_owned()], Vec::new()),
        "one line comes"
    );
    let plan = sandbox.run(&["plan", "-o", "json"]).json();
    let tenants = plan["clusters"][0]["tenants"].as_array().unwrap();
    let quota = tenants[0]["quota"].as_object().unwrap();
    assert!(
        quota.len() > 8 && quota.values().all(|amount| amount == "0"),
        "{quota:#?}"
    );
    for entry in [
        "pods",
        "requests.cpu",
        "limits.memory",
        "requests.storage",
        "requests.nvidia.com/mig-3g.40gb",
    ] {
        assert!(quota.contains_key(entry), "{entry} in {quota:#?}");
    }
    assert_eq!(tenants[1]["quota"]["pods"], "50", "other teams keep theirs");
    assert_eq!(
        plan["clusters"][0]["pools"][0]["gpusUsed"], 2,
        "its GPUs stay reserved"
    );
    assert_eq!(
        sandbox.run(&["test"]).code,
        0,
        "its pods are refused as they must be"
    );
    let pod = super::pod::WHOLE_GPU.replace("nvidia.com/gpu", "example.com/x");
    sandbox.write("pod.yaml", &pod);
    let judged = sandbox.run(&["test", "--pod", "pod.yaml", "--team", "team-a"]);
    assert_eq!(judged.code, 1, "{judged:?}");
    let list = sandbox.run(&["team", "list", "-o", "json"]).json();
    assert_eq!(
        (&list["teams"][0]["frozen"], &list["teams"][1]["frozen"]),
        (&true.into(), &false.into())
    );
    let again = sandbox.run(&["team", "freeze", "team-a"]);
    assert!(
        again.code == 0 && again.stderr.contains("frozen already"),
        "{again:?}"
    );
    assert_eq!(sandbox.run(&["team", "unfreeze", "team-a"]).code, 0, "it thaws");
    assert_eq!(sandbox.read("platform.yaml"), before, "byte by byte as before");
}

#[test]
fn a_comment_at_the_key_survives_the_thaw() {
    let sandbox = Sandbox::with_example();
    let text = sandbox.read("platform.yaml");
    let frozen = text.replace(
        "    groups: [oidc:team-b]\n",
        "    groups: [oidc:team-b]\n    frozen: true   # until the audit\n",
    );
    sandbox.write("platform.yaml", &frozen);
    assert_eq!(sandbox.run(&["team", "unfreeze", "team-b"]).code, 0, "it thaws");
    let wanted = frozen.replace("frozen: true ", "frozen: false ");
    assert_eq!(sandbox.read("platform.yaml"), wanted, "the comment stays");
}

#[test]
fn standard_input_goes_to_standard_output() {
    let sandbox = Sandbox::new();
    let example = include_str!("../../examples/gpu-tenancy.yaml").replace('\n', "\r\n");
    let run = sandbox.run_with(&["team", "remove", "team-b", "--yes", "-f", "-"], &example);
    assert_eq!(run.code, 0, "{run:?}");
    let (added, gone) = difference(&example, &run.stdout);
    assert!(added.is_empty() && gone.len() == 4, "{added:?} {gone:?}");
    assert_eq!(
        run.stdout.matches('\n').count(),
        run.stdout.matches("\r\n").count(),
        "line ends stay"
    );
    assert_eq!(sandbox.files(""), Vec::new(), "nothing is written");
    let same = sandbox.run_with(&["team", "unfreeze", "team-b", "-f", "-"], &example);
    assert_eq!(
        (same.code, same.stdout),
        (0, example),
        "what does not change is printed too"
    );
}

#[test]
fn waivers_do_not_name_a_team_that_is_gone() {
    let sandbox = Sandbox::with_example();
    let text = sandbox.read("platform.yaml");
    let shared = text.replace(
        "    groups: [oidc:team-c]\n",
        "    groups: [oidc:team-c]\n    gpus: [{cluster: fra1, pool: a100-dev, count: 1}]\n",
    );
    let waiver = "\n# exceptions\nwaivers:\n  - {control: gpu.cross-team-sharing, pool: a100-dev, teams: [team-b, team-c], owner: jane@example.com, reason: dev, expires: 2027-03-31}   # both\n";
    sandbox.write("platform.yaml", &format!("{shared}{waiver}"));
    let run = sandbox.run(&["team", "remove", "team-b", "--yes"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.stderr.contains("does not name `team-b` any more"), "{run:?}");
    assert!(
        sandbox.read("platform.yaml").contains("teams: [team-c], owner"),
        "the other team stays named"
    );
    let run = sandbox.run(&["team", "remove", "team-c", "--yes"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.stderr.contains("named no other team and goes too"), "{run:?}");
    assert!(
        sandbox
            .read("platform.yaml")
            .ends_with("# exceptions\nwaivers: []\n"),
        "{}",
        sandbox.read("platform.yaml")
    );
}

#[test]
fn several_namespaces_and_clusters_are_told_apart() {
    let sandbox = Sandbox::with_example();
    let text = sandbox.read("platform.yaml");
    let second = "clusters:\n  - name: ber1\n    pools:\n      - {name: a100-dev, board: a100-40gb, nodes: 1, gpusPerNode: 4, sharing: whole}\n";
    sandbox.write("platform.yaml", &text.replace("clusters:\n", second));
    let run = sandbox.run(&["team", "add", "team-x", "--gpu", "a100-dev=1"]);
    assert!(
        run.code == 2 && run.stderr.contains("hint: write CLUSTER/a100-dev: ber1, fra1"),
        "{run:?}"
    );
    let run = sandbox.run(&[
        "team",
        "add",
        "team-x",
        "--namespace",
        "x-dev",
        "--namespace",
        "x-prod",
        "--cluster",
        "ber1",
        "--gpu",
        "a100-dev=1@x-prod",
        "--cpu",
        "500m",
    ]);
    assert_eq!(run.code, 0, "{run:?}");
    let list = sandbox.run(&["team", "list", "-o", "json"]).json();
    assert_eq!(list["teams"][3]["gpus"][0]["namespace"], "x-prod", "{list:#}");
    assert_eq!(
        list["teams"][3]["clusters"],
        serde_json::json!(["ber1"]),
        "{list:#}"
    );
    let plan = sandbox.run(&["plan", "-o", "json"]).json();
    let quotas: Vec<_> = plan["clusters"][0]["tenants"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|tenant| tenant["team"] == "team-x")
        .map(|tenant| tenant["quota"]["requests.cpu"].clone())
        .collect();
    assert_eq!(quotas, ["500m", "500m"], "each namespace has the quota");
}

#[test]
fn the_mode_of_the_file_stays_and_a_change_that_does_not_hold_writes_nothing() {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = Sandbox::with_example();
    let path = sandbox.path("platform.yaml");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    let before = sandbox.files("");
    let run = sandbox.run(&["team", "add", "team-x", "--gpu", "h100-mig:3g.40gb=99"]);
    assert_eq!(run.code, 2, "{run:?}");
    assert_eq!(sandbox.files(""), before, "nothing was written");
    assert_eq!(
        sandbox.run(&["team", "freeze", "team-c"]).code,
        0,
        "it is written"
    );
    assert_eq!(
        path.metadata().unwrap().permissions().mode() & 0o777,
        0o640,
        "the mode stays"
    );
    let names: Vec<String> = sandbox.files("").into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["platform.yaml"], "nothing is left over");
}
