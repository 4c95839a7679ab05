//! Two plans side by side, each thing found by its name.

use std::collections::BTreeMap;

use super::rename::renames;
use crate::model::Pool;
use crate::plan::{ClusterPlan, Plan, PoolPlan, Tenant};
use crate::units::DnsLabel;

/// The former plan, if there is one, and the new one.
pub(super) struct Pair<'p> {
    /// The former one.
    pub(super) before: Option<&'p Plan>,
    /// The new one.
    pub(super) after: &'p Plan,
    /// Renamed teams, old name → new name.
    pub(super) renames: BTreeMap<DnsLabel, DnsLabel>,
}

/// What stands on both sides under one name; at least one side is there.
pub(super) struct Sides<K, V> {
    /// The name.
    pub(super) key: K,
    /// The former one.
    pub(super) before: Option<V>,
    /// The new one.
    pub(super) after: Option<V>,
}

/// Joins two lists by name, in the order of the names.
pub(super) fn join<K: Ord + Copy, V>(
    before: impl IntoIterator<Item = (K, V)>,
    after: impl IntoIterator<Item = (K, V)>,
) -> Vec<Sides<K, V>> {
    let mut all: BTreeMap<K, (Option<V>, Option<V>)> = BTreeMap::new();
    for (key, value) in before {
        all.insert(key, (Some(value), None));
    }
    for (key, value) in after {
        all.entry(key).or_default().1 = Some(value);
    }
    let sides = |(key, (before, after))| Sides { key, before, after };
    all.into_iter().map(sides).collect()
}

impl<'p> Pair<'p> {
    /// Puts two plans side by side.
    pub(super) fn new(before: Option<&'p Plan>, after: &'p Plan) -> Self {
        Self {
            before,
            after,
            renames: before.map_or_else(BTreeMap::new, |before| renames(before, after)),
        }
    }

    /// The name that a team of the former plan has now.
    pub(super) fn team<'s>(&'s self, former: &'s DnsLabel) -> &'s DnsLabel {
        self.renames.get(former).unwrap_or(former)
    }

    /// The clusters by name.
    pub(super) fn clusters(&self) -> Vec<Sides<&'p str, &'p ClusterPlan>> {
        let named = |plan: &'p Plan| {
            plan.clusters
                .iter()
                .map(|cluster| (cluster.name.as_str(), cluster))
        };
        join(self.before.into_iter().flat_map(named), named(self.after))
    }

    /// The pools by the names of cluster and pool.
    pub(super) fn pools(&self) -> Vec<Sides<(&'p str, &'p str), &'p PoolPlan>> {
        let named = |plan: &'p Plan| {
            plan.clusters.iter().flat_map(|cluster| {
                let pools = cluster.pools.iter();
                pools.map(|pool| ((cluster.name.as_str(), pool.pool.name.as_str()), pool))
            })
        };
        join(self.before.into_iter().flat_map(named), named(self.after))
    }

    /// The pools that are on both sides: `cluster/pool`, the former, the new.
    pub(super) fn lasting_pools(&self) -> impl Iterator<Item = (String, &'p Pool, &'p Pool)> {
        self.pools().into_iter().filter_map(|sides| {
            let (cluster, pool) = sides.key;
            Some((
                format!("{cluster}/{pool}"),
                &sides.before?.pool,
                &sides.after?.pool,
            ))
        })
    }

    /// The tenant namespaces that are on both sides and differ: `cluster/namespace`, the former, the new.
    pub(super) fn lasting_tenants(&self) -> Vec<(String, &'p Tenant, &'p Tenant)> {
        let mut found = Vec::new();
        for cluster in self.clusters() {
            let (Some(before), Some(after)) = (cluster.before, cluster.after) else {
                continue;
            };
            let named = |tenant: &'p Tenant| (tenant.namespace.as_str(), tenant);
            let former: BTreeMap<&str, &Tenant> = before.tenants.iter().map(named).collect();
            for now in &after.tenants {
                let was = former.get(now.namespace.as_str()).filter(|was| **was != now);
                found.extend(was.map(|was| (format!("{}/{}", cluster.key, now.namespace), *was, now)));
            }
        }
        found
    }
}
