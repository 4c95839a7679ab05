//! Which controls are tightened, loosened or changed: one judge per control, all in one table.

mod backends;
mod delivery;
mod egress;
mod judge;
mod limits;
mod policies;
mod pools;
mod reach;
mod secrets;
mod waivers;

use super::pair::Pair;
use super::types::ControlChange;
use crate::plan::Plan;
use judge::{Step, neutral};

/// What a judge looks at.
struct Case<'c, 'p> {
    /// Both plans by name.
    pair: &'c Pair<'p>,
    /// The former plan.
    before: &'p Plan,
    /// The new plan.
    after: &'p Plan,
}

/// Finds what differs in one control.
type Judge = fn(&Case<'_, '_>) -> Vec<Step>;

/// All controls, with their judges, in the order in which people read them. To add one, add its line.
const JUDGES: &[(&str, Judge)] = &[
    ("policy.mode", policies::mode),
    ("policy.engine", policies::engine),
    ("policy.podSecurity", policies::pod_security),
    ("policy.systemNamespaces", policies::system_namespaces),
    ("admins.groups", policies::admin_groups),
    ("admins.users", policies::admin_users),
    ("network.egress", egress::general),
    ("secrets.egress", egress::backends),
    ("secrets.address", backends::address),
    ("secrets.audience", backends::audience),
    ("secrets.backend", backends::product),
    ("policy.secrets.tokenTtl", secrets::token_ttl),
    ("policy.secrets.tokenMaxTtl", secrets::token_max_ttl),
    ("policy.secrets.audit", secrets::audit),
    ("policy.crossTeamSharing", pools::cross_team),
    ("gpu.sharing", pools::sharing),
    ("gpu.replicas", pools::replicas),
    ("quota.limit", limits::limits),
    ("waiver", waivers::waivers),
    ("teams.sources", delivery::sources),
    ("overlays", delivery::overlays),
    ("gitops.engine", delivery::engine),
    ("platform.name", |case| {
        neutral(
            "",
            Some(case.before.model.name.as_str()),
            Some(case.after.model.name.as_str()),
        )
    }),
    ("gitops.branch", |case| {
        neutral(
            "",
            Some(&case.before.model.branch),
            Some(&case.after.model.branch),
        )
    }),
    ("gitops.repository", |case| {
        neutral(
            "",
            case.before.model.repository.as_deref(),
            case.after.model.repository.as_deref(),
        )
    }),
];

/// Everything that differs: what is loosened first, each in the order of the controls.
pub(super) fn changes(pair: &Pair<'_>, before: &Plan) -> Vec<ControlChange> {
    let case = Case {
        pair,
        before,
        after: pair.after,
    };
    let judged = JUDGES.iter().flat_map(|(control, judge)| {
        judge(&case).into_iter().map(|step| ControlChange {
            verdict: step.verdict,
            control,
            subject: step.subject,
            before: step.before,
            after: step.after,
        })
    });
    let mut found: Vec<ControlChange> = judged.collect();
    found.sort_by_key(|change| change.verdict);
    found
}
