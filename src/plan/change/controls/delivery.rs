//! What brings objects to a cluster: the engine, the teams' own sources, the overlays.

use std::collections::BTreeMap;

use super::Case;
use super::judge::{Step, keys, neutral};
use crate::plan::Plan;
use crate::plan::change::words::word;

/// The GitOps engine: the same objects either way.
pub(super) fn engine(case: &Case<'_, '_>) -> Vec<Step> {
    let (was, is) = (
        word(case.before.gitops().engine),
        word(case.after.gitops().engine),
    );
    neutral("", Some(&was), Some(&is))
}

/// The repositories that a team's own applications may come from.
pub(super) fn sources(case: &Case<'_, '_>) -> Vec<Step> {
    let of = |plan: &Plan| -> BTreeMap<String, String> {
        let with = plan.model.teams.iter().filter(|team| !team.sources.is_empty());
        with.map(|team| (team.name.to_string(), team.sources.join(", ")))
            .collect()
    };
    maps(&of(case.before), &of(case.after))
}

/// The user's own overlays: what a patch of an object means for its protection only a reader can tell.
pub(super) fn overlays(case: &Case<'_, '_>) -> Vec<Step> {
    let short = |plan: &Plan| -> BTreeMap<String, String> {
        let digests = plan.overlays.digests.iter();
        digests
            .map(|(path, sha256)| (path.clone(), sha256.get(..10).unwrap_or(sha256).to_owned()))
            .collect()
    };
    maps(&short(case.before), &short(case.after))
}

fn maps(was: &BTreeMap<String, String>, is: &BTreeMap<String, String>) -> Vec<Step> {
    let text = |map: &BTreeMap<String, String>, key: &String| map.get(key).cloned();
    keys(was, is)
        .into_iter()
        .flat_map(|key| neutral(key, text(was, key).as_deref(), text(is, key).as_deref()))
        .collect()
}
