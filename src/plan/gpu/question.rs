//! Which GPUs of a pool may keep what they hold, as counts: what the programmes of `keep` and the proof of `least` are
//! about.

use std::collections::BTreeMap;

use super::ground::{Run, Slot};
use super::pattern::Counts;
use super::{GpuState, Layout};

/// GPUs that are alike for the demand.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// MIG mode off.
    Whole,
    /// No instance.
    Empty,
    /// So many instances of each demanded profile, at most as many as are demanded; none of them where a GPU holds
    /// other profiles alone.
    Holds(Counts),
}

/// Nodes that are alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Class {
    pub(super) nodes: u64,
    /// Kinds by index, and how many GPUs of each node are of it.
    pub(super) holds: Vec<(usize, u64)>,
    /// Whether the node pauses anyway.
    pub(super) is_touched: bool,
}

/// What has to be decided.
#[derive(Debug, Clone)]
pub(super) struct Question {
    /// Demanded instances of each demanded profile, beside what is pinned.
    pub(super) demand: Counts,
    /// What one GPU can hold of them, without what a part of another one is.
    pub(super) patterns: Vec<Counts>,
    /// The kinds of the GPUs that may be kept, and how many there are.
    pub(super) kinds: Vec<(Kind, u64)>,
    /// The nodes with such GPUs.
    pub(super) classes: Vec<Class>,
    /// GPUs that have to be built anyway.
    pub(super) open: u64,
    pub(super) whole: u64,
    pub(super) reserve: u64,
    profiles: Vec<String>,
}

/// The kind of a class: whether its nodes pause anyway, and how many GPUs of which kind each has.
type Key = (bool, Vec<(Kind, u64)>);

impl Question {
    /// `profiles` are those of the board in its order, `fullest` its fullest layouts in the same order.
    pub(super) fn new(
        runs: &[Run],
        profiles: &[String],
        fullest: &[Counts],
        wanted: &Layout,
        whole: u32,
        reserve: u32,
    ) -> Self {
        let count = |name: &String| wanted.get(name).copied().unwrap_or(0);
        let demanded: Vec<usize> = (0..profiles.len()).filter(|i| count(&profiles[*i]) > 0).collect();
        let demand: Counts = demanded.iter().map(|i| count(&profiles[*i])).collect();
        let cut = |counts: &Counts| -> Counts {
            demanded
                .iter()
                .zip(&demand)
                .map(|(i, most)| counts[*i].min(*most))
                .collect()
        };
        let mut question = Self {
            patterns: undominated(fullest.iter().map(cut)),
            profiles: demanded.iter().map(|i| profiles[*i].clone()).collect(),
            demand,
            kinds: Vec::new(),
            classes: Vec::new(),
            open: 0,
            whole: u64::from(whole),
            reserve: u64::from(reserve),
        };
        let mut classes: BTreeMap<Key, u64> = BTreeMap::new();
        let mut kinds: BTreeMap<Kind, u64> = BTreeMap::new();
        for run in runs {
            let key = question.key(run);
            let nodes = u64::from(run.nodes);
            for (kind, gpus) in &key.1 {
                *kinds.entry(kind.clone()).or_default() += gpus * nodes;
            }
            let open = run
                .slots
                .iter()
                .filter(|slot| matches!(slot, Slot::Open { .. }))
                .count();
            question.open += open as u64 * nodes;
            *classes.entry(key).or_default() += nodes;
        }
        question.kinds = kinds.into_iter().collect();
        let index = |kind: &Kind| question.kinds.iter().position(|(other, _)| other == kind);
        question.classes = classes
            .into_iter()
            .map(|((is_touched, holds), nodes)| Class {
                nodes,
                holds: holds
                    .iter()
                    .filter_map(|(kind, gpus)| Some((index(kind)?, *gpus)))
                    .collect(),
                is_touched,
            })
            .collect();
        question
    }

    /// The class of each run, in their order.
    pub(super) fn classes_of(&self, runs: &[Run]) -> Vec<usize> {
        let find = |run: &Run| {
            let (is_touched, holds) = self.key(run);
            let same = |class: &Class| {
                let kinds = class
                    .holds
                    .iter()
                    .map(|(kind, gpus)| (&self.kinds[*kind].0, *gpus));
                class.is_touched == is_touched && kinds.eq(holds.iter().map(|(kind, gpus)| (kind, *gpus)))
            };
            self.classes.iter().position(same).unwrap_or(usize::MAX)
        };
        runs.iter().map(find).collect()
    }

    /// The kind of a GPU that may keep its state.
    pub(super) fn kind(&self, state: &GpuState) -> Kind {
        match state {
            GpuState::Whole => Kind::Whole,
            GpuState::Mig(layout) if layout.is_empty() => Kind::Empty,
            GpuState::Mig(layout) => {
                let count = |name: &String| layout.get(name).copied().unwrap_or(0);
                let counts = self.profiles.iter().zip(&self.demand);
                Kind::Holds(counts.map(|(name, most)| count(name).min(*most)).collect())
            }
        }
    }

    fn key(&self, run: &Run) -> Key {
        let mut holds: BTreeMap<Kind, u64> = BTreeMap::new();
        let mut is_touched = false;
        for slot in &run.slots {
            match slot {
                Slot::Held(state) => *holds.entry(self.kind(state)).or_default() += 1,
                Slot::Open { rebuilt } | Slot::Pinned { rebuilt, .. } => is_touched |= rebuilt,
            }
        }
        (is_touched, holds.into_iter().collect())
    }

    fn total(&self, kind: &Kind) -> u64 {
        self.kinds
            .iter()
            .find(|(other, _)| other == kind)
            .map_or(0, |(_, gpus)| *gpus)
    }

    /// Whole GPUs that are too many.
    pub(super) fn surplus_whole(&self) -> u64 {
        self.total(&Kind::Whole).saturating_sub(self.whole)
    }

    /// How many GPUs of a kind may be rebuilt: all that hold instances, empty ones beyond the reserve. The whole ones
    /// are no choice: more would be rebuilt only to be built again elsewhere.
    pub(super) fn most(&self, kind: usize) -> u64 {
        let (kind, gpus) = &self.kinds[kind];
        match kind {
            Kind::Whole => 0,
            Kind::Empty => gpus.saturating_sub(self.reserve),
            Kind::Holds(_) => *gpus,
        }
    }

    /// GPUs for layouts that need no choice to be there; negative where some choice must first make room.
    pub(super) fn room(&self) -> i64 {
        let whole = self.whole.saturating_sub(self.total(&Kind::Whole));
        let empty = self.reserve.saturating_sub(self.total(&Kind::Empty));
        signed(self.open + self.surplus_whole()) - signed(whole + empty)
    }

    /// What of a demand GPUs hold that all stay: negative where they lack.
    pub(super) fn surplus(&self, profile: usize) -> i64 {
        let held = |(kind, gpus): &(Kind, u64)| match kind {
            Kind::Holds(counts) => u64::from(counts[profile]) * gpus,
            Kind::Whole | Kind::Empty => 0,
        };
        signed(self.kinds.iter().map(held).sum()) - i64::from(self.demand[profile])
    }

    /// The demanded instances of a kind; none for whole and empty GPUs.
    pub(super) fn counts(&self, kind: usize) -> &[u32] {
        match &self.kinds[kind].0 {
            Kind::Holds(counts) => counts,
            Kind::Whole | Kind::Empty => &[],
        }
    }
}

/// As a signed number; saturates.
pub(super) fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn undominated(all: impl Iterator<Item = Counts>) -> Vec<Counts> {
    let within = |a: &Counts, b: &Counts| a.iter().zip(b).all(|(a, b)| a <= b);
    let mut kept: Vec<Counts> = Vec::new();
    for counts in all {
        if !kept.iter().any(|other| within(&counts, other)) {
            kept.retain(|other| !within(other, &counts));
            kept.push(counts);
        }
    }
    kept
}
