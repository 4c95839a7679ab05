//! Which node is meant by an index.

use std::collections::BTreeSet;

use crate::plan::gpu::Distribution;

/// The name of each node by its index: as the spec pins it, else the next one of `live` that the spec does not pin.
///
/// `live`: the nodes as the cluster knows them, in order; may be empty.
pub fn node_names(distribution: &Distribution, live: &[String]) -> Vec<Option<String>> {
    let groups = &distribution.groups;
    let pinned: BTreeSet<&String> = groups.iter().filter_map(|group| group.name.as_ref()).collect();
    let mut others = live.iter().filter(|name| !pinned.contains(name));
    let mut names = Vec::new();
    for group in groups {
        for _ in 0..group.nodes {
            names.push(group.name.clone().or_else(|| others.next().cloned()));
        }
    }
    names
}
