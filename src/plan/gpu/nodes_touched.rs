//! On which nodes the GPUs are that are rebuilt: when their number is the least, the fewest nodes pause, then the
//! fewest GPUs with instances are rebuilt, then the fewest GPUs are in use.
//!
//! Nodes come before occupied GPUs because a node is what pauses: its device plugin stops for all its GPUs, and a
//! rollout waits until every GPU pod has left it, not only those on the rebuilt GPUs.

use super::keep::{Counted, counts, holds};
use super::least::float;
use super::programme::{Programme, rounded, rounded_up};
use super::question::{Kind, Question, signed};

/// Programmes with more variables are not solved; then nodes are chosen greedily.
const MAX_SIZE: usize = 3_000;
/// Variables times branches that are spent on one programme.
const EFFORT: usize = 150_000;
/// GPUs in use are minimised where at most so many are built: costs of both aims stay exact in one sum.
const MAX_BUILT: u64 = 1_000;

/// GPUs to rebuild by class and kind: as many as `found` has, on as few nodes as can be found.
pub(super) fn spread(question: &Question, found: &Counted) -> Vec<Vec<u64>> {
    let (greedy, n_nodes) = greedy(question, &found.rebuilt);
    let sum: u64 = found.rebuilt.iter().sum();
    let Some(mut model) = Model::new(question, sum) else {
        return greedy;
    };
    let mut best: Option<(Counted, Vec<u64>)> = None;
    for at in model.touched.iter().flatten() {
        model.programme.set_cost(*at, 1.0);
    }
    let Some(relaxed) = model.programme.relaxed() else {
        return greedy;
    };
    let value: f64 = model.touched.iter().flatten().map(|at| relaxed[*at]).sum();
    let least = rounded_up(value);
    model.at_least_nodes(least);
    let mut fewest = n_nodes;
    if least < n_nodes {
        let answer = model.programme.solve(model.effort(), None);
        let answer = answer.and_then(|answer| model.read(question, &answer.values));
        if let Some((counted, touched)) = answer
            && touched.iter().sum::<u64>() < n_nodes
        {
            fewest = touched.iter().sum();
            best = Some((counted, touched));
        }
    }
    model.at_most_nodes(fewest);
    model.prefer_empty(question);
    let answer = model.programme.solve(model.effort(), None);
    let answer = answer.and_then(|answer| model.read(question, &answer.values));
    if let Some((counted, touched)) = answer
        && touched.iter().sum::<u64>() <= fewest
    {
        best = Some((counted, touched));
    }
    match best.and_then(|(counted, touched)| onto(question, &counted.rebuilt, &touched)) {
        Some(rebuilt) => rebuilt,
        None => greedy,
    }
}

/// The programme of [`counts`] with nodes.
struct Model {
    programme: Programme,
    rebuilt: Vec<usize>,
    built: Vec<usize>,
    /// Per class: how many nodes pause that would not do so anyway.
    touched: Vec<Option<usize>>,
}

impl Model {
    fn new(question: &Question, sum: u64) -> Option<Self> {
        let (mut programme, rebuilt, built) = counts(question);
        programme.equal(rebuilt.iter().map(|at| (*at, 1.0)).collect(), float(signed(sum)));
        let pairs: usize = question.classes.iter().map(|class| class.holds.len() + 1).sum();
        if programme.size() + pairs > MAX_SIZE {
            return None;
        }
        let mut sources: Vec<Vec<usize>> = vec![Vec::new(); rebuilt.len()];
        let mut free: Vec<u64> = vec![0; rebuilt.len()];
        let mut touched = Vec::new();
        for class in &question.classes {
            if class.is_touched {
                class
                    .holds
                    .iter()
                    .for_each(|(kind, gpus)| free[*kind] += gpus * class.nodes);
                touched.push(None);
                continue;
            }
            let nodes = programme.add(0.0, 0, class.nodes.min(sum), true);
            touched.push(Some(nodes));
            for (kind, gpus) in &class.holds {
                if needed(question, *kind) == 0 {
                    continue;
                }
                let taken = programme.add(
                    0.0,
                    0,
                    (gpus * class.nodes).min(sum + question.surplus_whole()),
                    false,
                );
                programme.at_least(vec![(nodes, float(signed(*gpus))), (taken, -1.0)], 0.0);
                sources[*kind].push(taken);
            }
        }
        for (kind, sources) in sources
            .into_iter()
            .enumerate()
            .filter(|(kind, _)| needed(question, *kind) > 0)
        {
            let mut terms: Vec<(usize, f64)> = sources.into_iter().map(|at| (at, 1.0)).collect();
            let pot = programme.add(0.0, 0, free[kind], false);
            terms.push((pot, 1.0));
            if question.kinds[kind].0 == Kind::Whole {
                programme.equal(terms, float(signed(question.surplus_whole())));
            } else {
                terms.push((rebuilt[kind], -1.0));
                programme.equal(terms, 0.0);
            }
        }
        Some(Self {
            programme,
            rebuilt,
            built,
            touched,
        })
    }

    fn effort(&self) -> u64 {
        (EFFORT / self.programme.size().max(1)) as u64 + 20
    }

    fn at_least_nodes(&mut self, nodes: u64) {
        let terms = self.touched.iter().flatten().map(|at| (*at, 1.0)).collect();
        self.programme.at_least(terms, float(signed(nodes)));
    }

    fn at_most_nodes(&mut self, nodes: u64) {
        let terms = self.touched.iter().flatten().map(|at| (*at, -1.0)).collect();
        self.programme.at_least(terms, -float(signed(nodes)));
    }

    /// Costs: occupied GPUs that are rebuilt; then GPUs in use.
    fn prefer_empty(&mut self, question: &Question) {
        let rebuilt: u64 = (0..question.kinds.len()).map(|kind| question.most(kind)).sum();
        let built = u64::try_from(question.room() + signed(rebuilt))
            .unwrap_or(0)
            .min(MAX_BUILT + 1);
        let in_use = if built > MAX_BUILT { 0.0 } else { 1.0 };
        for at in self.touched.iter().flatten() {
            self.programme.set_cost(*at, 0.0);
        }
        for (kind, at) in self.rebuilt.iter().enumerate() {
            let holds = matches!(question.kinds[kind].0, Kind::Holds(_));
            let cost = if holds {
                float(signed(built + 1)) - in_use
            } else {
                0.0
            };
            self.programme.set_cost(*at, cost);
        }
        for at in &self.built {
            self.programme.set_cost(*at, in_use);
        }
    }

    /// The counts, where they hold, and the nodes that pause by class.
    fn read(&self, question: &Question, values: &[f64]) -> Option<(Counted, Vec<u64>)> {
        let counted = Counted::read(values, &self.rebuilt, &self.built);
        let touched = self
            .touched
            .iter()
            .map(|at| at.map_or(0, |at| rounded(values[at])))
            .collect();
        holds(question, &counted).then_some((counted, touched))
    }
}

/// How many GPUs of a kind may have to be rebuilt.
fn needed(question: &Question, kind: usize) -> u64 {
    match question.kinds[kind].0 {
        Kind::Whole => question.surplus_whole(),
        _ => question.most(kind),
    }
}

/// What has to be rebuilt by kind, the whole ones included.
fn with_whole(question: &Question, rebuilt: &[u64]) -> Vec<u64> {
    let count = |(kind, n): (usize, &u64)| match question.kinds[kind].0 {
        Kind::Whole => question.surplus_whole(),
        _ => *n,
    };
    rebuilt.iter().enumerate().map(count).collect()
}

/// Takes from a class as many GPUs of each kind as `nodes` nodes have and `left` wants.
fn take(question: &Question, class: usize, nodes: u64, left: &mut [u64]) -> Vec<u64> {
    let mut taken = vec![0; left.len()];
    for (kind, gpus) in &question.classes[class].holds {
        taken[*kind] = left[*kind].min(gpus * nodes);
        left[*kind] -= taken[*kind];
    }
    taken
}

/// Takes the GPUs from nodes that pause anyway, and from so many of each other class.
fn onto(question: &Question, rebuilt: &[u64], touched: &[u64]) -> Option<Vec<Vec<u64>>> {
    let mut left = with_whole(question, rebuilt);
    let mut result = vec![vec![0; left.len()]; question.classes.len()];
    for anyway in [true, false] {
        for (at, class) in question
            .classes
            .iter()
            .enumerate()
            .filter(|(_, c)| c.is_touched == anyway)
        {
            let nodes = if anyway {
                class.nodes
            } else {
                touched[at].min(class.nodes)
            };
            result[at] = take(question, at, nodes, &mut left);
        }
    }
    left.iter().all(|n| *n == 0).then_some(result)
}

/// Nodes that give the most GPUs first; the choice, and how many nodes pause that would not do so anyway.
fn greedy(question: &Question, rebuilt: &[u64]) -> (Vec<Vec<u64>>, u64) {
    let mut left = with_whole(question, rebuilt);
    let mut touched = vec![0; question.classes.len()];
    for (at, class) in question
        .classes
        .iter()
        .enumerate()
        .filter(|(_, class)| class.is_touched)
    {
        take(question, at, class.nodes, &mut left);
    }
    loop {
        let gives = |at: usize| -> u64 {
            let holds = &question.classes[at].holds;
            holds.iter().map(|(kind, gpus)| left[*kind].min(*gpus)).sum()
        };
        let open = |at: &usize| {
            let class = &question.classes[*at];
            !class.is_touched && touched[*at] < class.nodes && gives(*at) > 0
        };
        // The first of the best ones.
        let Some(at) = (0..touched.len()).rev().filter(open).max_by_key(|at| gives(*at)) else {
            break;
        };
        let class = &question.classes[at];
        let given = class.holds.iter().filter(|(kind, _)| left[*kind] > 0);
        let times = given
            .map(|(kind, gpus)| (left[*kind] / gpus).max(1))
            .min()
            .unwrap_or(1);
        let nodes = times.min(class.nodes - touched[at]);
        touched[at] += nodes;
        take(question, at, nodes, &mut left);
    }
    let n_nodes = touched.iter().sum();
    (onto(question, rebuilt, &touched).unwrap_or_default(), n_nodes)
}
