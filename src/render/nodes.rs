//! `gpu/<cluster>/`: MIG and device-plugin configurations, and which node gets which.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::gpu::{device_class, device_plugin, mig_parted};
use super::{Output, RenderError, kustomization, priority_class, yaml};
use crate::plan::gpu::{GpuState, Sharing};
use crate::plan::{
    ClusterPlan, DEVICE_PLUGIN_CONFIG_MAP, GPU_OPERATOR_NAMESPACE, MANAGED_BY, MIG_CONFIG_MAP, MigNodes,
    NodePlan, POOL_NODE_LABEL, POOL_TAINT, PoolNodes, PoolPlan, Taint,
};
use crate::spec;

pub(super) fn render(cluster: &ClusterPlan, out: &mut Output) -> Result<(), RenderError> {
    if cluster.pools.is_empty() {
        return Ok(());
    }
    let folder = format!("gpu/{}", cluster.name);
    let mut files = Vec::new();
    if has_device_plugin(cluster) {
        let plugin = config_map(DEVICE_PLUGIN_CONFIG_MAP, &device_plugin_data(cluster)?);
        let path = format!("{folder}/device-plugin-config.yaml");
        out.objects(path, "gpu/device-plugin", &[plugin])?;
        files.push("device-plugin-config.yaml");
    }
    if !cluster.device_classes.is_empty() {
        let classes: Vec<Value> = cluster.device_classes.iter().map(device_class::object).collect();
        let path = format!("{folder}/device-classes.yaml");
        out.objects(path, "gpu/device-classes", &classes)?;
        files.push("device-classes.yaml");
    }
    let layouts: Vec<&[GpuState]> = cluster
        .pools
        .iter()
        .flat_map(|pool| pool.layout().into_iter().flat_map(|layout| &layout.groups))
        .map(|group| group.gpus.as_slice())
        .collect();
    if cluster.pools.iter().any(|pool| pool.layout().is_some()) {
        let document = mig_parted::document(layouts).to_value().map_err(broken)?;
        let path = format!("{folder}/mig-parted-config.yaml");
        let text = inner(&path, &document)?;
        let data = BTreeMap::from([(mig_parted::CONFIG_MAP_KEY.to_owned(), text)]);
        out.objects(path, "gpu/mig-parted", &[config_map(MIG_CONFIG_MAP, &data)])?;
        files.insert(0, "mig-parted-config.yaml");
    }
    if cluster.uses_burst_class() {
        let path = format!("{folder}/priority-class.yaml");
        out.objects(path, "gpu/priority-class", &[priority_class::burst()])?;
        files.push("priority-class.yaml");
    }
    if !files.is_empty() {
        kustomization::write(out, &folder, "gpu/kustomization", &files)?;
    }
    let plan = NodePlan {
        api_version: "tenancy.platform/v1alpha1".to_owned(),
        kind: "NodePlan".to_owned(),
        metadata: BTreeMap::from([("name".to_owned(), cluster.name.to_string())]),
        pools: cluster.pools.iter().map(pool_nodes).collect(),
    };
    out.values(format!("{folder}/node-plan.yaml"), "gpu/node-plan", &[plan])
}

/// Whether the device plugin hands out the GPUs of at least one pool.
pub(super) fn has_device_plugin(cluster: &ClusterPlan) -> bool {
    cluster.pools.iter().any(|pool| !pool.uses_dra())
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
    let plugged = cluster.pools.iter().filter(|pool| !pool.uses_dra());
    let pools = plugged.map(|pool| (&pool.pool.name, sharing(pool)));
    let configs = device_plugin::configs(pools).map_err(broken)?;
    configs
        .into_iter()
        .map(|(key, config)| Ok((key.clone(), inner(&key, &config.to_value().map_err(broken)?)?)))
        .collect()
}

/// Who hands out the GPUs of a node, and with which configuration.
fn labels(plan: &PoolPlan) -> BTreeMap<String, String> {
    let name = plan.pool.name.to_string();
    let mut labels = BTreeMap::from([(POOL_NODE_LABEL.to_owned(), name.clone())]);
    if plan.uses_dra() {
        // The operator leaves a label that is there as it is, so its device plugin stays away.
        labels.insert(
            "nvidia.com/gpu.deploy.device-plugin".to_owned(),
            "false".to_owned(),
        );
        labels.insert("nvidia.com/dra-kubelet-plugin".to_owned(), "true".to_owned());
    } else {
        labels.insert("nvidia.com/device-plugin.config".to_owned(), name);
    }
    labels
}

fn pool_nodes(plan: &PoolPlan) -> PoolNodes {
    let name = plan.pool.name.to_string();
    let groups = plan.layout().into_iter().flat_map(|layout| &layout.groups);
    PoolNodes {
        board: plan.pool.board.clone(),
        nodes: plan.pool.nodes,
        node_selector: plan.pool.node_selector.clone(),
        labels: labels(plan),
        taint: Taint {
            key: POOL_TAINT.to_owned(),
            value: name.clone(),
            effect: "NoSchedule".to_owned(),
        },
        mig_configs: groups
            .map(|group| MigNodes::new(group, mig_parted::config_name(&group.gpus)))
            .collect(),
        name,
    }
}
