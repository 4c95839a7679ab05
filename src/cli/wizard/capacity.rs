//! What a pool has and what is left of it, by the same packing that plans it.

use std::collections::BTreeMap;

use crate::catalog::boards::{self, Board};
use crate::plan::gpu::{PoolShape, distribute, pack};
use crate::spec::{Cluster, GpuRequest, Pool, Reserve, Sharing, Spec};

use super::answers::is_shared;

fn shape(pool: &Pool) -> PoolShape {
    PoolShape {
        nodes: pool.nodes,
        gpus_per_node: pool.gpus_per_node,
        whole_gpus: pool.whole_gpus,
        reserve: match &pool.reserve {
            Reserve::Gpus(gpus) => *gpus,
            Reserve::Spares(spares) => spares.gpus,
        },
    }
}

/// The board of a pool; `None` when the catalogue has none of that id.
pub(super) fn board(pool: &Pool) -> Option<&'static Board> {
    boards::board(&pool.board).ok().flatten()
}

fn plural(count: u64, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}

/// `4 × 3g.40gb`, held together on one line.
fn times(count: u64, name: &str) -> String {
    format!("{count}\u{a0}×\u{a0}{name}")
}

/// The pool in figures: `4 nodes × 8 GPUs = 32 GPUs`, then what they are shared into.
pub(super) fn lines(pool: &Pool) -> Vec<String> {
    let gpus = u64::from(pool.nodes) * u64::from(pool.gpus_per_node);
    let mut first = format!(
        "{}: {} × {} = {}",
        pool.name,
        plural(pool.nodes.into(), "node"),
        plural(pool.gpus_per_node.into(), "GPU"),
        plural(gpus, "GPU")
    );
    if let (true, Some(replicas)) = (is_shared(pool.sharing), pool.replicas) {
        let slots = plural(
            u64::from(shape(pool).available()) * u64::from(replicas),
            "shared slot",
        );
        first.push_str(&format!(" × {replicas} = {slots}"));
    }
    let mut lines = vec![first];
    if pool.sharing == Sharing::Mig
        && let Some(board) = board(pool)
    {
        let free = u64::from(shape(pool).available());
        let most = |profile: &boards::Profile| times(free * u64::from(profile.max_instances), &profile.name);
        let all: Vec<String> = board
            .profiles()
            .iter()
            .filter(|p| p.is_plain())
            .map(most)
            .collect();
        lines.push(format!("as MIG instances, one of: {}", all.join(", ")));
    }
    lines
}

/// What one request asks for: a MIG profile by its name, `None` for whole GPUs and slots.
pub(super) fn profile_of<'r>(pool: &Pool, request: &'r GpuRequest) -> Option<&'r str> {
    if pool.sharing != Sharing::Mig {
        return None;
    }
    if let Some(profile) = &request.profile {
        return Some(profile);
    }
    let memory = crate::units::Quantity::parse(request.memory.as_deref()?).ok()?;
    let gib = u32::try_from((memory.milli() + (1000 << 30) - 1) / (1000 << 30)).ok()?;
    board(pool)?
        .profile_for_memory(gib)
        .map(|profile| profile.name.as_str())
}

/// The requests on a pool beside the one at `except` (team, entry).
fn requests<'s>(
    spec: &'s Spec,
    cluster: &'s Cluster,
    pool: &'s Pool,
    except: Option<(usize, usize)>,
) -> impl Iterator<Item = &'s GpuRequest> {
    let all = spec.teams.iter().enumerate();
    let all = all.flat_map(|(team, t)| {
        t.gpus
            .iter()
            .enumerate()
            .map(move |(entry, r)| ((team, entry), r))
    });
    all.filter(move |(at, r)| Some(*at) != except && r.cluster == cluster.name && r.pool == pool.name)
        .map(|(_, request)| request)
}

/// How many more of a profile (or whole GPUs, or slots) a pool can promise beside all other requests.
pub(super) fn left(
    spec: &Spec,
    cluster: &Cluster,
    pool: &Pool,
    profile: Option<&str>,
    except: Option<(usize, usize)>,
) -> u64 {
    let others = || requests(spec, cluster, pool, except);
    let Some(profile) = profile else {
        let there = match pool.sharing {
            Sharing::Mig => u64::from(pool.whole_gpus),
            sharing if is_shared(sharing) => {
                u64::from(shape(pool).available()) * u64::from(pool.replicas.unwrap_or(1))
            }
            _ => u64::from(shape(pool).available()),
        };
        let used = others().filter(|request| profile_of(pool, request).is_none());
        return there.saturating_sub(used.map(|request| u64::from(request.count)).sum());
    };
    let Some(board) = board(pool) else { return 0 };
    let mut demand: BTreeMap<String, u32> = BTreeMap::new();
    for request in others() {
        if let Some(profile) = profile_of(pool, request) {
            let count = demand.entry(profile.to_owned()).or_default();
            *count = count.saturating_add(request.count);
        }
    }
    let before = demand.get(profile).copied().unwrap_or(0);
    let fits = |more: u32| {
        let mut demand = demand.clone();
        demand.insert(profile.to_owned(), before.saturating_add(more));
        pack(board, shape(pool).available(), &demand)
            .is_ok_and(|packing| distribute(shape(pool), &packing).is_ok())
    };
    let most = board.profile(profile).map_or(0, |p| p.max_instances);
    // The largest number that fits: what fits stays fitting with fewer.
    let (mut low, mut high) = (0, shape(pool).available().saturating_mul(most));
    while low < high {
        let middle = high - (high - low) / 2;
        if fits(middle) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    low.into()
}

/// What a pool counts in: instances of a profile, slots or GPUs.
pub(super) fn unit(pool: &Pool, profile: Option<&str>) -> String {
    match profile {
        Some(profile) => format!("× {profile}"),
        None if is_shared(pool.sharing) => "shared slots".to_owned(),
        None => "whole GPUs".to_owned(),
    }
}

/// What is left of a pool in one line; of a MIG pool, of each plain profile that is left.
pub(super) fn left_line(spec: &Spec, cluster: &Cluster, pool: &Pool) -> Option<String> {
    if pool.sharing != Sharing::Mig {
        let left = left(spec, cluster, pool, None, None);
        return (left > 0).then(|| format!("{left} {} left", unit(pool, None)));
    }
    let profiles = board(pool)?
        .profiles()
        .iter()
        .filter(|profile| profile.is_plain());
    let counted = profiles.map(|p| (left(spec, cluster, pool, Some(&p.name), None), &p.name));
    let all: Vec<String> = counted
        .filter(|(left, _)| *left > 0)
        .map(|(left, name)| times(left, name))
        .collect();
    let whole = left(spec, cluster, pool, None, None);
    if all.is_empty() {
        return (whole > 0).then(|| format!("{whole} whole GPUs left"));
    }
    Some(format!("left, one of: {}", all.join(", ")))
}
