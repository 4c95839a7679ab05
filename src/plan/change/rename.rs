//! Which team of the former spec is which of the new one, where its name differs.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::Team;
use crate::plan::Plan;
use crate::units::DnsLabel;

/// Who a team is, whatever its name.
type Identity<'t> = (BTreeSet<&'t str>, BTreeSet<&'t str>);

/// The renamed teams, old name → new name.
///
/// A removed and an added team are the same when they have the same groups and owners, not all empty, and no other
/// removed or added team has these.
pub fn renames(before: &Plan, after: &Plan) -> BTreeMap<DnsLabel, DnsLabel> {
    let removed = by_identity(&before.model.teams, &after.model.teams);
    let added = by_identity(&after.model.teams, &before.model.teams);
    let unique = |(identity, old): (&Identity<'_>, &Vec<&DnsLabel>)| {
        let new = added.get(identity)?;
        match (old.as_slice(), new.as_slice()) {
            ([old], [new]) => Some(((*old).clone(), (*new).clone())),
            _ => None,
        }
    };
    removed.iter().filter_map(unique).collect()
}

/// The teams whose names the others do not have, by identity; those without groups and owners are nobody.
fn by_identity<'t>(teams: &'t [Team], others: &[Team]) -> BTreeMap<Identity<'t>, Vec<&'t DnsLabel>> {
    let known: BTreeSet<&DnsLabel> = others.iter().map(|team| &team.name).collect();
    let mut found: BTreeMap<Identity<'t>, Vec<&DnsLabel>> = BTreeMap::new();
    for team in teams.iter().filter(|team| !known.contains(&team.name)) {
        let set = |names: &'t [String]| names.iter().map(String::as_str).collect::<BTreeSet<_>>();
        let identity = (set(&team.groups), set(&team.owners));
        if !(identity.0.is_empty() && identity.1.is_empty()) {
            found.entry(identity).or_default().push(&team.name);
        }
    }
    found
}
