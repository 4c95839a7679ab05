//! Teams that come, go, get another name, or are touched.

use std::collections::{BTreeMap, BTreeSet};

use super::pair::{Pair, join};
use super::tenants::TenantChanges;
use super::types::{TeamChange, TeamEvent};
use super::words::{arrow, one_line};
use crate::model::Team;
use crate::plan::Plan;
use crate::units::DnsLabel;

/// The changes of the teams, by name.
pub(super) fn changes(pair: &Pair<'_>, tenants: &TenantChanges) -> Vec<TeamChange> {
    let before = pair.before.map_or(&[][..], |before| &before.model.teams);
    let touched = touched(tenants);
    let dormant = dormant(pair);
    let former: BTreeMap<&DnsLabel, &DnsLabel> = pair.renames.iter().map(|(old, new)| (new, old)).collect();
    let mut found = Vec::new();
    let named_before = before.iter().map(|team| (pair.team(&team.name), team));
    let named_after = pair.after.model.teams.iter().map(|team| (&team.name, team));
    for sides in join(named_before, named_after) {
        let mut add = |what, formerly: Option<&DnsLabel>, details| {
            found.push(TeamChange {
                team: sides.key.to_string(),
                what,
                formerly: formerly.map(ToString::to_string),
                details,
            });
        };
        let (was, is) = match (sides.before, sides.after) {
            (Some(was), Some(is)) => (was, is),
            (None, Some(is)) => {
                add(TeamEvent::Added, None, namespaces(is));
                continue;
            }
            (Some(was), None) => {
                add(TeamEvent::Removed, None, namespaces(was));
                continue;
            }
            (None, None) => continue,
        };
        let mut details = details(pair, was, is);
        if dormant.contains(sides.key.as_str()) {
            details.push("limits for when it is unfrozen".to_owned());
        }
        let froze = match (was.frozen, is.frozen) {
            (false, true) => Some(TeamEvent::Frozen),
            (true, false) => Some(TeamEvent::Unfrozen),
            _ => None,
        };
        if let Some(old) = former.get(sides.key) {
            add(TeamEvent::Renamed, Some(old), details);
            froze.into_iter().for_each(|event| add(event, None, Vec::new()));
        } else if let Some(event) = froze {
            add(event, None, details);
        } else if !details.is_empty() || touched.contains(sides.key.as_str()) {
            add(TeamEvent::Touched, None, details);
        }
    }
    found
}

/// The teams that grants, quotas or secrets change for.
fn touched(tenants: &TenantChanges) -> BTreeSet<&str> {
    let grants = tenants.grants.iter().map(|change| &change.place);
    let quotas = tenants.quotas.iter().map(|change| &change.place);
    let secrets = tenants.secrets.iter().map(|change| &change.place);
    grants
        .chain(quotas)
        .chain(secrets)
        .map(|place| place.team.as_str())
        .collect()
}

/// The frozen teams whose limits are others, which no quota shows.
fn dormant<'p>(pair: &Pair<'p>) -> BTreeSet<&'p str> {
    let lasting = pair.lasting_tenants().into_iter();
    lasting
        .filter(|(_, was, is)| {
            was.frozen && is.frozen && (was.gpus != is.gpus || was.burst != is.burst || was.quota != is.quota)
        })
        .map(|(_, _, is)| is.team.as_str())
        .collect()
}

fn namespaces(team: &Team) -> Vec<String> {
    let names: Vec<&str> = team
        .namespaces
        .iter()
        .map(|namespace| namespace.name.as_str())
        .collect();
    let names = format!("namespaces: {}", names.join(", "));
    let frozen = team.frozen.then(|| "frozen".to_owned());
    std::iter::once(names).chain(frozen).collect()
}

/// What of a team itself is another.
fn details(pair: &Pair<'_>, was: &Team, is: &Team) -> Vec<String> {
    let spaces = |team: &'_ Team| -> BTreeSet<String> {
        team.namespaces
            .iter()
            .map(|namespace| namespace.name.to_string())
            .collect()
    };
    let clusters = |plan: &Plan, team: &Team| -> BTreeSet<String> {
        let names = team
            .clusters
            .iter()
            .filter_map(|index| plan.model.clusters.get(*index));
        names.map(|cluster| cluster.name.to_string()).collect()
    };
    let set = |names: &[String]| names.iter().cloned().collect::<BTreeSet<_>>();
    let Some(before) = pair.before else {
        return Vec::new();
    };
    let mut found: Vec<String> = [
        ("namespaces", spaces(was), spaces(is)),
        ("clusters", clusters(before, was), clusters(pair.after, is)),
        ("groups", set(&was.groups), set(&is.groups)),
        ("owners", set(&was.owners), set(&is.owners)),
    ]
    .into_iter()
    .filter_map(|(what, was, is)| {
        let lost = was.difference(&is).map(|name| format!("- {}", one_line(name)));
        let gained = is.difference(&was).map(|name| format!("+ {}", one_line(name)));
        let all: Vec<String> = gained.chain(lost).collect();
        (!all.is_empty()).then(|| format!("{what}: {}", all.join(", ")))
    })
    .collect();
    found.extend(files(before, pair.after, was, is));
    found
}

/// Secrets that the team reads as before, under another file name.
fn files(before: &Plan, after: &Plan, was: &Team, is: &Team) -> Vec<String> {
    let named = |plan: &Plan, team: &Team| -> BTreeMap<(String, String), String> {
        let secrets = team.secrets.iter();
        let named = secrets.filter_map(|secret| {
            let backend = plan.model.backends.get(secret.backend)?;
            Some((
                (backend.name.to_string(), secret.path.clone()),
                secret.name.to_string(),
            ))
        });
        named.collect()
    };
    let is = named(after, is);
    let was = named(before, was);
    let differs = was.iter().filter_map(|(key, old)| Some((key, old, is.get(key)?)));
    differs
        .filter(|(_, old, new)| old != new)
        .map(|((backend, path), old, new)| {
            format!("file of {} from {backend}: {}", one_line(path), arrow(old, new))
        })
        .collect()
}
