//! What every secret backend must grant and record.

use super::Case;
use super::judge::{Step, ranked};
use crate::model::SecretPolicy;
use crate::units::Ttl;

fn of<'p, T>(case: &Case<'_, 'p>, pick: impl Fn(&'p SecretPolicy) -> T) -> (T, T) {
    (
        pick(&case.before.model.policy.secrets),
        pick(&case.after.model.policy.secrets),
    )
}

/// How long a tenant's token lives unless it is renewed: longer is loosened.
pub(super) fn token_ttl(case: &Case<'_, '_>) -> Vec<Step> {
    lifetime(of(case, |policy| &policy.token_ttl))
}

/// How long it lives at most.
pub(super) fn token_max_ttl(case: &Case<'_, '_>) -> Vec<Step> {
    lifetime(of(case, |policy| &policy.token_max_ttl))
}

fn lifetime(both: (&Ttl, &Ttl)) -> Vec<Step> {
    let shorter = |ttl: &&Ttl| std::cmp::Reverse(ttl.seconds());
    ranked("", both, shorter, |ttl| Some(ttl.to_string()))
        .into_iter()
        .collect()
}

/// Whether an audit device must be there.
pub(super) fn audit(case: &Case<'_, '_>) -> Vec<Step> {
    let show = |audit: &bool| Some(if *audit { "required" } else { "not required" }.to_owned());
    ranked("", of(case, |policy| policy.audit), |audit| *audit, show)
        .into_iter()
        .collect()
}
