//! One extended resource leads to one device class: of two that claim it, the API server takes the newer.

use std::collections::BTreeMap;

use super::report::Report;
use super::types::{Cluster, Share, Team};
use crate::spec::{Sharing, Step};

/// Reports each profile that two DRA pools of different boards in one cluster would have to share a name for.
pub(super) fn check(clusters: &[Option<Cluster>], teams: &[Option<Team>], report: &mut Report<'_>) {
    let namespaces = teams.iter().flatten().flat_map(|team| &team.namespaces);
    let mut first: BTreeMap<(usize, String), (&str, &str)> = BTreeMap::new();
    for request in namespaces.flat_map(|namespace| &namespace.gpus) {
        let Some(cluster) = &clusters[request.cluster] else {
            continue;
        };
        let pool = &cluster.pools[request.pool];
        if pool.sharing != Sharing::Dra || !matches!(request.share, Share::Profile(_)) {
            continue;
        }
        let resource = request.share.resource();
        let key = (request.cluster, resource.clone());
        let (board, other) = *first.entry(key).or_insert((&pool.board, pool.name.as_str()));
        if board == pool.board {
            continue;
        }
        let message = format!(
            "`{resource}` would name instances of two boards on cluster `{}`: `{board}` of pool `{other}` and `{}` of \
             pool `{}`",
            cluster.name, pool.board, pool.name
        );
        let hint =
            "DRA resolves a resource name to one device class; ask for another profile, or use one board";
        let (team, index) = request.origin;
        let path = [
            Step::Key("teams"),
            Step::Index(team),
            Step::Key("gpus"),
            Step::Index(index),
            Step::Key("pool"),
        ];
        report.add(&path, "ambiguous-resource", message, Some(hint.to_owned()));
    }
}
