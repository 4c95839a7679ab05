//! Nodes advertise the layout of the plan, and a new layout touches only the nodes that differ.

use std::collections::BTreeMap;

use platform::plan::PoolNodes;
use serde_json::Value;

use super::floor::{Floor, floor, name};
use super::promises;
use crate::lab::{self, Advertised, User};

/// What each node of a MIG pool shall advertise by the rendered layout.
fn laid_out(pool: &PoolNodes) -> BTreeMap<String, Advertised> {
    let mut nodes = BTreeMap::new();
    for group in &pool.mig_configs {
        let mut advertised = Advertised::new();
        for gpus in &group.layout {
            let count = gpus.gpus.len() as u64;
            match &gpus.mig {
                None => *advertised.entry("nvidia.com/gpu".to_string()).or_default() += count,
                Some(layout) => {
                    for (profile, instances) in layout {
                        let resource = format!("nvidia.com/mig-{profile}");
                        *advertised.entry(resource).or_default() += count * u64::from(*instances);
                    }
                }
            }
        }
        for index in group.first..group.first + group.nodes {
            nodes.insert(format!("{}-{index}", pool.name), advertised.clone());
        }
    }
    nodes
}

/// Every node advertises what is planned for it, and no other GPU resource.
fn as_planned(floor: &Floor) {
    let plan = floor.node_plan();
    let advertised = floor.advertised();
    let mut compared = 0;
    for (node, expected) in plan.pools.iter().flat_map(laid_out) {
        assert_eq!(advertised[&node], expected, "{node}");
        compared += 1;
    }
    assert_eq!(compared, 3, "nodes with a MIG configuration");
    let of = |resource: &str, count| Advertised::from([(format!("nvidia.com/{resource}"), count)]);
    assert_eq!(
        advertised["a100-dev-0"],
        of("gpu.shared", 8),
        "two GPUs, four slots each"
    );
    assert_eq!(advertised["l40s-0"], of("gpu", 2), "whole GPUs");
}

#[test]
fn nodes_advertise_exactly_what_is_planned() {
    let _guard = lab::gpu().exclusive();
    let floor = floor();
    as_planned(&floor);
    let plan = floor.node_plan();
    let groups = plan.pools.iter().flat_map(|pool| &pool.mig_configs);
    let empty: usize = groups
        .flat_map(|group| group.layout.iter().map(move |gpus| (group.nodes as usize, gpus)))
        .filter(|(_, gpus)| gpus.mig.as_ref().is_some_and(BTreeMap::is_empty))
        .map(|(nodes, gpus)| nodes * gpus.gpus.len())
        .sum();
    assert!(empty >= 1, "the reserved GPU is in MIG mode and empty: {plan:?}");
}

/// The labels of a node that say its configuration, and how it went.
fn configured(nodes: &[Value]) -> BTreeMap<String, (Value, Value)> {
    let of = |node: &Value| {
        let labels = &node["metadata"]["labels"];
        (
            labels["nvidia.com/mig.config"].clone(),
            labels["nvidia.com/mig.config.state"].clone(),
        )
    };
    nodes.iter().map(|node| (name(node), of(node))).collect()
}

#[test]
fn a_new_layout_touches_only_the_nodes_that_differ() {
    let _guard = lab::gpu().exclusive();
    let mut floor = floor();
    let before = configured(&floor.list(&["get", "nodes"]));
    let path = floor.directory.join("platform.yaml");
    let spec = std::fs::read_to_string(&path).expect("the spec is there");
    let grown = spec.replace("profile: 1g.10gb, count: 4", "profile: 1g.10gb, count: 6");
    assert_ne!(spec, grown, "the change is one");
    std::fs::write(&path, grown).expect("the spec is written");
    let regenerate = floor.platform(&["regenerate"]);
    assert!(regenerate.status.success(), "{regenerate}");

    let touched = floor.apply();
    let after = configured(&floor.list(&["get", "nodes"]));
    let differs: Vec<&String> = after
        .keys()
        .filter(|node| after[*node].0 != before[*node].0)
        .collect();
    assert_eq!(
        touched.keys().collect::<Vec<_>>(),
        differs,
        "the stand-in touches what has another label"
    );
    assert_eq!(touched.len(), 1, "one node has room for what is new: {touched:?}");
    assert!(
        after.values().all(|(_, state)| *state == "success"),
        "every node took its configuration: {after:?}"
    );
    as_planned(&floor);
    let again = floor.apply();
    assert!(again.is_empty(), "a second apply touches no node: {again:?}");

    promises::run_all(&floor);
    promises::clear(&floor);
    let verify = floor.platform(&["verify"]);
    assert!(verify.status.success(), "{verify}");
}

#[test]
fn a_node_that_failed_says_so_and_the_next_apply_repairs_it() {
    let _guard = lab::gpu().exclusive();
    let mut floor = floor();
    let node = "h100-mig-0";
    let get = ["get", "node", node, "-o", "jsonpath={.metadata.labels}"];
    let state = |floor: &Floor| -> Value {
        let labels: Value =
            serde_json::from_str(&floor.cluster.ok(User::Root, &get)).expect("labels are JSON");
        labels["nvidia.com/mig.config.state"].clone()
    };
    let label = "nvidia.com/mig.config=t-0000000000000000";
    floor
        .cluster
        .ok(User::Root, &["label", "--overwrite", "node", node, label]);
    let cluster = floor.cluster;
    let failed = floor.stand_in.follow(cluster);
    assert_eq!(failed.len(), 1, "{failed:?}");
    let cause = failed[0]
        .result
        .as_ref()
        .expect_err("there is no such configuration");
    assert!(cause.contains("no configuration `t-0000000000000000`"), "{cause}");
    assert_eq!(state(&floor), "failed");
    let repaired = floor.apply();
    assert_eq!(repaired.keys().collect::<Vec<_>>(), [node], "{repaired:?}");
    assert_eq!(state(&floor), "success");
    as_planned(&floor);
}
