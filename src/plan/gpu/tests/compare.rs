//! Differences: which node is which, and what counts as rebuilt.

use super::*;

fn mig(entries: &[(&str, u32)]) -> GpuState {
    GpuState::Mig(layout(entries))
}

#[test]
fn nodes_are_matched_by_name_and_then_by_order() {
    let big = mig(&[("7g.80gb", 1)]);
    let small = mig(&[("1g.10gb", 7)]);
    let there = |name: Option<&str>, nodes, gpus: &[Option<&GpuState>]| PresentGroup {
        name: name.map(str::to_owned),
        nodes,
        gpus: gpus.iter().map(|gpu| gpu.cloned()).collect(),
    };
    let to_be = |name: Option<&str>, first, nodes, gpus: &[&GpuState]| NodeGroup {
        name: name.map(str::to_owned),
        first,
        nodes,
        gpus: gpus.iter().map(|gpu| (*gpu).clone()).collect(),
    };
    let present = Present {
        board: "h100-80gb".to_owned(),
        groups: vec![
            there(
                None,
                2,
                &[Some(&big), Some(&mig(&[("1g.10gb", 7), ("7g.80gb", 0)]))],
            ),
            there(Some("gpu-7"), 1, &[Some(&small), None]),
            there(None, u32::MAX, &[Some(&big)]),
        ],
    };
    let plan = Distribution {
        groups: vec![
            to_be(Some("gpu-7"), 0, 1, &[&small, &small]),
            to_be(None, 1, 3, &[&big, &small]),
        ],
    };
    let found = compare(&present, &plan);
    let change = |gpu, is_new| ChangedGpu {
        gpu,
        is_new,
        from: None,
        to: small.clone(),
    };
    let changed = |first, name: Option<&str>, gpu| ChangedNodes {
        first,
        nodes: 1,
        name: name.map(str::to_owned),
        is_new: false,
        gpus: vec![gpu],
    };
    let expected = Comparison {
        groups: vec![
            changed(0, Some("gpu-7"), change(1, false)),
            changed(3, None, change(1, true)),
        ],
        gpus_rebuilt: 1,
        nodes_paused: 1,
        gpus_new: 1,
        nodes_gone: u32::MAX - 1,
    };
    assert_eq!(
        found, expected,
        "the unknown GPU is rebuilt, a second GPU of a node with one is new"
    );
    let found = compare(&Present::default(), &plan);
    assert_eq!(
        (found.gpus_new, found.gpus_rebuilt, found.groups.len()),
        (8, 0, 2),
        "all is new"
    );
    assert!(found.groups.iter().all(|group| group.is_new), "all nodes are new");
}
