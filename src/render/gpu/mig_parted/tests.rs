//! Documents are sound for their nodes, and the check finds every kind of mistake.

use serde_json::{Value, json};

use super::*;
use crate::catalog::boards;
use crate::plan::gpu::{PoolShape, distribute, pack};

fn mig(entries: &[(&str, u32)]) -> GpuState {
    GpuState::Mig(
        entries
            .iter()
            .map(|(name, count)| ((*name).to_owned(), *count))
            .collect(),
    )
}

#[test]
fn document_of_a_mixed_node() {
    let node = [
        mig(&[("3g.40gb", 2)]),
        mig(&[]),
        mig(&[("3g.40gb", 2)]),
        GpuState::Whole,
    ];
    let off = [GpuState::Whole, GpuState::Whole];
    let name = config_name(&node);
    let found = document([&node[..], &off[..], &node[..]]).to_value().unwrap();
    let expected = json!({
        "version": "v1",
        "mig-configs": {
            "all-disabled": [{"devices": "all", "mig-enabled": false}],
            name.clone(): [
                {"devices": [0, 2], "mig-enabled": true, "mig-devices": {"3g.40gb": 2}},
                {"devices": [1], "mig-enabled": true, "mig-devices": {}},
                {"devices": [3], "mig-enabled": false},
            ],
        },
    });
    assert_eq!(found, expected, "document of three nodes, two of them equal");
    assert_eq!(config_name(&off), ALL_DISABLED, "a node without MIG");
    assert_eq!(
        name, "t-584c249c1f86905d",
        "names stay, or every node is reconfigured"
    );
}

#[test]
fn names_differ_when_content_differs() {
    let nodes = [
        vec![mig(&[])],
        vec![mig(&[]), mig(&[])],
        vec![mig(&[]), GpuState::Whole],
        vec![GpuState::Whole, mig(&[])],
        vec![mig(&[("1g.10gb", 1)])],
        vec![mig(&[("1g.10gb", 11)])],
        vec![mig(&[("1g.10gb+me", 1)])],
        vec![mig(&[("1g.10gb", 1), ("1g.10gb+me", 1)])],
    ];
    let names: std::collections::BTreeSet<String> = nodes.iter().map(|node| config_name(node)).collect();
    assert_eq!(names.len(), nodes.len(), "one name per content: {names:?}");
    assert!(
        names.iter().all(|name| name.len() == 18 && !name.contains('+')),
        "label values: {names:?}"
    );
}

#[test]
fn planned_documents_are_sound() {
    for (id, demand, shape) in [
        (
            "h100-80gb",
            &[("3g.40gb", 9), ("1g.10gb+me", 5), ("1g.20gb", 7)][..],
            (2, 8, 3, 1),
        ),
        ("a30-24gb", &[("1g.6gb", 9), ("4g.24gb", 1)], (4, 2, 1, 0)),
        ("a100-40gb", &[], (2, 4, 0, 0)),
    ] {
        let board = boards::board(id).unwrap().unwrap();
        let (nodes, gpus_per_node, whole_gpus, reserve) = shape;
        let shape = PoolShape {
            nodes,
            gpus_per_node,
            whole_gpus,
            reserve,
        };
        let demand = demand
            .iter()
            .map(|(name, count)| ((*name).to_owned(), *count))
            .collect();
        let packing = pack(board, shape.available(), &demand).unwrap();
        let spread = distribute(shape, &packing).unwrap();
        let value = document(spread.groups.iter().map(|group| &group.gpus[..]))
            .to_value()
            .unwrap();
        let expected: BTreeMap<String, Expected<'_>> = (spread.groups.iter())
            .map(|group| {
                (
                    config_name(&group.gpus),
                    Expected {
                        board,
                        gpus: gpus_per_node,
                    },
                )
            })
            .collect();
        assert_eq!(check(&value, &expected), Vec::<String>::new(), "{value:#}");
    }
}

#[test]
fn mistakes_are_found() {
    let board = boards::board("h100-80gb").unwrap().unwrap();
    let good = || {
        json!({"version": "v1", "mig-configs": {
            "all-disabled": [{"devices": "all", "mig-enabled": false}],
            "t-1": [
                {"devices": [0], "mig-enabled": true, "mig-devices": {"3g.40gb": 2}},
                {"devices": [1], "mig-enabled": false},
            ],
        }})
    };
    let expected = BTreeMap::from([("t-1".to_owned(), Expected { board, gpus: 2 })]);
    assert_eq!(
        check(&good(), &expected),
        Vec::<String>::new(),
        "the document itself is sound"
    );
    let entry = "/mig-configs/t-1/0";
    for (pointer, key, value, problem) in [
        ("", "version", json!("v2"), "version is not `v1`"),
        ("", "extra", json!(1), "unknown key `extra`"),
        ("", "mig-configs", json!([]), "`mig-configs` is not a map"),
        (
            "",
            "mig-configs",
            json!({}),
            "configuration `all-disabled` is missing",
        ),
        (
            "/mig-configs",
            "a+b",
            json!([{"devices": "all", "mig-enabled": false}]),
            "not a label value",
        ),
        ("/mig-configs", "t-1", json!([]), "is not a list with entries"),
        ("/mig-configs", "t-1", json!(["x"]), "entry is not a map"),
        (
            entry,
            "device-filter",
            json!("0x233010DE"),
            "unknown key `device-filter`",
        ),
        (entry, "devices", json!([0, 1]), "GPU 1 is named twice"),
        (
            entry,
            "devices",
            json!([2]),
            "does not name each of the GPUs 0 to 1 once",
        ),
        (entry, "devices", json!([]), "`devices` is neither"),
        (entry, "devices", json!([-1]), "`-1` is not a GPU index"),
        (entry, "devices", json!("all"), "names all GPUs and others"),
        (entry, "mig-enabled", json!(false), "exactly when"),
        (entry, "mig-enabled", json!("true"), "not a truth value"),
        (entry, "mig-devices", Value::Null, "exactly when"),
        (entry, "mig-devices", json!({"3g.40gb": 0}), "not a number from 1"),
        (
            entry,
            "mig-devices",
            json!({"3g.40gb": -1}),
            "not a number from 1",
        ),
        (
            entry,
            "mig-devices",
            json!({"3g.20gb": 1}),
            "board has no profile `3g.20gb`",
        ),
        (
            entry,
            "mig-devices",
            json!({"3g.40gb": 2, "1g.10gb": 1}),
            "does not fit on one `h100-80gb`",
        ),
    ] {
        let mut document = good();
        document.pointer_mut(pointer).unwrap()[key] = value;
        let problems = check(&document, &expected);
        assert!(
            problems.iter().any(|found| found.contains(problem)),
            "expected `{problem}` in {problems:?}"
        );
    }
    assert_eq!(
        check(&json!(null), &expected),
        ["document is not a map"],
        "no document at all"
    );
}
