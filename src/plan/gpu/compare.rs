//! What differs between the layouts that are there and those of a plan.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::ground::without_zeros;
use super::{Distribution, GpuState, NodeGroup, Present, PresentGroup};

/// The differences in the order of the nodes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Nodes with at least one GPU that differs or is new, equal ones in runs.
    pub groups: Vec<ChangedNodes>,
    /// GPUs of nodes that were there and get another layout or mode; those of unknown state too.
    pub gpus_rebuilt: u32,
    /// Nodes with at least one such GPU.
    pub nodes_paused: u32,
    /// GPUs that were not there.
    pub gpus_new: u32,
    /// Nodes that are no longer there.
    pub nodes_gone: u32,
}

/// Consecutive nodes of which the same GPUs change in the same way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedNodes {
    /// Index of the first in the plan.
    pub first: u32,
    /// How many, at least 1.
    pub nodes: u32,
    /// The name of the node, where the spec pins one of its GPUs; then `nodes` is 1.
    pub name: Option<String>,
    /// Whether the nodes were not there.
    pub is_new: bool,
    /// The GPUs that differ by their index, ascending; of new nodes all.
    pub gpus: Vec<ChangedGpu>,
}

/// A GPU that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedGpu {
    /// Its index in the node.
    pub gpu: u32,
    /// Whether it was not there.
    pub is_new: bool,
    /// What it was; `None` where it is new or nobody knows.
    pub from: Option<GpuState>,
    /// What it becomes.
    pub to: GpuState,
}

/// Compares the layouts that are there with a plan for the same board.
///
/// Nodes are matched by the names that the plan has, the others in their order. GPUs beyond those that a node had are
/// new. Totals saturate.
pub fn compare(present: &Present, distribution: &Distribution) -> Comparison {
    let names: BTreeSet<&str> = distribution
        .groups
        .iter()
        .filter_map(|group| group.name.as_deref())
        .collect();
    let mut named: BTreeMap<&str, &PresentGroup> = BTreeMap::new();
    let mut others: VecDeque<(&PresentGroup, u32)> = VecDeque::new();
    for group in present.groups.iter().filter(|group| group.nodes > 0) {
        let name = group
            .name
            .as_deref()
            .filter(|name| names.contains(name) && !named.contains_key(name));
        if let Some(name) = name {
            named.insert(name, group);
        }
        let unnamed = group.nodes - u32::from(name.is_some());
        others.extend((unnamed > 0).then_some((group, unnamed)));
    }
    let mut comparison = Comparison::default();
    for group in &distribution.groups {
        let was = group.name.as_deref().and_then(|name| named.remove(name));
        let (mut first, mut nodes) = (group.first, group.nodes);
        while nodes > 0 {
            let (was, equal) = match (was, others.front_mut()) {
                (Some(was), _) => (Some(was), nodes),
                (None, Some((was, left))) => {
                    let (was, equal) = (*was, nodes.min(*left));
                    *left -= equal;
                    if *left == 0 {
                        others.pop_front();
                    }
                    (Some(was), equal)
                }
                (None, None) => (None, nodes),
            };
            comparison.add(group, first, equal, was);
            first = first.saturating_add(equal);
            nodes -= equal;
        }
    }
    let gone = others
        .iter()
        .map(|(_, nodes)| *nodes)
        .fold(0, u32::saturating_add);
    comparison.nodes_gone = gone;
    comparison
}

impl Comparison {
    fn add(&mut self, group: &NodeGroup, first: u32, nodes: u32, was: Option<&PresentGroup>) {
        let differs = |(gpu, to): (u32, &GpuState)| {
            let from = was.and_then(|was| was.gpus.get(gpu as usize));
            let is_new = from.is_none();
            let from = from.cloned().flatten().map(normal);
            (is_new || from.as_ref() != Some(to)).then(|| ChangedGpu {
                gpu,
                is_new,
                from,
                to: to.clone(),
            })
        };
        let gpus: Vec<ChangedGpu> = (0u32..).zip(&group.gpus).filter_map(differs).collect();
        if gpus.is_empty() {
            return;
        }
        let new = gpus.iter().filter(|gpu| gpu.is_new).count();
        let times = |count: usize| u32::try_from(count).unwrap_or(u32::MAX).saturating_mul(nodes);
        self.gpus_new = self.gpus_new.saturating_add(times(new));
        self.gpus_rebuilt = self.gpus_rebuilt.saturating_add(times(gpus.len() - new));
        if gpus.len() > new {
            self.nodes_paused = self.nodes_paused.saturating_add(nodes);
        }
        let (name, is_new) = (group.name.clone(), was.is_none());
        match self.groups.last_mut() {
            Some(last)
                if name.is_none()
                    && last.name.is_none()
                    && last.is_new == is_new
                    && last.gpus == gpus
                    && last.first.saturating_add(last.nodes) == first =>
            {
                last.nodes = last.nodes.saturating_add(nodes);
            }
            _ => self.groups.push(ChangedNodes {
                first,
                nodes,
                name,
                is_new,
                gpus,
            }),
        }
    }
}

/// A state as it is compared: without zeros.
fn normal(state: GpuState) -> GpuState {
    match state {
        GpuState::Mig(layout) => GpuState::Mig(without_zeros(&layout)),
        GpuState::Whole => GpuState::Whole,
    }
}
