//! Whether the demand on a pool fits, and how it lies on the GPUs.

use std::collections::BTreeMap;

use super::gpu::{PackError, PoolShape, distribute, pack};
use super::types::PoolPlan;
use crate::catalog::boards;
use crate::model::{GpuRequest, Model, Pool, Report, Share};
use crate::spec::{Sharing, Step};

/// Plans one pool; `None` when the demand does not fit, which is reported at the last request that asks for it.
pub(super) fn pool(model: &Model, cluster: usize, index: usize, report: &mut Report<'_>) -> Option<PoolPlan> {
    let pool = &model.clusters[cluster].pools[index];
    let requests: Vec<&GpuRequest> = model
        .teams
        .iter()
        .flat_map(|team| &team.namespaces)
        .flat_map(|namespace| &namespace.gpus)
        .filter(|request| request.cluster == cluster && request.pool == index)
        .collect();
    let mut promised: BTreeMap<String, u64> = BTreeMap::new();
    for request in &requests {
        *promised.entry(request.share.resource()).or_default() += u64::from(request.count);
    }
    let place = |share: Option<&Share>| -> Vec<Step> {
        let last = requests
            .iter()
            .rev()
            .find(|request| share.is_none_or(|share| request.share == *share));
        last.map_or_else(
            || {
                vec![
                    Step::Key("clusters"),
                    Step::Index(cluster),
                    Step::Key("pools"),
                    Step::Index(index),
                ]
            },
            |request| {
                let (team, entry) = request.origin;
                vec![
                    Step::Key("teams"),
                    Step::Index(team),
                    Step::Key("gpus"),
                    Step::Index(entry),
                    Step::Key("count"),
                ]
            },
        )
    };
    let plain = plain_capacity(pool, &promised, &place, report);
    if pool.sharing != Sharing::Mig {
        let per_gpu = u64::from(pool.replicas.max(1));
        let used = promised.values().sum::<u64>().div_ceil(per_gpu);
        plain?;
        let gpus_used = u32::try_from(used).unwrap_or(u32::MAX);
        return Some(PoolPlan {
            pool: pool.clone(),
            layout: None,
            gpus_used,
            promised,
        });
    }
    plain?;
    mig(pool, &requests, promised, &place, report)
}

/// Whole GPUs and shared slots: a count against a count.
fn plain_capacity(
    pool: &Pool,
    promised: &BTreeMap<String, u64>,
    place: &dyn Fn(Option<&Share>) -> Vec<Step>,
    report: &mut Report<'_>,
) -> Option<()> {
    let free = u64::from(pool.gpus().saturating_sub(pool.reserve));
    let (share, what, there) = match pool.sharing {
        Sharing::Mig => (Share::Whole, "whole GPUs", u64::from(pool.whole_gpus)),
        Sharing::TimeSlicing | Sharing::Mps => (Share::Slot, "shared slots", free * u64::from(pool.replicas)),
        Sharing::Whole | Sharing::Dra => (Share::Whole, "whole GPUs", free),
    };
    let wanted = promised.get(&share.resource()).copied().unwrap_or(0);
    if wanted <= there {
        return Some(());
    }
    let message = format!(
        "the teams ask for {wanted} {what} of pool `{}`, which has {there}",
        pool.name
    );
    let missing = wanted - there;
    let hint = match pool.sharing {
        Sharing::TimeSlicing | Sharing::Mps => format!(
            "{missing} too many: {} nodes × {} GPUs × {} replicas, less {} in reserve; ask for fewer or add GPUs",
            pool.nodes, pool.gpus_per_node, pool.replicas, pool.reserve
        ),
        _ => format!("{missing} too many; ask for fewer or add GPUs"),
    };
    report.add(&place(Some(&share)), "does-not-fit", message, Some(hint));
    None
}

fn mig(
    pool: &Pool,
    requests: &[&GpuRequest],
    promised: BTreeMap<String, u64>,
    place: &dyn Fn(Option<&Share>) -> Vec<Step>,
    report: &mut Report<'_>,
) -> Option<PoolPlan> {
    let board = boards::board(&pool.board).ok().flatten()?;
    let shape = PoolShape {
        nodes: pool.nodes,
        gpus_per_node: pool.gpus_per_node,
        whole_gpus: pool.whole_gpus,
        reserve: pool.reserve,
    };
    let mut demand: BTreeMap<String, u32> = BTreeMap::new();
    for request in requests {
        if let Share::Profile(profile) = &request.share {
            let count = demand.entry(profile.clone()).or_default();
            *count = count.saturating_add(request.count);
        }
    }
    let packing = match pack(board, shape.available(), &demand) {
        Ok(packing) => packing,
        Err(error) => {
            let hint = matches!(error, PackError::DoesNotFit(_))
                .then(|| "ask for fewer or smaller instances, or add GPUs to the pool".to_owned());
            let message = format!("demand on pool `{}` does not fit: {error}", pool.name);
            report.add(&place(None), "does-not-fit", message, hint);
            return None;
        }
    };
    let whole = promised.get(&Share::Whole.resource()).copied().unwrap_or(0);
    let whole = u32::try_from(whole).unwrap_or(u32::MAX);
    match distribute(shape, &packing) {
        Ok(layout) => Some(PoolPlan {
            pool: pool.clone(),
            layout: Some(layout),
            gpus_used: packing.gpus().saturating_add(whole),
            promised,
        }),
        Err(error) => {
            let message = format!(
                "demand on pool `{}` cannot be spread over its nodes: {error}",
                pool.name
            );
            report.add(&place(None), "does-not-fit", message, None);
            None
        }
    }
}
