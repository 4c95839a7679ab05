//! The rendered GPU configurations of a cluster, read back and checked as strictly as no NVIDIA tool does.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{device_plugin, mig_parted};
use crate::catalog::boards;
use crate::plan::ClusterPlan;
use crate::render::read_back;
use crate::tree::Tree;

/// How many documents were checked, and what is wrong with them, as sentences with their file.
pub fn audit(cluster: &ClusterPlan, tree: &Tree) -> (usize, Vec<String>) {
    let (mut total, mut problems) = (0, Vec::new());
    let plugin = format!("gpu/{}/device-plugin-config.yaml", cluster.name);
    for (key, document) in documents(tree, &plugin) {
        let pool = cluster.pools.iter().find(|pool| pool.pool.name.as_str() == key);
        let has_mig = pool.is_some_and(|pool| pool.layout().is_some());
        total += 1;
        let found = device_plugin::check(&document, has_mig);
        problems.extend(
            found
                .into_iter()
                .map(|problem| format!("{plugin}: `{key}`: {problem}")),
        );
    }
    let mut expected = BTreeMap::new();
    for pool in &cluster.pools {
        let Some(board) = boards::board(&pool.pool.board).ok().flatten() else {
            continue;
        };
        for group in pool.layout().into_iter().flat_map(|layout| &layout.groups) {
            let gpus = u32::try_from(group.gpus.len()).unwrap_or(u32::MAX);
            let name = mig_parted::config_name(&group.gpus);
            expected.insert(name, mig_parted::Expected { board, gpus });
        }
    }
    let mig = format!("gpu/{}/mig-parted-config.yaml", cluster.name);
    for (_, document) in documents(tree, &mig) {
        total += 1;
        let found = mig_parted::check(&document, &expected);
        problems.extend(found.into_iter().map(|problem| format!("{mig}: {problem}")));
    }
    (total, problems)
}

/// The YAML documents inside the ConfigMaps of a file, by key.
fn documents(tree: &Tree, path: &str) -> Vec<(String, Value)> {
    let Some(file) = tree.get(path) else {
        return Vec::new();
    };
    let maps = read_back(path, &file.bytes).unwrap_or_default();
    let mut all = Vec::new();
    for (key, text) in maps.iter().filter_map(|map| map["data"].as_object()).flatten() {
        let inner = read_back(path, text.as_str().unwrap_or_default().as_bytes()).unwrap_or_default();
        all.push((key.clone(), inner.into_iter().next().unwrap_or(Value::Null)));
    }
    all
}
