//! The layouts that are there, read from the node plans that the last render left beside the spec.
//!
//! They are an input of every plan, as overlays are. What cannot be read is a finding and never taken for "nothing is
//! there": a plan over nothing may rebuild every GPU.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_saphyr::Spanned;

use super::gpu::{Aim, Layout, Layouts, MAX_GPUS_PER_NODE, fits};
use super::node_plan::{MigNodes, NodePlan, PoolNodes, layouts};
use super::{Plan, decide_over};
use crate::catalog::boards;
use crate::overlay;
use crate::spec::Finding;
use crate::units::RelPath;

/// The code of every finding of this module.
pub const NODE_PLAN_CODE: &str = "node-plan";

const API_VERSION: &str = "tenancy.platform/v1alpha1";

/// The files of node plans by path, `gpu/<cluster>/node-plan.yaml`.
pub type NodePlans = BTreeMap<RelPath, Vec<u8>>;

/// Bytes → Plan over the layouts that the node plans beside the spec say are there, or everything that is wrong with
/// them, by place; `file` is how messages name the spec.
///
/// With [`Aim::FewestGpus`] nothing is there, and the node plans are not even read.
pub fn decide_from(
    file: &str,
    bytes: &[u8],
    overlays: &overlay::Files,
    node_plans: &NodePlans,
    aim: Aim,
) -> Result<Plan, Vec<Finding>> {
    let known = match aim {
        Aim::LeastDisruption => read_layouts(file, node_plans),
        Aim::FewestGpus => Ok(Layouts::new()),
    };
    match known {
        Ok(present) => decide_over(file, bytes, overlays, &present, aim),
        Err(mut findings) => {
            let more = decide_over(file, bytes, overlays, &Layouts::new(), aim).err();
            findings.extend(more.into_iter().flatten());
            Err(findings)
        }
    }
}

/// Reads the layouts of all node plans of a repository; `spec` is how messages name the spec, whose folder they lie in.
///
/// Where there is none, nothing is known.
pub fn read_layouts(spec: &str, files: &NodePlans) -> Result<Layouts, Vec<Finding>> {
    let folder = spec.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut known = Layouts::new();
    let mut findings = Vec::new();
    for (path, bytes) in files {
        let shown = match folder {
            "" => path.to_string(),
            folder => format!("{folder}/{path}"),
        };
        match read_node_plan(path.as_str(), bytes) {
            Ok(plan) => known.extend(layouts(&plan)),
            Err(finding) => findings.push(Finding {
                file: shown,
                ..*finding
            }),
        }
    }
    match findings.is_empty() {
        true => Ok(known),
        false => Err(findings),
    }
}

/// Reads one node plan; the finding names its path, the line, and how to get the last one back.
pub fn read_node_plan(path: &str, bytes: &[u8]) -> Result<NodePlan, Box<Finding>> {
    let wrong = |line: u64, column: u64, message: String| {
        Box::new(Finding {
            file: path.to_owned(),
            line,
            column,
            code: NODE_PLAN_CODE,
            message,
            hint: Some(format!(
                "`git checkout -- {path}` takes the committed one back; `platform regenerate --compact` plans as if no \
                 GPU were in use"
            )),
        })
    };
    if let Some(line) = marker(bytes) {
        let mut finding = wrong(
            line,
            1,
            "the node plan has conflict markers of a merge".to_owned(),
        );
        finding.hint = Some(format!(
            "`git checkout --theirs -- {path}` takes the side that is merged in, `--ours` the branch's; then `git add` it"
        ));
        return Err(finding);
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|error| wrong(0, 0, format!("the node plan is not text: {error}")))?;
    let plan: NodePlan = yaml(text).map_err(|error| {
        let at = error.location();
        let cause = error.to_string();
        let cause = cause.lines().next().unwrap_or_default();
        let cause = cause.split(" at line ").next().unwrap_or(cause).trim();
        wrong(
            at.map_or(0, |at| at.line()),
            at.map_or(0, |at| at.column()),
            format!(
                "the file is not a node plan: {}",
                cause.strip_prefix("error: ").unwrap_or(cause).escape_debug()
            ),
        )
    })?;
    let checked = check(path, &plan);
    checked.map_err(|(place, message)| {
        let (line, column) = place.of(text);
        wrong(line, column, message)
    })?;
    Ok(plan)
}

/// The line of the first marker that a merge of Git has left, from 1.
fn marker(bytes: &[u8]) -> Option<u64> {
    let lines = (1u64..).zip(bytes.split(|byte| *byte == b'\n'));
    let mut found = lines.filter(|(_, line)| line.starts_with(b"<<<<<<< ") || line.starts_with(b">>>>>>> "));
    found.next().map(|(line, _)| line)
}

/// A node plan of a hundred thousand nodes is read, for we wrote it.
fn yaml<T: DeserializeOwned>(text: &str) -> Result<T, serde_saphyr::Error> {
    let options = serde_saphyr::options! {
        with_snippet: false,
        budget: serde_saphyr::budget! {
            max_events: 40_000_000,
            max_nodes: 20_000_000,
            max_aliases: 100,
            max_anchors: 100,
        },
    };
    serde_saphyr::from_str_with_options(text, options)
}

/// What of a node plan is wrong: the document, a pool or some nodes, by their indices.
#[derive(Debug, Clone, Copy)]
enum Place {
    Document,
    Pool(usize),
    Nodes(usize, usize),
}

fn check(path: &str, plan: &NodePlan) -> Result<(), (Place, String)> {
    if (plan.api_version.as_str(), plan.kind.as_str()) != (API_VERSION, "NodePlan") {
        let message = format!(
            "the file is a `{}` of `{}`; a `NodePlan` of `{API_VERSION}` is allowed",
            plan.kind.escape_debug(),
            plan.api_version.escape_debug()
        );
        return Err((Place::Document, message));
    }
    let cluster = path.rsplit('/').nth(1).unwrap_or_default();
    let name = plan.metadata.get("name").map_or("", String::as_str);
    if name != cluster {
        let message = format!(
            "the node plan is of cluster `{}`; its folder says `{}`",
            name.escape_debug(),
            cluster.escape_debug()
        );
        return Err((Place::Document, message));
    }
    let mut names = BTreeSet::new();
    for (index, pool) in plan.pools.iter().enumerate() {
        if !names.insert(&pool.name) {
            let message = format!("pool `{}` is there twice", pool.name.escape_debug());
            return Err((Place::Pool(index), message));
        }
        nodes(index, pool)?;
    }
    Ok(())
}

/// That the groups of a pool are each of its nodes once, in order, with layouts that its board can hold.
fn nodes(index: usize, pool: &PoolNodes) -> Result<(), (Place, String)> {
    let name = pool.name.escape_debug();
    let board = boards::board(&pool.board).ok().flatten();
    let mut holds: BTreeSet<&Layout> = BTreeSet::new();
    let mut next = 0u32;
    for (at, group) in pool.mig_configs.iter().enumerate() {
        let wrong = |message: String| (Place::Nodes(index, at), message);
        if group.first != next || group.nodes == 0 {
            return Err(wrong(format!(
                "{} nodes from {} on are listed in pool `{name}`; at least 1 from {next} on are expected",
                group.nodes, group.first
            )));
        }
        if group.name.is_some() && group.nodes != 1 {
            return Err(wrong(format!(
                "{} nodes of pool `{name}` have one name; 1 is allowed",
                group.nodes
            )));
        }
        next = next.saturating_add(group.nodes);
        gpus(group).map_err(|message| wrong(format!("{message} in pool `{name}`")))?;
        for layout in group.layout.iter().filter_map(|same| same.mig.as_ref()) {
            if let Some(board) = board
                && !holds.contains(layout)
            {
                if !fits(board, layout) {
                    let held: Vec<String> = layout
                        .iter()
                        .map(|(profile, count)| format!("{count} × {}", profile.escape_debug()))
                        .collect();
                    let message = format!(
                        "a GPU of pool `{name}` holds {}; no `{}` can",
                        held.join(", "),
                        pool.board
                    );
                    return Err(wrong(message));
                }
                holds.insert(layout);
            }
        }
    }
    if !pool.mig_configs.is_empty() && next != pool.nodes {
        let message = format!(
            "pool `{name}` has {} nodes; `migConfigs` lists {next}",
            pool.nodes
        );
        return Err((Place::Pool(index), message));
    }
    Ok(())
}

/// That each GPU of a node is listed once, from 0 on; a plan of an older version lists none.
fn gpus(group: &MigNodes) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    for gpu in group.layout.iter().flat_map(|same| &same.gpus) {
        if *gpu >= MAX_GPUS_PER_NODE {
            return Err(format!(
                "GPU {gpu} is listed; at most {MAX_GPUS_PER_NODE} GPUs from 0 on are allowed"
            ));
        }
        if !seen.insert(*gpu) {
            return Err(format!("GPU {gpu} of node {} is listed twice", group.first));
        }
    }
    match (0u32..).zip(&seen).find(|(wanted, gpu)| wanted != *gpu) {
        Some((missing, _)) => Err(format!("GPU {missing} of node {} is not listed", group.first)),
        None => Ok(()),
    }
}

/// Where the parts of a node plan begin.
#[derive(Deserialize)]
struct Places {
    #[serde(default)]
    pools: Vec<PoolPlace>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PoolPlace {
    name: Spanned<String>,
    #[serde(default)]
    mig_configs: Vec<NodesPlace>,
}

#[derive(Deserialize)]
struct NodesPlace {
    first: Spanned<u32>,
}

impl Place {
    /// Line and column in the text; 0 for the whole document.
    fn of(self, text: &str) -> (u64, u64) {
        let places: Option<Places> = yaml(text).ok();
        let pool = |index: usize| places.as_ref().and_then(|places| places.pools.get(index));
        let found = match self {
            Self::Document => None,
            Self::Pool(index) => pool(index).map(|pool| pool.name.referenced),
            Self::Nodes(index, at) => pool(index)
                .and_then(|pool| pool.mig_configs.get(at))
                .map(|nodes| nodes.first.referenced),
        };
        found.map_or((0, 0), |at| (at.line(), at.column()))
    }
}

#[cfg(test)]
mod tests;
