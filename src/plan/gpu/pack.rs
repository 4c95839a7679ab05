//! The demand of a pool on the fewest GPUs, or the reason why it does not fit.

use std::collections::BTreeMap;
use std::fmt;

use super::bound::{self, Bound};
use super::pattern::{self, Counts};
use super::{Layout, cover};
use crate::catalog::boards::Board;

/// The most GPUs of one pool that a packing is made for; keeps the arithmetic of the solver exact.
pub const MAX_GPUS: u32 = 1_000_000;

/// A layout and how many GPUs have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Used {
    /// What each of these GPUs holds; not empty.
    pub layout: Layout,
    /// How many GPUs, at least 1.
    pub gpus: u32,
}

/// A demand on the fewest GPUs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packing {
    /// The layouts, each once, the ones with the largest instances first. Together they hold exactly the demand.
    pub used: Vec<Used>,
    /// The proof that fewer GPUs do not suffice; see [`Packing::is_proven`].
    pub bound: Bound,
}

impl Packing {
    /// Whether the bound alone proves that no fewer GPUs suffice. Where it does not, only the solver says so.
    pub fn is_proven(&self) -> bool {
        u64::from(self.gpus()) == self.bound.gpus
    }

    /// How many GPUs hold something: the fewest possible.
    pub fn gpus(&self) -> u32 {
        self.used.iter().map(|used| used.gpus).sum()
    }

    /// The layout of each used GPU in order.
    pub fn layouts(&self) -> impl Iterator<Item = &Layout> {
        self.used
            .iter()
            .flat_map(|used| (0..used.gpus).map(|_| &used.layout))
    }
}

/// Why there is no packing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PackError {
    /// The board has no such profile.
    #[error("board `{board}` has no MIG profile `{profile}`; it has {allowed}")]
    UnknownProfile {
        /// Id of the board.
        board: String,
        /// What was asked for.
        profile: String,
        /// The profiles there are, in words.
        allowed: String,
    },
    /// The pool is beyond what is planned.
    #[error("pool has {gpus} GPUs; at most {MAX_GPUS} are planned")]
    TooManyGpus {
        /// GPUs of the pool.
        gpus: u32,
    },
    /// The GPUs do not suffice.
    #[error(transparent)]
    DoesNotFit(#[from] Box<DoesNotFit>),
    /// The solver gave no answer: a bug.
    #[error("solver found no layout of {gpus} GPUs of `{board}`; this is a bug")]
    Unsolved {
        /// Id of the board.
        board: String,
        /// GPUs of the pool.
        gpus: u32,
    },
}

/// A demand that needs more GPUs than there are; `Display` says so in one sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct DoesNotFit {
    /// Id of the board.
    pub board: String,
    /// Instances per profile, without zeros.
    pub demand: Layout,
    /// GPUs that are needed.
    pub needed: u64,
    /// Whether `needed` is the exact number; otherwise it is a lower bound.
    pub exact: bool,
    /// GPUs that there are.
    pub available: u32,
    /// The most instances of each demanded profile that one GPU holds.
    pub most_per_gpu: Layout,
    /// The proof of the lower bound.
    pub bound: Bound,
}

/// Packs the demand of a pool onto the fewest GPUs.
///
/// `gpus` is what the pool may use, `demand` the instances per profile. The bound of the result proves that fewer
/// GPUs do not suffice. Equal arguments give equal results on any machine. Instances that a layout could hold
/// beyond the demand are not made. Errors: see [`PackError`].
pub fn pack(board: &Board, gpus: u32, demand: &BTreeMap<String, u32>) -> Result<Packing, PackError> {
    for profile in demand.keys() {
        if board.profile(profile).is_none() {
            return Err(unknown(board, profile));
        }
    }
    if gpus > MAX_GPUS {
        return Err(PackError::TooManyGpus { gpus });
    }
    let Some(mig) = board
        .mig
        .as_ref()
        .filter(|_| demand.values().any(|count| *count > 0))
    else {
        let bound = Bound {
            weights: Layout::new(),
            most_per_gpu: 1,
            demand: 0,
            gpus: 0,
        };
        return Ok(Packing {
            used: Vec::new(),
            bound,
        });
    };
    let wanted: Counts = mig
        .profiles
        .iter()
        .map(|p| demand.get(&p.name).copied().unwrap_or(0))
        .collect();
    let fullest = pattern::fullest(board);
    let bound = bound::best(mig, &fullest, &wanted);
    let does_not_fit = |needed: u64, exact: bool| {
        PackError::DoesNotFit(Box::new(DoesNotFit {
            board: board.id.clone(),
            demand: pattern::to_layout(board, &wanted),
            needed,
            exact,
            available: gpus,
            most_per_gpu: (mig.profiles.iter().zip(&wanted).filter(|(_, count)| **count > 0))
                .map(|(profile, _)| (profile.name.clone(), profile.max_instances))
                .collect(),
            bound: bound.clone(),
        }))
    };
    if bound.gpus > u64::from(gpus) {
        let one_profile = wanted.iter().filter(|count| **count > 0).count() == 1;
        return Err(does_not_fit(bound.gpus, one_profile));
    }
    let unsolved = || PackError::Unsolved {
        board: board.id.clone(),
        gpus,
    };
    let cover = cover::fewest(&fullest, &wanted, bound.gpus).ok_or_else(unsolved)?;
    let needed: u64 = cover.iter().map(|(_, copies)| copies).sum();
    if needed > u64::from(gpus) {
        return Err(does_not_fit(needed, true));
    }
    let used = trim(cover, &wanted).ok_or_else(unsolved)?;
    let used = used
        .into_iter()
        .map(|(counts, gpus)| Used {
            layout: pattern::to_layout(board, &counts),
            gpus,
        })
        .collect();
    Ok(Packing { used, bound })
}

/// Takes from the cover exactly the demand, largest layouts first, and joins equal layouts; the result is in
/// canonical order. `None` when a count does not fit its type.
fn trim(mut cover: cover::Cover, wanted: &[u32]) -> Option<Vec<(Counts, u32)>> {
    let order = |a: &Counts, b: &Counts| b.iter().rev().cmp(a.iter().rev());
    cover.sort_by(|(a, _), (b, _)| order(a, b));
    let mut rest: Vec<u64> = wanted.iter().map(|count| u64::from(*count)).collect();
    let mut used: BTreeMap<Counts, u64> = BTreeMap::new();
    for (counts, mut copies) in cover {
        while copies > 0 {
            let take: Vec<u64> = counts
                .iter()
                .zip(&rest)
                .map(|(c, r)| u64::from(*c).min(*r))
                .collect();
            let times = |(take, rest): (&u64, &u64)| (*take > 0).then(|| rest / take);
            let Some(equal) = take
                .iter()
                .zip(&rest)
                .filter_map(times)
                .min()
                .map(|n| n.min(copies))
            else {
                break;
            };
            rest.iter_mut()
                .zip(&take)
                .for_each(|(rest, take)| *rest -= take * equal);
            copies -= equal;
            let layout = take
                .iter()
                .map(|count| u32::try_from(*count).ok())
                .collect::<Option<Counts>>()?;
            *used.entry(layout).or_default() += equal;
        }
    }
    let mut used = used
        .into_iter()
        .map(|(counts, gpus)| Some((counts, u32::try_from(gpus).ok()?)))
        .collect::<Option<Vec<_>>>()?;
    used.sort_by(|(a, _), (b, _)| order(a, b));
    rest.iter().all(|left| *left == 0).then_some(used)
}

fn unknown(board: &Board, profile: &str) -> PackError {
    let names: Vec<String> = board.profiles().iter().map(|p| format!("`{}`", p.name)).collect();
    PackError::UnknownProfile {
        board: board.id.clone(),
        profile: profile.escape_debug().take(80).collect(),
        allowed: if names.is_empty() {
            "no MIG".to_owned()
        } else {
            names.join(", ")
        },
    }
}

impl fmt::Display for DoesNotFit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = |n: u64| if n == 1 { "" } else { "s" };
        let list = |items: Vec<String>| match items.split_last() {
            Some((last, [])) => last.clone(),
            Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
            None => String::new(),
        };
        let demand = list(
            self.demand
                .iter()
                .map(|(profile, count)| format!("{count} × `{profile}`"))
                .collect(),
        );
        let single = self.demand.len() == 1 && self.demand.values().all(|count| *count == 1);
        let verb = if single { "needs" } else { "need" };
        let least = if self.exact { "" } else { "at least " };
        write!(
            f,
            "{demand} {verb} {least}{} GPU{} of `{}` ",
            self.needed,
            plural(self.needed),
            self.board
        )?;
        let Bound {
            weights,
            most_per_gpu,
            demand: weight,
            gpus,
        } = &self.bound;
        let names = list(weights.keys().map(|profile| format!("`{profile}`")).collect());
        if *gpus < self.needed {
            write!(f, "(no layouts of fewer hold them)")?;
        } else if weights.len() == 1 && self.demand.len() == 1 {
            write!(f, "(at most {most_per_gpu} per GPU)")?;
        } else if weights.values().all(|weight| *weight == 1) {
            write!(f, "(at most {most_per_gpu} of {names} per GPU)")?;
        } else {
            let weighed = list(
                weights
                    .iter()
                    .map(|(profile, w)| format!("`{profile}` as {w}"))
                    .collect(),
            );
            write!(
                f,
                "(counting {weighed}, a GPU holds at most {most_per_gpu} and the demand is {weight})"
            )?;
        }
        write!(f, "; the pool has {}", self.available)
    }
}
