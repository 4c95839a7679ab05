//! The embedded boards hold what the sources say, and a broken board is refused.

use super::*;

#[test]
fn catalogue_has_the_boards_in_order() {
    assert_eq!(
        ids().unwrap(),
        [
            "a100-40gb",
            "a100-80gb",
            "a30-24gb",
            "h100-80gb",
            "h200-141gb",
            "l40s",
            "t4"
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
        let mut wanted = vec!["productLabels", "pciIds", "memoryGb"];
        if board.mig.is_some() {
            wanted.extend([
                "computeSlices",
                "memoryUnits",
                "engines",
                "profiles.name",
                "profiles.computeSlices",
                "profiles.memoryUnits",
                "profiles.maxInstances",
                "profiles.placements",
                "profiles.engines",
            ]);
        } else {
            wanted.push("mig");
        }
        for figure in wanted {
            assert!(
                told.contains(&figure),
                "board `{}` says no source for `{figure}`",
                board.id
            );
        }
        assert!(!board.pci_ids.is_empty(), "board `{}` has no PCI id", board.id);
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
    assert!(
        !names.iter().any(|n| n.contains('+')),
        "a resource name cannot contain `+`"
    );
}

#[test]
fn broken_boards_are_refused() {
    let good = crate::catalog::text("boards/a30-24gb.yaml").unwrap();
    assert!(
        parse("boards/a30-24gb.yaml", good).is_ok(),
        "the board itself is good"
    );
    for (from, to, message) in [
        ("id: a30-24gb", "id: a30", "id `a30` is not the name of the file"),
        ("id: a30-24gb", "ident: a30-24gb", "unknown field"),
        (
            "memoryUnits: 4\n  engines",
            "memoryUnits: 40\n  engines",
            "memoryUnits is 40",
        ),
        ("{start: 2, size: 2}", "{start: 3, size: 2}", "leaves the GPU"),
        (
            "{start: 2, size: 2}",
            "{start: 4294967295, size: 2}",
            "leaves the GPU",
        ),
        ("maxInstances: 2", "maxInstances: 3", "the placements allow 2"),
        ("name: 2g.12gb+me", "name: 2g.12gb", "resource is not"),
        ("mig-1g.6gb.me", "mig-1g.6gb+me", "resource is not"),
        ("name: 4g.24gb", "name: 4g.20gb", "resource is not"),
        (
            "sources: [MP]",
            "sources: [ELSEWHERE]",
            "source `ELSEWHERE` is not listed",
        ),
        ("computeSlices: 4\n", "computeSlices: -4\n", "cannot be read"),
    ] {
        assert!(good.contains(from), "`{from}` is in the file");
        let error = parse("boards/a30-24gb.yaml", &good.replace(from, to))
            .expect_err(to)
            .to_string();
        assert!(
            error.contains(message),
            "`{to}` gives `{error}`, expected `{message}`"
        );
    }
    for text in ["", "[]", "\u{0}", "id: {", "a: &a [*a]"] {
        assert!(parse("boards/x.yaml", text).is_err(), "{text:?} is no board");
    }
}

/// Where the research data lies beside the checkout, every figure is compared with it.
#[test]
fn boards_agree_with_the_research_data() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/mig-profiles.yaml");
    let Ok(text) = std::fs::read_to_string(path) else {
        return;
    };
    let data: serde_yaml::Value = serde_yaml::from_str(&text).unwrap();
    let number = |value: &serde_yaml::Value| u32::try_from(value.as_u64().unwrap()).unwrap();
    for board in boards().unwrap().iter().filter(|board| board.mig.is_some()) {
        let gpu = data["gpus"]
            .as_sequence()
            .unwrap()
            .iter()
            .find(|g| g["id"] == board.id.as_str())
            .unwrap();
        let mig = board.mig.as_ref().unwrap();
        assert_eq!(
            number(&gpu["total_memory_gb"]),
            board.memory_gb,
            "memory of `{}`",
            board.id
        );
        assert_eq!(
            number(&gpu["compute_slices"]),
            mig.compute_slices,
            "compute slices of `{}`",
            board.id
        );
        assert_eq!(
            number(&gpu["memory_units"]),
            mig.memory_units,
            "memory units of `{}`",
            board.id
        );
        assert_eq!(
            gpu["product_labels_verified"], board.product_labels.verified,
            "labels of `{}`",
            board.id
        );
        let profiles = gpu["profiles"].as_sequence().unwrap();
        assert_eq!(profiles.len(), mig.profiles.len(), "profiles of `{}`", board.id);
        for (theirs, ours) in profiles.iter().zip(&mig.profiles) {
            let place = |p: &serde_yaml::Value| Placement {
                start: number(&p["start"]),
                size: number(&p["size"]),
            };
            let places: Vec<Placement> = theirs["placements"]
                .as_sequence()
                .unwrap()
                .iter()
                .map(place)
                .collect();
            let engines = &theirs["engines"];
            let engines = Engines {
                decoders: number(&engines["dec"]),
                encoders: number(&engines["enc"]),
                jpeg: number(&engines["jpeg"]),
                optical_flow: number(&engines["ofa"]),
            };
            assert_eq!(theirs["name"], ours.name.as_str(), "name in `{}`", board.id);
            assert_eq!(
                theirs["resource"],
                ours.resource.as_str(),
                "resource of `{}`",
                ours.name
            );
            assert_eq!(
                number(&theirs["max_instances"]),
                ours.max_instances,
                "count of `{}`",
                ours.name
            );
            assert_eq!(
                number(&theirs["memory_gb"]),
                ours.memory_gb,
                "memory of `{}`",
                ours.name
            );
            assert_eq!(
                number(&theirs["sm"]),
                ours.multiprocessors,
                "multiprocessors of `{}`",
                ours.name
            );
            assert_eq!(
                number(&theirs["gi_profile_id"]),
                ours.instance_profile_id,
                "id of `{}`",
                ours.name
            );
            assert_eq!(engines, ours.engines, "engines of `{}`", ours.name);
            assert_eq!(
                places, ours.placements,
                "placements of `{}` on `{}`",
                ours.name, board.id
            );
        }
    }
}
