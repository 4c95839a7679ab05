//! The fewest GPUs whose layouts cover a demand: an integer programme over the fullest layouts of the board.

use good_lp::{
    Expression, ResolutionError, Solution, SolverModel, constraint, microlp, solvers::SolutionStatus,
    variable, variables,
};

use super::pattern::Counts;

/// How many copies of which counts, none of them zero.
pub(super) type Cover = Vec<(Counts, u64)>;

/// How many copies below the linear optimum each layout is fixed, tried in turn. See [`fewest`].
const MARGINS: [u64; 3] = [0, 1, 3];

/// The fewest copies of `columns` that cover `demand`; `at_least` is a proven lower bound.
///
/// Branching on the whole programme takes minutes for large demands, so most copies are fixed at the linear optimum
/// rounded down and only the small rest is solved in whole numbers. Where every whole demand that `k` GPUs hold in
/// the linear relaxation lies on `k` whole GPUs, which a test proves for the boards of the catalogue, the rest meets
/// the bound as well: nothing is lost. Otherwise the best of several larger rests is taken, and a sum above
/// `at_least` is not proven optimal. Floating point only proposes; what is returned is a cover in whole numbers.
/// Returns `None` when the solver gives up, which is a bug. Source: Baum and Trotter 1981, integer rounding.
pub(super) fn fewest(columns: &[Counts], demand: &[u32], at_least: u64) -> Option<Cover> {
    let columns = useful(columns, demand);
    let relaxed = relax(&columns, demand)?;
    let mut best: Option<(u64, Vec<u64>)> = None;
    for margin in MARGINS {
        // The cast saturates; the optimum is not negative and at most the sum of the demand.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let fixed: Vec<u64> = relaxed
            .iter()
            .map(|x| (x.max(0.0).floor() as u64).saturating_sub(margin))
            .collect();
        let rest = uncovered(&columns, &fixed, demand);
        let n_fixed: u64 = fixed.iter().sum();
        let solved = solve(&columns, &rest, at_least.saturating_sub(n_fixed))?;
        let copies: Vec<u64> = fixed.iter().zip(&solved).map(|(a, b)| a + b).collect();
        let sum: u64 = copies.iter().sum();
        let is_cover = uncovered(&columns, &copies, demand).iter().all(|left| *left == 0);
        if is_cover && best.as_ref().is_none_or(|(fewest, _)| sum < *fewest) {
            best = Some((sum, copies));
        }
        if best.as_ref().is_some_and(|(fewest, _)| *fewest <= at_least) {
            break;
        }
    }
    let (_, copies) = best?;
    Some(
        columns
            .into_iter()
            .zip(copies)
            .filter(|(_, copies)| *copies > 0)
            .collect(),
    )
}

/// The layouts cut down to the demanded profiles, without the ones that another one contains.
fn useful(fullest: &[Counts], demand: &[u32]) -> Vec<Counts> {
    let cut = |counts: &Counts| -> Counts { counts.iter().zip(demand).map(|(c, d)| *c.min(d)).collect() };
    let mut columns: Vec<Counts> = Vec::new();
    let within = |a: &Counts, b: &Counts| a.iter().zip(b).all(|(a, b)| a <= b);
    for counts in fullest.iter().map(cut) {
        if !columns.iter().any(|kept| within(&counts, kept)) {
            columns.retain(|kept| !within(kept, &counts));
            columns.push(counts);
        }
    }
    columns
}

/// What of the demand some copies leave uncovered.
fn uncovered(columns: &[Counts], copies: &[u64], demand: &[u32]) -> Counts {
    let covered = |i: usize| -> u64 { columns.iter().zip(copies).map(|(c, n)| u64::from(c[i]) * n).sum() };
    let left = |i: usize| u64::from(demand[i]).saturating_sub(covered(i));
    (0..demand.len())
        .map(|i| u32::try_from(left(i)).unwrap_or(u32::MAX))
        .collect()
}

/// The linear optimum.
fn relax(columns: &[Counts], demand: &[u32]) -> Option<Vec<f64>> {
    programme(columns, demand, 0, false).ok()
}

/// The optimum in whole numbers.
fn solve(columns: &[Counts], demand: &[u32], at_least: u64) -> Option<Vec<u64>> {
    let values = programme(columns, demand, at_least, true).ok()?;
    // The cast saturates; copies are not negative.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    Some(values.iter().map(|x| x.max(0.0).round() as u64).collect())
}

fn programme(
    columns: &[Counts],
    demand: &[u32],
    at_least: u64,
    whole: bool,
) -> Result<Vec<f64>, ResolutionError> {
    let mut variables = variables!();
    let copies: Vec<_> = columns
        .iter()
        .map(|_| {
            variables.add(if whole {
                variable().integer().min(0)
            } else {
                variable().min(0)
            })
        })
        .collect();
    let sum: Expression = copies.iter().sum();
    let mut problem = variables.minimise(sum.clone()).using(microlp);
    // A lower bound is below 2^53 wherever it is not refused before: exact as a float.
    #[allow(clippy::cast_precision_loss)]
    problem.add_constraint(constraint!(sum >= at_least as f64));
    for (i, wanted) in demand.iter().enumerate().filter(|(_, wanted)| **wanted > 0) {
        let covered: Expression = copies
            .iter()
            .zip(columns)
            .map(|(n, c)| *n * f64::from(c[i]))
            .sum();
        problem.add_constraint(constraint!(covered >= f64::from(*wanted)));
    }
    let solution = problem.solve()?;
    match solution.status() {
        SolutionStatus::Optimal => Ok(copies.iter().map(|n| solution.value(*n)).collect()),
        _ => Err(ResolutionError::Other("no proven optimum")),
    }
}
