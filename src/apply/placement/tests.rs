//! Nodes that come, go and stay.

use super::*;
use crate::plan::{MigNodes, Taint};

fn pool(configs: &[(&str, u32, Option<&str>)]) -> PoolNodes {
    let mut first = 0;
    let mut mig_configs = Vec::new();
    for (config, nodes, name) in configs {
        mig_configs.push(MigNodes {
            first,
            nodes: *nodes,
            name: name.map(str::to_owned),
            config: (*config).to_owned(),
            layout: Vec::new(),
        });
        first += nodes;
    }
    PoolNodes {
        name: "p".to_owned(),
        board: "h100-80gb".to_owned(),
        nodes: first,
        node_selector: BTreeMap::new(),
        labels: BTreeMap::new(),
        taint: Taint {
            key: "k".to_owned(),
            value: "p".to_owned(),
            effect: "NoSchedule".to_owned(),
        },
        mig_configs,
    }
}

fn seen(nodes: &[(&str, &str)]) -> Vec<SeenNode> {
    let node = |(name, config): &(&str, &str)| SeenNode {
        name: (*name).to_owned(),
        config: (!config.is_empty()).then(|| (*config).to_owned()),
    };
    nodes.iter().map(node).collect()
}

type Configs<'a> = &'a [(&'a str, u32, Option<&'a str>)];
type Nodes<'a> = &'a [(&'a str, &'a str)];
/// What it shows, the plan, the nodes, their places, and who is missing.
type Case<'a> = (
    &'a str,
    Configs<'a>,
    Nodes<'a>,
    &'a [(&'a str, u32)],
    &'a [&'a str],
);

#[test]
fn a_node_keeps_what_it_carries_as_far_as_the_plan_has_it() {
    let plain: Configs<'_> = &[("a", 1, None), ("b", 2, None)];
    let more: Configs<'_> = &[("a", 1, None), ("b", 2, None), ("c", 1, None)];
    let pinned: Configs<'_> = &[("a", 1, None), ("p", 1, Some("n2")), ("b", 1, None)];
    let alike: Configs<'_> = &[("a", 1, Some("n3")), ("a", 2, None)];
    let twice: Configs<'_> = &[("a", 1, Some("n1")), ("b", 1, Some("n1"))];
    let cases: [Case<'_>; 14] = [
        (
            "new nodes go by name",
            plain,
            &[("n3", ""), ("n1", ""), ("n2", "")],
            &[("n1", 0), ("n2", 1), ("n3", 2)],
            &[],
        ),
        ("none", plain, &[], &[], &[]),
        (
            "as planned",
            plain,
            &[("n1", "a"), ("n2", "b"), ("n3", "b")],
            &[("n1", 0), ("n2", 1), ("n3", 2)],
            &[],
        ),
        (
            "another order is kept",
            plain,
            &[("n1", "b"), ("n2", "b"), ("n3", "a")],
            &[("n1", 1), ("n2", 2), ("n3", 0)],
            &[],
        ),
        (
            "a node joins in the middle",
            more,
            &[("n1", "a"), ("n15", ""), ("n2", "b"), ("n3", "b")],
            &[("n1", 0), ("n15", 3), ("n2", 1), ("n3", 2)],
            &[],
        ),
        (
            "a node joins at the front",
            more,
            &[("m", ""), ("n1", "a"), ("n2", "b"), ("n3", "b")],
            &[("m", 3), ("n1", 0), ("n2", 1), ("n3", 2)],
            &[],
        ),
        (
            "more carry it than planned",
            plain,
            &[("n1", "a"), ("n2", "a"), ("n3", "b")],
            &[("n1", 0), ("n2", 2), ("n3", 1)],
            &[],
        ),
        (
            "what is planned no longer",
            plain,
            &[("n1", "x"), ("n2", "b"), ("n3", "a")],
            &[("n1", 2), ("n2", 1), ("n3", 0)],
            &[],
        ),
        (
            "nodes beyond the plan get none",
            plain,
            &[("n1", ""), ("n2", "b"), ("n3", "b"), ("n4", "a")],
            &[("n2", 1), ("n3", 2), ("n4", 0)],
            &[],
        ),
        (
            "a pinned node is first",
            pinned,
            &[("n1", "p"), ("n2", "a"), ("n3", "")],
            &[("n1", 0), ("n2", 1), ("n3", 2)],
            &[],
        ),
        (
            "a pinned node is missing",
            pinned,
            &[("n1", ""), ("n3", ""), ("n4", "")],
            &[("n1", 0), ("n3", 2)],
            &["n2"],
        ),
        (
            "a pinned node of equal configuration",
            alike,
            &[("n1", "a"), ("n2", "a"), ("n3", "x")],
            &[("n1", 1), ("n2", 2), ("n3", 0)],
            &[],
        ),
        ("named twice by hand", twice, &[("n1", "")], &[("n1", 0)], &[]),
        ("no configuration", &[], &[("n1", "")], &[], &[]),
    ];
    for (about, configs, nodes, places, missing) in cases {
        let found = place(&pool(configs), &seen(nodes));
        let found_places: Vec<_> = found
            .places
            .iter()
            .map(|(name, at)| (name.as_str(), *at))
            .collect();
        assert_eq!(found_places, places, "{about}");
        assert_eq!(found.missing, missing, "{about}");
        // Whatever order the nodes are listed in.
        let mut reversed = seen(nodes);
        reversed.reverse();
        assert_eq!(
            place(&pool(configs), &reversed),
            found,
            "{about}, listed in reverse"
        );
    }
}

#[test]
fn a_second_apply_places_every_node_where_it_is() {
    let pool = pool(&[("a", 2, None), ("b", 1, Some("n2")), ("c", 2, None)]);
    let nodes = seen(&[("n0", "c"), ("n1", ""), ("n2", "a"), ("n3", "a"), ("n4", "")]);
    let first = place(&pool, &nodes);
    assert_eq!(first.places.len(), 5, "every node has a place: {first:?}");
    let config = |at: u32| {
        let mut groups = pool.mig_configs.iter();
        groups
            .find(|group| at >= group.first && at - group.first < group.nodes)
            .unwrap()
            .config
            .as_str()
    };
    let labelled: Vec<(&str, &str)> = first
        .places
        .iter()
        .map(|(name, at)| (name.as_str(), config(*at)))
        .collect();
    let second = place(&pool, &seen(&labelled));
    let after: Vec<(&str, &str)> = second
        .places
        .iter()
        .map(|(name, at)| (name.as_str(), config(*at)))
        .collect();
    assert_eq!(after, labelled, "no label changes");
}
