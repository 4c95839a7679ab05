//! Every sentence is true: checked with nothing but placements and whole numbers.

use super::brute_force::fits_on;
use super::*;

/// All layouts of one GPU, found by placing.
fn layouts(board: &boards::Board) -> Vec<Layout> {
    let mut all = vec![Layout::new()];
    let mut at = 0;
    while at < all.len() {
        for profile in board.profiles() {
            let mut more = all[at].clone();
            *more.entry(profile.name.clone()).or_default() += 1;
            if !all.contains(&more) && fits_on(board, 1, &more) {
                all.push(more);
            }
        }
        at += 1;
    }
    all
}

fn weigh(weights: &Layout, counts: &Layout) -> u64 {
    let weight = |name: &String| u64::from(weights.get(name).copied().unwrap_or(0));
    counts
        .iter()
        .map(|(name, count)| weight(name) * u64::from(*count))
        .sum()
}

#[test]
fn every_refusal_can_be_checked_on_paper() {
    let mut refusals = 0;
    for board in different_boards() {
        let layouts = layouts(&board);
        let packer = Packer::new(&board);
        let mut numbers = Numbers(7);
        for gpus in 0..400 {
            let (gpus, more) = (gpus % 40, 1 + numbers.below(3));
            let demand = some_demand(&board, gpus + more, &mut numbers);
            let Err(PackError::DoesNotFit(reason)) = packer.pack(gpus, &demand) else {
                continue;
            };
            refusals += 1;
            let Bound {
                weights,
                most_per_gpu,
                demand: weight,
                ..
            } = &reason.bound;
            let most = layouts.iter().map(|layout| weigh(weights, layout)).max().unwrap();
            assert_eq!(most, *most_per_gpu, "the most on one `{}`: {reason}", board.id);
            assert_eq!(
                weigh(weights, &demand),
                *weight,
                "the demand {demand:?}: {reason}"
            );
            let hold = u64::from(gpus) * most_per_gpu;
            assert!(*weight > hold, "{demand:?} on {gpus} × `{}`: {reason}", board.id);
            let gpus_hold = match gpus {
                1 => format!("1 GPU, which holds {hold}"),
                _ => format!("{gpus} GPUs, which hold {hold}"),
            };
            let sentence = reason.to_string();
            assert!(
                sentence.ends_with(&format!("you need {weight} on {gpus_hold}")),
                "{sentence}"
            );
            assert!(weights.keys().all(|name| sentence.contains(name)), "{sentence}");
        }
    }
    assert!(refusals > 500, "only {refusals} refusals were checked");
}

#[test]
fn the_simplest_reason_is_given() {
    for (id, gpus, entries, sentence) in [
        (
            "h100-80gb",
            4,
            &[("3g.40gb", 5), ("4g.40gb", 4)][..],
            "a GPU holds at most two of {3g.40gb, 4g.40gb}; you need 9 on 4 GPUs, which hold 8",
        ),
        (
            "h100-80gb",
            4,
            &[("4g.40gb", 9)],
            "a GPU holds at most one 4g.40gb; you need 9 on 4 GPUs, which hold 4",
        ),
        // Two profiles alone prove it as well, but less simply.
        (
            "h100-80gb",
            4,
            &[("3g.40gb", 20), ("4g.40gb", 5)],
            "a GPU holds at most two 3g.40gb; you need 20 on 4 GPUs, which hold 8",
        ),
        (
            "h100-80gb",
            1,
            &[("1g.10gb", 1), ("3g.40gb", 2)],
            "counting 3g.40gb as 4 and 1g.10gb as 1, a GPU holds at most 8; you need 9 on 1 GPU, which holds 8",
        ),
        (
            "h100-80gb",
            0,
            &[("7g.80gb", 1)],
            "a GPU holds at most one 7g.80gb; you need 1 on 0 GPUs, which hold 0",
        ),
        (
            "h100-80gb",
            2,
            &[("1g.10gb", 5), ("2g.20gb", 5)],
            "counting 2g.20gb as 2 and 1g.10gb as 1, a GPU holds at most 7; you need 15 on 2 GPUs, which hold 14",
        ),
        (
            "a30-24gb",
            1_000_000,
            &[("1g.6gb", u32::MAX)],
            "a GPU holds at most four 1g.6gb; you need 4294967295 on 1000000 GPUs, which hold 4000000",
        ),
        (
            "a30-24gb",
            3,
            &[("1g.6gb+me", 2), ("2g.12gb+me", 2)],
            "a GPU holds at most one of {1g.6gb+me, 2g.12gb+me}; you need 4 on 3 GPUs, which hold 3",
        ),
    ] {
        let reason = pack(board(id), gpus, &layout(entries)).expect_err("does not fit");
        assert_eq!(reason.to_string(), sentence, "{entries:?} on {gpus} × `{id}`");
    }
}

#[test]
fn pinned_gpus_are_said() {
    let Err(PackError::DoesNotFit(reason)) = pack(board("h100-80gb"), 3, &layout(&[("7g.80gb", 4)])) else {
        panic!("four on three");
    };
    assert_eq!(
        reason.beside(2).to_string(),
        "a GPU holds at most one 7g.80gb; beside 2 pinned GPUs you need 4 on 3 GPUs, which hold 3"
    );
}
