//! The embedded boards hold what the sources say, and a broken board is refused.

mod broken;
mod names;
mod research;

use super::*;

#[test]
fn catalogue_has_the_boards_in_order() {
    assert_eq!(
        ids().unwrap(),
        [
            "a10",
            "a100-40gb",
            "a100-80gb",
            "a30-24gb",
            "b200-180gb",
            "b300-269gb",
            "gb200-186gb",
            "gb300-278gb",
            "gh200-144gb",
            "h100-80gb",
            "h100-94gb",
            "h100-96gb",
            "h200-141gb",
            "l4",
            "l40",
            "l40s",
            "rtx-pro-4500-32gb",
            "rtx-pro-5000-48gb",
            "rtx-pro-6000-96gb",
            "t4",
            "v100",
            "v100-32gb"
        ],
        "ids of the embedded boards"
    );
    assert_eq!(board("nothing").unwrap(), None, "an unknown id is no board");
}

#[test]
fn every_figure_has_evidence() {
    for board in boards().unwrap() {
        let told: Vec<&str> = board
            .evidence
            .iter()
            .flat_map(|e| &e.figures)
            .map(String::as_str)
            .collect();
        for figure in figures(board) {
            assert!(
                told.contains(&figure),
                "board `{}` says no source for `{figure}`",
                board.id
            );
        }
    }
}

/// The figures that a board has, by their key in the file.
fn figures(board: &Board) -> Vec<&'static str> {
    let mut figures = vec!["memoryGb"];
    let mut have = |there: bool, names: &[&'static str]| {
        if there {
            figures.extend(names);
        }
    };
    have(!board.product_labels.values.is_empty(), &["productLabels"]);
    have(!board.pci_ids.is_empty(), &["pciIds"]);
    let common = [
        "modeChange",
        "computeSlices",
        "profiles.name",
        "profiles.computeSlices",
        "profiles.maxInstances",
    ];
    match (&board.mig, &board.unplanned_mig) {
        (Some(mig), _) => {
            have(true, &common);
            have(
                true,
                &[
                    "memoryUnits",
                    "profiles.memoryUnits",
                    "profiles.placements",
                    "profiles.instanceProfileId",
                ],
            );
            have(mig.engines.is_some(), &["engines", "profiles.engines"]);
            have(!mig.name_aliases.is_empty(), &["nameAliases"]);
            let any = |there: fn(&Profile) -> bool| mig.profiles.iter().any(there);
            have(
                any(|p| p.multiprocessors.is_some()),
                &["profiles.multiprocessors"],
            );
            have(any(|p| p.memory_mib.is_some()), &["profiles.memoryMib"]);
        }
        (None, Some(mig)) => {
            have(true, &common);
            have(mig.engines.is_some(), &["engines", "profiles.engines"]);
            have(!mig.other_names.is_empty(), &["otherNames"]);
        }
        (None, None) => have(true, &["mig"]),
    }
    figures
}

#[test]
fn a_profile_may_be_less_sure_than_its_board() {
    let board = board("a100-40gb").unwrap().unwrap();
    assert_eq!(board.placement_confidence(), Some(Confidence::A), "the table");
    assert_eq!(
        board.profile_confidence("3g.20gb"),
        Some(Confidence::A),
        "a row of it"
    );
    assert_eq!(
        board.profile_confidence("1g.10gb"),
        Some(Confidence::B),
        "a row from elsewhere"
    );
}

#[test]
fn every_source_is_used_and_told_apart() {
    for board in boards().unwrap() {
        let used: Vec<&String> = board.evidence.iter().flat_map(|e| &e.sources).collect();
        for source in board.sources.keys() {
            assert!(
                used.contains(&source),
                "board `{}` does not use its source `{source}`",
                board.id
            );
        }
    }
}

#[test]
fn what_is_derived_is_planned_with_a_caveat_and_what_is_unknown_is_not_planned() {
    let derived: Vec<&str> = boards()
        .unwrap()
        .iter()
        .filter(|board| board.caveat().is_some())
        .map(|board| board.id.as_str())
        .collect();
    let expected = [
        "b200-180gb",
        "b300-269gb",
        "gb200-186gb",
        "gb300-278gb",
        "gh200-144gb",
        "h100-96gb",
    ];
    assert_eq!(derived, expected, "boards whose placements are derived");
    let caveat = board("b200-180gb").unwrap().unwrap().caveat().unwrap();
    assert!(
        caveat.contains("`b200-180gb`") && caveat.contains("-lgipp"),
        "{caveat}"
    );
    for board in boards().unwrap() {
        let refused = ["rtx-pro-4500-32gb", "rtx-pro-5000-48gb"].contains(&board.id.as_str());
        assert_eq!(
            board.not_ready().is_some(),
            refused,
            "whether `{}` is refused",
            board.id
        );
        assert!(
            !refused || board.profiles().is_empty(),
            "`{}` has nothing to plan with",
            board.id
        );
        assert_eq!(
            board.placement_confidence().is_some(),
            board.mig.is_some(),
            "`{}`",
            board.id
        );
    }
}

#[test]
fn smallest_profile_for_a_memory_need() {
    for (id, memory_gib, expected) in [
        ("h100-80gb", 1, Some("1g.10gb")),
        ("h100-80gb", 10, Some("1g.10gb")),
        ("h100-80gb", 11, Some("1g.20gb")),
        ("h100-80gb", 40, Some("3g.40gb")),
        ("h100-80gb", 80, Some("7g.80gb")),
        ("h100-80gb", 81, None),
        ("a100-40gb", 40, Some("7g.40gb")),
        ("a30-24gb", 13, Some("4g.24gb")),
        ("h200-141gb", 40, Some("3g.71gb")),
        ("h100-94gb", 40, Some("3g.47gb")),
        ("b200-180gb", 24, Some("1g.45gb")),
        ("rtx-pro-6000-96gb", 25, Some("2g.48gb")),
        ("rtx-pro-5000-48gb", 1, None),
        ("t4", 1, None),
    ] {
        let found = board(id).unwrap().unwrap().profile_for_memory(memory_gib);
        assert_eq!(
            found.map(|p| p.name.as_str()),
            expected,
            "{memory_gib} GiB on `{id}`"
        );
    }
}

#[test]
fn resources_include_every_form() {
    let names = board("t4").unwrap().unwrap().resources();
    assert_eq!(
        names,
        ["nvidia.com/gpu", "nvidia.com/gpu.shared"],
        "resources of a board without MIG"
    );
    let names = board("h100-80gb").unwrap().unwrap().resources();
    assert_eq!(
        names.len(),
        16,
        "one whole GPU and seven profiles, each also shared"
    );
    for name in [
        "nvidia.com/mig-1g.10gb.me",
        "nvidia.com/mig-1g.10gb.me.shared",
        "nvidia.com/mig-3g.40gb",
    ] {
        assert!(names.iter().any(|n| n == name), "`{name}` is missing");
    }
}

#[test]
fn resources_include_every_name_of_a_profile() {
    for (id, expected) in [
        ("a100-80gb", "nvidia.com/mig-3g.39gb"),
        ("gb200-186gb", "nvidia.com/mig-1g.24gb.me.shared"),
        ("rtx-pro-6000-96gb", "nvidia.com/mig-1g.24gb.me.all"),
        ("rtx-pro-5000-48gb", "nvidia.com/mig-2g.48gb.gfx"),
        ("rtx-pro-5000-48gb", "nvidia.com/mig-1g.12gb-me"),
    ] {
        let names = board(id).unwrap().unwrap().resources();
        assert!(
            names.iter().any(|name| name == expected),
            "`{expected}` of `{id}` in {names:?}"
        );
    }
    for board in boards().unwrap() {
        let names = board.resources();
        assert!(names.is_sorted(), "resources of `{}` are sorted", board.id);
        assert!(
            !names.iter().any(|n| n.contains('+')),
            "a resource name cannot contain `+`"
        );
    }
}
