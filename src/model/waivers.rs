//! Exceptions, and the one that sharing a GPU between teams needs.

use super::fleet::unknown;
use super::names;
use super::report::Report;
use super::types::{Cluster, Share, Team, Waiver};
use crate::spec::{CrossTeamSharing, Sharing, Spec, Step, did_you_mean};

/// The control that two teams on one time-sliced or MPS pool need a waiver for.
const CROSS_TEAM_SHARING: &str = "gpu.cross-team-sharing";

/// Where the spec, or an overlay, refuses such sharing altogether.
const REFUSED_AT: [Step; 2] = [Step::Key("policy"), Step::Key("crossTeamSharing")];

/// The waivers, with their references checked.
pub(super) fn waivers(spec: &Spec, report: &mut Report<'_>) -> Vec<Waiver> {
    let teams: Vec<&str> = spec.teams.iter().map(|t| t.name.as_str()).collect();
    let pools: Vec<&str> = spec
        .clusters
        .iter()
        .flat_map(|c| c.pools.iter().map(|p| p.name.as_str()))
        .collect();
    for (index, waiver) in spec.waivers.iter().enumerate() {
        let at = |key| [Step::Key("waivers"), Step::Index(index), Step::Key(key)];
        if waiver.control != CROSS_TEAM_SHARING {
            let hint = did_you_mean(&waiver.control, [CROSS_TEAM_SHARING]).map_or_else(
                || format!("controls that can be waived: {CROSS_TEAM_SHARING}"),
                |near| format!("did you mean `{near}`?"),
            );
            let shown: String = waiver.control.escape_debug().take(80).collect();
            report.add(
                &at("control"),
                "unknown-control",
                format!("control `{shown}` cannot be waived"),
                Some(hint),
            );
        }
        let refused = spec.policy.cross_team_sharing == CrossTeamSharing::Refused;
        if refused && waiver.control == CROSS_TEAM_SHARING {
            let message = format!(
                "a waiver of `{CROSS_TEAM_SHARING}` is not possible: `policy.crossTeamSharing` is `refused` ({})",
                report.place(&REFUSED_AT)
            );
            let hint = "remove the waiver, and use MIG or a pool per team";
            report.add(&at("control"), "sharing-refused", message, Some(hint.to_owned()));
        }
        if let Some(pool) = waiver.pool.as_deref().filter(|pool| !pools.contains(pool)) {
            unknown("pool", "", pool, &pools, &at("pool"), report);
        }
        for (team_index, team) in waiver.teams.iter().enumerate() {
            if !teams.contains(&team.as_str()) {
                let path = [
                    Step::Key("waivers"),
                    Step::Index(index),
                    Step::Key("teams"),
                    Step::Index(team_index),
                ];
                unknown("team", "", team, &teams, &path, report);
            }
        }
        for (key, text) in [("owner", &waiver.owner), ("reason", &waiver.reason)] {
            if text.trim().is_empty() {
                let hint = "an exception has an owner who answers for it and a reason";
                report.add(
                    &at(key),
                    "empty-text",
                    format!("`{key}` of a waiver is empty"),
                    Some(hint.to_owned()),
                );
            }
            names::bounded(&format!("`{key}` of a waiver"), text, &at(key), report);
        }
        if !is_date(&waiver.expires) {
            let message = format!(
                "`{}` is not a day",
                waiver.expires.escape_debug().take(40).collect::<String>()
            );
            report.add(
                &at("expires"),
                "bad-date",
                message,
                Some("write it as 2027-03-31".to_owned()),
            );
        }
    }
    spec.waivers
        .iter()
        .map(|w| Waiver {
            control: w.control.clone(),
            pool: w.pool.clone(),
            teams: w.teams.clone(),
            owner: w.owner.clone(),
            reason: w.reason.clone(),
            expires: w.expires.clone(),
        })
        .collect()
}

/// Reports pools where several teams take turns on the same GPUs without a waiver that names them all.
pub(super) fn require_for_sharing(
    spec: &Spec,
    teams: &[Option<Team>],
    clusters: &[Option<Cluster>],
    waivers: &[Waiver],
    report: &mut Report<'_>,
) {
    for (cluster_index, cluster) in clusters.iter().enumerate() {
        let Some(cluster) = cluster else { continue };
        for (pool_index, pool) in cluster.pools.iter().enumerate() {
            let sharers: Vec<&str> = teams
                .iter()
                .flatten()
                .filter(|t| has_slots(t, cluster_index, pool_index))
                .map(|t| t.name.as_str())
                .collect();
            let waived = waivers.iter().any(|waiver| {
                waiver.control == CROSS_TEAM_SHARING
                    && waiver.pool.as_deref().is_none_or(|p| p == pool.name.as_str())
                    && sharers.iter().all(|team| waiver.teams.iter().any(|t| t == team))
            });
            if sharers.len() < 2 || waived {
                continue;
            }
            let message = format!(
                "teams {} share the GPUs of pool `{}`: {}",
                sharers
                    .iter()
                    .map(|t| format!("`{t}`"))
                    .collect::<Vec<_>>()
                    .join(", "),
                pool.name,
                weakness(pool.sharing)
            );
            let hint = match spec.policy.cross_team_sharing {
                CrossTeamSharing::Waiver => format!(
                    "use MIG, give each team its own pool, or add a waiver `{CROSS_TEAM_SHARING}` with owner, reason and end that names these teams"
                ),
                CrossTeamSharing::Refused => format!(
                    "use MIG or give each team its own pool; `policy.crossTeamSharing` is `refused` ({}), so no waiver helps",
                    report.place(&REFUSED_AT)
                ),
            };
            let path = sharer_path(spec, sharers.last().copied(), pool.name.as_str());
            report.add(&path, "cross-team-sharing", message, Some(hint));
        }
    }
}

/// What is missing between those who share a GPU. Source: k8s-device-plugin README, "Shared Access to GPUs".
fn weakness(sharing: Sharing) -> &'static str {
    match sharing {
        Sharing::Mps => {
            "MPS limits memory, but has no fault isolation (an error of one ends the work of all)"
        }
        _ => {
            "time-slicing has neither memory isolation (one can take it all) nor fault isolation (an error of one ends the work of all)"
        }
    }
}

fn has_slots(team: &Team, cluster: usize, pool: usize) -> bool {
    let mut requests = team.namespaces.iter().flat_map(|n| &n.gpus);
    requests.any(|r| r.cluster == cluster && r.pool == pool && r.share == Share::Slot)
}

/// The request of the last team: the one that makes the pool shared.
fn sharer_path(spec: &Spec, team: Option<&str>, pool: &str) -> Vec<Step> {
    let team_index = spec
        .teams
        .iter()
        .position(|t| Some(t.name.as_str()) == team)
        .unwrap_or(0);
    let request = spec.teams[team_index]
        .gpus
        .iter()
        .position(|r| r.pool == pool)
        .unwrap_or(0);
    vec![
        Step::Key("teams"),
        Step::Index(team_index),
        Step::Key("gpus"),
        Step::Index(request),
        Step::Key("pool"),
    ]
}

/// Whether a text is a day of the Gregorian calendar, `YYYY-MM-DD`.
fn is_date(text: &str) -> bool {
    let digits = |s: &str, n: usize| s.len() == n && s.bytes().all(|b| b.is_ascii_digit());
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else {
        return false;
    };
    if !(digits(year, 4) && digits(month, 2) && digits(day, 2)) {
        return false;
    }
    let (Ok(year), Ok(month), Ok(day)) = (year.parse::<u32>(), month.parse::<usize>(), day.parse::<u32>())
    else {
        return false;
    };
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let lengths = [
        31,
        if leap { 29 } else { 28 },
        31,
        30,
        31,
        30,
        31,
        31,
        30,
        31,
        30,
        31,
    ];
    year >= 2000
        && (1..=12).contains(&month)
        && day >= 1
        && lengths.get(month - 1).is_some_and(|length| day <= *length)
}

#[cfg(test)]
mod tests {
    use super::is_date;

    #[test]
    fn only_days_of_the_calendar_are_dates() {
        for (text, ok) in [
            ("2027-03-31", true),
            ("2028-02-29", true),
            ("2027-02-29", false),
            ("2027-13-01", false),
            ("2027-3-1", false),
            ("never", false),
            ("", false),
        ] {
            assert_eq!(is_date(text), ok, "{text}");
        }
    }
}
