//! An integer programme and the crate that solves it.

use microlp::{ComparisonOp, OptimizationDirection, Problem, SolveOptions, Variable};

/// Minimise the costs of variables under linear rows.
#[derive(Debug, Clone, Default)]
pub(super) struct Programme {
    variables: Vec<Number>,
    rows: Vec<(Vec<(usize, f64)>, ComparisonOp, f64)>,
}

#[derive(Debug, Clone, Copy)]
struct Number {
    cost: f64,
    low: u64,
    high: u64,
    whole: bool,
}

/// Values of all variables.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) values: Vec<f64>,
    /// Whether the solver says that no other values cost less.
    pub(super) is_optimal: bool,
}

/// The largest bound of an integer that the solver takes.
const LARGEST: u64 = i32::MAX as u64;

impl Programme {
    /// A variable between two bounds; its index.
    pub(super) fn add(&mut self, cost: f64, low: u64, high: u64, whole: bool) -> usize {
        let (low, high) = (low.min(LARGEST), high.min(LARGEST));
        self.variables.push(Number {
            cost,
            low,
            high: high.max(low),
            whole,
        });
        self.variables.len() - 1
    }

    pub(super) fn set_cost(&mut self, variable: usize, cost: f64) {
        self.variables[variable].cost = cost;
    }

    pub(super) fn at_least(&mut self, terms: Vec<(usize, f64)>, least: f64) {
        self.rows.push((terms, ComparisonOp::Ge, least));
    }

    pub(super) fn equal(&mut self, terms: Vec<(usize, f64)>, sum: f64) {
        self.rows.push((terms, ComparisonOp::Eq, sum));
    }

    /// How many variables there are.
    pub(super) fn size(&self) -> usize {
        self.variables.len()
    }

    /// The programme with its whole numbers kept within a margin around some values.
    pub(super) fn near(&self, values: &[f64], margin: u64) -> Self {
        let mut near = self.clone();
        for (number, value) in near.variables.iter_mut().zip(values).filter(|(n, _)| n.whole) {
            let low = rounded(value.floor()).saturating_sub(margin);
            let high = rounded(value.ceil()).saturating_add(margin);
            number.low = low.clamp(number.low, number.high);
            number.high = high.clamp(number.low, number.high);
        }
        near
    }

    /// The optimum without the demand for whole numbers.
    pub(super) fn relaxed(&self) -> Option<Vec<f64>> {
        let answer = self.run(false, 0, None)?;
        answer.is_optimal.then_some(answer.values)
    }

    /// The best answer that the solver finds while it branches at most `effort` times; `start` is one that holds.
    pub(super) fn solve(&self, effort: u64, start: Option<&[f64]>) -> Option<Answer> {
        self.run(true, effort, start)
    }

    #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)] // bounds are below 2^31
    fn run(&self, whole: bool, effort: u64, start: Option<&[f64]>) -> Option<Answer> {
        let mut problem = Problem::new(OptimizationDirection::Minimize);
        let add = |number: &Number| {
            if whole && number.whole {
                problem.add_integer_var(number.cost, (number.low as i32, number.high as i32))
            } else {
                problem.add_var(number.cost, (number.low as f64, number.high as f64))
            }
        };
        let variables: Vec<Variable> = self.variables.iter().map(add).collect();
        for (terms, operation, side) in &self.rows {
            let terms: Vec<(Variable, f64)> = terms.iter().map(|(at, by)| (variables[*at], *by)).collect();
            problem.add_constraint(&terms, *operation, *side);
        }
        let mut options = SolveOptions::default();
        if whole {
            options.node_limit = Some(effort);
            options.warm_start =
                start.map(|values| variables.iter().copied().zip(values.iter().copied()).collect());
        }
        let outcome = problem.solve_with(options).ok()?;
        let is_optimal = outcome.is_optimal();
        let solution = outcome.into_solution().ok()?;
        Some(Answer {
            values: variables
                .iter()
                .map(|variable| solution.var_value(*variable))
                .collect(),
            is_optimal,
        })
    }
}

/// A value of the solver as a whole number.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // the cast saturates
pub(super) fn rounded(value: f64) -> u64 {
    value.max(0.0).round() as u64
}

/// A sum of costs as a lower bound of a whole number.
pub(super) fn rounded_up(value: f64) -> u64 {
    rounded((value - 1e-6).ceil())
}
