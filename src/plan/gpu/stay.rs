//! A layout that lets GPUs stay as they are.

use super::ground::{Run, Slot};
use super::keep;
use super::nodes::queue;
use super::pattern::Counts;
use super::place::{Queue, Rack, fill, finish};
use super::question::Question;
use super::{Distribution, GpuState, Layout, Packing, Task, pack};

/// The layout that rebuilds the fewest GPUs, and a proven lower bound of them beside those that nobody can keep.
pub(super) fn least_disruptive(
    task: &Task<'_>,
    runs: &[Run],
    wanted: &Layout,
    fullest: &[Counts],
) -> Option<(Distribution, u64)> {
    let profiles: Vec<String> = task.board.profiles().iter().map(|p| p.name.clone()).collect();
    let shape = task.shape;
    let question = Question::new(runs, &profiles, fullest, wanted, shape.whole_gpus, shape.reserve);
    let nothing: Vec<Vec<u64>> = vec![vec![0; question.kinds.len()]; question.classes.len()];
    if question.surplus_whole() == 0
        && let Some(found) = build(task, runs, wanted, &question, &nothing)
    {
        return Some((found, 0));
    }
    let choice = keep::choose(&question)?;
    Some((
        build(task, runs, wanted, &question, &choice.rebuilt)?,
        choice.at_least,
    ))
}

/// Builds what the GPUs that stay do not hold; `None` where there is no room for it.
fn build(
    task: &Task<'_>,
    runs: &[Run],
    wanted: &Layout,
    question: &Question,
    rebuilt: &[Vec<u64>],
) -> Option<Distribution> {
    let racks = open(runs, question, rebuilt);
    let mut left = wanted.clone();
    let (mut room, mut whole, mut empty) = (0u64, 0u64, 0u64);
    for (rack, is_free) in &racks {
        for (gpu, is_free) in rack.gpus.iter().zip(is_free) {
            let nodes = u64::from(rack.nodes);
            match gpu {
                None => room += nodes,
                Some(GpuState::Whole) => whole += nodes,
                Some(GpuState::Mig(layout)) if layout.is_empty() => empty += nodes * u64::from(*is_free),
                // Pinned instances are no part of what is wanted any more.
                Some(GpuState::Mig(layout)) if *is_free => subtract(&mut left, layout, rack.nodes),
                Some(GpuState::Mig(_)) => {}
            }
        }
    }
    left.retain(|_, count| *count > 0);
    let whole = u64::from(task.shape.whole_gpus).checked_sub(whole)?;
    let reserve = u64::from(task.shape.reserve).saturating_sub(empty);
    let usable = room.checked_sub(whole)?.checked_sub(reserve)?;
    let packing: Packing = pack(task.board, u32::try_from(usable).ok()?, &left).ok()?;
    let free = room - whole - u64::from(packing.gpus());
    let mut states: Queue = queue(&packing);
    states.extend([(GpuState::Mig(Layout::new()), free), (GpuState::Whole, whole)]);
    let racks = racks.into_iter().map(|(rack, _)| rack).collect();
    Some(finish(fill(racks, &mut states, |_| ())))
}

/// Takes the instances of so many equal GPUs off a demand.
pub(super) fn subtract(left: &mut Layout, layout: &Layout, gpus: u32) {
    for (name, count) in layout {
        if let Some(left) = left.get_mut(name) {
            *left = left.saturating_sub(count.saturating_mul(gpus));
        }
    }
}

/// The nodes with their GPUs opened that are rebuilt, and which of the others are not pinned.
///
/// The GPUs of a class are taken from its first nodes, all of a kind from each, so that few kinds of nodes come out.
fn open(runs: &[Run], question: &Question, rebuilt: &[Vec<u64>]) -> Vec<(Rack, Vec<bool>)> {
    let mut left: Vec<Vec<u64>> = rebuilt.to_vec();
    let mut racks = Vec::new();
    for (run, class) in runs.iter().zip(question.classes_of(runs)) {
        let mut nodes = u64::from(run.nodes);
        while nodes > 0 {
            let none = Vec::new();
            let holds = question.classes.get(class).map_or(&none, |class| &class.holds);
            let taken: Vec<(usize, u64)> = holds
                .iter()
                .map(|(kind, gpus)| (*kind, left[class][*kind].min(*gpus)))
                .collect();
            let equal = taken.iter().zip(holds).filter(|((_, taken), _)| *taken > 0);
            let equal = equal
                .map(|((kind, _), (_, gpus))| (left[class][*kind] / gpus).max(1))
                .min();
            let equal = equal.unwrap_or(nodes).min(nodes);
            for (kind, taken) in &taken {
                left[class][*kind] -= taken * equal;
            }
            racks.push(opened(run, equal, question, taken));
            nodes -= equal;
        }
    }
    racks
}

fn opened(run: &Run, nodes: u64, question: &Question, mut taken: Vec<(usize, u64)>) -> (Rack, Vec<bool>) {
    let mut state = |slot: &Slot| match slot {
        Slot::Pinned { state, .. } => Some(state.clone()),
        Slot::Open { .. } => None,
        Slot::Held(state) => {
            let kind = question.kind(state);
            let wanted = taken
                .iter_mut()
                .find(|(at, left)| *left > 0 && question.kinds[*at].0 == kind);
            match wanted {
                Some((_, left)) => {
                    *left -= 1;
                    None
                }
                None => Some(state.clone()),
            }
        }
    };
    let rack = Rack {
        name: run.name.clone(),
        nodes: u32::try_from(nodes).unwrap_or(u32::MAX),
        gpus: run.slots.iter().map(&mut state).collect(),
    };
    let is_free = run
        .slots
        .iter()
        .map(|slot| !matches!(slot, Slot::Pinned { .. }))
        .collect();
    (rack, is_free)
}
