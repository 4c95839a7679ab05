//! Clusters and GPU pools.

use super::report::Report;
use super::types::{Cluster, Pool};
use super::{instances, labels, names};
use crate::catalog::boards;
use crate::spec::{self, Sharing, Spec, Step, did_you_mean};

/// The clusters in the order of the spec; `None` where one is not usable.
pub(super) fn clusters(spec: &Spec, report: &mut Report<'_>) -> Vec<Option<Cluster>> {
    let all: Vec<&str> = spec.clusters.iter().map(|c| c.name.as_str()).collect();
    let path = |index| vec![Step::Key("clusters"), Step::Index(index), Step::Key("name")];
    names::unique("cluster", &all, path, report);
    spec.clusters
        .iter()
        .enumerate()
        .map(|(index, cluster)| one(spec, cluster, index, report))
        .collect()
}

fn one(spec: &Spec, cluster: &spec::Cluster, index: usize, report: &mut Report<'_>) -> Option<Cluster> {
    let at = [Step::Key("clusters"), Step::Index(index)];
    let name = names::label(&cluster.name, &path(&at, &[Step::Key("name")]), report);
    let context = cluster.context.clone().unwrap_or_else(|| cluster.name.clone());
    if context.trim().is_empty() {
        let message = format!("`context` of cluster `{}` is empty", cluster.name.escape_debug());
        let hint = "name a context of your kubeconfig: `kubectl config get-contexts`";
        report.add(
            &path(&at, &[Step::Key("context")]),
            "empty-text",
            message,
            Some(hint.to_owned()),
        );
    }
    names::bounded(
        "`context` of a cluster",
        &context,
        &path(&at, &[Step::Key("context")]),
        report,
    );
    let all: Vec<&str> = cluster.pools.iter().map(|p| p.name.as_str()).collect();
    let pool_path = |pool| path(&at, &[Step::Key("pools"), Step::Index(pool), Step::Key("name")]);
    names::unique("pool", &all, pool_path, report);
    let pools: Vec<Option<Pool>> = cluster
        .pools
        .iter()
        .enumerate()
        .map(|(i, p)| {
            let partitioned = instances::is_partitioned(spec, cluster, p);
            pool(
                p,
                partitioned,
                &path(&at, &[Step::Key("pools"), Step::Index(i)]),
                report,
            )
        })
        .collect();
    // Pools that a check refused stay out, yet indices must hold for the teams' requests: then there is no cluster.
    Some(Cluster {
        name: name?,
        context,
        queueing: cluster.queueing,
        pools: pools.into_iter().collect::<Option<_>>()?,
    })
}

fn path(base: &[Step], more: &[Step]) -> Vec<Step> {
    base.iter().chain(more).cloned().collect()
}

fn pool(pool: &spec::Pool, partitioned: bool, at: &[Step], report: &mut Report<'_>) -> Option<Pool> {
    let name = names::label(&pool.name, &path(at, &[Step::Key("name")]), report);
    let board = board(pool, partitioned, at, report);
    sharing(pool, partitioned, at, report);
    capacity(pool, at, report);
    let spares = instances::spares(pool, partitioned, at, report);
    let pinned = instances::pinned(pool, partitioned, at, report);
    for (key, value) in &pool.node_selector {
        if !labels::is_label_key(key) || !labels::is_label_value(value) {
            let message = format!(
                "`{}: {}` is not a node label",
                key.escape_debug(),
                value.escape_debug()
            );
            report.add(
                &path(at, &[Step::Key("nodeSelector")]),
                "bad-label",
                message,
                Some("such as `gpu-type: h100`; letters, digits, `.`, `_` and `-`".to_owned()),
            );
        }
    }
    let name = name?;
    if name.as_str() == "default" {
        let message = "pool name `default` is taken by nodes outside all pools".to_owned();
        report.add(
            &path(at, &[Step::Key("name")]),
            "reserved-name",
            message,
            Some("choose another name".to_owned()),
        );
    }
    let mut node_selector = pool.node_selector.clone();
    if node_selector.is_empty() {
        node_selector.insert("gpu-type".to_owned(), name.to_string());
    }
    let shared = matches!(pool.sharing, Sharing::TimeSlicing | Sharing::Mps);
    Some(Pool {
        name,
        board: board?,
        nodes: pool.nodes,
        node_selector,
        gpus_per_node: pool.gpus_per_node,
        sharing: pool.sharing,
        partitioned,
        replicas: if shared { pool.replicas.unwrap_or(1) } else { 1 },
        whole_gpus: pool.whole_gpus,
        reserve: instances::reserve(pool).gpus,
        spares,
        pinned,
    })
}

fn board(pool: &spec::Pool, partitioned: bool, at: &[Step], report: &mut Report<'_>) -> Option<String> {
    let ids = boards::ids().unwrap_or_default();
    let Some(board) = boards::board(&pool.board).ok().flatten() else {
        let hint = did_you_mean(&pool.board, ids.iter().copied()).map_or_else(
            || format!("boards: {}", ids.join(", ")),
            |near| format!("did you mean `{near}`?"),
        );
        let shown: String = pool.board.escape_debug().take(80).collect();
        report.add(
            &path(at, &[Step::Key("board")]),
            "unknown-board",
            format!("board `{shown}` is not in the catalogue"),
            Some(hint),
        );
        return None;
    };
    let not_ready = board
        .not_ready()
        .filter(|_| matches!(pool.sharing, Sharing::Mig | Sharing::Dra));
    if not_ready.is_some() || (partitioned && board.profiles().is_empty()) {
        let with_mig: Vec<&str> = boards::boards()
            .unwrap_or_default()
            .iter()
            .filter(|b| !b.profiles().is_empty())
            .map(|b| b.id.as_str())
            .collect();
        let (code, message) = match not_ready {
            Some(reason) => (
                "board-not-ready",
                format!("board `{}` cannot be partitioned: {reason}", board.id),
            ),
            None => ("no-mig", format!("board `{}` has no MIG", board.id)),
        };
        let hint = format!(
            "use `whole`, `time-slicing` or `mps`, or a board with MIG: {}",
            with_mig.join(", ")
        );
        report.add(&path(at, &[Step::Key("sharing")]), code, message, Some(hint));
    }
    Some(board.id.clone())
}

fn sharing(pool: &spec::Pool, partitioned: bool, at: &[Step], report: &mut Report<'_>) {
    let shared = matches!(pool.sharing, Sharing::TimeSlicing | Sharing::Mps);
    let name = pool.name.escape_debug();
    let refused = report.was_refused(&path(at, &[Step::Key("replicas")]));
    if shared && pool.replicas.is_none() && !refused {
        let message = format!("pool `{name}` shares GPUs but does not say into how many slots");
        let hint = "add `replicas: 4`, the slots per GPU (2 to 1024)";
        report.add(
            &path(at, &[Step::Key("sharing")]),
            "missing-key",
            message,
            Some(hint.to_owned()),
        );
    }
    if !shared && pool.replicas.is_some() {
        let message = format!("pool `{name}` has `replicas`, which only `time-slicing` and `mps` use");
        // The reasons against instances in slots: k8s-device-plugin refuses the one, and nobody is isolated by the other.
        let hint = match pool.sharing {
            Sharing::Mig | Sharing::Dra => {
                "remove `replicas`: MIG instances are not shared further, as the device plugin refuses MPS on MIG devices when it starts and time-slicing isolates neither memory nor faults"
            }
            _ => "remove `replicas`, or change `sharing`",
        };
        report.add(
            &path(at, &[Step::Key("replicas")]),
            "not-applicable",
            message,
            Some(hint.to_owned()),
        );
    }
    if !partitioned && pool.whole_gpus > 0 {
        let message = format!("pool `{name}` has `wholeGpus`, which only a pool with MIG instances uses");
        let hint = "remove `wholeGpus`: all GPUs of this pool are in one mode";
        report.add(
            &path(at, &[Step::Key("wholeGpus")]),
            "not-applicable",
            message,
            Some(hint.to_owned()),
        );
    }
}

fn capacity(pool: &spec::Pool, at: &[Step], report: &mut Report<'_>) {
    let gpus = u64::from(pool.nodes) * u64::from(pool.gpus_per_node);
    let reserve = instances::reserve(pool).gpus;
    let filled = pool.pinned.iter().filter(|pin| !pin.profiles.is_empty()).count();
    // A pinned GPU is never whole; one without instances may count as free.
    let beside = (filled as u64 + u64::from(reserve)).max(pool.pinned.len() as u64);
    let kept = u64::from(pool.whole_gpus) + beside;
    if kept > gpus {
        let written = [
            ("wholeGpus", pool.whole_gpus > 0),
            ("reserve", reserve > 0),
            ("pinned", !pool.pinned.is_empty()),
        ];
        let keys: Vec<&str> = written
            .into_iter()
            .filter_map(|(key, there)| there.then_some(key))
            .collect();
        let named: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
        let (takes, key) = match keys.as_slice() {
            [one] => ("takes", *one),
            [_, second, ..] => ("together take", *second),
            [] => return,
        };
        let message = format!(
            "pool `{}` has {gpus} GPUs; {} {takes} {kept}",
            pool.name.escape_debug(),
            named.join(" and ")
        );
        let hint = "keep fewer GPUs whole, free or pinned, or add nodes";
        report.add(
            &path(at, &[Step::Key(key)]),
            "does-not-fit",
            message,
            Some(hint.to_owned()),
        );
    }
}

/// The index of a cluster by name, with a finding when there is none.
pub(super) fn find_cluster(spec: &Spec, name: &str, at: &[Step], report: &mut Report<'_>) -> Option<usize> {
    let found = spec.clusters.iter().position(|cluster| cluster.name == name);
    if found.is_none() {
        let all: Vec<&str> = spec.clusters.iter().map(|c| c.name.as_str()).collect();
        unknown("cluster", "", name, &all, at, report);
    }
    found
}

/// Reports a reference to something that does not exist; `of` says of what it would be a part, or is empty.
pub(super) fn unknown(kind: &str, of: &str, name: &str, all: &[&str], at: &[Step], report: &mut Report<'_>) {
    if report.was_refused_by_name(name) {
        return; // what is wrong with the thing itself has been said
    }
    let shown: String = name.escape_debug().take(80).collect();
    let hint = match did_you_mean(name, all.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if all.is_empty() => format!("the spec defines no {kind}"),
        None => format!(
            "defined: {}",
            all.iter().take(20).copied().collect::<Vec<_>>().join(", ")
        ),
    };
    report.add(
        at,
        "unknown-reference",
        format!("{kind} `{shown}`{of} is not defined"),
        Some(hint),
    );
}
