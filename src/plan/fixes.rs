//! What would make a demand on a MIG pool fit, the smallest change first, each verified by counting GPUs again.

use std::collections::{BTreeMap, BTreeSet};

use super::gpu::{Layout, MAX_GPUS, Packer};
use super::infeasible::{Fix, FixKind};
use crate::catalog::boards::{Board, Profile};
use crate::model::Pool;

#[cfg(test)]
mod tests;

/// How many requests per profile are tried: a pool may have hundreds of teams.
const TRIED: usize = 3;
/// How many fixes are offered.
const OFFERED: usize = 12;

/// What one team asks of the pool.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ask<'a> {
    /// The team.
    pub team: &'a str,
    /// The profile.
    pub profile: &'a str,
    /// How many.
    pub count: u32,
}

/// A demand that does not fit.
#[derive(Debug)]
pub(super) struct Short<'a> {
    /// The pool.
    pub pool: &'a Pool,
    /// Its board.
    pub board: &'a Board,
    /// What the board can hold.
    pub packer: Packer<'a>,
    /// The requests in the order of the spec.
    pub asks: Vec<Ask<'a>>,
    /// Whole GPUs that are promised.
    pub whole: u32,
}

/// A fix with what it gives up or adds in memory units, and its place among equally small ones.
type Ranked = ((u64, u8), Fix);

impl Short<'_> {
    /// All fixes of one change each, the smallest first: by the GPU memory that is given up or added, then fewer in
    /// reserve, another profile, fewer instances, more GPUs.
    pub(super) fn fixes(&self) -> Vec<Fix> {
        let mut ranked = self.keep_fewer();
        ranked.extend(self.other_profiles());
        ranked.extend(self.fewer());
        ranked.extend(self.add_gpus());
        // Stable: equally small ones stay in the order of the spec.
        ranked.sort_by_key(|(rank, _)| *rank);
        ranked.into_iter().map(|(_, fix)| fix).take(OFFERED).collect()
    }

    /// Whether it fits after all.
    pub(super) fn is_fitting(&self) -> bool {
        let kept = u64::from(self.pool.whole_gpus) + u64::from(self.pool.reserve);
        let gpus = u64::from(self.pool.gpus());
        kept + self.pool.pinned.len() as u64 <= gpus && self.fits(&self.demand(), self.available())
    }

    /// GPUs that may hold instances, beside the pinned ones.
    fn available(&self) -> u64 {
        let kept = u64::from(self.pool.whole_gpus) + u64::from(self.pool.reserve);
        u64::from(self.pool.gpus()).saturating_sub(kept + self.pool.pinned.len() as u64)
    }

    /// All instances, spares included.
    fn demand(&self) -> Layout {
        let mut demand = self.pool.spares.clone();
        for ask in &self.asks {
            let count = demand.entry(ask.profile.to_owned()).or_default();
            *count = count.saturating_add(ask.count);
        }
        demand
    }

    /// GPUs that a demand needs beside the pinned ones; `None` for a profile that the board does not have.
    fn needed(&self, demand: &Layout) -> Option<u64> {
        let mut rest = demand.clone();
        for (profile, count) in self.pool.pinned.iter().flat_map(|pin| &pin.layout) {
            if let Some(rest) = rest.get_mut(profile) {
                *rest = rest.saturating_sub(*count);
            }
        }
        self.packer.needed(&rest).ok()
    }

    fn fits(&self, demand: &Layout, gpus: u64) -> bool {
        self.needed(demand).is_some_and(|needed| needed <= gpus)
    }

    fn missing(&self) -> Option<u32> {
        let missing = self.needed(&self.demand())?.checked_sub(self.available())?;
        u32::try_from(missing).ok().filter(|missing| *missing > 0)
    }

    fn unit(&self, profile: &str) -> u64 {
        self.board.profile(profile).map_or(0, |p| p.memory_units.into())
    }

    fn gpu_units(&self) -> u64 {
        self.board.mig.as_ref().map_or(1, |mig| mig.memory_units.into())
    }

    fn add_gpus(&self) -> Option<Ranked> {
        let missing = self.missing()?;
        if u64::from(self.pool.gpus()) + u64::from(missing) > MAX_GPUS.into() {
            return None;
        }
        let fix = Fix {
            text: add_gpus(self.pool, missing),
            kind: FixKind::AddGpus(missing),
        };
        Some(((u64::from(missing) * self.gpu_units(), 3), fix))
    }

    /// Fewer GPUs in reserve or whole, fewer spares.
    fn keep_fewer(&self) -> Vec<Ranked> {
        let Some(missing) = self.missing() else {
            return Vec::new();
        };
        let name = &self.pool.name;
        let mut fixes = Vec::new();
        let rank = (u64::from(missing) * self.gpu_units(), 0);
        let fix = |text: String, key, from: u32, to| Fix {
            text,
            kind: FixKind::KeepFewer { key, from, to },
        };
        let reserve = self.pool.reserve;
        if let Some(to) = reserve.checked_sub(missing) {
            let text = format!(
                "keep {to} instead of {} in reserve in pool `{name}`",
                gpus(reserve)
            );
            fixes.push((rank, fix(text, "reserve", reserve, to)));
        }
        let whole = self.pool.whole_gpus;
        if let Some(to) = whole.checked_sub(missing).filter(|to| *to >= self.whole) {
            let text = format!("keep {to} instead of {} whole in pool `{name}`", gpus(whole));
            fixes.push((rank, fix(text, "wholeGpus", whole, to)));
        }
        for (profile, spare) in &self.pool.spares {
            if let Some(less) = self.least_less(profile, *spare) {
                let to = spare - less;
                let text = format!("keep {to} instead of {spare} × {profile} in reserve in pool `{name}`");
                let rank = (u64::from(less) * self.unit(profile), 0);
                fixes.push((rank, fix(text, "reserve", *spare, to)));
            }
        }
        fixes
    }

    /// The fewest instances of a profile, at most `most`, without which the rest fits.
    fn least_less(&self, profile: &str, most: u32) -> Option<u32> {
        let demand = self.demand();
        let total = *demand.get(profile)?;
        least(most.min(total), |less| {
            let mut demand = demand.clone();
            demand.insert(profile.to_owned(), total - less);
            self.fits(&demand, self.available())
        })
    }

    /// The requests by profile, the largest first.
    fn by_profile(&self) -> BTreeMap<&str, Vec<Ask<'_>>> {
        let mut by_profile: BTreeMap<&str, Vec<Ask<'_>>> = BTreeMap::new();
        for ask in &self.asks {
            by_profile.entry(ask.profile).or_default().push(*ask);
        }
        for asks in by_profile.values_mut() {
            asks.sort_by_key(|ask| std::cmp::Reverse(ask.count));
        }
        by_profile
    }

    /// A request for fewer, by the least number: the same for every team, so the largest requests are offered.
    fn fewer(&self) -> Vec<Ranked> {
        let mut fixes = Vec::new();
        for (profile, asks) in self.by_profile() {
            let largest = asks.first().map_or(0, |ask| ask.count);
            let Some(less) = self.least_less(profile, largest) else {
                continue;
            };
            for ask in asks.iter().filter(|ask| ask.count >= less).take(TRIED) {
                let fix = fewer(ask.team, profile, ask.count, ask.count - less);
                fixes.push(((u64::from(less) * self.unit(profile), 2), fix));
            }
        }
        fixes
    }

    /// A request for another profile: as much memory with less compute, or less memory.
    fn other_profiles(&self) -> Vec<Ranked> {
        let demand = self.demand();
        let mut fixes = Vec::new();
        for (profile, asks) in self.by_profile() {
            let Some(from) = self.board.profile(profile) else {
                continue;
            };
            // Of equally small changes, the one that keeps more compute first.
            for to in self
                .board
                .profiles()
                .iter()
                .rev()
                .filter(|to| is_smaller(to, from))
            {
                let with = |count: u32| {
                    let mut demand = demand.clone();
                    let old = demand.entry(profile.to_owned()).or_default();
                    *old = old.saturating_sub(count);
                    let new = demand.entry(to.name.clone()).or_default();
                    *new = new.saturating_add(count);
                    self.fits(&demand, self.available())
                };
                // The smallest request that helps gives up the least.
                let counts: BTreeSet<u32> = asks.iter().map(|ask| ask.count).collect();
                let Some(count) = counts.into_iter().find(|count| with(*count)) else {
                    continue;
                };
                let units = u64::from(count) * (self.unit(profile) - self.unit(&to.name));
                for ask in asks.iter().filter(|ask| ask.count == count).take(TRIED) {
                    fixes.push(((units, 1), other_profile(ask.team, from, to)));
                }
            }
        }
        fixes
    }
}

/// Whether a plain profile asks for no more than another one.
fn is_smaller(to: &Profile, from: &Profile) -> bool {
    to.name != from.name
        && to.is_plain()
        && to.memory_units <= from.memory_units
        && to.compute_slices <= from.compute_slices
}

/// The least number from 1 to `most` that does; whatever is more than enough is enough.
fn least(most: u32, is_enough: impl Fn(u32) -> bool) -> Option<u32> {
    if most == 0 || !is_enough(most) {
        return None;
    }
    let (mut low, mut high) = (1, most);
    while low < high {
        let middle = low + (high - low) / 2;
        if is_enough(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    Some(high)
}

fn other_profile(team: &str, from: &Profile, to: &Profile) -> Fix {
    let (from_name, to_name) = (&from.name, &to.name);
    let memory = if from.memory_units == to.memory_units {
        "same memory".to_owned()
    } else {
        format!("{} GB instead of {} GB each", to.memory_gb, from.memory_gb)
    };
    Fix {
        text: format!("take {to_name} instead of {from_name} for team `{team}` ({memory})"),
        kind: FixKind::OtherProfile {
            team: team.to_owned(),
            from: from_name.clone(),
            to: to_name.clone(),
        },
    }
}

/// A request for fewer instances of a profile, `from` at least `to`.
fn fewer(team: &str, profile: &str, from: u32, to: u32) -> Fix {
    let text = if to == 0 {
        format!("drop the {from} × {profile} of team `{team}`")
    } else {
        format!("ask for {to} instead of {from} × {profile} for team `{team}`")
    };
    Fix {
        text,
        kind: FixKind::Fewer {
            team: team.to_owned(),
            what: profile.to_owned(),
            from,
            to,
        },
    }
}

/// `add 3 GPUs (1 node of 8) to pool x`.
pub(super) fn add_gpus(pool: &Pool, missing: u32) -> String {
    let nodes = missing.div_ceil(pool.gpus_per_node.max(1));
    let plural = if nodes == 1 { "" } else { "s" };
    let (per_node, name) = (pool.gpus_per_node, &pool.name);
    format!(
        "add {} ({nodes} node{plural} of {per_node}) to pool `{name}`",
        gpus(missing)
    )
}

/// `1 GPU`, `2 GPUs`.
pub(super) fn gpus(count: u32) -> String {
    format!("{count} GPU{}", if count == 1 { "" } else { "s" })
}
