//! What the nodes of a pool carry, from what the cluster says of them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::gpu::{GpuState, Layout, Present, PresentGroup, fits};
use crate::catalog::boards::{Board, WHOLE_GPU};
use crate::model::{Pool, Share};

/// A node as the cluster describes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SeenNode {
    /// Its name.
    pub name: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// What it advertises, the `nvidia.com/` resources alone.
    pub allocatable: BTreeMap<String, u64>,
}

/// What follows from the nodes of a pool.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Observed {
    /// The layouts, node by node in the given order.
    pub present: Present,
    /// What contradicts the spec: message and hint.
    pub problems: Vec<(String, String)>,
    /// What a person should know though it contradicts nothing.
    pub notes: Vec<String>,
}

/// The MIG configurations of a mig-parted document: by name, what each entry says of which GPUs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Configs(BTreeMap<String, Vec<Entry>>);

/// GPUs and their state; no list means all.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    gpus: Option<Vec<u32>>,
    state: GpuState,
}

impl Configs {
    /// Reads a document; what is not understood is left out, so that nothing wrong is known of it.
    pub fn parse(text: &str) -> Self {
        let document: Value = serde_saphyr::from_str(text).unwrap_or_default();
        let configs = document["mig-configs"].as_object().into_iter().flatten();
        let read = |(name, entries): (&String, &Value)| {
            let entries: Option<Vec<Entry>> = entries.as_array()?.iter().map(entry).collect();
            Some((name.clone(), entries?))
        };
        Self(configs.filter_map(read).collect())
    }

    /// What each GPU of a node holds under a configuration; `None` where it is not known.
    fn states(&self, name: &str, gpus: u32) -> Option<Vec<Option<GpuState>>> {
        let Some(entries) = self.0.get(name) else {
            let off = name == "all-disabled";
            return off.then(|| vec![Some(GpuState::Whole); gpus as usize]);
        };
        let state = |gpu: u32| {
            let says = |entry: &&Entry| entry.gpus.as_ref().is_none_or(|gpus| gpus.contains(&gpu));
            let mut found = entries.iter().filter(says);
            // A GPU of two entries is configured twice: nobody can tell with what result.
            let state = found.next().map(|entry| entry.state.clone());
            state.filter(|_| found.next().is_none())
        };
        Some((0..gpus).map(state).collect())
    }
}

fn entry(value: &Value) -> Option<Entry> {
    let gpus = match &value["devices"] {
        Value::String(all) if all == "all" => None,
        Value::Array(list) => {
            let index = |gpu: &Value| u32::try_from(gpu.as_u64()?).ok();
            Some(list.iter().map(index).collect::<Option<Vec<u32>>>()?)
        }
        _ => return None,
    };
    if !value["device-filter"].is_null() {
        return None;
    }
    if !value["mig-enabled"].as_bool()? {
        return Some(Entry {
            gpus,
            state: GpuState::Whole,
        });
    }
    let mut layout = Layout::new();
    for (profile, count) in value["mig-devices"].as_object().into_iter().flatten() {
        let count = u32::try_from(count.as_u64()?).ok()?;
        if count > 0 {
            layout.insert(profile.clone(), count);
        }
    }
    Some(Entry {
        gpus,
        state: GpuState::Mig(layout),
    })
}

/// What the nodes of a pool carry, and what of it contradicts the spec; `nodes` in the order of their names.
pub fn observe(pool: &Pool, board: &Board, nodes: &[SeenNode], configs: &Configs) -> Observed {
    let mut seen = Observed {
        present: Present {
            board: board.id.clone(),
            groups: Vec::new(),
        },
        ..Observed::default()
    };
    let mut problems: BTreeMap<(String, &str), Vec<&str>> = BTreeMap::new();
    for node in nodes {
        for (what, hint) in contradictions(pool, board, node) {
            problems.entry((what, hint)).or_default().push(&node.name);
        }
        let states = states(pool, board, node, configs).unwrap_or_else(|why| {
            seen.notes
                .push(format!("node `{}` of pool `{}`: {why}", node.name, pool.name));
            vec![None; pool.gpus_per_node as usize]
        });
        seen.present.groups.push(PresentGroup {
            name: Some(node.name.clone()),
            nodes: 1,
            gpus: states,
        });
    }
    for ((what, hint), names) in problems {
        let others = match names.len() - 1 {
            0 => String::new(),
            others => format!(" (and {others} more)"),
        };
        let message = format!("node `{}`{others} of pool `{}` {what}", names[0], pool.name);
        seen.problems.push((message, hint.to_owned()));
    }
    let found = nodes.len();
    if found != pool.nodes as usize {
        seen.notes.push(format!(
            "pool `{}` has {found} nodes on the cluster, the spec says {}",
            pool.name, pool.nodes
        ));
    }
    seen
}

/// What a node says of itself that the spec denies, each with a hint.
fn contradictions(pool: &Pool, board: &Board, node: &SeenNode) -> Vec<(String, &'static str)> {
    let mut found = Vec::new();
    let label = |name: &str| node.labels.get(name).map(String::as_str);
    if let Some(product) = label("nvidia.com/gpu.product") {
        let plain = product.strip_suffix("-SHARED").unwrap_or(product);
        let plain = plain.split_once("-MIG-").map_or(plain, |(plain, _)| plain);
        if !board.product_labels.values.iter().any(|value| value == plain) {
            found.push((
                format!(
                    "has GPUs `{product}`; board `{}` is {}",
                    board.id,
                    board.product_labels.values.join(" or ")
                ),
                "correct `board` or the `nodeSelector` of the pool",
            ));
        }
    }
    if let Some(count) = label("nvidia.com/gpu.count").and_then(|count| count.parse::<u32>().ok())
        && count != pool.gpus_per_node
    {
        found.push((
            format!("has {count} GPUs; the spec says {} per node", pool.gpus_per_node),
            "correct `gpusPerNode`, or look for GPUs that fell off the bus",
        ));
    }
    // Not its aliases: a pod that asks for the planned name would wait forever.
    let known: BTreeSet<&str> = board
        .profiles()
        .iter()
        .map(|profile| profile.resource.as_str())
        .collect();
    let foreign: Vec<&str> = node
        .allocatable
        .iter()
        .filter(|(name, count)| name.starts_with("nvidia.com/mig-") && **count > 0)
        .map(|(name, _)| name.as_str())
        .filter(|name| !known.contains(name.strip_suffix(".shared").unwrap_or(name)))
        .collect();
    if !foreign.is_empty() {
        let memory =
            label("nvidia.com/gpu.memory").map_or(String::new(), |mib| format!(" ({mib} MiB of memory)"));
        let ours: Vec<&str> = board
            .profiles()
            .iter()
            .map(|profile| profile.resource.as_str())
            .collect();
        found.push((
            format!(
                "advertises {}{memory}; board `{}` has {}",
                foreign.join(", "),
                board.id,
                if ours.is_empty() {
                    "no MIG".to_owned()
                } else {
                    ours.join(", ")
                }
            ),
            "the driver forms the names from the memory of the board: choose the board that has them",
        ));
    }
    found
}

/// What each GPU of a node holds; an error says why that cannot be told.
fn states(
    pool: &Pool,
    board: &Board,
    node: &SeenNode,
    configs: &Configs,
) -> Result<Vec<Option<GpuState>>, String> {
    let gpus = pool.gpus_per_node;
    let label = |name: &str| node.labels.get(name).map(String::as_str);
    let config = label("nvidia.com/mig.config");
    if let Some(state) = label("nvidia.com/mig.config.state").filter(|state| *state != "success") {
        return Err(format!(
            "nvidia.com/mig.config.state is `{state}`; its GPUs count as unknown"
        ));
    }
    if let Some(states) = config.and_then(|name| configs.states(name, gpus)) {
        let planned = advertised(&states);
        if planned == plain(&node.allocatable) {
            return Ok(states);
        }
        return Err(format!(
            "configuration `{}` makes {}, the node advertises {}; its GPUs count as unknown",
            config.unwrap_or_default(),
            list(&planned),
            list(&plain(&node.allocatable))
        ));
    }
    let there = plain(&node.allocatable);
    if there == BTreeMap::from([(WHOLE_GPU.to_owned(), u64::from(gpus))]) {
        return Ok(vec![Some(GpuState::Whole); gpus as usize]);
    }
    evenly(board, &there, gpus).ok_or_else(|| {
        format!(
            "{}, the node advertises {}; its GPUs count as unknown",
            config.map_or("it has no MIG configuration".to_owned(), |name| format!(
                "configuration `{name}` is in no ConfigMap"
            )),
            list(&there)
        )
    })
}

/// The same layout on every GPU, where the counts can be divided so.
fn evenly(board: &Board, there: &BTreeMap<String, u64>, gpus: u32) -> Option<Vec<Option<GpuState>>> {
    let mut layout = Layout::new();
    for (resource, count) in there {
        let profile = board
            .profiles()
            .iter()
            .find(|profile| profile.resource == *resource)?;
        let each = (count % u64::from(gpus) == 0).then(|| count / u64::from(gpus))?;
        layout.insert(profile.name.clone(), u32::try_from(each).ok()?);
    }
    let is_one = !layout.is_empty() && fits(board, &layout);
    is_one.then(|| vec![Some(GpuState::Mig(layout)); gpus as usize])
}

/// What a node with these states advertises, without zeros; nothing of GPUs that are unknown.
fn advertised(states: &[Option<GpuState>]) -> BTreeMap<String, u64> {
    let mut sum: BTreeMap<String, u64> = BTreeMap::new();
    for state in states.iter().flatten() {
        match state {
            GpuState::Whole => *sum.entry(WHOLE_GPU.to_owned()).or_default() += 1,
            GpuState::Mig(layout) => {
                for (profile, count) in layout {
                    let resource = Share::Profile(profile.clone()).resource();
                    *sum.entry(resource).or_default() += u64::from(*count);
                }
            }
        }
    }
    sum
}

/// What is advertised, without zeros.
fn plain(allocatable: &BTreeMap<String, u64>) -> BTreeMap<String, u64> {
    let some = allocatable.iter().filter(|(_, count)| **count > 0);
    some.map(|(name, count)| (name.clone(), *count)).collect()
}

fn list(resources: &BTreeMap<String, u64>) -> String {
    if resources.is_empty() {
        return "nothing".to_owned();
    }
    let parts: Vec<String> = resources
        .iter()
        .map(|(name, count)| format!("{count} × {name}"))
        .collect();
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::boards;

    const DOCUMENT: &str = "
version: v1
mig-configs:
  t-1:
    - {devices: [0], mig-enabled: true, mig-devices: {3g.40gb: 2}}
    - {devices: [1], mig-enabled: false}
  twice:
    - {devices: all, mig-enabled: false}
    - {devices: [0], mig-enabled: true, mig-devices: {}}
  odd: [{devices: some, mig-enabled: true}]
";

    fn pool() -> Pool {
        let spec = "apiVersion: tenancy.platform/v1alpha1\nkind: Tenancy\nname: x\nclusters:\n  - name: c\n    pools:\n      - {name: p, board: h100-80gb, nodes: 1, gpusPerNode: 2, sharing: mig}\nteams:\n  - {name: t, groups: [g]}\n";
        let plan = crate::plan::decide("x", spec.as_bytes()).expect("a valid spec");
        plan.clusters[0].pools[0].pool.clone()
    }

    fn seen(labels: &[(&str, &str)], allocatable: &[(&str, u64)]) -> Observed {
        let node = SeenNode {
            name: "a".to_owned(),
            labels: labels
                .iter()
                .map(|(key, value)| (format!("nvidia.com/{key}"), (*value).to_owned()))
                .collect(),
            allocatable: allocatable
                .iter()
                .map(|(name, count)| (format!("nvidia.com/{name}"), *count))
                .collect(),
        };
        let board = boards::board("h100-80gb").ok().flatten().expect("a board");
        observe(&pool(), board, &[node], &Configs::parse(DOCUMENT))
    }

    #[test]
    fn a_layout_is_known_where_configuration_and_allocatable_agree() {
        let mig =
            |profile: &str, count: u32| Some(GpuState::Mig(Layout::from([(profile.to_owned(), count)])));
        let whole = Some(GpuState::Whole);
        let both = [("mig-3g.40gb", 2), ("gpu", 1)];
        for (labels, allocatable, expected, note) in [
            (
                &[("mig.config", "t-1"), ("mig.config.state", "success")][..],
                &both[..],
                vec![mig("3g.40gb", 2), whole.clone()],
                "",
            ),
            (
                &[("mig.config", "t-1"), ("mig.config.state", "pending")],
                &both,
                vec![None, None],
                "`pending`",
            ),
            (
                &[("mig.config", "t-1")],
                &[("gpu", 2)],
                vec![None, None],
                "makes 1 × nvidia.com/gpu, 2 × nvidia.com/mig-3g.40gb, the node advertises 2 ×",
            ),
            (
                &[("mig.config", "twice")],
                &[("gpu", 1)],
                vec![None, whole.clone()],
                "",
            ),
            (
                &[("mig.config", "all-disabled")],
                &[("gpu", 2)],
                vec![whole.clone(), whole.clone()],
                "",
            ),
            (
                &[("mig.config", "odd")],
                &[("mig-1g.10gb", 14), ("gpu", 0)],
                vec![mig("1g.10gb", 7); 2],
                "",
            ),
            (
                &[],
                &[("mig-1g.10gb", 7)],
                vec![None, None],
                "no MIG configuration",
            ),
            (
                &[],
                &[("mig-1g.10gb", 16)],
                vec![None, None],
                "16 × nvidia.com/mig-1g.10gb",
            ),
            (
                &[("mig.capable", "true")],
                &[],
                vec![None, None],
                "advertises nothing",
            ),
        ] {
            let observed = seen(labels, allocatable);
            assert_eq!(
                observed.present.groups[0].gpus, expected,
                "{labels:?} {allocatable:?}: {:?}",
                observed.notes
            );
            let notes = observed.notes.join("\n");
            assert_eq!(notes.is_empty(), note.is_empty(), "{labels:?}: {notes}");
            assert!(notes.contains(note), "{labels:?}: {notes}");
        }
    }

    #[test]
    fn what_contradicts_the_spec_is_named_with_its_numbers() {
        for (labels, allocatable, words) in [
            (
                &[("gpu.product", "NVIDIA-H100-80GB-HBM3"), ("gpu.count", "2")][..],
                &[("mig-1g.10gb", 14)][..],
                None,
            ),
            (&[("gpu.product", "NVIDIA-H100-PCIe-SHARED")], &[], None),
            (
                &[("gpu.product", "Tesla-T4")],
                &[],
                Some("has GPUs `Tesla-T4`; board `h100-80gb` is"),
            ),
            (
                &[("gpu.count", "1")],
                &[],
                Some("has 1 GPUs; the spec says 2 per node"),
            ),
            (
                &[("gpu.memory", "80995")],
                &[("mig-3g.39gb", 1)],
                Some(
                    "advertises nvidia.com/mig-3g.39gb (80995 MiB of memory); board `h100-80gb` has nvidia.com/mig-1g.10gb",
                ),
            ),
        ] {
            let problems = seen(labels, allocatable).problems;
            assert_eq!(
                problems.len(),
                usize::from(words.is_some()),
                "{labels:?}: {problems:?}"
            );
            for (message, _) in &problems {
                assert!(
                    message.contains(words.unwrap_or_default()),
                    "{labels:?}: {message}"
                );
            }
        }
    }
}
