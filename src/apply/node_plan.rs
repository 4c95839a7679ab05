//! What the nodes of each pool must carry, and which node gets which configuration.

use std::collections::BTreeMap;

use serde_json::Value;

use super::load::{Files, LoadError};
use super::placement::SeenNode;
use crate::plan::{PoolNodes, read_node_plan};
use crate::units::RelPath;

/// Label by which the GPU operator learns the MIG configuration of a node.
pub(super) const MIG_CONFIG: &str = "nvidia.com/mig.config";

/// Reads the pools of a cluster; without a file there are none.
pub(super) fn read(files: &dyn Files, cluster: &str) -> Result<Vec<PoolNodes>, LoadError> {
    let path = format!("gpu/{cluster}/node-plan.yaml");
    let bad = |cause: String| LoadError {
        path: path.clone(),
        cause,
    };
    let rel = RelPath::parse(&path).map_err(|error| bad(format!("cannot be read: {error}")))?;
    let Some(bytes) = files.read(&rel)? else {
        return Ok(Vec::new());
    };
    let plan = read_node_plan(&path, &bytes).map_err(|finding| {
        let hint = finding.hint.as_deref().unwrap_or_default();
        let place = match finding.line {
            0 => String::new(),
            line => format!("line {line}: "),
        };
        bad(format!("cannot be read: {place}{}; {hint}", finding.message))
    })?;
    match plan.pools.iter().find(|pool| pool.node_selector.is_empty()) {
        // An empty selector selects every node of the cluster.
        Some(pool) => Err(bad(format!(
            "has the pool `{}` without a `nodeSelector`",
            pool.name
        ))),
        None => Ok(plan.pools),
    }
}

/// The selector as the API takes it.
pub(super) fn selector(pool: &PoolNodes) -> String {
    let parts: Vec<String> = pool
        .node_selector
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    parts.join(",")
}

/// The labels of a node by its index in the pool; one beyond the plan gets no MIG configuration.
pub(super) fn labels_of(pool: &PoolNodes, index: Option<u32>) -> BTreeMap<String, String> {
    let mut labels = pool.labels.clone();
    let mut configs = pool.mig_configs.iter();
    let found = configs.find(|configs| {
        index
            .and_then(|index| index.checked_sub(configs.first))
            .is_some_and(|at| at < configs.nodes)
    });
    if let Some(configs) = found {
        labels.insert(MIG_CONFIG.to_owned(), configs.config.clone());
    }
    labels
}

/// Nodes of a pool as they are.
pub(super) fn seen(nodes: &[Value]) -> Vec<SeenNode> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let seen = |node: &Value| {
        Some(SeenNode {
            name: text(&node["metadata"]["name"])?,
            config: text(&node["metadata"]["labels"][MIG_CONFIG]),
        })
    };
    nodes.iter().filter_map(seen).collect()
}

/// Everything that a person should know of the nodes of a pool, one sentence each.
pub(super) fn warnings(pool: &PoolNodes, found: usize, missing: &[String]) -> Vec<String> {
    let count = count_warning(pool, u32::try_from(found).unwrap_or(u32::MAX));
    let pinned = missing.iter().map(|name| {
        format!("node `{name}` does not exist; what the spec pins to it is on no node until it joins")
    });
    count.into_iter().chain(pinned).collect()
}

/// What is wrong with the number of nodes that exist; `None` when it is right.
fn count_warning(pool: &PoolNodes, found: u32) -> Option<String> {
    let selector = selector(pool);
    let more = match found.cmp(&pool.nodes) {
        std::cmp::Ordering::Equal => return None,
        std::cmp::Ordering::Less => "the promises of the pool do not fit until the others join",
        std::cmp::Ordering::Greater => "those beyond the plan get no MIG configuration",
    };
    Some(format!(
        "{found} nodes match `{selector}`, expected {}: {more}",
        pool.nodes
    ))
}

/// The taints with ours in place; `None` when it is there already.
///
/// Other taints stay; one of the same key and effect is ours with an old value, for a node carries that pair once.
pub(super) fn tainted(taints: &Value, pool: &PoolNodes) -> Option<Vec<Value>> {
    let taint = &pool.taint;
    let ours = serde_json::json!({"key": taint.key, "value": taint.value, "effect": taint.effect});
    let mut all = taints.as_array().cloned().unwrap_or_default();
    let same = |other: &Value| other["key"] == taint.key.as_str() && other["effect"] == taint.effect.as_str();
    match all.iter_mut().find(|other| same(other)) {
        Some(other) if other["value"] == taint.value.as_str() => return None,
        Some(other) => *other = ours,
        None => all.push(ours),
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::{File, Tree};
    use serde_json::json;

    fn plan(text: &str) -> Result<Vec<PoolNodes>, LoadError> {
        let mut tree = Tree::default();
        let path = RelPath::parse("gpu/fra1/node-plan.yaml").expect("a path");
        let file = File {
            bytes: text.into(),
            origin: "test",
        };
        assert!(tree.insert(path, file).is_none(), "one file");
        read(&tree, "fra1")
    }

    const PLAN: &str = "
apiVersion: tenancy.platform/v1alpha1
kind: NodePlan
metadata: {name: fra1}
pools:
  - name: h100-mig
    nodes: 4
    nodeSelector: {gpu-type: h100-mig}
    labels: {gpu-type: h100-mig}
    taint: {key: nvidia.com/gpu, value: h100-mig, effect: NoSchedule}
    migConfigs: [{first: 0, nodes: 1, config: t-1}, {first: 1, nodes: 3, config: t-2}]
";

    #[test]
    fn nodes_get_their_configuration_by_their_place() {
        let plan = plan(PLAN).expect("a plan");
        let pool = &plan[0];
        let configs: Vec<Option<String>> = (0..5)
            .map(|index| labels_of(pool, Some(index)).get(MIG_CONFIG).cloned())
            .collect();
        let expected = [Some("t-1"), Some("t-2"), Some("t-2"), Some("t-2"), None];
        assert_eq!(configs, expected.map(|text| text.map(str::to_owned)));
        assert_eq!(labels_of(pool, None), pool.labels, "a node beyond the plan");
        assert_eq!(count_warning(pool, 4), None, "as planned");
        let missing = warnings(pool, 4, &["n7".to_owned()]);
        assert!(
            missing.len() == 1 && missing[0].contains("`n7` does not exist"),
            "{missing:?}"
        );
        for found in [0, 3, 5] {
            let warning = count_warning(pool, found).unwrap_or_default();
            assert!(
                warning.starts_with(&format!("{found} nodes match `gpu-type=h100-mig`, expected 4")),
                "{warning}"
            );
        }
    }

    #[test]
    fn a_plan_that_would_touch_every_node_is_refused() {
        let error = plan(&PLAN.replace("{gpu-type: h100-mig}\n    labels", "{}\n    labels")).err();
        assert!(
            error
                .as_ref()
                .is_some_and(|error| error.cause.contains("without a `nodeSelector`")),
            "{error:?}"
        );
        assert!(plan("pools: 3").is_err(), "not a list");
        let none = read(&Tree::default(), "fra1").expect("no file");
        assert!(none.is_empty(), "no file, no pools");
    }

    #[test]
    fn other_taints_stay() {
        let pools = plan(&PLAN.replace("value: h100-mig", "value: h100")).expect("a plan");
        let ours = json!({"key": "nvidia.com/gpu", "value": "h100", "effect": "NoSchedule"});
        let old = json!({"key": "nvidia.com/gpu", "value": "x", "effect": "NoSchedule", "timeAdded": "t"});
        let other = json!({"key": "nvidia.com/gpu", "value": "present", "effect": "NoExecute"});
        for (before, after) in [
            (Value::Null, Some(vec![ours.clone()])),
            (json!([ours]), None),
            (json!([other]), Some(vec![other.clone(), ours.clone()])),
            (json!([old, other]), Some(vec![ours.clone(), other.clone()])),
        ] {
            assert_eq!(tainted(&before, &pools[0]), after, "{before}");
        }
    }
}
