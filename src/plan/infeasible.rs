//! A demand that its pool cannot hold: why, so that a person can check it on paper, and what would help.

use std::collections::BTreeMap;

use crate::model::Report;
use crate::spec::Step;

/// Why the demand on a pool does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Infeasible {
    /// Where the spec asks for it: the last request.
    pub place: Vec<Step>,
    /// What is wrong, with the subject; the message of the finding.
    pub message: String,
    /// The reason alone, checkable on paper.
    pub sentence: String,
    /// The weight of one instance or GPU, by profile or resource, in units of `1 / most_per_gpu` of a GPU.
    pub weights: BTreeMap<String, u32>,
    /// The most that one GPU holds, whatever its layout, by these weights.
    pub most_per_gpu: u64,
    /// GPUs that are needed at least.
    pub needed: u64,
    /// GPUs that there are.
    pub available: u32,
    /// What would make it feasible, the smallest change first.
    pub fixes: Vec<Fix>,
}

/// A change that would make a demand fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What to do, as a short imperative: `add 1 GPU (1 node) to pool x`.
    pub text: String,
    /// Which kind it is.
    pub kind: FixKind,
}

/// The kinds of changes that help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FixKind {
    /// More GPUs, that many.
    AddGpus(u32),
    /// A request asks for fewer.
    Fewer {
        /// The team.
        team: String,
        /// The profile or resource.
        what: String,
        /// How many it asks for.
        from: u32,
        /// How many would fit.
        to: u32,
    },
    /// A request asks for another profile.
    OtherProfile {
        /// The team.
        team: String,
        /// The profile it asks for.
        from: String,
        /// A profile that would fit.
        to: String,
    },
    /// Fewer GPUs or slices are kept free or whole.
    KeepFewer {
        /// The key of the pool.
        key: &'static str,
        /// What it says.
        from: u32,
        /// What would fit.
        to: u32,
    },
    /// A pinned GPU holds fewer or smaller instances.
    PinLess,
    /// More GPUs of a MIG pool are kept whole, out of free ones.
    KeepMore {
        /// The key of the pool.
        key: &'static str,
        /// What it says.
        from: u32,
        /// What would fit.
        to: u32,
    },
}

impl Infeasible {
    /// Reports it as a finding.
    pub fn report(&self, report: &mut Report<'_>) {
        let hint = self.fixes.first().map(|fix| fix.text.clone());
        report.add(&self.place, "does-not-fit", self.message.clone(), hint);
    }
}
