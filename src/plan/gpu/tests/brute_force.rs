//! A second opinion: places one instance after the other on memory units, with nothing of `pattern` or `cover`.

use std::collections::HashSet;

use super::*;

/// One GPU while it is being filled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Gpu {
    /// A bit per occupied unit.
    occupied: u32,
    slices: u32,
    engines: [u32; 4],
    /// Instances of the profile that is being placed.
    same: u32,
}

struct Search<'a> {
    mig: &'a boards::Mig,
    /// What did not work: how many are left to place, and the GPUs in order.
    failed: HashSet<(usize, Vec<Gpu>)>,
}

impl Search<'_> {
    /// Places the kinds of instances in the queue, equal ones one after the other.
    fn place(&mut self, queue: &[usize], gpus: &[Gpu]) -> bool {
        let Some((&kind, rest)) = queue.split_first() else {
            return true;
        };
        let profile = &self.mig.profiles[kind];
        let total = self.mig.engines.unwrap_or_default();
        let totals = [total.decoders, total.encoders, total.jpeg, total.optical_flow];
        let takes = profile.engines.unwrap_or_default();
        let takes = [takes.decoders, takes.encoders, takes.jpeg, takes.optical_flow];
        for at in 0..gpus.len() {
            let gpu = gpus[at];
            if gpus[..at].contains(&gpu)
                || gpu.same == profile.max_instances
                || gpu.slices + profile.compute_slices > self.mig.compute_slices
                || (0..4).any(|e| gpu.engines[e] + takes[e] > totals[e])
            {
                continue;
            }
            for place in &profile.placements {
                let units = (place.start..place.start + place.size).fold(0, |units, unit| units | 1 << unit);
                if gpu.occupied & units != 0 {
                    continue;
                }
                let mut next = gpus.to_vec();
                next[at].occupied |= units;
                next[at].slices += profile.compute_slices;
                (0..4).for_each(|e| next[at].engines[e] += takes[e]);
                next[at].same += 1;
                if rest.first() != Some(&kind) {
                    next.iter_mut().for_each(|gpu| gpu.same = 0);
                }
                next.sort();
                let key = (rest.len(), next);
                if self.failed.contains(&key) {
                    continue;
                }
                if self.place(rest, &key.1) {
                    return true;
                }
                self.failed.insert(key);
            }
        }
        false
    }
}

/// Whether so many GPUs hold a demand; unknown profiles do not count.
pub(super) fn fits_on(board: &boards::Board, gpus: u32, demand: &Layout) -> bool {
    let mig = board.mig.as_ref().unwrap();
    let count = |kind: usize| demand.get(&mig.profiles[kind].name).copied().unwrap_or(0);
    let queue: Vec<usize> = (0..mig.profiles.len())
        .rev()
        .flat_map(|kind| vec![kind; count(kind) as usize])
        .collect();
    let units: u32 = queue.iter().map(|kind| mig.profiles[*kind].memory_units).sum();
    let slices: u32 = queue.iter().map(|kind| mig.profiles[*kind].compute_slices).sum();
    if units > mig.memory_units * gpus || slices > mig.compute_slices * gpus {
        return false;
    }
    let mut search = Search {
        mig,
        failed: HashSet::new(),
    };
    search.place(&queue, &vec![Gpu::default(); gpus as usize])
}

/// Everything that `pack` may say of a demand.
fn check(board: &boards::Board, packer: &Packer<'_>, gpus: u32, demand: &Layout) {
    let id = &board.id;
    match packer.pack(gpus, demand) {
        Ok(packing) => {
            let used = packing.gpus();
            assert!(used <= gpus, "{demand:?} on {gpus} × `{id}` uses {used}");
            assert!(
                used == 0 || !fits_on(board, used - 1, demand),
                "{demand:?}: fewer than {used} × `{id}` do"
            );
            assert!(packing.is_proven(), "{demand:?} on `{id}` has a proof");
            let mut sum = Layout::new();
            for layout in packing.layouts() {
                assert!(fits_on(board, 1, layout), "{layout:?} lies on one `{id}`");
                let add = |(name, count): (&String, &u32)| *sum.entry(name.clone()).or_default() += count;
                layout.iter().for_each(add);
            }
            assert_eq!(&sum, demand, "the packing on `{id}` holds exactly the demand");
        }
        Err(PackError::DoesNotFit(reason)) => {
            assert!(
                !fits_on(board, gpus, demand),
                "{gpus} × `{id}` hold {demand:?}: {reason}"
            );
            assert!(reason.needed > u64::from(gpus), "{reason:?}");
            if reason.needed <= 4 {
                assert!(
                    fits_on(board, reason.needed as u32, demand),
                    "{demand:?}: {reason:?}"
                );
            }
        }
        Err(error) => panic!("{demand:?} on {gpus} × `{id}`: {error}"),
    }
}

#[test]
fn one_gpu_holds_what_can_be_placed_on_it() {
    for board in different_boards() {
        let packer = Packer::new(&board);
        let feasible = pattern::feasible(board.mig.as_ref().unwrap());
        let profiles = board.profiles();
        let most = profiles
            .iter()
            .map(|profile| profile.max_instances)
            .max()
            .unwrap();
        // One instance more than fits: whatever is larger contains one of these.
        let mut open = vec![(0, 0, Layout::new())];
        let mut fitting = 0;
        while let Some((from, size, demand)) = open.pop() {
            let fits_here = fits_on(&board, 1, &demand);
            fitting += u32::from(fits_here);
            let count = |profile: &boards::Profile| demand.get(&profile.name).copied().unwrap_or(0);
            let counts: Vec<u32> = profiles.iter().map(count).collect();
            assert_eq!(
                feasible.contains(&counts),
                fits_here,
                "{demand:?} on one `{}`",
                board.id
            );
            let needed = packer.needed(&demand).unwrap();
            assert_eq!(
                needed <= 1,
                fits_here,
                "{demand:?} needs {needed} × `{}`",
                board.id
            );
            for (at, profile) in profiles.iter().enumerate().skip(from).filter(|_| size <= most) {
                let mut more = demand.clone();
                *more.entry(profile.name.clone()).or_default() += 1;
                open.push((at, size + 1, more));
            }
        }
        assert!(fitting > 10, "`{}` holds something", board.id);
    }
}

#[test]
fn packing_agrees_with_placing_one_by_one() {
    let boards = different_boards();
    let packers: Vec<(&boards::Board, Packer<'_>)> =
        boards.iter().map(|board| (board, Packer::new(board))).collect();
    let mut numbers = Numbers(42);
    for case in 0..2_400 {
        let (board, packer) = &packers[case % packers.len()];
        let gpus = 1 + numbers.below(4);
        let demand = some_demand(board, gpus, &mut numbers);
        check(board, packer, gpus, &demand);
        if gpus > 1 {
            check(board, packer, gpus - 1, &demand);
        }
    }
}
