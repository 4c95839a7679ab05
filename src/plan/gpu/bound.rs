//! How many GPUs a demand needs at least, with a reason that a person can check by hand.

use good_lp::{Expression, Solution, SolverModel, constraint, microlp, variable, variables};

use super::Layout;
use super::pattern::Counts;
use crate::catalog::boards::Mig;

/// A proof that a demand needs at least so many GPUs.
///
/// Give each instance of a profile its weight. No GPU can hold more than `most_per_gpu`, whatever its layout; the
/// demand weighs `demand`; hence `gpus = ceil(demand / most_per_gpu)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    /// Weight of one instance, by profile; profiles without weight are left out.
    pub weights: Layout,
    /// The most that one GPU can hold.
    pub most_per_gpu: u64,
    /// What the demand weighs.
    pub demand: u64,
    /// The GPUs needed at least.
    pub gpus: u64,
}

/// The largest denominator of weights that is looked for; a weaker approximation only weakens the bound.
const MAX_DENOMINATOR: u32 = 840;

/// The best of several bounds, the simplest first: one profile alone, memory units, compute slices, and the dual of
/// the linear relaxation, which is never worse than the others.
///
/// `demand` is in the order of the board's profiles, `fullest` are the board's fullest layouts and not empty.
/// All sums are exact: the solver only proposes weights. Source: Gilmore and Gomory 1961, cutting stock.
pub(super) fn best(mig: &Mig, fullest: &[Counts], demand: &[u32]) -> Bound {
    let demanded = |i: usize| demand[i] > 0;
    let n_profiles = demand.len();
    let mut proposals: Vec<Counts> = (0..n_profiles)
        .filter(|i| demanded(*i))
        .map(|i| (0..n_profiles).map(|j| u32::from(i == j)).collect())
        .collect();
    let masked = |figure: &dyn Fn(usize) -> u32| -> Counts {
        (0..n_profiles)
            .map(|i| if demanded(i) { figure(i) } else { 0 })
            .collect()
    };
    proposals.push(masked(&|i| mig.profiles[i].memory_units));
    proposals.push(masked(&|i| mig.profiles[i].compute_slices));
    proposals.extend(dual(fullest, demand));
    let none = Bound {
        weights: Layout::new(),
        most_per_gpu: 1,
        demand: 0,
        gpus: 0,
    };
    proposals.into_iter().fold(none, |best, weights| {
        match prove(mig, fullest, demand, &reduced(weights)) {
            Some(bound) if bound.gpus > best.gpus => bound,
            _ => best,
        }
    })
}

/// The weights divided by their greatest common divisor.
fn reduced(weights: Counts) -> Counts {
    let gcd = |a: u32, b: u32| {
        let (mut a, mut b) = (a, b);
        while b > 0 {
            (a, b) = (b, a % b);
        }
        a
    };
    let divisor = weights.iter().copied().fold(0, gcd).max(1);
    weights.into_iter().map(|weight| weight / divisor).collect()
}

/// The bound that some weights prove, in whole numbers.
fn prove(mig: &Mig, fullest: &[Counts], demand: &[u32], weights: &[u32]) -> Option<Bound> {
    let weigh = |counts: &[u32]| -> u64 {
        counts
            .iter()
            .zip(weights)
            .map(|(count, weight)| u64::from(*count) * u64::from(*weight))
            .sum()
    };
    let most_per_gpu = fullest
        .iter()
        .map(|counts| weigh(counts))
        .max()
        .filter(|most| *most > 0)?;
    let weight_of =
        |(profile, weight): (&crate::catalog::boards::Profile, &u32)| (profile.name.clone(), *weight);
    Some(Bound {
        weights: mig
            .profiles
            .iter()
            .zip(weights)
            .map(weight_of)
            .filter(|(_, weight)| *weight > 0)
            .collect(),
        most_per_gpu,
        demand: weigh(demand),
        gpus: weigh(demand).div_ceil(most_per_gpu),
    })
}

/// Weights from the dual linear programme: the most the demand can weigh while no layout weighs more than one.
fn dual(fullest: &[Counts], demand: &[u32]) -> Option<Counts> {
    let largest = f64::from(*demand.iter().max().filter(|most| **most > 0)?);
    let mut variables = variables!();
    let weights: Vec<_> = demand
        .iter()
        .map(|_| variables.add(variable().clamp(0.0, 1.0)))
        .collect();
    let total: Expression = weights
        .iter()
        .zip(demand)
        .map(|(w, d)| *w * (f64::from(*d) / largest))
        .sum();
    let mut problem = variables.maximise(total).using(microlp);
    for counts in fullest {
        let weight: Expression = weights
            .iter()
            .zip(counts)
            .map(|(w, count)| *w * f64::from(*count))
            .sum();
        problem.add_constraint(constraint!(weight <= 1.0));
    }
    let solution = problem.solve().ok()?;
    let demanded = |i: usize| {
        if demand[i] > 0 {
            solution.value(weights[i])
        } else {
            0.0
        }
    };
    let values: Vec<f64> = (0..demand.len()).map(demanded).collect();
    let near = |q: u32| {
        values
            .iter()
            .all(|v| (v * f64::from(q) - (v * f64::from(q)).round()).abs() < 1e-6)
    };
    let denominator = (1..=MAX_DENOMINATOR)
        .find(|q| near(*q))
        .unwrap_or(MAX_DENOMINATOR);
    // The cast saturates, and weights are at most the denominator.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    Some(
        values
            .iter()
            .map(|v| (v * f64::from(denominator)).round() as u32)
            .collect(),
    )
}
