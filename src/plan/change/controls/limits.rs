//! Limits that a namespace had and has no longer, or has now: what is merely more or less is a quota gained or lost.

use super::Case;
use super::judge::{Step, ranked};
use crate::model::Quota;

/// A limit's name, and its text in a quota.
type Limit = (&'static str, fn(&Quota) -> Option<String>);

const LIMITS: [Limit; 4] = [
    ("cpu", |quota| quota.cpu.as_ref().map(ToString::to_string)),
    ("memory", |quota| quota.memory.as_ref().map(ToString::to_string)),
    ("pods", |quota| quota.pods.as_ref().map(ToString::to_string)),
    ("storage", |quota| quota.storage.as_ref().map(ToString::to_string)),
];

/// Limits that came or went, of the namespaces on both sides.
pub(super) fn limits(case: &Case<'_, '_>) -> Vec<Step> {
    let mut steps = Vec::new();
    for (place, was, is) in case.pair.lasting_tenants() {
        if was.quota == is.quota {
            continue;
        }
        for (what, of) in LIMITS {
            let both = (of(&was.quota), of(&is.quota));
            if both.0.is_some() != both.1.is_some() {
                let show =
                    |limit: &Option<String>| Some(limit.clone().unwrap_or_else(|| "unlimited".to_owned()));
                steps.extend(ranked(&format!("{what} of {place}"), both, Option::is_some, show));
            }
        }
    }
    steps
}
