//! The secret backends: which, where, and for whom their tokens are.

use std::collections::BTreeMap;

use super::Case;
use super::judge::{Step, keys, neutral, ranked};
use crate::model::SecretBackend;
use crate::plan::Plan;
use crate::plan::change::words::word;

fn named(plan: &Plan) -> BTreeMap<&str, &SecretBackend> {
    let backends = plan.model.backends.iter();
    backends.map(|backend| (backend.name.as_str(), backend)).collect()
}

/// The backends that are on both sides: name, former, new.
fn lasting<'p>(case: &Case<'_, 'p>) -> Vec<(&'p str, &'p SecretBackend, &'p SecretBackend)> {
    let is = named(case.after);
    let was = named(case.before).into_iter();
    was.filter_map(|(name, was)| Some((name, was, *is.get(name)?)))
        .collect()
}

/// The URL of the API: another one is changed, plain HTTP is loosened.
pub(super) fn address(case: &Case<'_, '_>) -> Vec<Step> {
    let judge = |(name, was, is): (&str, &SecretBackend, &SecretBackend)| {
        let both = (was.address.as_str(), is.address.as_str());
        ranked(
            name,
            both,
            |url| url.starts_with("https:"),
            |url| Some((*url).to_owned()),
        )
    };
    lasting(case).into_iter().filter_map(judge).collect()
}

/// The audience of the tokens that it accepts.
pub(super) fn audience(case: &Case<'_, '_>) -> Vec<Step> {
    let both = lasting(case).into_iter();
    both.flat_map(|(name, was, is)| neutral(name, Some(&was.audience), Some(&is.audience)))
        .collect()
}

/// The product; none where the backend is on one side only.
pub(super) fn product(case: &Case<'_, '_>) -> Vec<Step> {
    let (was, is) = (named(case.before), named(case.after));
    let show = |backend: Option<&&SecretBackend>| backend.map(|backend| word(backend.backend));
    let judge = |name: &str| {
        let (was, is) = (show(was.get(name)), show(is.get(name)));
        neutral(name, was.as_deref(), is.as_deref())
    };
    keys(&was, &is).into_iter().flat_map(|name| judge(name)).collect()
}
