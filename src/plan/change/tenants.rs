//! Grants, quotas and secret access of each tenant namespace, before and after.

use std::collections::{BTreeMap, BTreeSet};

use super::pair::{Pair, Sides, join};
use super::types::{Direction, GrantChange, GrantKind, Place, QuotaChange, SecretChange};
use crate::plan::{ClusterPlan, Tenant};
use crate::units::parse_milli;

/// What differs in the tenant namespaces.
#[derive(Default)]
pub(super) struct TenantChanges {
    pub(super) grants: Vec<GrantChange>,
    pub(super) quotas: Vec<QuotaChange>,
    pub(super) secrets: Vec<SecretChange>,
}

/// A limit as it is shown and as it is compared; `None` is no limit.
type Limit = (String, Option<i128>);

/// A namespace with the cluster that it is on.
type Located<'p> = (&'p Tenant, &'p ClusterPlan);

/// What is unlimited where a quota does not name it.
const OPEN: [&str; 4] = ["cpu", "memory", "pods", "storage"];

/// What follows the name of a resource where its limit is that of pods without burst.
const GUARANTEED: &str = " (guaranteed)";

/// Where a limit is none.
const UNLIMITED: &str = "unlimited";

/// Compares all tenant namespaces, in the order of clusters and namespaces.
pub(super) fn changes(pair: &Pair<'_>) -> TenantChanges {
    let mut found = TenantChanges::default();
    for cluster in pair.clusters() {
        let sides = join(named(cluster.before), named(cluster.after));
        for Sides { before, after, .. } in sides {
            match (before, after) {
                (Some((before, _)), Some((after, _))) if before == after => {}
                (Some(former), Some(now)) if *pair.team(&former.0.team) != now.0.team => {
                    found.compare(pair, cluster.key, Some(former), None);
                    found.compare(pair, cluster.key, None, Some(now));
                }
                (before, after) => found.compare(pair, cluster.key, before, after),
            }
        }
    }
    found.grants.sort();
    found.quotas.sort();
    found.secrets.sort();
    found
}

fn named(cluster: Option<&ClusterPlan>) -> impl Iterator<Item = (&str, Located<'_>)> {
    let tenants = cluster
        .into_iter()
        .flat_map(|cluster| cluster.tenants.iter().map(move |tenant| (tenant, cluster)));
    tenants.map(|located| (located.0.namespace.as_str(), located))
}

impl TenantChanges {
    /// Compares one namespace; at least one side is there.
    fn compare(
        &mut self,
        pair: &Pair<'_>,
        cluster: &str,
        before: Option<Located<'_>>,
        after: Option<Located<'_>>,
    ) {
        let (was, is) = (before.map(|(tenant, _)| tenant), after.map(|(tenant, _)| tenant));
        let Some(either) = is.or(was) else { return };
        let place = Place {
            cluster: cluster.to_owned(),
            team: is
                .map_or_else(|| pair.team(&either.team), |now| &now.team)
                .to_string(),
            namespace: either.namespace.to_string(),
        };
        let grants = differences(was, is, grants).map(|(direction, (kind, name))| GrantChange {
            place: place.clone(),
            direction,
            kind,
            name,
        });
        self.grants.extend(grants);
        let secrets = differences(was, is, secrets).map(|(direction, (backend, path))| SecretChange {
            place: place.clone(),
            direction,
            backend,
            path,
        });
        self.secrets.extend(secrets);
        let (former, now) = (before.map(limits), after.map(limits));
        let keys: BTreeSet<&String> = [&former, &now]
            .into_iter()
            .flatten()
            .flat_map(BTreeMap::keys)
            .collect();
        for what in keys {
            let side = |limits: &Option<BTreeMap<String, Limit>>| {
                // Without burst the guarantee is all there is. A resource that one side does not name cannot be had there.
                let limit = |limits: &BTreeMap<String, Limit>| {
                    let all = || limits.get(what.strip_suffix(GUARANTEED)?);
                    limits.get(what).or_else(all).cloned()
                };
                limits
                    .as_ref()
                    .map(|limits| limit(limits).unwrap_or_else(|| ("0".to_owned(), Some(0))))
            };
            let (former, now) = (side(&former), side(&now));
            let Some(direction) = direction(former.as_ref(), now.as_ref()) else {
                continue;
            };
            self.quotas.push(QuotaChange {
                place: place.clone(),
                direction,
                what: what.clone(),
                before: former.map(|(text, _)| text),
                after: now.map(|(text, _)| text),
            });
        }
    }
}

/// What only one of the sides has.
fn differences<T: Ord>(
    before: Option<&Tenant>,
    after: Option<&Tenant>,
    of: fn(&Tenant) -> BTreeSet<T>,
) -> impl Iterator<Item = (Direction, T)> {
    let mut lost = before.map(of).unwrap_or_default();
    let mut gained = after.map(of).unwrap_or_default();
    gained.retain(|item| !lost.remove(item));
    let lost = lost.into_iter().map(|item| (Direction::Lost, item));
    lost.chain(gained.into_iter().map(|item| (Direction::Gained, item)))
}

fn grants(tenant: &Tenant) -> BTreeSet<(GrantKind, String)> {
    let resources = tenant.gpus.keys().map(|name| (GrantKind::Resource, name.clone()));
    let pools = tenant
        .pools
        .iter()
        .map(|pool| (GrantKind::Pool, pool.to_string()));
    let members = tenant
        .groups
        .iter()
        .map(|group| (GrantKind::Member, group.clone()));
    let owners = tenant
        .owners
        .iter()
        .map(|group| (GrantKind::Owner, group.clone()));
    resources.chain(pools).chain(members).chain(owners).collect()
}

fn secrets(tenant: &Tenant) -> BTreeSet<(String, String)> {
    let secrets = tenant.secrets.iter();
    secrets
        .map(|secret| (secret.backend.to_string(), secret.path.clone()))
        .collect()
}

/// The limits that the quota object has: what is zero by default is left out, what is open is unlimited.
fn limits((tenant, cluster): Located<'_>) -> BTreeMap<String, Limit> {
    let open = OPEN.map(|what| (what.to_owned(), (UNLIMITED.to_owned(), None)));
    let mut found = BTreeMap::from(open);
    for (key, text) in tenant.hard(cluster) {
        let what = key
            .strip_prefix("requests.")
            .or(key.strip_prefix("limits."))
            .unwrap_or(&key);
        let milli = parse_milli(&text);
        if milli != Some(0) || found.contains_key(what) {
            found.insert(what.to_owned(), (text, milli));
        }
    }
    for (key, text) in tenant.guaranteed(cluster).unwrap_or_default() {
        let what = key.strip_prefix("requests.").unwrap_or(&key);
        let milli = parse_milli(&text);
        found.insert(format!("{what}{GUARANTEED}"), (text, milli));
    }
    found
}

/// Which way a limit went; nothing where it is as it was.
fn direction(before: Option<&Limit>, after: Option<&Limit>) -> Option<Direction> {
    // No namespace is less than any limit, and no limit is more.
    let rank = |limit: Option<&Limit>| limit.map_or((0, 0), |(_, milli)| milli.map_or((2, 0), |m| (1, m)));
    match rank(before).cmp(&rank(after)) {
        std::cmp::Ordering::Less => Some(Direction::Gained),
        std::cmp::Ordering::Greater => Some(Direction::Lost),
        std::cmp::Ordering::Equal => None,
    }
}
