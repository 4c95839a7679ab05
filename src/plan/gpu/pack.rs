//! The demand of a pool on the fewest GPUs, or the reason why it does not fit.

use super::bound::{self, Bound};
use super::pattern::{self, Counts};
use super::space::{Space, Wanted};
use super::trim::trim;
use super::{DoesNotFit, Layout, cover};
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

/// A demand on the fewest GPUs, and among these layouts on ones that strand the least memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packing {
    /// The layouts, each once, the ones with the largest instances first. Together they hold exactly the demand.
    pub used: Vec<Used>,
    /// The proof that fewer GPUs do not suffice, see [`Packing::is_proven`]; `demand / most_per_gpu` is the optimum of
    /// the linear relaxation.
    pub bound: Bound,
    /// Memory units of used GPUs that neither hold an instance nor could hold a further one.
    pub stranded_units: u64,
    /// Whether no packing on as few GPUs strands fewer units.
    pub strands_least: bool,
}

impl Packing {
    /// Whether the bound proves that no fewer GPUs suffice; so it is on every board of the catalogue.
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
    /// The solver found a layout neither for so many GPUs nor a proof that there is none: a bug.
    #[error("solver found no layout of {gpus} GPUs of `{board}`; this is a bug")]
    Unsolved {
        /// Id of the board.
        board: String,
        /// GPUs of the pool.
        gpus: u32,
    },
}

/// Packs demands on GPUs of one board; what the board can hold is worked out once.
#[derive(Debug, Clone)]
pub struct Packer<'b> {
    board: &'b Board,
    space: Option<Space<'b>>,
}

/// Packs the demand of a pool onto the fewest GPUs.
///
/// `gpus` is what the pool may use, `demand` the instances per profile. The bound of the result proves that fewer
/// GPUs do not suffice. Equal arguments give equal results on any machine. Instances that a layout could hold
/// beyond the demand are not made. Errors: see [`PackError`].
pub fn pack(board: &Board, gpus: u32, demand: &Layout) -> Result<Packing, PackError> {
    Packer::new(board).pack(gpus, demand)
}

impl<'b> Packer<'b> {
    /// Works out what GPUs of the board can hold.
    pub fn new(board: &'b Board) -> Self {
        Self {
            board,
            space: Space::new(board),
        }
    }

    /// The fewest GPUs that hold a demand, without their layouts: exact on every board of the catalogue, elsewhere a
    /// lower bound. Errors: a profile that the board does not have.
    pub fn needed(&self, demand: &Layout) -> Result<u64, PackError> {
        let wanted = self.wanted(demand)?;
        let least = |space| bound::least(space, &space.wanted(&wanted));
        Ok(self.space.as_ref().map_or(0, least))
    }

    /// As [`pack`].
    pub fn pack(&self, gpus: u32, demand: &Layout) -> Result<Packing, PackError> {
        let wanted = self.wanted(demand)?;
        if gpus > MAX_GPUS {
            return Err(PackError::TooManyGpus { gpus });
        }
        match &self.space {
            Some(space) => on(space, gpus, &wanted),
            None => Ok(Packing {
                used: Vec::new(),
                bound: Bound::none(),
                stranded_units: 0,
                strands_least: true,
            }),
        }
    }

    /// A demand in the order of the board's profiles.
    fn wanted(&self, demand: &Layout) -> Result<Counts, PackError> {
        match demand
            .keys()
            .find(|profile| self.board.profile(profile).is_none())
        {
            Some(profile) => Err(unknown(self.board, profile)),
            None => Ok(counts(self.board, demand)),
        }
    }
}

fn counts(board: &Board, demand: &Layout) -> Counts {
    let count = |profile: &crate::catalog::boards::Profile| demand.get(&profile.name).copied().unwrap_or(0);
    board.profiles().iter().map(count).collect()
}

fn on(space: &Space<'_>, gpus: u32, demand: &[u32]) -> Result<Packing, PackError> {
    let wanted = space.wanted(demand);
    let least = bound::least(space, &wanted);
    if least > u64::from(gpus) {
        let bound = bound::simplest(space, demand, gpus.into());
        return Err(PackError::DoesNotFit(Box::new(DoesNotFit {
            board: space.board.id.clone(),
            demand: pattern::to_layout(space.board, demand),
            needed: least,
            available: gpus,
            pinned: 0,
            bound: bound.unwrap_or_else(|| bound::strongest(space, demand)),
        })));
    }
    let unsolved = || PackError::Unsolved {
        board: space.board.id.clone(),
        gpus,
    };
    let (cover, strands_least) = cover_of(space, &wanted, least).ok_or_else(unsolved)?;
    let used = trim(space, cover, demand).ok_or_else(unsolved)?;
    let total: u64 = used.iter().map(|(_, gpus)| u64::from(*gpus)).sum();
    if total > u64::from(gpus) {
        return Err(unsolved());
    }
    let stranded = |(counts, gpus): &(Counts, u32)| u64::from(space.stranded(counts)) * u64::from(*gpus);
    Ok(Packing {
        stranded_units: used.iter().map(stranded).sum(),
        strands_least,
        used: used
            .into_iter()
            .map(|(counts, gpus)| Used {
                layout: pattern::to_layout(space.board, &counts),
                gpus,
            })
            .collect(),
        bound: bound::strongest(space, demand),
    })
}

/// A cover by the fewest GPUs, of these one that strands the least, and whether that is proven.
///
/// Units that are not stranded are asked for like instances: as many as the faces allow on so many GPUs.
fn cover_of(space: &Space<'_>, wanted: &Wanted, least: u64) -> Option<(cover::Cover, bool)> {
    let together = least - wanted.alone;
    if together == 0 {
        return Some((Vec::new(), true));
    }
    let kept = space
        .tracks_stranded
        .then(|| bound::most_kept(space, wanted, together));
    let mut coordinates = Vec::new();
    for count in wanted.kinds.iter().copied().chain(kept) {
        coordinates.push(u32::try_from(count).ok()?);
    }
    let sum = |cover: &cover::Cover| cover.iter().map(|(_, copies)| copies).sum::<u64>();
    let cover = cover::fewest(&space.columns, &coordinates, together)?;
    if sum(&cover) <= together || kept.is_none() {
        let is_least = sum(&cover) <= together;
        return Some((cover, is_least));
    }
    // As many units cannot be kept on so few GPUs: fewer GPUs go first.
    if let Some(last) = coordinates.last_mut() {
        *last = 0;
    }
    Some((cover::fewest(&space.columns, &coordinates, together)?, false))
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
