//! MIG instances that a pool itself names: spares, and GPUs whose layout is fixed.

use std::collections::{BTreeMap, BTreeSet};

use super::labels;
use super::report::Report;
use super::types::PinnedGpu;
use crate::catalog::boards::{self, Board};
use crate::spec::{self, Path, Sharing, Step, did_you_mean};

/// Whether GPUs of a pool are cut into MIG instances: those of a MIG pool, and those of a DRA pool where a request, a
/// spare or a pin names instances.
pub(super) fn is_partitioned(spec: &spec::Spec, cluster: &spec::Cluster, pool: &spec::Pool) -> bool {
    let on_it = |request: &&spec::GpuRequest| request.cluster == cluster.name && request.pool == pool.name;
    let asked = || {
        let mut requests = spec.teams.iter().flat_map(|team| &team.gpus).filter(on_it);
        requests.any(|request| request.profile.is_some() || request.memory.is_some())
    };
    let named = || !reserve(pool).slices.is_empty() || !pool.pinned.is_empty();
    match pool.sharing {
        Sharing::Mig => true,
        Sharing::Dra => board(pool).is_some_and(|board| board.mig.is_some()) && (named() || asked()),
        Sharing::Whole | Sharing::TimeSlicing | Sharing::Mps => false,
    }
}

/// What the plan leaves free, in the long form.
pub(super) fn reserve(pool: &spec::Pool) -> spec::Spares {
    match &pool.reserve {
        spec::Reserve::Gpus(gpus) => spec::Spares {
            gpus: *gpus,
            ..spec::Spares::default()
        },
        spec::Reserve::Spares(spares) => spares.clone(),
    }
}

/// The board of a pool; `None` where the catalogue has none of that id, which is reported elsewhere.
pub(super) fn board(pool: &spec::Pool) -> Option<&'static Board> {
    boards::board(&pool.board).ok().flatten()
}

/// The spares of a pool, without zeros.
pub(super) fn spares(
    pool: &spec::Pool,
    is_partitioned: bool,
    at: &Path,
    report: &mut Report<'_>,
) -> BTreeMap<String, u32> {
    let path = below(at, &[Step::Key("reserve"), Step::Key("slices")]);
    let slices = reserve(pool).slices;
    if !slices.is_empty() && !is_partitioned {
        not_partitioned(pool, "reserve.slices", &path, report);
        return BTreeMap::new();
    }
    layout(pool, &slices, &path, report)
}

/// The pinned GPUs of a pool.
pub(super) fn pinned(
    pool: &spec::Pool,
    is_partitioned: bool,
    at: &Path,
    report: &mut Report<'_>,
) -> Vec<PinnedGpu> {
    let list = below(at, &[Step::Key("pinned")]);
    if !pool.pinned.is_empty() && !is_partitioned {
        not_partitioned(pool, "pinned", &list, report);
        return Vec::new();
    }
    let name = pool.name.escape_debug();
    let (mut nodes, mut taken) = (BTreeSet::new(), BTreeMap::new());
    let mut found = Vec::new();
    for (index, pin) in pool.pinned.iter().enumerate() {
        let at = |key| below(&list, &[Step::Index(index), Step::Key(key)]);
        let node = pin.node.escape_debug().take(80).collect::<String>();
        if !labels::is_subdomain(&pin.node) {
            let message = format!("`{node}` is not the name of a node");
            let hint = "a node has a DNS name: lower-case letters, digits, `-` and `.`; `kubectl get nodes` lists them";
            report.add(&at("node"), "bad-name", message, Some(hint.to_owned()));
            continue;
        }
        if pin.gpu >= pool.gpus_per_node {
            let message = format!(
                "GPU {} of node `{node}` does not exist: a node of pool `{name}` has {}, from 0 to {}",
                pin.gpu,
                pool.gpus_per_node,
                pool.gpus_per_node.saturating_sub(1)
            );
            let hint = "GPUs are counted from 0, as `nvidia-smi` does";
            report.add(&at("gpu"), "does-not-fit", message, Some(hint.to_owned()));
        }
        if let Some(first) = taken.insert((pin.node.as_str(), pin.gpu), index) {
            let message = format!(
                "GPU {} of node `{node}` is pinned twice (entries {} and {})",
                pin.gpu,
                first + 1,
                index + 1
            );
            let hint = "a GPU has one layout: keep one of the two".to_owned();
            report.add(&at("gpu"), "duplicate-name", message, Some(hint));
        }
        nodes.insert(pin.node.as_str());
        if u32::try_from(nodes.len()).is_ok_and(|named| named == pool.nodes.saturating_add(1)) {
            let message = format!(
                "`{node}` is node {} that pool `{name}` pins GPUs of; it has {}",
                nodes.len(),
                pool.nodes
            );
            let hint = "pin GPUs of fewer nodes, or raise `nodes`".to_owned();
            report.add(&at("node"), "does-not-fit", message, Some(hint));
        }
        found.push(PinnedGpu {
            node: pin.node.clone(),
            gpu: pin.gpu,
            layout: layout(pool, &pin.profiles, &at("profiles"), report),
        });
    }
    found
}

/// Instances by profile, each a profile of the pool's board.
fn layout(
    pool: &spec::Pool,
    written: &BTreeMap<String, u32>,
    at: &Path,
    report: &mut Report<'_>,
) -> BTreeMap<String, u32> {
    let Some(board) = board(pool).filter(|board| board.mig.is_some()) else {
        return BTreeMap::new();
    };
    for profile in written.keys().filter(|name| board.profile(name).is_none()) {
        unknown_profile(board, profile, at, report);
    }
    written
        .iter()
        .map(|(name, count)| (name.clone(), *count))
        .collect()
}

/// Reports a profile that the board does not have.
pub(super) fn unknown_profile(board: &Board, profile: &str, at: &Path, report: &mut Report<'_>) {
    let own: Vec<&str> = board.profiles().iter().map(|p| p.name.as_str()).collect();
    let shown: String = profile.escape_debug().take(80).collect();
    let message = format!(
        "board `{}` has no profile `{shown}`; it has: {}",
        board.id,
        own.join(", ")
    );
    let all = boards::boards().unwrap_or_default();
    let others: Vec<String> = all
        .iter()
        .filter(|other| other.profile(profile).is_some())
        .map(|other| format!("`{}`", other.id))
        .collect();
    let near = || did_you_mean(profile, own.iter().copied()).map(|near| format!("did you mean `{near}`?"));
    let hint = match others.as_slice() {
        [] => near(),
        others => Some(format!("`{shown}` is a profile of {}", others.join(", "))),
    };
    report.add(at, "unknown-profile", message, hint);
}

/// Why the GPUs of a pool are not cut into instances, or not shared beyond them.
pub(super) fn sharing_reason(sharing: Sharing) -> &'static str {
    match sharing {
        Sharing::Mps => "the device plugin refuses MPS on MIG devices when it starts",
        Sharing::TimeSlicing => "time-slicing turns on whole GPUs, without memory or fault isolation",
        Sharing::Whole => "a GPU of `sharing: whole` is one unit",
        Sharing::Mig | Sharing::Dra => "only a board with MIG has instances",
    }
}

fn not_partitioned(pool: &spec::Pool, key: &str, at: &Path, report: &mut Report<'_>) {
    let message = format!(
        "pool `{}` has no MIG instances, so `{key}` means nothing here: {}",
        pool.name.escape_debug(),
        sharing_reason(pool.sharing)
    );
    let hint = format!("remove `{key}`, or use `sharing: mig`");
    report.add(at, "not-applicable", message, Some(hint));
}

fn below(base: &Path, more: &[Step]) -> Vec<Step> {
    base.iter().chain(more).cloned().collect()
}
