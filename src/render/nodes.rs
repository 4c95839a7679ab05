//! `gpu/<cluster>/`: MIG and device-plugin configurations, and which node gets which.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::gpu::{device_plugin, mig_parted};
use super::{Output, RenderError, kustomization, yaml};
use crate::plan::gpu::{GpuState, Sharing};
use crate::plan::{
    ClusterPlan, DEVICE_PLUGIN_CONFIG_MAP, GPU_OPERATOR_NAMESPACE, MANAGED_BY, MIG_CONFIG_MAP,
    POOL_NODE_LABEL, POOL_TAINT, PoolPlan,
};
use crate::spec;

/// Which nodes of a cluster get which labels and taints; `platform apply` reads it, GitOps never applies it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct NodePlan {
    /// Format of the document.
    pub api_version: String,
    /// Always `NodePlan`.
    pub kind: String,
    /// Its name, the cluster's.
    pub metadata: BTreeMap<String, String>,
    /// The pools in the order of the spec.
    pub pools: Vec<PoolNodes>,
}

/// The nodes of one pool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PoolNodes {
    /// Name of the pool.
    pub name: String,
    /// How many nodes.
    pub nodes: u32,
    /// Labels by which they are found.
    pub node_selector: BTreeMap<String, String>,
    /// Labels that each of them gets.
    pub labels: BTreeMap<String, String>,
    /// Taint that each of them gets.
    pub taint: Taint,
    /// MIG pools: consecutive nodes, in the order of their names, and their configuration.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mig_configs: Vec<MigNodes>,
}

/// A taint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Taint {
    /// Key.
    pub key: String,
    /// Value.
    pub value: String,
    /// Effect.
    pub effect: String,
}

/// Consecutive nodes with one MIG configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MigNodes {
    /// Index of the first, from 0.
    pub first: u32,
    /// How many.
    pub nodes: u32,
    /// Value of the label `nvidia.com/mig.config`.
    pub config: String,
}

pub(super) fn render(cluster: &ClusterPlan, out: &mut Output) -> Result<(), RenderError> {
    if cluster.pools.is_empty() {
        return Ok(());
    }
    let folder = format!("gpu/{}", cluster.name);
    let mut files = vec!["device-plugin-config.yaml"];
    let plugin = config_map(DEVICE_PLUGIN_CONFIG_MAP, &device_plugin_data(cluster)?);
    out.objects(
        format!("{folder}/device-plugin-config.yaml"),
        "gpu/device-plugin",
        &[plugin],
    )?;
    let layouts: Vec<&[GpuState]> = cluster
        .pools
        .iter()
        .flat_map(|pool| pool.layout.iter().flat_map(|layout| &layout.groups))
        .map(|group| group.gpus.as_slice())
        .collect();
    if cluster.pools.iter().any(|pool| pool.layout.is_some()) {
        let document = mig_parted::document(layouts).to_value().map_err(broken)?;
        let path = format!("{folder}/mig-parted-config.yaml");
        let text = inner(&path, &document)?;
        let data = BTreeMap::from([(mig_parted::CONFIG_MAP_KEY.to_owned(), text)]);
        out.objects(path, "gpu/mig-parted", &[config_map(MIG_CONFIG_MAP, &data)])?;
        files.insert(0, "mig-parted-config.yaml");
    }
    kustomization::write(out, &folder, "gpu/kustomization", &files)?;
    let plan = NodePlan {
        api_version: "tenancy.platform/v1alpha1".to_owned(),
        kind: "NodePlan".to_owned(),
        metadata: BTreeMap::from([("name".to_owned(), cluster.name.to_string())]),
        pools: cluster.pools.iter().map(pool_nodes).collect(),
    };
    out.values(format!("{folder}/node-plan.yaml"), "gpu/node-plan", &[plan])
}

fn broken(error: impl ToString) -> RenderError {
    RenderError::Catalogue(error.to_string())
}

/// A YAML document inside a ConfigMap.
fn inner(path: &str, document: &Value) -> Result<String, RenderError> {
    let bytes = yaml::write(
        path,
        "See the ConfigMap around this document.",
        std::slice::from_ref(document),
    )?;
    String::from_utf8(bytes).map_err(broken)
}

fn config_map(name: &str, data: &BTreeMap<String, String>) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": GPU_OPERATOR_NAMESPACE, "labels": {MANAGED_BY.0: MANAGED_BY.1}},
        "data": data,
    })
}

fn sharing(pool: &PoolPlan) -> Sharing {
    let replicas = pool.pool.replicas;
    match pool.pool.sharing {
        spec::Sharing::Whole | spec::Sharing::Dra => Sharing::Whole,
        spec::Sharing::Mig => Sharing::Mig,
        spec::Sharing::TimeSlicing => Sharing::TimeSlicing { replicas },
        spec::Sharing::Mps => Sharing::Mps { replicas },
    }
}

fn device_plugin_data(cluster: &ClusterPlan) -> Result<BTreeMap<String, String>, RenderError> {
    let pools = cluster.pools.iter().map(|pool| (&pool.pool.name, sharing(pool)));
    let configs = device_plugin::configs(pools).map_err(broken)?;
    configs
        .into_iter()
        .map(|(key, config)| Ok((key.clone(), inner(&key, &config.to_value().map_err(broken)?)?)))
        .collect()
}

fn pool_nodes(plan: &PoolPlan) -> PoolNodes {
    let name = plan.pool.name.to_string();
    let groups = plan.layout.iter().flat_map(|layout| &layout.groups);
    PoolNodes {
        nodes: plan.pool.nodes,
        node_selector: plan.pool.node_selector.clone(),
        labels: BTreeMap::from([
            (POOL_NODE_LABEL.to_owned(), name.clone()),
            ("nvidia.com/device-plugin.config".to_owned(), name.clone()),
        ]),
        taint: Taint {
            key: POOL_TAINT.to_owned(),
            value: name.clone(),
            effect: "NoSchedule".to_owned(),
        },
        mig_configs: groups
            .map(|group| MigNodes {
                first: group.first,
                nodes: group.nodes,
                config: mig_parted::config_name(&group.gpus),
            })
            .collect(),
        name,
    }
}
