//! Which GPUs are rebuilt when not all can stay: the fewest, then on the fewest nodes, then the fewest with instances.

use super::least::{self, float};
use super::nodes_touched;
use super::programme::{Programme, rounded};
use super::question::{Question, signed};

/// What is rebuilt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Choice {
    /// GPUs by class of nodes and kind.
    pub(super) rebuilt: Vec<Vec<u64>>,
    /// A proven lower bound of their sum.
    pub(super) at_least: u64,
}

/// GPUs that are rebuilt and built, by kind and pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Counted {
    pub(super) rebuilt: Vec<u64>,
    pub(super) built: Vec<u64>,
}

/// How far whole numbers may lie from the linear optimum, and how often the solver branches; tried in turn.
const TRIALS: [(u64, u64); 3] = [(0, 500), (2, 2_000), (u64::MAX, 10_000)];

/// Chooses the GPUs to rebuild. `None` where the solver gives nothing that holds; then all may be rebuilt.
pub(super) fn choose(question: &Question) -> Option<Choice> {
    let (counted, at_least) = fewest(question, least::at_least(question))?;
    Some(Choice {
        rebuilt: nodes_touched::spread(question, &counted),
        at_least: at_least + question.surplus_whole(),
    })
}

/// The fewest GPUs, and what is proven of them.
fn fewest(question: &Question, mut at_least: u64) -> Option<(Counted, u64)> {
    let (mut programme, rebuilt, built) = counts(question);
    for at in &rebuilt {
        programme.set_cost(*at, 1.0);
    }
    programme.at_least(
        rebuilt.iter().map(|at| (*at, 1.0)).collect(),
        float(signed(at_least)),
    );
    let relaxed = programme.relaxed()?;
    let mut best: Option<Counted> = None;
    let sum = |counted: &Counted| counted.rebuilt.iter().sum::<u64>();
    for (margin, effort) in TRIALS {
        let answer = if margin == u64::MAX {
            let start = best.as_ref().map(|best| best.values());
            programme.solve(effort, start.as_deref())
        } else {
            programme.near(&relaxed, margin).solve(effort, None)
        };
        let Some(answer) = answer else { continue };
        let found = Counted::read(&answer.values, &rebuilt, &built);
        if !holds(question, &found) {
            continue;
        }
        if margin == u64::MAX && answer.is_optimal {
            at_least = at_least.max(sum(&found));
        }
        if best.as_ref().is_none_or(|best| sum(&found) < sum(best)) {
            best = Some(found);
        }
        if best.as_ref().is_some_and(|best| sum(best) <= at_least) {
            break;
        }
    }
    best.map(|best| (best, at_least))
}

/// The rows that every choice has to meet, without costs: the programme and its variables by kind and by pattern.
pub(super) fn counts(question: &Question) -> (Programme, Vec<usize>, Vec<usize>) {
    let mut programme = Programme::default();
    let rebuilt: Vec<usize> = (0..question.kinds.len())
        .map(|kind| programme.add(0.0, 0, question.most(kind), true))
        .collect();
    let all: u64 = (0..question.kinds.len()).map(|kind| question.most(kind)).sum();
    let slots = u64::try_from(question.room() + signed(all)).unwrap_or(0);
    let built: Vec<usize> = question
        .patterns
        .iter()
        .map(|_| programme.add(0.0, 0, slots, true))
        .collect();
    for i in 0..question.demand.len() {
        let mut terms: Vec<(usize, f64)> = Vec::new();
        for (at, counts) in built
            .iter()
            .zip(&question.patterns)
            .filter(|(_, counts)| counts[i] > 0)
        {
            terms.push((*at, f64::from(counts[i])));
        }
        for (kind, at) in rebuilt.iter().enumerate() {
            let held = question.counts(kind).get(i).copied().unwrap_or(0);
            if held > 0 {
                terms.push((*at, -f64::from(held)));
            }
        }
        programme.at_least(terms, float(-question.surplus(i)));
    }
    let mut terms: Vec<(usize, f64)> = rebuilt.iter().map(|at| (*at, 1.0)).collect();
    terms.extend(built.iter().map(|at| (*at, -1.0)));
    programme.at_least(terms, float(-question.room()));
    (programme, rebuilt, built)
}

/// Whether a choice meets every row, in whole numbers.
pub(super) fn holds(question: &Question, counted: &Counted) -> bool {
    let covers = |i: usize| {
        let built = counted.built.iter().zip(&question.patterns);
        let built: i128 = built
            .map(|(n, counts)| i128::from(*n) * i128::from(counts[i]))
            .sum();
        let given = counted.rebuilt.iter().enumerate();
        let held = |kind: usize| question.counts(kind).get(i).copied().unwrap_or(0);
        let given: i128 = given
            .map(|(kind, n)| i128::from(*n) * i128::from(held(kind)))
            .sum();
        built - given + i128::from(question.surplus(i)) >= 0
    };
    let sum = |counts: &[u64]| counts.iter().map(|n| i128::from(*n)).sum::<i128>();
    let within = |(kind, n): (usize, &u64)| *n <= question.most(kind);
    (0..question.demand.len()).all(covers)
        && sum(&counted.rebuilt) + i128::from(question.room()) >= sum(&counted.built)
        && counted.rebuilt.iter().enumerate().all(within)
}

impl Counted {
    pub(super) fn read(values: &[f64], rebuilt: &[usize], built: &[usize]) -> Self {
        let read = |at: &[usize]| at.iter().map(|at| rounded(values[*at])).collect();
        Self {
            rebuilt: read(rebuilt),
            built: read(built),
        }
    }

    /// The values of the variables in the order of [`counts`].
    pub(super) fn values(&self) -> Vec<f64> {
        let all = self.rebuilt.iter().chain(&self.built);
        all.map(|n| float(signed(*n))).collect()
    }
}
