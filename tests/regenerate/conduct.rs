//! Every history, in a repository of its own.

use rayon::prelude::*;

use super::history::read;
use super::play::play;

/// The files with histories, by what they are about.
const FILES: &[(&str, &str)] = &[
    ("edits", include_str!("histories/edits.yaml")),
    ("deletions", include_str!("histories/deletions.yaml")),
    ("teams", include_str!("histories/teams.yaml")),
    ("sources", include_str!("histories/sources.yaml")),
    ("conflicts", include_str!("histories/conflicts.yaml")),
    ("branches", include_str!("histories/branches.yaml")),
    ("clones", include_str!("histories/clones.yaml")),
    ("kinds", include_str!("histories/kinds.yaml")),
    ("layouts", include_str!("histories/layouts.yaml")),
];

#[test]
fn every_history_ends_as_it_must() {
    let histories: Vec<_> = FILES
        .iter()
        .flat_map(|(file, text)| read(text).into_iter().map(move |history| (*file, history)))
        .collect();
    assert!(histories.len() >= 98, "{} histories", histories.len());
    let failed: Vec<String> = histories
        .par_iter()
        .filter_map(|(file, history)| {
            let played = std::panic::catch_unwind(|| play(history));
            let cause = played.err()?;
            let text = cause.downcast_ref::<String>().cloned();
            let text = text.or_else(|| cause.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            Some(format!(
                "{file}: {}\n    {}",
                history.name,
                text.unwrap_or_default()
            ))
        })
        .collect();
    assert!(
        failed.is_empty(),
        "{} of {} histories failed:\n{}",
        failed.len(),
        histories.len(),
        failed.join("\n")
    );
}
