//! Packings of whole pools: results, sentences, sizes.

use super::*;

fn refusal(id: &str, gpus: u32, entries: &[(&str, u32)]) -> String {
    pack(board(id), gpus, &layout(entries))
        .expect_err("does not fit")
        .to_string()
}

#[test]
fn a_demand_that_means_nothing_is_refused() {
    for (id, gpus, entries, sentence) in [
        (
            "a30-24gb",
            1,
            &[("3g.40gb", 1)][..],
            "board `a30-24gb` has no MIG profile `3g.40gb`; it has `1g.6gb`, `1g.6gb+me`, `2g.12gb`, `2g.12gb+me`, `4g.24gb`",
        ),
        (
            "t4",
            1,
            &[("3g.40gb", 0)],
            "board `t4` has no MIG profile `3g.40gb`; it has no MIG",
        ),
        (
            "t4",
            u32::MAX,
            &[],
            "pool has 4294967295 GPUs; at most 1000000 are planned",
        ),
    ] {
        assert_eq!(
            refusal(id, gpus, entries),
            sentence,
            "{entries:?} on {gpus} × `{id}`"
        );
    }
}

#[test]
fn leftovers_stay_free() {
    let packing = pack(board("h100-80gb"), 4, &layout(&[("1g.10gb", 8), ("3g.40gb", 1)])).unwrap();
    let expected = [
        Used {
            layout: layout(&[("3g.40gb", 1), ("1g.10gb", 4)]),
            gpus: 1,
        },
        Used {
            layout: layout(&[("1g.10gb", 4)]),
            gpus: 1,
        },
    ];
    assert_eq!(
        packing.used, expected,
        "only the demand is made, largest instances first"
    );
    let nothing = pack(board("h100-80gb"), 0, &layout(&[("1g.10gb", 0)])).unwrap();
    assert_eq!(nothing.gpus(), 0, "no demand uses no GPU");
}

/// The bound is recomputed here from its published parts alone.
#[test]
fn bounds_hold_on_every_fullest_layout() {
    for id in ["a30-24gb", "a100-40gb", "h100-80gb"] {
        let board = board(id);
        for seed in 1..40u32 {
            let demand: Layout = (board.profiles().iter().zip(1u32..))
                .map(|(p, i)| {
                    (
                        p.name.clone(),
                        seed.wrapping_mul(2_654_435_761).rotate_left(i * 5) % (i * 7),
                    )
                })
                .collect();
            let packing = pack(board, MAX_GPUS, &demand).unwrap();
            let weigh = |counts: &Layout| -> u64 {
                let weight = |name: &String| packing.bound.weights.get(name).copied().unwrap_or(0);
                counts
                    .iter()
                    .map(|(name, count)| u64::from(weight(name)) * u64::from(*count))
                    .sum()
            };
            for pattern in patterns(board) {
                assert!(
                    weigh(&pattern.layout) <= packing.bound.most_per_gpu,
                    "{pattern:?} breaks {:?}",
                    packing.bound
                );
            }
            assert_eq!(
                weigh(&demand),
                packing.bound.demand,
                "weight of {demand:?} on `{id}`"
            );
            assert_eq!(
                u64::from(packing.gpus()),
                weigh(&demand).div_ceil(packing.bound.most_per_gpu),
                "{demand:?}"
            );
        }
    }
}

#[test]
fn huge_pools_are_packed_exactly() {
    for (id, gpus, entries, needed) in [
        (
            "h100-80gb",
            10_000,
            &[("3g.40gb", 10_000), ("4g.40gb", 5_000), ("1g.10gb", 10_000)][..],
            8_750,
        ),
        ("a100-40gb", 10_000, &[("1g.5gb", 70_000)], 10_000),
        (
            "a100-40gb",
            MAX_GPUS,
            &[("1g.5gb", 3_999_999), ("3g.20gb", 999_999)],
            1_000_000,
        ),
        (
            "a30-24gb",
            MAX_GPUS,
            &[("1g.6gb", 2_000_001), ("2g.12gb", 999_999)],
            1_000_000,
        ),
    ] {
        let demand = layout(entries);
        let packing = pack(board(id), gpus, &demand).unwrap();
        assert_eq!(packing.gpus(), needed, "{demand:?} on `{id}`");
        let mut sum = Layout::new();
        for used in &packing.used {
            assert!(fits(board(id), &used.layout), "{used:?} on `{id}`");
            used.layout
                .iter()
                .for_each(|(name, count)| *sum.entry(name.clone()).or_default() += count * used.gpus);
        }
        assert_eq!(sum, demand, "the packing holds exactly the demand");
    }
}

/// Without a lower bound the search has to find the optimum by itself.
#[test]
fn the_solver_needs_no_bound_to_be_exact() {
    let board = board("a30-24gb");
    let fullest = pattern::fullest(board);
    for (demand, needed) in [
        ([4, 0, 1, 0, 1], 3),
        ([0, 1, 0, 1, 0], 1 + 1),
        ([1, 0, 3, 0, 0], 2),
        ([0; 5], 0),
    ] {
        let cover = cover::fewest(&fullest, &demand, 0).expect("a cover");
        assert_eq!(
            cover.iter().map(|(_, copies)| copies).sum::<u64>(),
            needed,
            "{demand:?}"
        );
    }
}
