//! How the GPUs that a team may queue for fall into resource groups of Kueue, and whether they fit its limits.

use std::collections::{BTreeMap, BTreeSet};

use super::report::Report;
use super::types::{Cluster, Team};
use crate::spec::{Queueing, Step};

/// Most resource groups of a ClusterQueue, and most flavors and resources of a group. Source: Kueue v0.19 CRDs.
const MOST_GROUPS: usize = 16;
const MOST_MEMBERS: usize = 64;

/// Pools whose resources hang together: a flavor and a resource each belong to exactly one group of a ClusterQueue.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResourceGroup {
    /// The pools, each one flavor.
    pub pools: BTreeSet<String>,
    /// The extended resources that each of them lists, with zero where it has none.
    pub resources: BTreeSet<String>,
}

/// The groups of pairs of pool and resource, in the order of their first pool.
pub fn resource_groups<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<ResourceGroup> {
    let mut groups: Vec<ResourceGroup> = Vec::new();
    for (pool, resource) in pairs {
        let touches =
            |group: &ResourceGroup| group.pools.contains(pool) || group.resources.contains(resource);
        let (joined, mut rest): (Vec<_>, Vec<_>) = groups.into_iter().partition(touches);
        let mut group = joined
            .into_iter()
            .fold(ResourceGroup::default(), |mut all, group| {
                all.pools.extend(group.pools);
                all.resources.extend(group.resources);
                all
            });
        group.pools.insert(pool.to_owned());
        group.resources.insert(resource.to_owned());
        rest.push(group);
        groups = rest;
    }
    groups.sort_by(|a, b| a.pools.first().cmp(&b.pools.first()));
    groups
}

/// Reports teams whose GPUs do not fit into one ClusterQueue.
pub(super) fn check(clusters: &[Option<Cluster>], teams: &[Option<Team>], report: &mut Report<'_>) {
    for (at, team) in teams
        .iter()
        .enumerate()
        .filter_map(|(at, team)| Some((at, team.as_ref()?)))
    {
        let mut pairs: BTreeMap<usize, Vec<(String, String)>> = BTreeMap::new();
        for request in team.namespaces.iter().flat_map(|namespace| &namespace.gpus) {
            if let Some(cluster) = clusters[request.cluster]
                .as_ref()
                .filter(|c| c.queueing == Queueing::Kueue)
            {
                let pool = cluster.pools[request.pool].name.to_string();
                pairs
                    .entry(request.cluster)
                    .or_default()
                    .push((pool, request.share.resource()));
            }
        }
        for (cluster, pairs) in pairs {
            let groups = resource_groups(
                pairs
                    .iter()
                    .map(|(pool, resource)| (pool.as_str(), resource.as_str())),
            );
            let members = groups
                .iter()
                .map(|group| group.pools.len().max(group.resources.len()));
            let most = members.max().unwrap_or(0);
            if groups.len() <= MOST_GROUPS && most <= MOST_MEMBERS {
                continue;
            }
            let name = clusters[cluster]
                .as_ref()
                .map(|cluster| cluster.name.as_str())
                .unwrap_or_default();
            let message = format!(
                "GPUs of team `{}` on cluster `{name}` make {} groups of up to {most} pools or resources; a queue of \
                 Kueue takes {MOST_GROUPS} groups of {MOST_MEMBERS}",
                team.name,
                groups.len()
            );
            let hint = "ask for fewer pools, or divide the team".to_owned();
            let path = [Step::Key("teams"), Step::Index(at), Step::Key("gpus")];
            report.add(&path, "too-many-queues", message, Some(hint));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_what_hangs_together() {
        for (pairs, expected) in [
            (vec![], vec![]),
            (
                vec![("a", "x"), ("b", "y")],
                vec![(vec!["a"], vec!["x"]), (vec!["b"], vec!["y"])],
            ),
            (
                vec![("b", "x"), ("a", "x"), ("a", "y")],
                vec![(vec!["a", "b"], vec!["x", "y"])],
            ),
            (
                vec![("a", "x"), ("b", "y"), ("a", "y")],
                vec![(vec!["a", "b"], vec!["x", "y"])],
            ),
        ] {
            let set = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect::<BTreeSet<_>>();
            let expected: Vec<ResourceGroup> = expected
                .into_iter()
                .map(|(pools, resources)| ResourceGroup {
                    pools: set(pools),
                    resources: set(resources),
                })
                .collect();
            assert_eq!(resource_groups(pairs.clone()), expected, "groups of {pairs:?}");
        }
    }
}
