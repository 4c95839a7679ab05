//! `platform test --pod`: a manifest as a member of a team would meet the policies.

use super::sandbox::{Run, Sandbox};

/// A pod that asks for a whole GPU, which no team of the example is promised.
pub(crate) const WHOLE_GPU: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: whole}
spec:
  containers:
  - {name: c, image: registry.example.com/x, resources: {limits: {nvidia.com/gpu: 1}}}
";

const PLAIN: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: plain}
spec:
  containers:
  - {name: c, image: registry.example.com/x}
";

/// File, the flags of a team, further flags, exit code, text of the answer.
type Case<'a> = (&'a str, &'a [&'a str], &'a [&'a str], i32, &'a str);

fn judge(sandbox: &Sandbox, file: &str, more: &[&str]) -> Run {
    sandbox.run(&[&["test", "--pod", file], more].concat())
}

fn slice(count: u32) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: slice}}\nspec:\n  nodeSelector: {{gpu-type: h100-mig}}\n  \
         tolerations: [{{key: nvidia.com/gpu, operator: Equal, value: h100-mig, effect: NoSchedule}}]\n  \
         containers:\n  - {{name: c, image: x, resources: {{limits: {{nvidia.com/mig-3g.40gb: {count}}}}}}}\n"
    )
}

#[test]
fn pods_are_judged_by_the_grants_of_their_team() {
    let sandbox = Sandbox::with_example();
    sandbox.write("slice.yaml", &slice(1));
    sandbox.write("many.yaml", &slice(5));
    sandbox.write("whole.yaml", WHOLE_GPU);
    sandbox.write("plain.yaml", PLAIN);
    sandbox.write("both.yaml", &format!("{PLAIN}---\n{WHOLE_GPU}"));
    sandbox.write(
        "list.yaml",
        &sandbox
            .run(&["version", "-o", "json"])
            .stdout
            .replace("Version", "PodList"),
    );
    sandbox.write("garbage.yaml", "a: [");
    sandbox.write("empty.yaml", "# nothing\n---\n");
    sandbox.write("no-kind.yaml", "apiVersion: v1\n");
    let a: &[&str] = &["--team", "team-a"];
    let b: &[&str] = &["--team", "team-b"];
    let cases: [Case<'_>; 16] = [
        ("slice.yaml", a, &[], 0, "✔ pod/slice: admitted in team-a"),
        ("slice.yaml", a, &["--expect", "admitted"], 0, "admitted"),
        ("slice.yaml", a, &["--expect", "denied"], 1, "admitted"),
        (
            "slice.yaml",
            b,
            &[],
            1,
            "✘ pod/slice: denied in team-b\n  gpu-entitlement",
        ),
        ("slice.yaml", b, &["--expect", "denied"], 0, "denied"),
        (
            "many.yaml",
            a,
            &[],
            1,
            "exceeded quota: tenant, requested: requests.nvidia.com/mig-3g.40gb=5, limited: 4",
        ),
        ("whole.yaml", a, &[], 1, "gpu-entitlement"),
        ("plain.yaml", a, &[], 0, "admitted"),
        ("both.yaml", a, &[], 1, "✔ pod/plain"),
        ("both.yaml", a, &["--expect", "denied"], 1, "✘ pod/whole"),
        ("garbage.yaml", a, &[], 2, "`garbage.yaml` is not YAML"),
        ("empty.yaml", a, &[], 2, "holds no object of Kubernetes"),
        (
            "no-kind.yaml",
            a,
            &[],
            2,
            "holds no object of Kubernetes, or one without apiVersion or kind",
        ),
        (
            "plain.yaml",
            &["--team", "nobody"],
            &[],
            2,
            "hint: teams: team-a, team-b, team-c",
        ),
        (
            "plain.yaml",
            a,
            &["--namespace", "other"],
            2,
            "team `team-a` has no such namespace or cluster",
        ),
        (
            "plain.yaml",
            a,
            &["--cluster", "other"],
            2,
            "hint: clusters: fra1",
        ),
    ];
    for (file, team, more, code, wanted) in cases {
        let run = judge(&sandbox, file, &[team, more].concat());
        assert_eq!(run.code, code, "{file} {team:?} {more:?}: {run:?}");
        let stream = if code == 2 { &run.stderr } else { &run.stdout };
        assert!(
            stream.contains(wanted),
            "{file} {team:?} {more:?}: {wanted:?} in {run:?}"
        );
    }
}

#[test]
fn a_pod_on_standard_input_and_a_policy_that_only_records() {
    let sandbox = Sandbox::with_example();
    let unplaced = slice(1).replace("gpu-type: h100-mig", "");
    let run = sandbox.run_with(&["test", "--pod", "-", "--team", "team-a"], &unplaced);
    assert_eq!(run.code, 1, "{run:?}");
    let audited = sandbox
        .read("platform.yaml")
        .replace("mode: enforce", "mode: audit");
    sandbox.write("platform.yaml", &audited);
    let run = sandbox.run_with(&["test", "--pod", "-", "--team", "team-a"], &unplaced);
    assert_eq!(run.code, 0, "an audited policy lets pass: {run:?}");
    assert!(
        run.stdout.contains("audited: gpu-node-pool"),
        "and says so: {run:?}"
    );
    let run = sandbox.run_with(&["test", "--pod", "-", "--team", "team-a"], WHOLE_GPU);
    assert_eq!(run.code, 1, "the quota still holds: {run:?}");
}

#[test]
fn pods_beyond_the_guarantee_are_those_of_the_class() {
    let sandbox = Sandbox::with_example();
    let bursting = sandbox.read("platform.yaml").replace(
        "profile: 3g.40gb, count: 4}",
        "profile: 3g.40gb, count: 4, burst: 2}",
    );
    sandbox.write("platform.yaml", &bursting);
    let classed = |count| slice(count).replace("spec:\n", "spec:\n  priorityClassName: platform-burst\n");
    for (pod, code, text) in [
        (slice(4), 0, "admitted"),
        (
            slice(5),
            1,
            "exceeded quota: tenant-guaranteed, requested: requests.nvidia.com/mig-3g.40gb=5, limited: 4",
        ),
        (classed(6), 0, "admitted"),
        (classed(7), 1, "exceeded quota: tenant, requested"),
    ] {
        let run = sandbox.run_with(&["test", "--pod", "-", "--team", "team-a"], &pod);
        assert_eq!(run.code, code, "{pod}: {run:?}");
        assert!(run.stdout.contains(text), "{text:?} in {run:?}");
    }
    assert_eq!(sandbox.run(&["test"]).code, 0, "all promised pods are admitted");
}
