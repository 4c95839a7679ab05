//! What one GPU can hold, against counts and cases that were enumerated elsewhere or seen in the field.

use super::*;

/// The board without the profiles that `keep` refuses.
fn only(id: &str, keep: fn(&boards::Profile) -> bool) -> boards::Board {
    let mut board = board(id).clone();
    board.mig.as_mut().unwrap().profiles.retain(keep);
    board
}

#[test]
fn numbers_of_layouts() {
    let all: fn(&boards::Profile) -> bool = |_| true;
    let plain: fn(&boards::Profile) -> bool = |p| p.is_plain();
    let classic: fn(&boards::Profile) -> bool = |p| p.is_plain() && p.name != "1g.10gb";
    for (id, keep, feasible, fullest) in [
        ("a100-40gb", classic, 37, 12),
        ("a100-40gb", plain, 77, 28),
        ("a100-40gb", all, 127, 44),
        ("a100-80gb", all, 127, 44),
        ("h100-80gb", all, 127, 44),
        ("h200-141gb", all, 127, 44),
        ("a30-24gb", all, 19, 8),
        ("t4", all, 0, 0),
    ] {
        let mut board = board(id).clone();
        if board.mig.is_some() {
            board = only(id, keep);
        }
        let all_feasible = board
            .mig
            .as_ref()
            .map_or(0, |mig| pattern::feasible(mig).len() - 1);
        assert_eq!(all_feasible, feasible, "non-empty feasible layouts of `{id}`");
        assert_eq!(patterns(&board).len(), fullest, "fullest layouts of `{id}`");
    }
}

#[test]
fn the_twelve_classic_layouts_of_an_a100() {
    let board = only("a100-40gb", |p| p.is_plain() && p.name != "1g.10gb");
    let found: Vec<Layout> = patterns(&board)
        .into_iter()
        .map(|pattern| pattern.layout)
        .collect();
    let expected = [
        layout(&[("7g.40gb", 1)]),
        layout(&[("4g.20gb", 1), ("3g.20gb", 1)]),
        layout(&[("4g.20gb", 1), ("2g.10gb", 1), ("1g.5gb", 1)]),
        layout(&[("4g.20gb", 1), ("1g.5gb", 3)]),
        layout(&[("3g.20gb", 2)]),
        layout(&[("3g.20gb", 1), ("2g.10gb", 2)]),
        layout(&[("3g.20gb", 1), ("2g.10gb", 1), ("1g.5gb", 2)]),
        layout(&[("3g.20gb", 1), ("1g.5gb", 4)]),
        layout(&[("2g.10gb", 3), ("1g.5gb", 1)]),
        layout(&[("2g.10gb", 2), ("1g.5gb", 3)]),
        layout(&[("2g.10gb", 1), ("1g.5gb", 5)]),
        layout(&[("1g.5gb", 7)]),
    ];
    assert_eq!(found, expected, "fullest layouts, largest instances first");
}

#[test]
fn layouts_from_the_field() {
    for (id, entries, expected) in [
        ("a100-40gb", &[("3g.20gb", 1), ("4g.20gb", 1)][..], true),
        (
            "a100-40gb",
            &[("1g.5gb", 2), ("2g.10gb", 1), ("3g.20gb", 1)],
            true,
        ),
        ("a100-40gb", &[("1g.5gb", 3), ("2g.10gb", 2)], true),
        ("a100-40gb", &[("1g.5gb", 7)], true),
        ("a100-80gb", &[("1g.10gb", 1), ("2g.20gb", 3)], true),
        ("h200-141gb", &[("1g.18gb", 5), ("2g.35gb", 1)], true),
        ("a100-40gb", &[("1g.5gb", 4), ("3g.20gb", 1)], true),
        ("a100-40gb", &[("1g.10gb", 4), ("1g.5gb", 3)], false),
        ("a100-40gb", &[("1g.5gb", 1), ("3g.20gb", 2)], false),
        ("a100-40gb", &[("1g.5gb", 4), ("2g.10gb", 2)], false),
        ("a100-40gb", &[("1g.5gb", 8)], false),
        ("a100-40gb", &[("4g.20gb", 2)], false),
        ("a100-40gb", &[("2g.10gb", 3), ("3g.20gb", 1)], false),
        ("h100-80gb", &[("1g.5gb", 1)], false),
        ("h100-80gb", &[("7g.80gb", u32::MAX)], false),
        ("t4", &[("1g.5gb", 1)], false),
        ("t4", &[], true),
    ] {
        let layout = layout(entries);
        assert_eq!(fits(board(id), &layout), expected, "{layout:?} on `{id}`");
    }
}

#[test]
fn media_engines_bind_where_they_are_scarce() {
    let mut scarce = board("a100-40gb").clone();
    let mig = scarce.mig.as_mut().unwrap();
    mig.engines.as_mut().unwrap().decoders = 2;
    assert!(
        fits(&scarce, &layout(&[("2g.10gb", 2)])),
        "two instances with a decoder each"
    );
    assert!(
        !fits(&scarce, &layout(&[("2g.10gb", 3)])),
        "three instances with a decoder each"
    );
}
