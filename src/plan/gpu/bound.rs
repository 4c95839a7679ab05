//! How many GPUs a demand needs at least, with a reason that a person can check by hand.

use super::Layout;
use super::pattern::Counts;
use super::space::{Space, Wanted};

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

impl Bound {
    /// The bound of no demand.
    pub(super) fn none() -> Self {
        Self {
            weights: Layout::new(),
            most_per_gpu: 1,
            demand: 0,
            gpus: 0,
        }
    }
}

/// The GPUs that a demand needs at least: the optimum of the linear relaxation, rounded up.
///
/// The relaxation's optimum is where one of the faces is tightest, so that no programme has to be solved and all
/// numbers are whole.
pub(super) fn least(space: &Space<'_>, wanted: &Wanted) -> u64 {
    let rows = space.rows.iter();
    let together = rows.map(|row| weigh(&row.weights, &wanted.kinds).div_ceil(row.most.into()));
    wanted.alone.saturating_add(together.max().unwrap_or(0))
}

/// The most of the last coordinate that `gpus` can have beside a demand that they hold.
pub(super) fn most_kept(space: &Space<'_>, wanted: &Wanted, gpus: u64) -> u64 {
    let n = wanted.kinds.len();
    let room = |row: &super::facets::Row| {
        let weight = row.weights.get(n).copied().filter(|weight| *weight > 0)?;
        let left = (gpus * u64::from(row.most)).saturating_sub(weigh(&row.weights, &wanted.kinds));
        Some(left / u64::from(weight))
    };
    space.rows.iter().filter_map(room).min().unwrap_or(0)
}

/// The strongest proof: `demand / most_per_gpu` is the optimum of the linear relaxation.
pub(super) fn strongest(space: &Space<'_>, demand: &[u32]) -> Bound {
    let tighter = |a: &Bound, b: &Bound| {
        u128::from(a.demand) * u128::from(b.most_per_gpu) > u128::from(b.demand) * u128::from(a.most_per_gpu)
    };
    let faces = faces(space, demand).into_iter();
    let proofs = faces.filter_map(|weights| prove(space, demand, weights));
    proofs.fold(
        Bound::none(),
        |best, bound| if tighter(&bound, &best) { bound } else { best },
    )
}

/// The simplest proof that a demand needs more than `gpus`: by one profile, by a count of the fewest profiles
/// together, by memory units, by compute slices, or by the face with the smallest numbers. `None` without one.
pub(super) fn simplest(space: &Space<'_>, demand: &[u32], gpus: u64) -> Option<Bound> {
    let stronger = |bounds: &mut dyn Iterator<Item = Counts>| {
        let proofs = bounds.filter_map(|weights| prove(space, demand, weights));
        // The first of equal ones.
        proofs.filter(|bound| bound.gpus > gpus).reduce(
            |best, bound| {
                if bound.gpus > best.gpus { bound } else { best }
            },
        )
    };
    let demanded: Vec<usize> = (0..demand.len()).rev().filter(|i| demand[*i] > 0).collect();
    for size in 1..=demanded.len() {
        let sets = (1u32..1 << demanded.len()).filter(|set| set.count_ones() as usize == size);
        let mut counts = sets.map(|set| {
            let mut weights = vec![0; demand.len()];
            for (bit, i) in demanded.iter().enumerate() {
                weights[*i] = set >> bit & 1;
            }
            weights
        });
        if let Some(bound) = stronger(&mut counts) {
            return Some(bound);
        }
    }
    let proven = |weights| prove(space, demand, weights).filter(|bound| bound.gpus > gpus);
    let faces = || faces(space, demand).into_iter().filter_map(proven);
    let figures = figures(space).into_iter().find_map(proven);
    figures.or_else(|| faces().min_by_key(|bound| (bound.most_per_gpu, bound.weights.len())))
}

/// Memory units and compute slices by profile.
fn figures(space: &Space<'_>) -> [Counts; 2] {
    let profiles = &space.mig.profiles;
    [
        profiles.iter().map(|profile| profile.memory_units).collect(),
        profiles.iter().map(|profile| profile.compute_slices).collect(),
    ]
}

/// The weights of each face by profile; a profile that lies alone weighs as much as a GPU holds.
fn faces(space: &Space<'_>, demand: &[u32]) -> Vec<Counts> {
    let by_profile = |row: &super::facets::Row| {
        let mut weights = vec![0; demand.len()];
        space.alone.iter().for_each(|i| weights[*i] = row.most);
        for (kind, weight) in space.kinds.iter().zip(&row.weights) {
            kind.iter().for_each(|i| weights[*i] = *weight);
        }
        weights
    };
    space.rows.iter().map(by_profile).collect()
}

/// The bound that some weights prove, in whole numbers; `None` when nothing that is demanded has weight.
fn prove(space: &Space<'_>, demand: &[u32], weights: Counts) -> Option<Bound> {
    let weights: Counts = weights
        .iter()
        .zip(demand)
        .map(|(weight, count)| if *count > 0 { *weight } else { 0 })
        .collect();
    let divisor = weights.iter().copied().fold(0, gcd).max(1);
    let weights: Counts = weights.into_iter().map(|weight| weight / divisor).collect();
    let wide = |counts: &[u32]| -> Vec<u64> { counts.iter().map(|count| u64::from(*count)).collect() };
    let most_per_gpu = space.fullest.iter().map(|counts| weigh(&weights, &wide(counts)));
    let most_per_gpu = most_per_gpu.max().filter(|most| *most > 0)?;
    let weight = weigh(&weights, &wide(demand));
    let named = space.mig.profiles.iter().zip(&weights);
    Some(Bound {
        weights: named
            .filter(|(_, weight)| **weight > 0)
            .map(|(profile, weight)| (profile.name.clone(), *weight))
            .collect(),
        most_per_gpu,
        demand: weight,
        gpus: weight.div_ceil(most_per_gpu),
    })
}

/// The weight of some counts; further weights than counts stand for nothing.
fn weigh(weights: &[u32], counts: &[u64]) -> u64 {
    let each = weights.iter().zip(counts);
    each.map(|(weight, count)| u64::from(*weight).saturating_mul(*count))
        .fold(0, u64::saturating_add)
}

fn gcd(mut a: u32, mut b: u32) -> u32 {
    while b > 0 {
        (a, b) = (b, a % b);
    }
    a
}
