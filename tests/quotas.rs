//! The quotas that are rendered never guarantee more than the layouts that are rendered hold, for any valid spec.

#![allow(clippy::unwrap_used, reason = "a test helper that cannot go on has failed")]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use platform::plan::gpu::GpuState;
use platform::plan::{layouts, read_node_plan};
use platform::render::read_back;
use platform::tree::Tree;
use proptest::prelude::*;
use serde_json::Value;
use support::tree;

/// Pool, board, sharing and what else, and what a request on it may say.
const POOLS: [(&str, &str, &str, &[&str]); 6] = [
    (
        "h100",
        "h100-80gb",
        "mig, wholeGpus: 1, reserve: {gpus: 1, slices: {1g.10gb: 2}}",
        &["", "profile: 1g.10gb, ", "profile: 3g.40gb, ", "memory: 20Gi, "],
    ),
    (
        "h100-too",
        "h100-80gb",
        "mig",
        &["profile: 1g.10gb, ", "profile: 7g.80gb, "],
    ),
    (
        "a100",
        "a100-80gb",
        "mig",
        &["profile: 1g.10gb, ", "memory: 40Gi, "],
    ),
    (
        "small",
        "a30-24gb",
        "mig",
        &["profile: 1g.6gb, ", "profile: 2g.12gb, "],
    ),
    ("plain", "h200-141gb", "whole", &[""]),
    ("turns", "l40s", "time-slicing, replicas: 3", &[""]),
];

/// Nodes and GPUs of each in every pool.
const SHAPE: (u64, u64) = (2, 3);

/// A request: pool, which of its forms, count, burst.
type Request = (usize, usize, u32, u32);

fn spec(teams: &[Vec<Request>]) -> String {
    let mut text =
        "apiVersion: tenancy.platform/v1alpha1\nkind: Tenancy\nname: demo\nclusters:\n- name: c\n  pools:\n"
            .to_owned();
    for (name, board, sharing, _) in POOLS {
        let (nodes, gpus) = SHAPE;
        text.push_str(&format!(
            "  - {{name: {name}, board: {board}, nodes: {nodes}, gpusPerNode: {gpus}, sharing: {sharing}}}\n"
        ));
    }
    text.push_str("teams:\n");
    for (index, requests) in teams.iter().enumerate() {
        text.push_str(&format!("- name: team-{index}-x\n  gpus:\n"));
        for (pool, form, count, burst) in requests {
            let (name, _, _, forms) = POOLS[*pool];
            let form = forms[form % forms.len()];
            text.push_str(&format!(
                "  - {{cluster: c, pool: {name}, {form}count: {count}, burst: {burst}}}\n"
            ));
        }
    }
    let waiver: Vec<String> = (0..teams.len()).map(|index| format!("team-{index}-x")).collect();
    text.push_str(&format!(
        "waivers: [{{control: gpu.cross-team-sharing, teams: [{}], owner: a, reason: b, expires: 2030-01-01}}]\n",
        waiver.join(", ")
    ));
    text
}

fn documents(tree: &Tree, path: &str) -> Vec<Value> {
    let file = tree.get(path).unwrap_or_else(|| panic!("{path} is rendered"));
    read_back(path, &file.bytes).unwrap()
}

/// The hard limits of a quota on GPU resources, without zeros.
fn gpus(quota: &Value) -> BTreeMap<String, u64> {
    let hard = quota["spec"]["hard"].as_object().unwrap();
    hard.iter()
        .filter_map(|(key, value)| {
            let resource = key.strip_prefix("requests.nvidia.com/")?;
            let count: u64 = value.as_str().unwrap().parse().unwrap();
            (count > 0).then(|| (resource.to_owned(), count))
        })
        .collect()
}

/// What each pool advertises, from the rendered node plan; pools without MIG from their shape.
fn capacity(tree: &Tree) -> BTreeMap<String, BTreeMap<String, u64>> {
    let path = "gpu/c/node-plan.yaml";
    let plan = read_node_plan(path, &tree.get(path).unwrap().bytes).unwrap();
    let all = SHAPE.0 * SHAPE.1;
    let mut found = BTreeMap::from([
        ("plain".to_owned(), BTreeMap::from([("gpu".to_owned(), all)])),
        (
            "turns".to_owned(),
            BTreeMap::from([("gpu.shared".to_owned(), all * 3)]),
        ),
    ]);
    for ((_, pool), present) in layouts(&plan) {
        let sum = found.entry(pool).or_default();
        for group in present.groups {
            for gpu in group.gpus {
                match gpu.unwrap() {
                    GpuState::Whole => *sum.entry("gpu".to_owned()).or_default() += u64::from(group.nodes),
                    GpuState::Mig(instances) => {
                        for (profile, count) in instances {
                            let resource = format!("mig-{}", profile.replace('+', "."));
                            *sum.entry(resource).or_default() += u64::from(count * group.nodes);
                        }
                    }
                }
            }
        }
    }
    found
}

/// How many of the generated specs were valid; those that are not say nothing.
static VALID: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);

fn judge(teams: &[Vec<Request>]) -> Result<(), TestCaseError> {
    let text = spec(teams);
    let Ok(tree) = tree("platform.yaml", text.as_bytes()) else {
        return Ok(());
    };
    VALID.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let capacity = capacity(&tree);
    // Names of resources are those of one board each: what is summed is one (board, profile).
    let mut guaranteed: BTreeMap<(String, BTreeSet<String>), u64> = BTreeMap::new();
    let mut total: BTreeMap<String, u64> = BTreeMap::new();
    for index in 0..teams.len() {
        let folder = format!("tenants/c/team-{index}-x");
        let quotas = documents(&tree, &format!("{folder}/quota.yaml"));
        let all = gpus(&quotas[0]);
        let ordinary = quotas.get(1).map(gpus).unwrap_or_default();
        for (resource, count) in &ordinary {
            prop_assert!(
                *count < all[resource],
                "the burst of {resource} is above its guarantee: {text}"
            );
        }
        let namespace = &documents(&tree, &format!("{folder}/namespace.yaml"))[0];
        let labels = namespace["metadata"]["labels"].as_object().unwrap();
        let granted: BTreeSet<&str> = labels
            .keys()
            .filter_map(|key| key.strip_prefix("pool.tenancy.platform/"))
            .collect();
        for (resource, count) in all {
            let count = ordinary.get(&resource).copied().unwrap_or(count);
            let pools: BTreeSet<String> = granted
                .iter()
                .filter(|pool| capacity[**pool].contains_key(&resource))
                .map(|pool| (*pool).to_owned())
                .collect();
            prop_assert!(!pools.is_empty(), "no pool has {resource}: {text}");
            let there: u64 = pools.iter().map(|pool| capacity[pool][&resource]).sum();
            prop_assert!(count <= there, "{count} × {resource} of {there}: {text}");
            *total.entry(resource.clone()).or_default() += count;
            *guaranteed.entry((resource, pools)).or_default() += count;
        }
    }
    for ((resource, pools), count) in &guaranteed {
        let there: u64 = pools.iter().map(|pool| capacity[pool][resource]).sum();
        prop_assert!(
            *count <= there,
            "{count} × {resource} of {there} in {pools:?}: {text}"
        );
    }
    for (resource, count) in total {
        let there: u64 = capacity.values().filter_map(|pool| pool.get(&resource)).sum();
        prop_assert!(
            count <= there,
            "{count} × {resource} of {there} in the cluster: {text}"
        );
    }
    Ok(())
}

#[test]
fn no_more_is_guaranteed_than_there_is() {
    let request = (0..POOLS.len(), 0usize..4, 1u32..8, 0u32..4);
    let teams = prop::collection::vec(prop::collection::vec(request, 0..4), 1..5);
    let config = ProptestConfig {
        cases: 128,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    runner.run(&teams, |teams| judge(&teams)).unwrap();
    let valid = VALID.load(std::sync::atomic::Ordering::Relaxed);
    assert!(valid >= 40, "only {valid} of 128 generated specs were valid");
}
