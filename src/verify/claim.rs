//! Claims of DRA devices: the question to the API server, and whether the drivers publish what is promised.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::report::Finding;
use crate::plan::DRA_DRIVER;

/// Judges the devices that the driver publishes for the nodes of a pool, by profile or `gpu`.
pub(super) fn judge(
    pool: &str,
    promised: &BTreeMap<String, u64>,
    nodes: &[Value],
    slices: &[Value],
) -> Finding {
    let names: BTreeSet<&str> = nodes
        .iter()
        .filter_map(|node| node["metadata"]["name"].as_str())
        .collect();
    if names.is_empty() {
        return Finding::not_assessed(format!("pool `{pool}` has no node yet"));
    }
    let here = slices.iter().map(|slice| &slice["spec"]).filter(|spec| {
        spec["driver"] == DRA_DRIVER && spec["nodeName"].as_str().is_some_and(|name| names.contains(name))
    });
    let mut found: BTreeMap<&str, u64> = BTreeMap::new();
    for device in here.flat_map(|spec| spec["devices"].as_array().into_iter().flatten()) {
        if let Some(kind) = kind(device) {
            *found.entry(kind).or_default() += 1;
        }
    }
    let short: Vec<String> = promised
        .iter()
        .map(|(kind, count)| (kind, *count, found.get(kind.as_str()).copied().unwrap_or(0)))
        .filter(|(_, count, there)| there < count)
        .map(|(kind, count, there)| format!("{there} of {count} `{kind}`"))
        .collect();
    match short.is_empty() {
        true => Finding::satisfied(format!(
            "all promised devices are published by {} nodes",
            names.len()
        )),
        false => Finding::not_satisfied(format!("the nodes publish {}", short.join(", "))),
    }
}

/// What a device is: its MIG profile, or `gpu` for a whole one. Attributes without a domain are the driver's.
fn kind(device: &Value) -> Option<&str> {
    let attribute = |name: &str| {
        let all = &device["attributes"];
        let qualified = format!("{DRA_DRIVER}/{name}");
        all[name]["string"]
            .as_str()
            .or(all[&qualified]["string"].as_str())
    };
    match attribute("type")? {
        "gpu" => Some("gpu"),
        "mig" => attribute("profile"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::verify::Status;

    #[test]
    fn devices_of_the_pools_nodes_count_and_no_others() {
        let device = |name: &str, attributes: Value| json!({"name": name, "attributes": attributes});
        let mig = |profile: &str| json!({"type": {"string": "mig"}, "profile": {"string": profile}});
        let slice = |driver: &str, node: &str, devices: Vec<Value>| json!({"spec": {"driver": driver, "nodeName": node, "devices": devices}});
        let nodes = [json!({"metadata": {"name": "a"}})];
        let slices = [
            slice(
                DRA_DRIVER,
                "a",
                vec![
                    device("0", mig("3g.40gb")),
                    device("1", json!({"gpu.nvidia.com/type": {"string": "gpu"}})),
                ],
            ),
            slice(DRA_DRIVER, "b", vec![device("0", mig("3g.40gb"))]),
            slice("other.example.com", "a", vec![device("0", mig("3g.40gb"))]),
        ];
        for (promised, nodes, status) in [
            (json!({"3g.40gb": 1, "gpu": 1}), &nodes[..], Status::Satisfied),
            (json!({"3g.40gb": 2}), &nodes[..], Status::NotSatisfied),
            (json!({"1g.10gb": 1}), &nodes[..], Status::NotSatisfied),
            (json!({"3g.40gb": 1}), &[], Status::NotAssessed),
        ] {
            let wanted: BTreeMap<String, u64> = serde_json::from_value(promised).expect("a map");
            let finding = judge("p", &wanted, nodes, &slices);
            assert_eq!(finding.status, status, "{wanted:?}: {}", finding.found);
        }
    }
}
