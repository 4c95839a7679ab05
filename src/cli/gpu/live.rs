//! What the nodes of the clusters carry now; only reads, and only with the context of the spec.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::args::Global;
use super::super::failure::Failure;
use super::super::{live, output, progress};
use super::document::{From, Sight};
use crate::catalog::boards;
use crate::edge::cluster::{Cluster, ClusterError, block_on};
use crate::plan::view::{Live, PodInTheWay};
use crate::plan::{Assessed, Assessment, Configs, GPU_OPERATOR_NAMESPACE, MIG_CONFIG_MAP, SeenNode, observe};
use crate::spec::{Finding, Sharing};
use crate::units::parse_milli;

/// Asks every cluster of the spec that has pools, or the one that is named.
pub(super) fn sight(global: &Global, assessment: &Assessment, named: Option<&str>) -> Result<Sight, Failure> {
    let mut sight = Sight {
        from: From::Cluster,
        ..Sight::default()
    };
    let with_pools = assessment.clusters.iter().filter(|(name, _)| {
        let is_meant = named.is_none_or(|named| named == name.as_str());
        is_meant && assessment.pools.iter().any(|pool| pool.cluster == *name)
    });
    let clusters: Vec<_> = with_pools.collect();
    if global.context.is_some() && clusters.len() > 1 {
        return Err(
            Failure::usage("`--context` means one cluster, and the spec has several")
                .hint("name the cluster with --cluster"),
        );
    }
    let kubeconfigs = live::kubeconfigs(global.kubeconfig.clone())?;
    for (name, context) in clusters {
        let context = global.context.as_deref().unwrap_or(context);
        let target = kubeconfigs.find(context).map_err(|error| live::failure(&error))?;
        output::note(
            global,
            &format!(
                "cluster {name}: context {}, server {}",
                target.context, target.server
            ),
        );
        let pools: Vec<&Assessed> = assessment
            .pools
            .iter()
            .filter(|pool| pool.cluster == *name)
            .collect();
        let step = progress::start(global, format!("reading the nodes of {name}"));
        let work = async {
            let cluster = live::connect(&target, global.timeout).await?;
            read(&cluster, &pools).await
        };
        let answer = block_on(work).and_then(|answer| answer);
        let (configs, nodes, pods) = answer.map_err(|error| live::failure(&error))?;
        step.done();
        for (assessed, nodes) in pools.iter().zip(&nodes) {
            add(&mut sight, assessment, assessed, nodes, &configs, &pods);
        }
    }
    Ok(sight)
}

type Answer = (Configs, Vec<Vec<SeenNode>>, Vec<(String, PodInTheWay)>);

/// The configurations, the nodes of each pool by name, and every pod with GPUs with the name of its node.
async fn read(cluster: &Cluster, pools: &[&Assessed]) -> Result<Answer, ClusterError> {
    let path = format!("/api/v1/namespaces/{GPU_OPERATOR_NAMESPACE}/configmaps/{MIG_CONFIG_MAP}");
    let map = cluster.find(&path).await?.unwrap_or_default();
    let configs = Configs::parse(map["data"]["config.yaml"].as_str().unwrap_or_default());
    let mut nodes = Vec::new();
    for pool in pools {
        let labels = pool.pool.node_selector.iter();
        let selector: Vec<String> = labels.map(|(key, value)| format!("{key}={value}")).collect();
        let list = cluster.list("/api/v1/nodes", Some(&selector.join(","))).await?;
        let mut list: Vec<SeenNode> = list.iter().map(node).collect();
        list.sort_by(|a, b| a.name.cmp(&b.name));
        nodes.push(list);
    }
    let pods = cluster.list("/api/v1/pods", None).await?;
    Ok((configs, nodes, pods.iter().flat_map(pod).collect()))
}

fn node(value: &Value) -> SeenNode {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let labels = value["metadata"]["labels"].as_object().into_iter().flatten();
    SeenNode {
        name: text(&value["metadata"]["name"]),
        labels: labels.map(|(key, value)| (key.clone(), text(value))).collect(),
        allocatable: gpus(&value["status"]["allocatable"]),
    }
}

/// The `nvidia.com/` amounts of a resource list.
fn gpus(list: &Value) -> BTreeMap<String, u64> {
    let amounts = list.as_object().into_iter().flatten();
    let amount = |(name, value): (&String, &Value)| {
        let milli = parse_milli(value.as_str()?)?;
        let count = u64::try_from(milli / 1000).ok()?;
        name.starts_with("nvidia.com/").then(|| (name.clone(), count))
    };
    amounts.filter_map(amount).collect()
}

/// The node of a pod that is not over, with each kind of GPU that it has.
fn pod(value: &Value) -> Vec<(String, PodInTheWay)> {
    let Some(node) = value["spec"]["nodeName"].as_str() else {
        return Vec::new();
    };
    if matches!(value["status"]["phase"].as_str(), Some("Succeeded" | "Failed")) {
        return Vec::new();
    }
    let containers = |key: &str| value["spec"][key].as_array().cloned().unwrap_or_default();
    let mut sum: BTreeMap<String, u64> = BTreeMap::new();
    for container in containers("containers") {
        for (resource, count) in gpus(&container["resources"]["limits"]) {
            *sum.entry(resource).or_default() += count;
        }
    }
    for container in containers("initContainers") {
        for (resource, count) in gpus(&container["resources"]["limits"]) {
            let most = sum.entry(resource).or_default();
            *most = count.max(*most);
        }
    }
    let claims = containers("resourceClaims").len() as u64;
    if claims > 0 {
        sum.insert("resource claim".to_owned(), claims);
    }
    let text = |key: &str| value["metadata"][key].as_str().unwrap_or_default().to_owned();
    let some = sum.into_iter().filter(|(_, count)| *count > 0);
    some.map(|(resource, count)| {
        let pod = PodInTheWay {
            namespace: text("namespace"),
            name: text("name"),
            resource,
            count,
        };
        (node.to_owned(), pod)
    })
    .collect()
}

fn add(
    sight: &mut Sight,
    assessment: &Assessment,
    assessed: &Assessed,
    nodes: &[SeenNode],
    configs: &Configs,
    pods: &[(String, PodInTheWay)],
) {
    let pool = &assessed.pool;
    let key = (assessed.cluster.to_string(), pool.name.to_string());
    let Some(board) = boards::board(&pool.board).ok().flatten() else {
        return;
    };
    let seen = observe(pool, board, nodes, configs);
    let place = assessment
        .places
        .get(&format!("cluster {} pool {}", key.0, key.1));
    let finding = |code: &'static str, message: String, hint: Option<String>| {
        let (file, line, column) = split(place.map_or("", String::as_str));
        Finding {
            file,
            line,
            column,
            code,
            message: format!("cluster `{}`: {message}", key.0),
            hint,
        }
    };
    let problems = seen.problems.into_iter();
    sight
        .findings
        .extend(problems.map(|(message, hint)| finding("live-node", message, Some(hint))));
    if pool.sharing == Sharing::Mig || seen.present.nodes() != pool.nodes {
        let notes = seen.notes.into_iter();
        sight
            .notes
            .extend(notes.map(|note| finding("live-node", note, None)));
    }
    if pool.sharing == Sharing::Mig {
        sight.layouts.insert(key.clone(), seen.present);
    }
    let names: Vec<String> = nodes.iter().map(|node| node.name.clone()).collect();
    let mut here: BTreeMap<String, Vec<PodInTheWay>> = BTreeMap::new();
    for (node, pod) in pods.iter().filter(|(node, _)| names.contains(node)) {
        here.entry(node.clone()).or_default().push(pod.clone());
    }
    here.values_mut().for_each(|pods| pods.sort());
    sight.live.insert(key, Live { names, pods: here });
}

/// `file:line:column` in its parts.
fn split(place: &str) -> (String, u64, u64) {
    let mut parts = place.rsplitn(3, ':');
    let mut number = || parts.next().and_then(|part| part.parse().ok()).unwrap_or(0);
    let (column, line) = (number(), number());
    (parts.next().unwrap_or_default().to_owned(), line, column)
}
