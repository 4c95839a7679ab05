//! Plays the part of NVIDIA's MIG manager and device plugin, which need a driver and a card.
//!
//! ```text
//! node label nvidia.com/mig.config ─ config ─▶ what each GPU shall hold ─ card ─▶ whether the card can
//! node label nvidia.com/device-plugin.config ─ device_plugin ─▶ what the node advertises
//! ```
//!
//! Like the real MIG manager it acts on a new value of the label alone, never on new content of the ConfigMap. Unlike it,
//! it refuses everything that is wrong with a document, also where the real one would pass over it in silence, and it
//! knows by a search of its own over the placements of a board what a card can hold. Source of the sequence: mig-parted
//! v0.15.0 `pkg/mig/reconfigure/reconfigure.go`.

mod card;
mod config;
mod device_plugin;

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Map, Value, json};

pub(crate) use card::{Card, cards};

use super::{Cluster, User};

const MIG_CONFIG: &str = "nvidia.com/mig.config";
const STATE: &str = "nvidia.com/mig.config.state";
const PLUGIN_CONFIG: &str = "nvidia.com/device-plugin.config";
/// What GPU feature discovery says of a node's cards.
const PRODUCT: &str = "nvidia.com/gpu.product";
const COUNT: &str = "nvidia.com/gpu.count";
/// What the GPU operator writes on a node with MIG-capable cards that has no label yet.
const ALL_DISABLED: &str = "all-disabled";

const NAMESPACE: &str = "gpu-operator";
const MIG_CONFIG_MAP: &str = "tenancy-mig-parted";
const PLUGIN_CONFIG_MAP: &str = "tenancy-device-plugin";
const EVERYTHING: &str = "nvidia.com/";

/// What a node advertises: resource → how many.
pub(crate) type Advertised = BTreeMap<String, u64>;

/// A configuration of a node that the stand-in has tried.
#[derive(Clone, Debug)]
pub(crate) struct Reconfigured {
    pub(crate) node: String,
    /// The values of its labels `nvidia.com/mig.config` and `nvidia.com/device-plugin.config`.
    pub(crate) labels: [String; 2],
    /// What the node advertises now, or why it failed.
    pub(crate) result: Result<Advertised, String>,
}

/// The stand-in for the MIG manager and the device plugin of all nodes of a cluster.
#[derive(Debug)]
pub(crate) struct MigManagerStandIn {
    cards: BTreeMap<String, Card>,
    /// The label values that were acted on, by node.
    seen: BTreeMap<String, [String; 2]>,
}

impl MigManagerStandIn {
    /// Knows the cards that the boards of the catalogue describe, by the product label of each.
    pub(crate) fn new() -> Self {
        let boards = Path::new(env!("CARGO_MANIFEST_DIR")).join("blueprints/boards");
        Self {
            cards: cards(&boards),
            seen: BTreeMap::new(),
        }
    }

    /// Makes a node as the lab's operator would find it: cards, room for pods, and the label of MIG-capable ones.
    pub(crate) fn join(
        &self,
        cluster: &Cluster,
        name: &str,
        labels: &[(&str, &str)],
        product: &str,
        gpus: u32,
    ) {
        let mut all: Map<String, Value> = labels
            .iter()
            .map(|(key, value)| ((*key).to_string(), (*value).into()))
            .collect();
        all.insert(PRODUCT.to_string(), product.into());
        all.insert(COUNT.to_string(), gpus.to_string().into());
        let card = self.cards.get(product);
        if card
            .unwrap_or_else(|| panic!("no board has the product `{product}`"))
            .has_mig()
        {
            all.insert(MIG_CONFIG.to_string(), ALL_DISABLED.into());
        }
        let metadata = json!({"name": name, "labels": all});
        let node = json!({"apiVersion": "v1", "kind": "Node", "metadata": metadata}).to_string();
        // Another field manager than the platform's, which has to take the label over.
        let apply = [
            "apply",
            "--server-side",
            "--field-manager=gpu-operator",
            "-f",
            "-",
        ];
        let applied = cluster.kubectl(User::Root, &apply, Some(&node));
        assert!(applied.status.success(), "the node `{name}`: {applied}");
        advertise(
            cluster,
            name,
            &json!({"cpu": "64", "memory": "512Gi", "pods": "110"}),
        );
    }

    /// Acts once on every node whose labels have other values than at the last call, and says on which.
    pub(crate) fn follow(&mut self, cluster: &Cluster) -> Vec<Reconfigured> {
        let nodes = get(cluster, &["get", "nodes", "-o", "json"]);
        let mut done = Vec::new();
        for node in nodes["items"].as_array().into_iter().flatten() {
            let label = |key: &str| node["metadata"]["labels"][key].as_str().unwrap_or_default();
            let name = node["metadata"]["name"].as_str().unwrap_or_default().to_string();
            let labels = [MIG_CONFIG, PLUGIN_CONFIG].map(|key| label(key).to_string());
            if label(PRODUCT).is_empty() || self.seen.get(&name) == Some(&labels) {
                continue;
            }
            set_state(cluster, &name, "pending");
            let result = self.configure(cluster, node, &labels);
            set_state(cluster, &name, if result.is_ok() { "success" } else { "failed" });
            self.seen.insert(name.clone(), labels.clone());
            done.push(Reconfigured {
                node: name,
                labels,
                result,
            });
        }
        done
    }

    fn configure(&self, cluster: &Cluster, node: &Value, labels: &[String; 2]) -> Result<Advertised, String> {
        let metadata = &node["metadata"];
        let product = metadata["labels"][PRODUCT].as_str().unwrap_or_default();
        let gpus = metadata["labels"][COUNT]
            .as_str()
            .and_then(|count| count.parse().ok())
            .ok_or("the node has no count of its GPUs")?;
        let card = self
            .cards
            .get(product)
            .ok_or_else(|| format!("the product `{product}` is unknown"))?;
        let [mig, plugin] = labels;
        let advertised = decide(
            card,
            gpus,
            // Before the first apply there is no document, and the operator's word for it is that MIG is off.
            (mig, &config_map(cluster, MIG_CONFIG_MAP, "config.yaml")),
            (plugin, &config_map(cluster, PLUGIN_CONFIG_MAP, plugin)),
        )?;
        let mut capacity: Map<String, Value> = Map::new();
        // What was advertised before and is no longer has to be taken away by name.
        let before = node["status"]["capacity"].as_object().into_iter().flatten();
        capacity.extend(
            before
                .filter(|(resource, _)| resource.starts_with(EVERYTHING))
                .map(|(resource, _)| (resource.clone(), Value::Null)),
        );
        capacity.extend(
            advertised
                .iter()
                .map(|(resource, count)| (resource.clone(), count.to_string().into())),
        );
        let name = metadata["name"].as_str().unwrap_or_default();
        advertise(cluster, name, &Value::Object(capacity));
        Ok(advertised)
    }
}

/// What a node with so many cards advertises by its two labels and the documents they speak of, or what is wrong.
///
/// Each is a value of a label and the text that its ConfigMap has for it, `None` where there is none.
pub(crate) fn decide(
    card: &Card,
    gpus: u32,
    (mig, mig_text): (&str, &Option<String>),
    (plugin, plugin_text): (&str, &Option<String>),
) -> Result<Advertised, String> {
    let layouts = match (mig, mig_text) {
        ("", _) | (ALL_DISABLED, None) => vec![None; gpus as usize],
        (_, None) => return Err(format!("there is no `config.yaml` in `{MIG_CONFIG_MAP}`")),
        (name, Some(text)) => config::layouts(text, name, gpus)?,
    };
    let mut advertised = Advertised::new();
    for (index, layout) in layouts.iter().enumerate() {
        match layout {
            None => *advertised.entry("nvidia.com/gpu".to_string()).or_default() += 1,
            Some(layout) => {
                let held = card
                    .hold(layout)
                    .map_err(|cause| format!("GPU {index}: {cause}"))?;
                for (resource, count) in held {
                    *advertised.entry(resource).or_default() += count;
                }
            }
        }
    }
    match (plugin, plugin_text) {
        ("", _) => Ok(advertised),
        (_, None) => Err(format!("`{PLUGIN_CONFIG_MAP}` has no key `{plugin}`")),
        (_, Some(text)) => device_plugin::shared(text, advertised),
    }
}

fn config_map(cluster: &Cluster, name: &str, key: &str) -> Option<String> {
    let answer = cluster.kubectl(
        User::Root,
        &[
            "-n",
            NAMESPACE,
            "get",
            "configmap",
            name,
            "-o",
            "json",
            "--ignore-not-found",
        ],
        None,
    );
    let object: Value = serde_json::from_str(&answer.stdout).ok()?;
    object["data"][key].as_str().map(ToString::to_string)
}

fn get(cluster: &Cluster, arguments: &[&str]) -> Value {
    let text = cluster.ok(User::Root, arguments);
    serde_json::from_str(&text).expect("kubectl prints JSON")
}

fn set_state(cluster: &Cluster, node: &str, state: &str) {
    let label = format!("{STATE}={state}");
    cluster.ok(User::Root, &["label", "--overwrite", "node", node, &label]);
}

/// Writes what a node has and offers; null takes a resource away.
pub(crate) fn advertise(cluster: &Cluster, node: &str, resources: &Value) {
    let patch = json!({"status": {"capacity": resources, "allocatable": resources}}).to_string();
    let command = [
        "patch",
        "node",
        node,
        "--subresource=status",
        "--type=merge",
        "-p",
        &patch,
    ];
    cluster.ok(User::Root, &command);
}
