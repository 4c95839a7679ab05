//! Lays runs of equal GPUs onto nodes, and says of the result which neighbours are equal.

use std::collections::VecDeque;

use super::{Distribution, GpuState, Layout, NodeGroup};

/// Equal nodes while they are being filled; `None` is a GPU without a state so far.
#[derive(Debug, Clone)]
pub(super) struct Rack {
    pub(super) name: Option<String>,
    pub(super) nodes: u32,
    pub(super) gpus: Vec<Option<GpuState>>,
}

/// States that have to be laid somewhere, equal ones together.
pub(super) type Queue = VecDeque<(GpuState, u64)>;

impl Rack {
    pub(super) fn open(&self) -> u32 {
        u32::try_from(self.gpus.iter().filter(|gpu| gpu.is_none()).count()).unwrap_or(u32::MAX)
    }
}

/// Fills open GPUs with the states of the queue in its order, rack after rack in the order of `rank` and then of place.
///
/// Each rack becomes at most twice as many as there are states in it, whatever the number of its nodes.
pub(super) fn fill<K: Ord>(racks: Vec<Rack>, queue: &mut Queue, rank: impl Fn(&Rack) -> K) -> Vec<Rack> {
    let mut order: Vec<usize> = (0..racks.len()).collect();
    order.sort_by_key(|at| rank(&racks[*at]));
    let mut racks: Vec<Vec<Rack>> = racks.into_iter().map(|rack| vec![rack]).collect();
    for at in order {
        racks[at] = racks[at]
            .drain(..)
            .flat_map(|rack| fill_one(rack, queue))
            .collect();
    }
    racks.into_iter().flatten().collect()
}

fn fill_one(mut rack: Rack, queue: &mut Queue) -> Vec<Rack> {
    let open = u64::from(rack.open());
    let mut filled = Vec::new();
    queue.retain(|(_, length)| *length > 0);
    while open > 0 && rack.nodes > 0 && !queue.is_empty() {
        let equal = queue.front().map_or(0, |(_, length)| length / open);
        let nodes = u32::try_from(equal).unwrap_or(u32::MAX).min(rack.nodes);
        let mut gpus = rack.gpus.clone();
        for gpu in gpus.iter_mut().filter(|gpu| gpu.is_none()) {
            let Some((state, length)) = queue.front_mut() else {
                break;
            };
            *gpu = Some(state.clone());
            *length -= u64::from(nodes.max(1));
            if *length == 0 {
                queue.pop_front();
            }
        }
        let nodes = nodes.max(1);
        rack.nodes -= nodes;
        filled.push(Rack {
            name: rack.name.clone(),
            nodes,
            gpus,
        });
    }
    filled.extend((rack.nodes > 0).then_some(rack));
    filled
}

/// The racks in their order as the nodes of a pool; GPUs that are still open are empty.
pub(super) fn finish(racks: Vec<Rack>) -> Distribution {
    let mut groups: Vec<NodeGroup> = Vec::new();
    let mut first = 0u32;
    for rack in racks.into_iter().filter(|rack| rack.nodes > 0) {
        let empty = || GpuState::Mig(Layout::new());
        let gpus: Vec<GpuState> = rack
            .gpus
            .into_iter()
            .map(|gpu| gpu.unwrap_or_else(empty))
            .collect();
        match groups.last_mut() {
            Some(last) if last.name.is_none() && rack.name.is_none() && last.gpus == gpus => {
                last.nodes = last.nodes.saturating_add(rack.nodes);
            }
            _ => groups.push(NodeGroup {
                name: rack.name,
                first,
                nodes: rack.nodes,
                gpus,
            }),
        }
        first = first.saturating_add(rack.nodes);
    }
    Distribution { groups }
}
