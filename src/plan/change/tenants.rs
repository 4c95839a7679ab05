//! Grants, quotas and secret access of each tenant namespace, before and after.

use std::collections::{BTreeMap, BTreeSet};

use super::pair::{Pair, Sides, join};
use super::types::{Direction, GrantChange, GrantKind, Place, QuotaChange, SecretChange};
use crate::plan::Tenant;
use crate::units::Quantity;

/// What differs in the tenant namespaces.
#[derive(Default)]
pub(super) struct TenantChanges {
    pub(super) grants: Vec<GrantChange>,
    pub(super) quotas: Vec<QuotaChange>,
    pub(super) secrets: Vec<SecretChange>,
}

/// A limit as it is compared: `None` is no limit.
type Limit = (String, Option<i128>);

/// Where a limit is none.
const UNLIMITED: &str = "unlimited";

/// Compares all tenant namespaces, in the order of clusters and namespaces.
pub(super) fn changes(pair: &Pair<'_>) -> TenantChanges {
    let mut found = TenantChanges::default();
    for cluster in pair.clusters() {
        let named = |tenant| (namespace_of(tenant), tenant);
        let before = cluster.before.map_or(&[][..], |cluster| &cluster.tenants);
        let after = cluster.after.map_or(&[][..], |cluster| &cluster.tenants);
        for Sides { before, after, .. } in join(before.iter().map(named), after.iter().map(named)) {
            match (before, after) {
                (Some(before), Some(after)) if before == after => {}
                (Some(former), Some(now)) if *pair.team(&former.team) != now.team => {
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

fn namespace_of(tenant: &Tenant) -> &str {
    tenant.namespace.as_str()
}

impl TenantChanges {
    /// Compares one namespace; at least one side is there.
    fn compare(&mut self, pair: &Pair<'_>, cluster: &str, before: Option<&Tenant>, after: Option<&Tenant>) {
        let Some(either) = after.or(before) else { return };
        let place = Place {
            cluster: cluster.to_owned(),
            team: after
                .map_or_else(|| pair.team(&either.team), |now| &now.team)
                .to_string(),
            namespace: either.namespace.to_string(),
        };
        self.grants.extend(
            differences(before, after, grants).map(|(direction, (kind, name))| GrantChange {
                place: place.clone(),
                direction,
                kind,
                name,
            }),
        );
        self.secrets.extend(
            differences(before, after, secrets).map(|(direction, (backend, path))| SecretChange {
                place: place.clone(),
                direction,
                backend,
                path,
            }),
        );
        let limits_of = |tenant: Option<&Tenant>| tenant.map(limits).unwrap_or_default();
        let (former, now) = (limits_of(before), limits_of(after));
        let keys: BTreeSet<&String> = former.keys().chain(now.keys()).collect();
        for what in keys {
            let side = |limits: &BTreeMap<String, Limit>, tenant: Option<&Tenant>| {
                tenant?;
                // A resource that only one side names is promised zero times on the other.
                Some(limits.get(what).cloned().unwrap_or(("0".to_owned(), Some(0))))
            };
            let (former, now) = (side(&former, before), side(&now, after));
            if let Some(direction) = direction(former.as_ref(), now.as_ref()) {
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

fn limits(tenant: &Tenant) -> BTreeMap<String, Limit> {
    let of = |quantity: Option<&Quantity>| match quantity {
        Some(quantity) => (quantity.to_string(), Some(quantity.milli())),
        None => (UNLIMITED.to_owned(), None),
    };
    let pods = tenant
        .quota
        .pods
        .map(|pods| (pods.to_string(), Some(i128::from(pods))));
    let gpus = tenant.gpus.iter();
    let gpus = gpus.map(|(name, count)| (name.clone(), (count.to_string(), Some(i128::from(*count)))));
    let others = [
        ("cpu", of(tenant.quota.cpu.as_ref())),
        ("memory", of(tenant.quota.memory.as_ref())),
        ("pods", pods.unwrap_or_else(|| (UNLIMITED.to_owned(), None))),
        ("storage", of(tenant.quota.storage.as_ref())),
    ];
    gpus.chain(others.map(|(name, limit)| (name.to_owned(), limit)))
        .collect()
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
