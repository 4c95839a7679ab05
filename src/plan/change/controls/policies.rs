//! The admission policies: modes, engine, Pod Security, and who is excepted.

use std::collections::BTreeMap;

use super::Case;
use super::judge::{Step, exceptions, keys, neutral, ranked};
use crate::plan::change::words::word;
use crate::plan::{ClusterPlan, Plan};
use crate::spec::{Mode, PodSecurity};

/// A policy's mode; none where there is no such policy.
type State = Option<Mode>;

/// Modes, from no policy over audit to enforce; a cluster's own where clusters differ.
pub(super) fn mode(case: &Case<'_, '_>) -> Vec<Step> {
    let mut by_policy: BTreeMap<&str, BTreeMap<&str, (State, State)>> = BTreeMap::new();
    for after in &case.after.clusters {
        let (was, is) = (former(case.before, after), modes(after));
        for id in keys(&was, &is) {
            let states = (was.get(*id).copied(), is.get(*id).copied());
            by_policy
                .entry(*id)
                .or_default()
                .insert(after.name.as_str(), states);
        }
    }
    let judged = by_policy.into_iter().flat_map(|(id, clusters)| {
        let states: Vec<(State, State)> = clusters.values().copied().collect();
        if states.windows(2).all(|pair| pair[0] == pair[1]) {
            let only = states.first().copied();
            return only
                .map(|states| (id.to_owned(), states))
                .into_iter()
                .collect::<Vec<_>>();
        }
        let own = clusters.into_iter();
        own.map(|(cluster, states)| (format!("{id} on {cluster}"), states))
            .collect()
    });
    let rank = |state: &State| match state {
        None => 0,
        Some(Mode::Audit) => 1,
        Some(Mode::Enforce) => 2,
    };
    judged
        .filter_map(|(subject, states)| ranked(&subject, states, rank, |state| state.map(word)))
        .collect()
}

/// The modes that a cluster had; for one that was not there, the strictest that any had, so that a loosening cannot
/// hide behind another name of the cluster.
fn former<'p>(before: &'p Plan, cluster: &ClusterPlan) -> BTreeMap<&'p str, Mode> {
    if let Some(same) = before.cluster(cluster.name.as_str()) {
        return modes(same);
    }
    let mut strictest: BTreeMap<&str, Mode> = BTreeMap::new();
    for (id, mode) in before.clusters.iter().flat_map(modes) {
        let kept = strictest.entry(id).or_insert(mode);
        if mode == Mode::Enforce {
            *kept = mode;
        }
    }
    strictest
}

fn modes(cluster: &ClusterPlan) -> BTreeMap<&str, Mode> {
    let policies = cluster.policies.iter();
    policies.map(|policy| (policy.id.as_str(), policy.mode)).collect()
}

/// Who evaluates the policies: the same rules either way.
pub(super) fn engine(case: &Case<'_, '_>) -> Vec<Step> {
    let (was, is) = (word(case.before.engine()), word(case.after.engine()));
    neutral("", Some(&was), Some(&is))
}

/// The level of Pod Security, and of single namespaces where it is another one.
pub(super) fn pod_security(case: &Case<'_, '_>) -> Vec<Step> {
    let rank = |level: &PodSecurity| match level {
        PodSecurity::Baseline => 0,
        PodSecurity::Restricted => 1,
    };
    let general = |plan: &Plan| plan.model.policy.pod_security;
    let both = (general(case.before), general(case.after));
    let show = |level: &PodSecurity| Some(word(*level));
    let mut steps: Vec<Step> = ranked("tenant namespaces", both, rank, show)
        .into_iter()
        .collect();
    for (place, was, is) in case.pair.lasting_tenants() {
        let own = (was.pod_security, is.pod_security);
        if own != both {
            steps.extend(ranked(&place, own, rank, show));
        }
    }
    steps
}

/// Namespaces that no policy applies to.
pub(super) fn system_namespaces(case: &Case<'_, '_>) -> Vec<Step> {
    let of = |plan: &Plan| plan.model.policy.system_namespaces.clone();
    exceptions(&of(case.before), &of(case.after))
}

/// Groups that pass the protect policies.
pub(super) fn admin_groups(case: &Case<'_, '_>) -> Vec<Step> {
    exceptions(&case.before.admins().groups, &case.after.admins().groups)
}

/// Users that pass the protect policies.
pub(super) fn admin_users(case: &Case<'_, '_>) -> Vec<Step> {
    exceptions(&case.before.admins().users, &case.after.admins().users)
}
