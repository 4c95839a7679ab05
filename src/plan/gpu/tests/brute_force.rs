//! A second opinion: places one instance after the other on memory units, with nothing of `pattern` or `cover`.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

/// One GPU while it is being filled: occupied units, compute slices and engines in use, instances per profile.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Gpu {
    free: Vec<bool>,
    slices: u32,
    engines: [u32; 4],
    instances: Vec<u32>,
}

struct Search<'a> {
    mig: &'a boards::Mig,
    failed: BTreeSet<(usize, Vec<Gpu>)>,
}

impl Search<'_> {
    fn place(&mut self, queue: &[usize], gpus: &mut Vec<Gpu>) -> bool {
        let Some((&kind, rest)) = queue.split_first() else {
            return true;
        };
        let mut key = gpus.clone();
        key.sort();
        if self.failed.contains(&(queue.len(), key.clone())) {
            return false;
        }
        let profile = &self.mig.profiles[kind];
        let total = &self.mig.engines;
        let totals = [total.decoders, total.encoders, total.jpeg, total.optical_flow];
        let takes = &profile.engines;
        let takes = [takes.decoders, takes.encoders, takes.jpeg, takes.optical_flow];
        for at in 0..gpus.len() {
            if gpus[..at].contains(&gpus[at]) {
                continue;
            }
            let before = gpus[at].clone();
            if before.instances[kind] == profile.max_instances
                || before.slices + profile.compute_slices > self.mig.compute_slices
                || (0..4).any(|e| before.engines[e] + takes[e] > totals[e])
            {
                continue;
            }
            for place in &profile.placements {
                let units = place.start as usize..(place.start + place.size) as usize;
                if !before.free[units.clone()].iter().all(|free| *free) {
                    continue;
                }
                let gpu = &mut gpus[at];
                gpu.free[units].fill(false);
                gpu.slices += profile.compute_slices;
                (0..4).for_each(|e| gpu.engines[e] += takes[e]);
                gpu.instances[kind] += 1;
                if self.place(rest, gpus) {
                    return true;
                }
                gpus[at] = before.clone();
            }
        }
        self.failed.insert((queue.len(), key));
        false
    }
}

pub(super) fn fits_on(board: &boards::Board, gpus: usize, demand: &[u32]) -> bool {
    let mig = board.mig.as_ref().unwrap();
    let queue: Vec<usize> = (0..demand.len())
        .rev()
        .flat_map(|kind| vec![kind; demand[kind] as usize])
        .collect();
    let units: u32 = queue.iter().map(|kind| mig.profiles[*kind].memory_units).sum();
    if units > mig.memory_units * gpus as u32 {
        return false;
    }
    let gpu = Gpu {
        free: vec![true; mig.memory_units as usize],
        slices: 0,
        engines: [0; 4],
        instances: vec![0; demand.len()],
    };
    Search {
        mig,
        failed: BTreeSet::new(),
    }
    .place(&queue, &mut vec![gpu; gpus])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, ..ProptestConfig::default() })]

    #[test]
    fn packing_agrees_with_placing_one_by_one(
        id in prop::sample::select(vec!["a30-24gb", "a100-40gb", "h100-80gb"]),
        gpus in 0u32..=3,
        picks in prop::collection::vec(0usize..100, 0..14),
    ) {
        let board = board(id);
        let mut demand = vec![0u32; board.profiles().len()];
        picks.iter().for_each(|pick| demand[pick % board.profiles().len()] += 1);
        let named: Layout =
            board.profiles().iter().zip(&demand).map(|(p, count)| (p.name.clone(), *count)).collect();
        match pack(board, gpus, &named) {
            Ok(packing) => {
                let used = packing.gpus();
                prop_assert!(used <= gpus, "uses {} of {} GPUs", used, gpus);
                prop_assert!(fits_on(board, used as usize, &demand), "{:?} does not fit", named);
                prop_assert!(used == 0 || !fits_on(board, used as usize - 1, &demand), "{:?}: fewer suffice", named);
                prop_assert!(packing.is_proven(), "{:?} has no proof", named);
                let mut sum = Layout::new();
                for layout in packing.layouts() {
                    let counts: Vec<u32> = board.profiles().iter()
                        .map(|p| layout.get(&p.name).copied().unwrap_or(0)).collect();
                    prop_assert!(fits_on(board, 1, &counts), "{:?} is not a layout", layout);
                    layout.iter().for_each(|(name, count)| *sum.entry(name.clone()).or_default() += count);
                }
                let wanted: Layout = named.into_iter().filter(|(_, count)| *count > 0).collect();
                prop_assert_eq!(sum, wanted, "the packing holds exactly the demand");
            }
            Err(PackError::DoesNotFit(reason)) => {
                prop_assert!(!fits_on(board, gpus as usize, &demand), "{} GPUs hold {:?}", gpus, named);
                prop_assert!(reason.needed > u64::from(gpus), "{:?}", reason);
                if reason.exact && reason.needed <= 4 {
                    prop_assert!(fits_on(board, reason.needed as usize, &demand), "{:?}", reason);
                }
            }
            Err(error) => prop_assert!(false, "{error}"),
        }
    }
}
