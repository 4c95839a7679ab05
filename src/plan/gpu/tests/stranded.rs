//! Among packings on the fewest GPUs, one that strands the least memory.

use super::brute_force::fits_on;
use super::*;

/// Units of one GPU with a layout that nothing more can use, by trying everything that can be added.
fn stranded(board: &boards::Board, layout: &Layout) -> u32 {
    let mig = board.mig.as_ref().unwrap();
    let units = |layout: &Layout| -> u32 {
        let of =
            |profile: &boards::Profile| layout.get(&profile.name).map_or(0, |n| n * profile.memory_units);
        mig.profiles.iter().map(of).sum()
    };
    let mut best = units(layout);
    let mut open = vec![(0, layout.clone())];
    while let Some((from, layout)) = open.pop() {
        best = best.max(units(&layout));
        for (at, profile) in mig.profiles.iter().enumerate().skip(from) {
            let mut more = layout.clone();
            *more.entry(profile.name.clone()).or_default() += 1;
            if fits_on(board, 1, &more) {
                open.push((at, more));
            }
        }
    }
    mig.memory_units - best
}

/// The least that any packing of a demand on exactly so many GPUs strands: every way to fill the first GPU, then the
/// others.
fn least(board: &boards::Board, gpus: u32, demand: &Layout) -> Option<u32> {
    if gpus == 0 {
        return demand.values().all(|count| *count == 0).then_some(0);
    }
    let mut best = None;
    let mut open = vec![(0, Layout::new())];
    while let Some((from, first)) = open.pop() {
        let mut rest = demand.clone();
        for (name, count) in &first {
            *rest.get_mut(name).unwrap() -= count;
        }
        if fits_on(board, gpus - 1, &rest)
            && let Some(others) = least(board, gpus - 1, &rest)
        {
            let here = stranded(board, &first) + others;
            best = Some(best.map_or(here, |best: u32| best.min(here)));
        }
        for (at, profile) in board.profiles().iter().enumerate().skip(from) {
            if rest.get(&profile.name).is_some_and(|left| *left > 0) {
                let mut more = first.clone();
                *more.entry(profile.name.clone()).or_default() += 1;
                if fits_on(board, 1, &more) {
                    open.push((at, more));
                }
            }
        }
    }
    best
}

#[test]
fn no_packing_on_as_few_gpus_strands_less() {
    // Without the instance of one slice and two units, the last unit is harder to use.
    let mut classic = board("a100-40gb").clone();
    classic
        .mig
        .as_mut()
        .unwrap()
        .profiles
        .retain(|p| p.is_plain() && p.name != "1g.10gb");
    let mut stranding = 0;
    for board in [board("a100-40gb"), &classic] {
        let packer = Packer::new(board);
        let mut numbers = Numbers(3);
        for _ in 0..100 {
            let gpus = 1 + numbers.below(2);
            let demand = some_demand(board, gpus, &mut numbers);
            // More GPUs take too long to try.
            let Ok(packing) = packer.pack(3, &demand) else {
                continue;
            };
            assert!(packing.strands_least, "{demand:?}");
            let sum: u32 = packing.layouts().map(|layout| stranded(board, layout)).sum();
            assert_eq!(
                packing.stranded_units,
                u64::from(sum),
                "{demand:?} as {:?}",
                packing.used
            );
            assert_eq!(
                least(board, packing.gpus(), &demand),
                Some(sum),
                "{demand:?} as {:?}",
                packing.used
            );
            stranding += u32::from(sum > 0);
        }
    }
    assert!(stranding > 5, "only {stranding} demands strand anything");
}

#[test]
fn small_instances_lie_beside_large_ones() {
    // Seven of the small ones on one GPU would strand its last unit, and so would the other half of the demand.
    let packing = pack(board("h100-80gb"), 8, &layout(&[("3g.40gb", 2), ("1g.10gb", 8)])).unwrap();
    let expected = [Used {
        layout: layout(&[("3g.40gb", 1), ("1g.10gb", 4)]),
        gpus: 2,
    }];
    assert_eq!(packing.used, expected, "four small ones beside each large one");
    assert_eq!(
        (packing.stranded_units, packing.strands_least),
        (0, true),
        "nothing is stranded"
    );
    let packing = pack(board("h100-80gb"), 8, &layout(&[("1g.10gb", 14)])).unwrap();
    assert_eq!(
        (packing.stranded_units, packing.strands_least),
        (2, true),
        "one unit on each of two"
    );
}
