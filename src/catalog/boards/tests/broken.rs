//! A board whose figures contradict each other is refused, and the message says which.

use super::*;

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
        (
            "opticalFlow: 1}\n  profiles",
            "opticalFlow: 0}\n  profiles",
            "more engines than the GPU has",
        ),
        (
            "  engines: {decoders: 4, encoders: 0, jpeg: 1, opticalFlow: 1}\n  profiles",
            "  profiles",
            "must both be known",
        ),
        (
            "  profiles:\n",
            "  nameAliases: {9g.24gb: [4g.23gb]}\n  profiles:\n",
            "no profile `9g.24gb`",
        ),
        (
            "  profiles:\n",
            "  nameAliases: {4g.24gb: [1g.6gb]}\n  profiles:\n",
            "`1g.6gb` is a profile of its own",
        ),
        (
            "  profiles:\n",
            "  nameAliases: {4g.24gb: [\"4g 23\"]}\n  profiles:\n",
            "`4g 23` is not legal",
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

#[test]
fn a_board_that_is_not_ready_is_checked_too() {
    let good = crate::catalog::text("boards/rtx-pro-5000-48gb.yaml").unwrap();
    assert!(
        parse("boards/rtx-pro-5000-48gb.yaml", good).is_ok(),
        "the board itself is good"
    );
    for (from, to, message) in [
        (
            "unplannedMig:\n",
            "mig: {modeChange: on-demand, computeSlices: 1, memoryUnits: 1, profiles: []}\nunplannedMig:\n",
            "has both",
        ),
        ("name: 2g.48gb\n", "name: 2g.47gb\n", "resource is not"),
        (
            "  computeSlices: 2\n  engines",
            "  computeSlices: 1\n  engines",
            "too many compute slices",
        ),
        ("maxInstances: 2", "maxInstances: 0", "maxInstances is 0"),
        (
            "otherNames: [1g.12gb,",
            "otherNames: [1g.24gb,",
            "`1g.24gb` is there twice",
        ),
        ("otherNames: [1g.12gb,", "otherNames: [\"1g/12gb\",", "not legal"),
    ] {
        assert!(good.contains(from), "`{from}` is in the file");
        let error = parse("boards/rtx-pro-5000-48gb.yaml", &good.replace(from, to))
            .expect_err(to)
            .to_string();
        assert!(
            error.contains(message),
            "`{to}` gives `{error}`, expected `{message}`"
        );
    }
}
