use super::*;

#[test]
fn names_are_subdomains_whose_grant_is_a_label() {
    for (profile, expected) in [
        ("3g.40gb", "h100-80gb-3g.40gb"),
        ("1g.10gb+me", "h100-80gb-1g.10gb.me"),
    ] {
        assert_eq!(
            class_name("h100-80gb", profile),
            expected,
            "the name of {profile}"
        );
    }
    let long =
        ["1g.24gb", "1g.24gb+me", "2g.48gb"].map(|profile| class_name("a-board-with-a-long-id", profile));
    assert!(
        long.iter().all(|name| name.len() == MAX_CLASS_NAME),
        "cut to what a label holds: {long:?}"
    );
    assert_eq!(
        BTreeSet::from(long.clone()).len(),
        long.len(),
        "and still different: {long:?}"
    );
    let mut names = BTreeSet::new();
    for board in boards::boards().expect("the catalogue is sound") {
        for profile in board.profiles() {
            let name = class_name(&board.id, &profile.name);
            let label = crate::plan::grant_label(&class_grant(&name));
            let (_, part) = label.split_once('/').expect("a grant has a prefix");
            assert!(part.len() <= 63, "`{part}` is a label name");
            let legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c);
            assert!(name.chars().all(legal), "`{name}` is a subdomain");
            assert!(names.insert(name.clone()), "`{name}` is one class");
        }
    }
}
