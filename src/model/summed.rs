//! Requests of one namespace for the same thing, which are added up.

use std::collections::BTreeMap;

use super::overlap::place;
use super::report::Report;
use super::types::{Cluster, GpuRequest, Namespace, Share};

/// Notes requests for the same thing.
pub(super) fn summed(namespace: &Namespace, clusters: &BTreeMap<usize, &Cluster>, report: &mut Report<'_>) {
    let mut same: BTreeMap<(usize, usize, &Share), Vec<&GpuRequest>> = BTreeMap::new();
    for request in &namespace.gpus {
        let key = (request.cluster, request.pool, &request.share);
        same.entry(key).or_default().push(request);
    }
    for ((cluster, pool, share), requests) in same {
        let (Some(pool), [.., last]) = (
            clusters.get(&cluster).and_then(|c| c.pools.get(pool)),
            &requests[..],
        ) else {
            continue;
        };
        if requests.len() < 2 {
            continue;
        }
        let sum = |of: fn(&GpuRequest) -> u32| {
            let parts: Vec<String> = requests.iter().map(|request| of(request).to_string()).collect();
            let total: u64 = requests.iter().map(|request| u64::from(of(request))).sum();
            (total, format!("{} = {total}", parts.join(" + ")))
        };
        let burst = match sum(|request| request.burst) {
            (0, _) => String::new(),
            (_, text) => format!(", and may use {text} more"),
        };
        let message = format!(
            "namespace `{}` asks {} times for `{}` of pool `{}`; it is promised {}{burst}",
            namespace.name,
            requests.len(),
            share.resource(),
            pool.name,
            sum(|request| request.count).1,
        );
        let hint = "write one request with the sum, to say it once".to_owned();
        report.note(&place(last, "count"), "summed", message, Some(hint));
    }
}
