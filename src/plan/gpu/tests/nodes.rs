//! Layouts on nodes: every GPU once, used ones first, whole ones last.

use proptest::prelude::*;

use super::*;

fn packing(used: &[(&[(&str, u32)], u32)]) -> Packing {
    let bound = Bound {
        weights: Layout::new(),
        most_per_gpu: 1,
        demand: 0,
        gpus: 0,
    };
    let used = used
        .iter()
        .map(|(entries, gpus)| Used {
            layout: layout(entries),
            gpus: *gpus,
        })
        .collect();
    Packing {
        used,
        bound,
        stranded_units: 0,
        strands_least: true,
    }
}

#[test]
fn equal_nodes_are_grouped() {
    let shape = PoolShape {
        nodes: 5,
        gpus_per_node: 4,
        whole_gpus: 3,
        reserve: 2,
    };
    let big = GpuState::Mig(layout(&[("3g.40gb", 2)]));
    let small = GpuState::Mig(layout(&[("1g.10gb", 7)]));
    let free = GpuState::Mig(Layout::new());
    let packing = packing(&[(&[("3g.40gb", 2)], 9), (&[("1g.10gb", 7)], 2)]);
    let groups = [
        NodeGroup {
            name: None,
            first: 0,
            nodes: 2,
            gpus: vec![big.clone(); 4],
        },
        NodeGroup {
            name: None,
            first: 2,
            nodes: 1,
            gpus: vec![big, small.clone(), small, free.clone()],
        },
        NodeGroup {
            name: None,
            first: 3,
            nodes: 1,
            gpus: vec![free.clone(); 4],
        },
        NodeGroup {
            name: None,
            first: 4,
            nodes: 1,
            gpus: vec![free, GpuState::Whole, GpuState::Whole, GpuState::Whole],
        },
    ];
    let found = distribute(shape, &packing).unwrap();
    assert_eq!(found.groups, groups, "groups of nodes");
    assert_eq!(found.node(1), Some(groups[0].gpus.as_slice()), "second node");
    assert_eq!(found.node(5), None, "there is no sixth node");
}

#[test]
fn impossible_pools_are_refused() {
    let shape = PoolShape {
        nodes: 1,
        gpus_per_node: 4,
        whole_gpus: 1,
        reserve: 1,
    };
    let two = packing(&[(&[("7g.80gb", 1)], 2)]);
    let three = packing(&[(&[("7g.80gb", 1)], 3)]);
    assert!(distribute(shape, &two).is_ok(), "two of four GPUs may be used");
    for (shape, packing, sentence) in [
        (
            shape,
            &three,
            "plan uses 3 GPUs; the pool has 2 beside its whole and reserved ones",
        ),
        (
            PoolShape { reserve: 4, ..shape },
            &two,
            "pool keeps 5 GPUs whole or free; it has 4",
        ),
        (
            PoolShape {
                gpus_per_node: 0,
                ..shape
            },
            &two,
            "node has 0 GPUs; allowed are 1 to 128",
        ),
        (
            PoolShape {
                gpus_per_node: u32::MAX,
                ..shape
            },
            &two,
            "node has 4294967295 GPUs; allowed are 1 to 128",
        ),
    ] {
        assert_eq!(
            distribute(shape, packing).expect_err(sentence).to_string(),
            sentence,
            "{shape:?}"
        );
    }
    let huge = PoolShape {
        nodes: u32::MAX,
        gpus_per_node: 8,
        whole_gpus: 0,
        reserve: 0,
    };
    assert_eq!(
        distribute(huge, &two).unwrap().groups.len(),
        2,
        "a huge pool is still two groups"
    );
    assert_eq!(huge.available(), u32::MAX, "the number of GPUs saturates");
}

proptest! {
    #[test]
    fn every_gpu_is_there_once(
        nodes in 0u32..9, gpus_per_node in 1u32..9, whole_gpus in 0u32..12, reserve in 0u32..6,
        runs in prop::collection::vec(1u32..9, 0..5),
    ) {
        let shape = PoolShape { nodes, gpus_per_node, whole_gpus, reserve };
        let used: Vec<Used> = runs.iter().zip(1u32..)
            .map(|(gpus, i)| Used { layout: layout(&[("1g.10gb", i)]), gpus: *gpus }).collect();
        let packing = Packing { used, ..packing(&[]) };
        let Ok(found) = distribute(shape, &packing) else {
            let kept = whole_gpus + reserve;
            prop_assert!(packing.gpus() + kept > nodes * gpus_per_node, "{:?} was refused", shape);
            return Ok(());
        };
        let gpus: Vec<&GpuState> = (0..nodes).flat_map(|node| found.node(node).unwrap()).collect();
        prop_assert_eq!(gpus.len(), (nodes * gpus_per_node) as usize);
        let expected: Vec<GpuState> = packing.layouts().cloned().map(GpuState::Mig).collect();
        let (filled, rest) = gpus.split_at(expected.len());
        prop_assert!(filled.iter().copied().eq(&expected), "used GPUs come first");
        let (free, whole) = rest.split_at(rest.len() - whole_gpus as usize);
        prop_assert!(free.iter().all(|gpu| **gpu == GpuState::Mig(Layout::new())), "then free ones");
        prop_assert!(free.len() >= reserve as usize, "the reserve is free");
        prop_assert!(whole.iter().all(|gpu| **gpu == GpuState::Whole), "whole ones are last");
        prop_assert!(found.groups.windows(2).all(|pair| pair[0].gpus != pair[1].gpus), "neighbours differ");
    }
}
