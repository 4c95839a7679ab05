//! All layouts of one GPU by another idea than `pattern`: unit by unit from the left, each stays free or begins an instance.

use super::*;

/// What one GPU of a board can hold.
pub(super) struct Enumeration {
    /// Sets of placed instances, the empty one included.
    pub(super) layouts: usize,
    /// Those of them to which no instance can be added at any place.
    pub(super) maximal_placements: usize,
    /// Instances per profile, without places; the empty one included.
    pub(super) multisets: BTreeSet<Layout>,
}

impl Enumeration {
    pub(super) fn of(board: &boards::Board) -> Self {
        let mut found = Self {
            layouts: 0,
            maximal_placements: 0,
            multisets: BTreeSet::new(),
        };
        found.walk(board.mig.as_ref().unwrap(), 0, &mut Vec::new());
        found
    }

    /// The multisets that are part of no other.
    pub(super) fn maximal_multisets(&self) -> BTreeSet<Layout> {
        let within = |small: &Layout, large: &Layout| {
            small != large
                && small
                    .iter()
                    .all(|(name, count)| large.get(name).is_some_and(|more| more >= count))
        };
        let all = &self.multisets;
        let maximal = all
            .iter()
            .filter(|small| !all.iter().any(|large| within(small, large)));
        maximal.cloned().collect()
    }

    fn walk(&mut self, mig: &boards::Mig, unit: u32, placed: &mut Vec<(usize, u32)>) {
        if unit >= mig.memory_units {
            self.layouts += 1;
            let mut multiset = Layout::new();
            for (kind, _) in placed.iter() {
                *multiset.entry(mig.profiles[*kind].name.clone()).or_default() += 1;
            }
            self.multisets.insert(multiset);
            let all = mig.profiles.iter().enumerate();
            let mut more =
                all.flat_map(|(kind, profile)| profile.placements.iter().map(move |p| (kind, p.start)));
            if !more.any(|next| is_legal(mig, &[placed.as_slice(), &[next]].concat())) {
                self.maximal_placements += 1;
            }
            return;
        }
        self.walk(mig, unit + 1, placed);
        for (kind, profile) in mig.profiles.iter().enumerate() {
            if profile.placements.iter().any(|place| place.start == unit) {
                placed.push((kind, unit));
                if is_legal(mig, placed) {
                    self.walk(mig, unit + profile.memory_units, placed);
                }
                placed.pop();
            }
        }
    }
}

/// Whether instances, (profile, first unit), do not overlap and exceed neither counts nor slices nor engines.
fn is_legal(mig: &boards::Mig, placed: &[(usize, u32)]) -> bool {
    let profile = |(kind, _): &(usize, u32)| &mig.profiles[*kind];
    let engines = |engines: Option<boards::Engines>| {
        engines.map_or([0; 4], |e| [e.decoders, e.encoders, e.jpeg, e.optical_flow])
    };
    let apart = placed.iter().enumerate().all(|(at, one)| {
        placed[..at].iter().all(|other| {
            one.1 + profile(one).memory_units <= other.1 || other.1 + profile(other).memory_units <= one.1
        })
    });
    let counted = placed.iter().all(|one| {
        placed.iter().filter(|other| other.0 == one.0).count() <= profile(one).max_instances as usize
    });
    let slices: u32 = placed.iter().map(|one| profile(one).compute_slices).sum();
    let engines_hold = (0..4).all(|kind| {
        placed
            .iter()
            .map(|one| engines(profile(one).engines)[kind])
            .sum::<u32>()
            <= engines(mig.engines)[kind]
    });
    apart && counted && slices <= mig.compute_slices && engines_hold
}
