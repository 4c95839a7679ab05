//! What one GPU can hold, against counts and cases that were enumerated elsewhere or seen in the field.

use serde::Deserialize;

use super::enumerate::Enumeration;
use super::*;

/// `layouts.yaml`, which says where each figure is from.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Golden {
    counts: Vec<Counts>,
    classic_a100: Vec<Layout>,
    cases: Vec<Case>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Counts {
    board: String,
    without: Vec<String>,
    layouts: usize,
    feasible_multisets: usize,
    maximal_placements: usize,
    maximal_multisets: usize,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    board: String,
    fits: bool,
    layout: Layout,
    source: String,
}

fn golden() -> Golden {
    serde_yaml::from_str(include_str!("layouts.yaml")).unwrap()
}

/// The board without some of its profiles.
fn without(id: &str, profiles: &[String]) -> boards::Board {
    let mut board = board(id).clone();
    let mig = board.mig.as_mut().unwrap();
    mig.profiles.retain(|profile| !profiles.contains(&profile.name));
    board
}

#[test]
fn numbers_of_layouts() {
    let counts = golden().counts;
    assert_eq!(counts.len(), 6, "boards and parts of boards with known counts");
    for expected in counts {
        let board = without(&expected.board, &expected.without);
        let found = Enumeration::of(&board);
        let at = format!("`{}` without {:?}", expected.board, expected.without);
        assert_eq!(found.layouts, expected.layouts, "layouts of {at}");
        assert_eq!(
            found.maximal_placements, expected.maximal_placements,
            "maximal placements of {at}"
        );
        assert_eq!(
            found.multisets.len() - 1,
            expected.feasible_multisets,
            "feasible multisets of {at}"
        );
        assert_eq!(
            found.maximal_multisets().len(),
            expected.maximal_multisets,
            "maximal multisets of {at}"
        );
        assert_eq!(
            patterns(&board).len(),
            expected.maximal_multisets,
            "patterns of {at}"
        );
    }
}

#[test]
fn patterns_of_every_board_are_those_of_placing_unit_by_unit() {
    let mut compared = 0;
    for board in boards::boards().unwrap() {
        let Some(mig) = &board.mig else {
            assert!(patterns(board).is_empty(), "`{}` has no patterns", board.id);
            continue;
        };
        let found = Enumeration::of(board);
        let feasible = pattern::feasible(mig)
            .into_iter()
            .map(|counts| pattern::to_layout(board, &counts));
        let feasible: BTreeSet<Layout> = feasible.collect();
        assert_eq!(feasible, found.multisets, "feasible layouts of `{}`", board.id);
        let fullest: BTreeSet<Layout> = patterns(board)
            .into_iter()
            .map(|pattern| pattern.layout)
            .collect();
        assert_eq!(
            fullest,
            found.maximal_multisets(),
            "fullest layouts of `{}`",
            board.id
        );
        compared += 1;
    }
    assert_eq!(compared, 13, "boards that can be planned");
}

#[test]
fn the_twelve_classic_layouts_of_an_a100() {
    let board = without("a100-40gb", &["1g.5gb+me".to_owned(), "1g.10gb".to_owned()]);
    let found: BTreeSet<Layout> = patterns(&board)
        .into_iter()
        .map(|pattern| pattern.layout)
        .collect();
    let expected = golden().classic_a100;
    assert_eq!(expected.len(), 12, "layouts of the literature");
    assert_eq!(found, expected.into_iter().collect(), "fullest layouts");
}

#[test]
fn fullest_layouts_begin_with_the_largest_instances() {
    let board = without("a100-40gb", &["1g.5gb+me".to_owned(), "1g.10gb".to_owned()]);
    let found: Vec<Layout> = patterns(&board)
        .into_iter()
        .map(|pattern| pattern.layout)
        .collect();
    assert_eq!(found[0], layout(&[("7g.40gb", 1)]), "first");
    assert_eq!(found[1], layout(&[("4g.20gb", 1), ("3g.20gb", 1)]), "second");
    assert_eq!(found[11], layout(&[("1g.5gb", 7)]), "last");
}

#[test]
fn layouts_from_the_field() {
    let cases = golden().cases;
    let fitting = cases.iter().filter(|case| case.fits).count();
    assert_eq!((fitting, cases.len()), (10, 17), "cases that fit, and all");
    for case in cases {
        let found = fits(board(&case.board), &case.layout);
        assert_eq!(
            found, case.fits,
            "{:?} on `{}`: {}",
            case.layout, case.board, case.source
        );
    }
    for (id, entries, expected) in [
        ("h100-80gb", &[("1g.5gb", 1)][..], false),
        ("h100-80gb", &[("7g.80gb", u32::MAX)], false),
        ("rtx-pro-5000-48gb", &[("1g.24gb", 1)], false),
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

/// Where the research data lies beside the checkout, our copy of its counts and cases is compared with it.
#[test]
fn the_copy_is_that_of_the_research_data() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/mig-profiles.yaml");
    let Ok(text) = std::fs::read_to_string(path) else {
        return;
    };
    let data: serde_yaml::Value = serde_yaml::from_str(&text).unwrap();
    let (ours, theirs) = (golden(), &data["golden"]);
    let layouts = |list: &serde_yaml::Value| serde_yaml::from_value::<Vec<Layout>>(list.clone()).unwrap();
    assert_eq!(
        layouts(&theirs["a100_classic_maximal_multisets"]),
        ours.classic_a100,
        "classic layouts"
    );
    for (kind, fits) in [("feasible", true), ("infeasible", false)] {
        let list = theirs["cases"][kind].as_sequence().unwrap();
        let theirs: Vec<(String, Layout)> = list
            .iter()
            .map(|case| {
                let layout = serde_yaml::from_value(case["config"].clone()).unwrap();
                (case["gpu"].as_str().unwrap().to_owned(), layout)
            })
            .collect();
        let cases = ours.cases.iter().filter(|case| case.fits == fits);
        let ours: Vec<(String, Layout)> = cases
            .map(|case| (case.board.clone(), case.layout.clone()))
            .collect();
        assert_eq!(theirs, ours, "{kind} cases");
    }
    let theirs = theirs["counts"].as_mapping().unwrap();
    assert_eq!(theirs.len(), ours.counts.len(), "counts");
    for counts in &ours.counts {
        let key = match counts.without.join(" and ") {
            without if without.is_empty() => counts.board.clone(),
            without => format!("{} without {without}", counts.board),
        };
        for (figure, ours) in [
            ("layouts", counts.layouts),
            ("feasible_multisets", counts.feasible_multisets),
            ("maximal_placements", counts.maximal_placements),
            ("maximal_multisets", counts.maximal_multisets),
        ] {
            assert_eq!(
                theirs[&key][figure].as_u64(),
                Some(ours as u64),
                "{figure} of `{key}`"
            );
        }
    }
}
