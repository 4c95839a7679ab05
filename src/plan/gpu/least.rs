//! How many GPUs a change rebuilds at least, proven in whole numbers.

use super::programme::{Programme, rounded};
use super::question::{Kind, Question, signed};

/// The largest denominator of weights that is looked for; a weaker approximation only weakens the bound.
const MAX_DENOMINATOR: u32 = 840;

/// A lower bound of the GPUs that are rebuilt beyond those that have no choice.
///
/// Give each instance of a demanded profile a weight. What stays weighs what it weighs; a GPU that is rebuilt weighs
/// at most as much as the heaviest layout. So the lightest GPUs gain most, and fewer than it takes of them to reach
/// the weight of the demand do not suffice. The weights come from the dual of the linear relaxation and need no trust.
pub(super) fn at_least(question: &Question) -> u64 {
    let n = question.demand.len();
    let single = (0..n).map(|i| (0..n).map(|j| u32::from(i == j)).collect());
    let all: Vec<Vec<u32>> = single.chain([vec![0; n]]).chain(dual(question)).collect();
    all.iter()
        .map(|weights| prove(question, weights))
        .max()
        .unwrap_or(0)
}

/// The bound that some weights prove.
fn prove(question: &Question, weights: &[u32]) -> u64 {
    let weigh = |counts: &[u32]| -> i128 {
        counts
            .iter()
            .zip(weights)
            .map(|(n, w)| i128::from(*n) * i128::from(*w))
            .sum()
    };
    let heaviest = question
        .patterns
        .iter()
        .map(|counts| weigh(counts))
        .max()
        .unwrap_or(0);
    let mut choices: Vec<(i128, u64)> = (0..question.kinds.len())
        .map(|kind| (weigh(question.counts(kind)), question.most(kind)))
        .filter(|(_, gpus)| *gpus > 0)
        .collect();
    choices.sort_unstable();
    let room = question.room();
    let mut least = u64::try_from(-room).unwrap_or(0);
    let held: i128 = question
        .kinds
        .iter()
        .enumerate()
        .map(|(at, (_, gpus))| weigh(question.counts(at)) * i128::from(*gpus))
        .sum();
    // What lacks when nothing is rebuilt, less what the room without a choice gives; the room may be negative.
    let mut lacking = weigh(&question.demand) - held - heaviest * i128::from(room);
    let mut rebuilt = 0u64;
    for (weight, gpus) in choices {
        let gain = heaviest - weight;
        if lacking <= 0 || gain <= 0 {
            break;
        }
        let needed = u64::try_from((lacking + gain - 1) / gain)
            .unwrap_or(u64::MAX)
            .min(gpus);
        rebuilt += needed;
        lacking -= gain * i128::from(needed);
    }
    least = least.max(rebuilt);
    least
}

/// Weights from the dual linear programme, divided by that of a GPU.
fn dual(question: &Question) -> Option<Vec<u32>> {
    let demand: Vec<f64> = (0..question.demand.len())
        .map(|i| float(-question.surplus(i)))
        .collect();
    let scale = demand.iter().fold(1.0f64, |most, lack| most.max(lack.abs()));
    let mut programme = Programme::default();
    // Minimised is the negative of what the weights prove.
    let weights: Vec<usize> = demand
        .iter()
        .map(|lack| programme.add(-lack / scale, 0, u64::from(u32::MAX), false))
        .collect();
    let gpu = programme.add(float(question.room()) / scale, 0, u64::from(u32::MAX), false);
    for counts in &question.patterns {
        let mut terms = vec![(gpu, 1.0)];
        terms.extend(weights.iter().zip(counts).map(|(at, n)| (*at, -f64::from(*n))));
        programme.at_least(terms, 0.0);
    }
    for (kind, (name, _)) in question
        .kinds
        .iter()
        .enumerate()
        .filter(|(_, (name, _))| *name != Kind::Whole)
    {
        let most = float(signed(question.most(kind)));
        let all = programme.add(most / scale, 0, u64::from(u32::MAX), false);
        let mut terms = vec![(gpu, -1.0), (all, 1.0)];
        if matches!(name, Kind::Holds(_)) {
            terms.extend(
                weights
                    .iter()
                    .zip(question.counts(kind))
                    .map(|(at, n)| (*at, f64::from(*n))),
            );
        }
        programme.at_least(terms, -1.0);
    }
    let values = programme.relaxed()?;
    let unit = values[gpu];
    if unit <= 0.0 {
        return None;
    }
    let shares: Vec<f64> = weights.iter().map(|at| values[*at] / unit).collect();
    let near = |q: &u32| {
        let scaled = shares.iter().map(|share| share * f64::from(*q));
        scaled
            .into_iter()
            .all(|value| (value - value.round()).abs() < 1e-6)
    };
    let denominator = (1..=MAX_DENOMINATOR).find(near).unwrap_or(MAX_DENOMINATOR);
    let whole = |share: &f64| u32::try_from(rounded(share * f64::from(denominator))).unwrap_or(0);
    Some(shares.iter().map(whole).collect())
}

#[allow(clippy::cast_precision_loss)] // GPUs and instances of one pool stay far below 2^53
pub(super) fn float(count: i64) -> f64 {
    count as f64
}
