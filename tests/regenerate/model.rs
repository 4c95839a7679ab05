//! A law with a model: whatever people edit and whatever the spec becomes, no hand edit is lost, and no generated line
//! is stale without a conflict.
//!
//! Every generated line occurs once, so that a file is a set of lines: what the merge must keep, drop and bring follows
//! from the sets of the last render, the user's file and the new render.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::rounds::{Edit, Outcome, Platform, Resolution, Round, SpecChange};

type Files = BTreeMap<String, String>;

fn lines(text: Option<&String>) -> BTreeSet<&str> {
    text.map(|text| text.lines().collect()).unwrap_or_default()
}

/// Paths as they are after teams were renamed, where the rule says that files follow.
fn follow(files: &Files, renames: &[(String, String)]) -> Files {
    let moved = |path: &String| {
        let followed = renames.iter().find_map(|(old, new)| {
            let rest = path.strip_prefix(old)?.strip_prefix('/')?;
            Some(format!("{new}/{rest}"))
        });
        followed.unwrap_or_else(|| path.clone())
    };
    files
        .iter()
        .map(|(path, text)| (moved(path), text.clone()))
        .collect()
}

/// What must hold of one merge.
fn assert_merge(base: &Files, ours: &Files, theirs: &Files, outcome: &Outcome) {
    let all: BTreeSet<&String> = base.keys().chain(ours.keys()).chain(theirs.keys()).collect();
    for path in all {
        if path == "platform.yaml" || path == ".platform/lock.yaml" {
            continue;
        }
        let (b, o, t) = (base.get(path), ours.get(path), theirs.get(path));
        let found = outcome.files.get(path);
        if let Some(kept) = outcome.conflicts.get(path) {
            assert!(
                o != b && t != b && o != t,
                "`{path}`: a conflict without two changes"
            );
            assert_eq!(kept.as_ref(), o, "`{path}`: stage 2 is the user's file");
            let (before, now) = (lines(b), lines(found));
            let edits = lines(o);
            for line in edits.difference(&before) {
                assert!(
                    now.contains(line),
                    "`{path}`: the hand edit `{line}` is not beside the markers"
                );
            }
            continue;
        }
        if b.is_some() && o.is_none() {
            assert_eq!(found, None, "`{path}` was deleted by hand and stays deleted");
            continue;
        }
        if o == b || t == b {
            assert_eq!(
                found,
                if o == b { t } else { o },
                "`{path}`: one side alone has changed it"
            );
            continue;
        }
        assert!(
            t.is_some(),
            "`{path}` was edited and is no longer rendered: a conflict"
        );
        let (b, o, t, found) = (lines(b), lines(o), lines(t), lines(found));
        for line in o.difference(&b) {
            assert!(found.contains(line), "`{path}`: the hand edit `{line}` is lost");
        }
        for line in b.difference(&o) {
            assert!(
                !found.contains(line),
                "`{path}`: `{line}`, deleted by hand, is back"
            );
        }
        for line in b.difference(&t) {
            assert!(!found.contains(line), "`{path}`: `{line}` is stale");
        }
        for line in t.difference(&b) {
            assert!(
                found.contains(line),
                "`{path}`: `{line}` of the new render is missing"
            );
        }
    }
    let known: BTreeSet<&String> = ours.keys().chain(theirs.keys()).collect();
    let strange: Vec<_> = outcome
        .files
        .keys()
        .filter(|path| !known.contains(path))
        .collect();
    assert!(strange.is_empty(), "files from nowhere: {strange:?}");
}

fn edits() -> impl Strategy<Value = Edit> {
    let at = || any::<u16>();
    prop_oneof![
        4 => (at(), at()).prop_map(|(file, line)| Edit::Insert { file, line }),
        4 => (at(), at()).prop_map(|(file, line)| Edit::Replace { file, line }),
        2 => (at(), at()).prop_map(|(file, line)| Edit::Remove { file, line }),
        1 => at().prop_map(|file| Edit::Delete { file }),
        1 => at().prop_map(|team| Edit::Own { team }),
    ]
}

fn changes() -> impl Strategy<Value = SpecChange> {
    let at = || any::<u16>();
    prop_oneof![
        6 => (at(), at()).prop_map(|(team, key)| SpecChange::Number { team, key }),
        2 => at().prop_map(|team| SpecChange::Group { team }),
        1 => Just(SpecChange::Add),
        1 => at().prop_map(|team| SpecChange::Remove { team }),
        2 => at().prop_map(|team| SpecChange::Rename { team }),
    ]
}

fn rounds() -> impl Strategy<Value = Vec<Round>> {
    let resolution = prop_oneof![
        Just(Resolution::Both),
        Just(Resolution::Ours),
        Just(Resolution::Theirs),
        Just(Resolution::Abort)
    ];
    let round = (
        prop::collection::vec(edits(), 0..6),
        prop::collection::vec(changes(), 1..5),
        resolution,
    );
    let round = round.prop_map(|(edits, changes, resolution)| Round {
        edits,
        changes,
        resolution,
    });
    prop::collection::vec(round, 1..6)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_hand_edit_is_lost_and_no_generated_line_is_stale(rounds in rounds()) {
        let mut platform = Platform::new();
        for round in &rounds {
            platform.edit(&round.edits);
            let base = platform.rendered.clone();
            let renames = platform.change(&round.changes);
            let theirs = platform.render();
            let ours = platform.files();
            let outcome = platform.merge(&renames);
            let (base, moved) = (follow(&base, &renames), follow(&ours, &renames));
            assert_merge(&base, &moved, &theirs, &outcome);
            match outcome.conflicts.is_empty() {
                true => platform.rendered = theirs,
                false => platform.resolve(round.resolution, &outcome, &ours, theirs),
            }
            platform.assert_clean();
        }
    }
}
