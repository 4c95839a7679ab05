//! Names of profiles follow from the total memory, as drivers form them.

use super::*;

#[test]
fn all_names_of_the_catalogue_follow_from_the_total_memory() {
    let mut names = 0;
    for board in boards().unwrap() {
        for (planned, driver) in board.names_with(u64::from(board.memory_gb) * 1024) {
            assert_eq!(driver, planned, "on `{}`", board.id);
            names += 1;
        }
    }
    assert_eq!(names, 93, "profiles of all boards that can be planned");
}

#[test]
fn names_on_a_node_follow_from_its_memory_label() {
    // `nvidia.com/gpu.memory` in MiB as nodes have it: less than the product's gigabytes, and not always the same.
    for (id, mib, planned, driver) in [
        ("h100-80gb", 81_559, "3g.40gb", "3g.40gb"),
        ("h200-141gb", 143_771, "1g.35gb", "1g.35gb"),
        ("b200-180gb", 183_359, "1g.23gb+me", "1g.23gb+me"),
        ("gb200-186gb", 189_471, "7g.186gb", "7g.186gb"),
        ("gb200-186gb", 189 * 1024, "1g.23gb", "1g.24gb"),
        ("gb200-186gb", 189 * 1024, "1g.23gb+me", "1g.24gb+me"),
        ("gb200-186gb", 189 * 1024, "1g.47gb", "1g.47gb"),
        ("gb200-186gb", 189 * 1024, "2g.47gb", "2g.47gb"),
        ("gb200-186gb", 189 * 1024, "3g.93gb", "3g.95gb"),
        ("gb200-186gb", 189 * 1024, "4g.93gb", "4g.95gb"),
        ("gb200-186gb", 189 * 1024, "7g.186gb", "7g.189gb"),
        ("rtx-pro-6000-96gb", 97_887, "1g.24gb+me.all", "1g.24gb+me.all"),
        ("rtx-pro-6000-96gb", 97_887, "2g.48gb-me", "2g.48gb-me"),
    ] {
        let names = board(id).unwrap().unwrap().names_with(mib);
        let found = names.get(planned).map(String::as_str);
        assert_eq!(found, Some(driver), "`{planned}` of `{id}` at {mib} MiB");
    }
}

#[test]
fn aliases_of_an_early_gb200_are_its_names_at_189_gib() {
    let board = board("gb200-186gb").unwrap().unwrap();
    for (planned, driver) in board.names_with(189 * 1024) {
        let known = driver == planned || board.name_aliases(&planned).contains(&driver);
        assert!(known, "`{driver}` is a known name of `{planned}`");
    }
}

#[test]
fn the_formula_rounds_as_the_driver_does() {
    for (instance, gpu, total, expected) in [
        (1, 8, 80, 10),
        (1, 8, 94, 12),  // 11.75
        (1, 8, 180, 23), // 22.5: halves go up
        (4, 8, 141, 71), // 70.5
        (2, 8, 186, 47), // 46.5
        (1, 8, 186, 23), // 23.25
        (3, 12, 96, 24),
        (1, 4, 24, 6),
        (1, 3, 24, 9), // a third is three eighths, rounded up
        (0, 8, 80, 0),
        (1, 0, 80, 80),
        (8, 8, u32::MAX, u32::MAX),
        (u32::MAX, 1, u32::MAX, u32::MAX),
    ] {
        let found = profile_memory_gb(instance, gpu, total);
        assert_eq!(found, expected, "{instance} of {gpu} units of {total} GiB");
    }
    assert!(
        board("t4").unwrap().unwrap().names_with(16_384).is_empty(),
        "no MIG, no names"
    );
    assert!(
        board("gb200-186gb").unwrap().unwrap().names_with(u64::MAX).len() == 7,
        "any label has an answer"
    );
}
