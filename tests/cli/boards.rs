//! `platform gpu boards|profiles`: what a person reads, and what is said of a board that is not there.

use super::sandbox::Sandbox;

#[test]
fn boards_are_listed_with_how_sure_they_are() {
    let sandbox = Sandbox::new();
    let run = sandbox.run(&["gpu", "boards"]);
    assert_eq!(
        (run.code, run.stderr.as_str()),
        (0, ""),
        "no spec is needed: {run:?}"
    );
    let row = |id: &str| {
        let found = run.stdout.lines().find(|line| line.split(' ').next() == Some(id));
        found
            .unwrap_or_else(|| panic!("`{id}` is listed: {}", run.stdout))
            .to_owned()
    };
    for (id, expected) in [
        ("h100-80gb", "h100-80gb hopper 80 GB 7 A ready"),
        ("b200-180gb", "b200-180gb blackwell 180 GB 7 C ready"),
        ("a30-24gb", "a30-24gb ampere 24 GB 4 A ready"),
        (
            "rtx-pro-4500-32gb",
            "rtx-pro-4500-32gb blackwell 32 GB 2 - not-ready",
        ),
        ("v100", "v100 volta 16 GB - - none"),
    ] {
        let words: Vec<String> = row(id).split_whitespace().map(str::to_owned).collect();
        assert_eq!(words.join(" "), expected, "{}", run.stdout);
    }
    assert!(
        run.stdout
            .contains("rtx-pro-4500-32gb is not ready for MIG: no placements"),
        "{}",
        run.stdout
    );
    let wide = sandbox.run(&["gpu", "boards", "-o", "wide"]).stdout;
    assert!(
        wide.contains("NVIDIA-H100-80GB-HBM3") && wide.contains("10de:2330"),
        "{wide}"
    );
}

#[test]
fn profiles_are_drawn() {
    let sandbox = Sandbox::new();
    for (id, lines) in [
        (
            "h100-80gb",
            &[
                "1g.10gb     10 GB   1       7    [][][][][][][]..  1 dec 1 jpeg        nvidia.com/mig-1g.10gb",
                "2g.20gb     20 GB   2       3    [==][==][==]....  2 dec 2 jpeg        nvidia.com/mig-2g.20gb",
                "4g.40gb     40 GB   4       1    [======]........  4 dec 4 jpeg        nvidia.com/mig-4g.40gb",
                "fullest layouts: 44; any part of one is a layout, too",
            ][..],
        ),
        (
            "gb200-186gb",
            &[
                "with some drivers `7g.186gb` is called 7g.189gb",
                "caveat: the placements of board `gb200-186gb` are derived from boards like it, not seen on one: \
                 compare them with `nvidia-smi mig -lgipp` on a node before you rely on its layout",
            ],
        ),
        (
            "rtx-pro-4500-32gb",
            &["not ready for planning: no placements are published"],
        ),
        (
            "t4",
            &["NVIDIA T4 16 GB has no MIG: a pool of it is whole, time-sliced or shared by MPS."],
        ),
    ] {
        let run = sandbox.run(&["gpu", "profiles", id]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run:?}");
        for line in lines {
            assert!(
                run.stdout.lines().any(|found| found == *line),
                "{line:?} in\n{}",
                run.stdout
            );
        }
    }
}

#[test]
fn an_unknown_board_is_refused_with_the_nearest_and_the_list() {
    let sandbox = Sandbox::new();
    for (typed, near) in [
        ("h100", "did you mean `h100-80gb`? boards: a10, a100-40gb"),
        ("H100-80GB", "did you mean `h100-80gb`? boards: a10, a100-40gb"),
        ("b20-180gb", "did you mean `b200-180gb`?"),
        ("\u{1b}[31m", "hint: boards: a10, a100-40gb"),
        ("", "hint: boards: a10, a100-40gb"),
    ] {
        let run = sandbox.run(&["gpu", "profiles", typed, "-o", "json"]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{typed:?}: {run:?}");
        assert!(
            run.stderr.contains("is not in the catalogue"),
            "{typed:?}: {run:?}"
        );
        assert!(run.stderr.contains(near), "{typed:?}: {run:?}");
        assert!(!run.stderr.contains('\u{1b}'), "{typed:?}: {run:?}");
    }
    let run = sandbox.run(&["gpu"]);
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.stderr.contains("Usage: platform gpu"), "{run:?}");
}
