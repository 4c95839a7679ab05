//! Node plans that are read, and those that are not.

use super::*;
use crate::plan::gpu::{GpuState, Layout, Present};
use crate::render;

const PLAN: &str = "# by hand
apiVersion: tenancy.platform/v1alpha1
kind: NodePlan
metadata: {name: fra1}
pools:
- name: h100-mig
  board: h100-80gb
  nodes: 3
  nodeSelector: {gpu-type: h100-mig}
  labels: {gpu-type: h100-mig}
  taint: {key: nvidia.com/gpu, value: h100-mig, effect: NoSchedule}
  migConfigs:
  - first: 0
    nodes: 1
    config: t-1
    layout: [{gpus: [1], mig: {3g.40gb: 2}}, {gpus: [0]}]
  - first: 1
    nodes: 2
    config: t-2
    layout: [{gpus: [0, 1], mig: {}}]
";

const PATH: &str = "gpu/fra1/node-plan.yaml";

#[test]
fn a_layout_is_read_by_node_and_gpu() {
    let files = BTreeMap::from([(RelPath::parse(PATH).unwrap(), PLAN.as_bytes().to_vec())]);
    let known = read_layouts("platform.yaml", &files).unwrap();
    let pool: &Present = &known[&("fra1".to_owned(), "h100-mig".to_owned())];
    let two = GpuState::Mig(Layout::from([("3g.40gb".to_owned(), 2)]));
    let states: Vec<_> = pool
        .groups
        .iter()
        .map(|group| (group.nodes, &group.gpus))
        .collect();
    let empty = Some(GpuState::Mig(Layout::new()));
    let wanted = [
        (1, vec![Some(GpuState::Whole), Some(two)]),
        (2, vec![empty.clone(), empty]),
    ];
    assert_eq!(
        states,
        wanted.iter().map(|(n, gpus)| (*n, gpus)).collect::<Vec<_>>()
    );
    assert_eq!(
        read_layouts("platform.yaml", &BTreeMap::new()),
        Ok(Layouts::new()),
        "no file"
    );
}

#[test]
fn what_is_no_node_plan_names_the_line_and_the_way_out() {
    let cases: [(&str, &str, u64, &str); 16] = [
        (
            "kind: NodePlan",
            "<<<<<<< main\nkind: NodePlan",
            3,
            "conflict markers",
        ),
        (
            "kind: NodePlan",
            "kind: NodePlan\n>>>>>>> x",
            4,
            "conflict markers",
        ),
        ("kind: NodePlan", "kind: Plan", 0, "the file is a `Plan`"),
        ("v1alpha1", "v2", 0, "of `tenancy.platform/v2`"),
        (
            "{name: fra1}",
            "{name: fra2}",
            0,
            "is of cluster `fra2`; its folder says `fra1`",
        ),
        ("  nodes: 3\n", "  nodes: x\n", 8, "not a node plan"),
        (
            "  nodes: 3\n",
            "  nodes: 4\n",
            6,
            "has 4 nodes; `migConfigs` lists 3",
        ),
        (
            "nodes: 2",
            "nodes: 2\n    more: 1",
            19,
            "not a node plan: unknown field",
        ),
        ("first: 1", "first: 2", 17, "2 nodes from 2 on are listed"),
        ("nodes: 2", "nodes: 0", 17, "0 nodes from 1 on are listed"),
        ("config: t-2", "config: t-2\n    name: a", 17, "have one name"),
        (
            "gpus: [0, 1]",
            "gpus: [0, 0]",
            17,
            "GPU 0 of node 1 is listed twice",
        ),
        ("gpus: [0, 1]", "gpus: [1]", 17, "GPU 0 of node 1 is not listed"),
        (
            "gpus: [0, 1]",
            "gpus: [4000000000]",
            17,
            "GPU 4000000000 is listed",
        ),
        (
            "3g.40gb: 2",
            "3g.40gb: 3",
            13,
            "holds 3 × 3g.40gb; no `h100-80gb` can",
        ),
        ("3g.40gb: 2", "3g.20gb: 1", 13, "holds 1 × 3g.20gb"),
    ];
    for (from, to, line, wanted) in cases {
        assert!(PLAN.contains(from), "`{from}` is there");
        let text = PLAN.replacen(from, to, 1);
        let finding = read_node_plan(PATH, text.as_bytes()).expect_err(to);
        assert!(finding.message.contains(wanted), "{to}: {finding}");
        assert_eq!(finding.line, line, "{to}: {finding}");
        let hint = finding.hint.as_deref().unwrap_or_default();
        let back = format!("-- {PATH}`");
        assert!(
            hint.contains("`git checkout ") && hint.contains(&back),
            "{to}: {hint}"
        );
    }
    for bytes in [&b"\xff"[..], b"", b"- a\n", b"pools: *x\n", b"{{{{"] {
        let finding = read_node_plan(PATH, bytes).expect_err("no node plan");
        assert_eq!(finding.code, NODE_PLAN_CODE, "{bytes:?}: {finding}");
    }
    let files = BTreeMap::from([(RelPath::parse(PATH).unwrap(), b"x".to_vec())]);
    let findings = read_layouts("repo/platform.yaml", &files).expect_err("no node plan");
    assert_eq!(findings[0].file, format!("repo/{PATH}"), "beside the spec");
}

fn plan(spec: &str, present: &Layouts) -> Plan {
    let none = overlay::Files::new();
    decide_over(
        "platform.yaml",
        spec.as_bytes(),
        &none,
        present,
        Default::default(),
    )
    .unwrap_or_else(|findings| panic!("{findings:#?}"))
}

fn node_plans(plan: &Plan, spec: &str) -> BTreeMap<RelPath, Vec<u8>> {
    let tree = render::render(plan, spec.as_bytes()).unwrap();
    let files = tree
        .iter()
        .filter(|(path, _)| path.as_str().ends_with("/node-plan.yaml"));
    files
        .map(|(path, file)| (path.clone(), file.bytes.clone()))
        .collect()
}

#[test]
fn a_plan_over_its_own_layouts_is_itself() {
    for spec in [
        include_str!("../../../examples/gpu-tenancy.yaml"),
        "apiVersion: tenancy.platform/v1alpha1\nkind: Tenancy\nname: x\nclusters:\n  - name: c\n    pools:\n      - {name: p, board: h100-80gb, nodes: 7, gpusPerNode: 3, sharing: mig, wholeGpus: 2, reserve: 1}\nteams:\n  - name: t\n    groups: [g]\n    gpus: [{cluster: c, pool: p, profile: 3g.40gb, count: 5}, {cluster: c, pool: p, profile: 1g.10gb, count: 9}]\n",
    ] {
        let first = plan(spec, &Layouts::new());
        let files = node_plans(&first, spec);
        assert!(!files.is_empty(), "there are node plans");
        let known = read_layouts("platform.yaml", &files).unwrap();
        let again = plan(spec, &known);
        assert_eq!(node_plans(&again, spec), files, "{spec}");
    }
}

#[test]
fn a_large_node_plan_of_ours_is_read() {
    let layout: String = (0..8)
        .map(|gpu| {
            format!(
                "    - gpus:\n      - {gpu}\n      mig:\n        1g.10gb: {}\n",
                gpu % 7
            )
        })
        .collect();
    let groups: String = (0..12_500)
        .map(|node| format!("  - first: {node}\n    nodes: 1\n    config: t-{node}\n    layout:\n{layout}"))
        .collect();
    let head = PLAN
        .split("  - first")
        .next()
        .unwrap()
        .replace("nodes: 3", "nodes: 12500");
    let text = head + &groups;
    let found = read_node_plan(PATH, text.as_bytes()).unwrap_or_else(|finding| panic!("{finding}"));
    assert_eq!(found.pools[0].mig_configs.len(), 12_500, "100,000 GPUs");
}
