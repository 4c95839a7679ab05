//! What judges share: how two states of one thing become a verdict.

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::change::types::Verdict;

/// One difference that a judge found.
pub(super) struct Step {
    pub(super) verdict: Verdict,
    pub(super) subject: String,
    pub(super) before: String,
    pub(super) after: String,
}

impl Step {
    /// A difference between two texts; `None` is shown as `-`.
    pub(super) fn new(verdict: Verdict, subject: &str, before: Option<&str>, after: Option<&str>) -> Self {
        let shown = |text: Option<&str>| text.unwrap_or("-").to_owned();
        Self {
            verdict,
            subject: subject.to_owned(),
            before: shown(before),
            after: shown(after),
        }
    }
}

/// A difference that is neither stricter nor wider.
pub(super) fn neutral(subject: &str, before: Option<&str>, after: Option<&str>) -> Vec<Step> {
    let step = || Step::new(Verdict::Changed, subject, before, after);
    (before != after).then(step).into_iter().collect()
}

/// A difference on a scale of protection: less is loosened, more is tightened, another of the same is changed.
pub(super) fn ranked<T: PartialEq, R: Ord>(
    subject: &str,
    (before, after): (T, T),
    rank: impl Fn(&T) -> R,
    show: impl Fn(&T) -> Option<String>,
) -> Option<Step> {
    if before == after {
        return None;
    }
    let verdict = match rank(&before).cmp(&rank(&after)) {
        std::cmp::Ordering::Less => Verdict::Tightened,
        std::cmp::Ordering::Greater => Verdict::Loosened,
        std::cmp::Ordering::Equal => Verdict::Changed,
    };
    Some(Step::new(
        verdict,
        subject,
        show(&before).as_deref(),
        show(&after).as_deref(),
    ))
}

/// Exceptions that came or went: each new one loosens, each gone one tightens.
pub(super) fn exceptions(before: &[String], after: &[String]) -> Vec<Step> {
    let set = |names: &[String]| names.iter().cloned().collect::<BTreeSet<_>>();
    let (before, after) = (set(before), set(after));
    let gone = before.difference(&after);
    let gone = gone.map(|name| Step::new(Verdict::Tightened, name, Some("excepted"), None));
    let new = after.difference(&before);
    let new = new.map(|name| Step::new(Verdict::Loosened, name, None, Some("excepted")));
    gone.chain(new).collect()
}

/// The names of both maps, each once.
pub(super) fn keys<'k, K: Ord, V>(before: &'k BTreeMap<K, V>, after: &'k BTreeMap<K, V>) -> BTreeSet<&'k K> {
    before.keys().chain(after.keys()).collect()
}
