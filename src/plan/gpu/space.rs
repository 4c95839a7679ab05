//! What the GPUs of one board can hold, prepared once for many demands.

use super::facets::{self, Row};
use super::pattern::{self, Counts};
use crate::catalog::boards::{Board, Mig};

/// What the GPUs of one board can hold.
///
/// Two reductions make it small. A profile that only ever lies alone on a GPU takes that GPU and is counted apart.
/// Profiles that may stand for each other in every layout are one *kind*. The last coordinate of a column, where it
/// is there, counts memory units that the layout does not strand, so that a demand may ask for them as for instances.
#[derive(Debug, Clone)]
pub(super) struct Space<'b> {
    pub board: &'b Board,
    pub mig: &'b Mig,
    /// The fullest layouts, by profile.
    pub fullest: Vec<Counts>,
    /// Profiles that only ever lie alone.
    pub alone: Vec<usize>,
    /// The other profiles by kind.
    pub kinds: Vec<Vec<usize>>,
    /// The fullest layouts of the kinds, each once.
    pub columns: Vec<Counts>,
    /// What all columns obey; see [`facets::vertices`].
    pub rows: Vec<Row>,
    /// Whether columns have the last coordinate: the most that one strands, less what this one strands.
    pub tracks_stranded: bool,
}

/// A demand in the coordinates of a space.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    /// GPUs for profiles that lie alone.
    pub alone: u64,
    /// Instances by kind.
    pub kinds: Vec<u64>,
}

impl<'b> Space<'b> {
    /// The space of a board; `None` without MIG.
    pub(super) fn new(board: &'b Board) -> Option<Self> {
        let mig = board.mig.as_ref()?;
        let all = pattern::feasible(mig);
        let fullest = pattern::fullest_of(&all);
        let n = mig.profiles.len();
        let lies_alone = |i: &usize| all.iter().all(|c| c[*i] == 0 || c.iter().sum::<u32>() == 1);
        let alone: Vec<usize> = (0..n).filter(lies_alone).collect();
        let replaces = |a: usize, b: usize| {
            all.iter().filter(|counts| counts[a] > 0).all(|counts| {
                let mut other = counts.clone();
                other[a] -= 1;
                other[b] += 1;
                all.contains(&other)
            })
        };
        let mut kinds: Vec<Vec<usize>> = Vec::new();
        for i in (0..n).filter(|i| !alone.contains(i)) {
            match kinds
                .iter_mut()
                .find(|kind| replaces(kind[0], i) && replaces(i, kind[0]))
            {
                Some(kind) => kind.push(i),
                None => kinds.push(vec![i]),
            }
        }
        let stranded = |counts: &Counts| mig.memory_units.saturating_sub(units(mig, counts));
        let together = || {
            fullest
                .iter()
                .filter(|counts| alone.iter().all(|i| counts[*i] == 0))
        };
        let most_stranded = together().map(stranded).max().unwrap_or(0);
        let tracks_stranded = together().any(|counts| stranded(counts) < most_stranded);
        let column = |counts: &Counts| -> Counts {
            let of_kind = |kind: &Vec<usize>| kind.iter().map(|i| counts[*i]).sum();
            let kept = tracks_stranded.then(|| most_stranded - stranded(counts));
            kinds.iter().map(of_kind).chain(kept).collect()
        };
        let mut columns: Vec<Counts> = Vec::new();
        for column in together().map(column) {
            if !columns.contains(&column) {
                columns.push(column);
            }
        }
        Some(Self {
            board,
            mig,
            rows: rows(mig, &columns, &kinds),
            fullest,
            alone,
            kinds,
            columns,
            tracks_stranded,
        })
    }

    /// A demand by profile in the coordinates of the space.
    pub(super) fn wanted(&self, demand: &[u32]) -> Wanted {
        let sum = |of: &[usize]| of.iter().map(|i| u64::from(demand[*i])).sum();
        Wanted {
            alone: sum(&self.alone),
            kinds: self.kinds.iter().map(|kind| sum(kind)).collect(),
        }
    }

    /// Units that a layout strands: free ones that no further instance could use, beside whatever else is added.
    pub(super) fn stranded(&self, counts: &[u32]) -> u32 {
        let holds = |full: &&Counts| full.iter().zip(counts).all(|(full, count)| count <= full);
        let left = |full: &Counts| self.mig.memory_units.saturating_sub(units(self.mig, full));
        self.fullest.iter().filter(holds).map(left).min().unwrap_or(0)
    }
}

/// The faces of the columns, and in case these are too many the memory units and compute slices.
fn rows(mig: &Mig, columns: &[Counts], kinds: &[Vec<usize>]) -> Vec<Row> {
    let layouts: Vec<Row> = columns
        .iter()
        .map(|column| Row {
            weights: column.clone(),
            most: 1,
        })
        .collect();
    let mut rows = facets::vertices(&layouts).unwrap_or_default();
    let n = columns.first().map_or(0, Vec::len);
    let mut simple = |figure: &dyn Fn(usize) -> u32, most: u32| {
        let mut weights: Counts = kinds
            .iter()
            .map(|kind| kind.iter().map(|i| figure(*i)).min().unwrap_or(0))
            .collect();
        weights.resize(n, 0);
        rows.push(Row { weights, most });
    };
    simple(&|i| mig.profiles[i].memory_units, mig.memory_units);
    simple(&|i| mig.profiles[i].compute_slices, mig.compute_slices);
    rows
}

/// Memory units of some counts.
pub(super) fn units(mig: &Mig, counts: &[u32]) -> u32 {
    let each = mig.profiles.iter().zip(counts);
    each.map(|(profile, count)| profile.memory_units.saturating_mul(*count))
        .fold(0, u32::saturating_add)
}
