//! What a team asks of a GPU pool.

use super::fleet::{find_cluster, unknown};
use super::instances;
use super::report::Report;
use super::teams::Builder;
use super::types::{GpuRequest, Share};
use crate::catalog::boards;
use crate::spec::{self, Sharing, Step};
use crate::units::Quantity;

impl Builder<'_> {
    pub(super) fn requests(
        &self,
        clusters: &[usize],
        report: &mut Report<'_>,
    ) -> Vec<(Option<String>, GpuRequest)> {
        let requests = self.written().gpus.iter().enumerate();
        requests
            .filter_map(|(index, r)| Some((r.namespace.clone(), self.request(index, r, clusters, report)?)))
            .collect()
    }

    fn request(
        &self,
        index: usize,
        request: &spec::GpuRequest,
        clusters: &[usize],
        report: &mut Report<'_>,
    ) -> Option<GpuRequest> {
        let at = |key| self.path(&[Step::Key("gpus"), Step::Index(index), Step::Key(key)]);
        let cluster = find_cluster(self.spec, &request.cluster, &at("cluster"), report)?;
        if !clusters.contains(&cluster) {
            let message = format!(
                "team `{}` does not work on cluster `{}`",
                self.written().name,
                request.cluster
            );
            let hint = "add it to the team's `clusters`, or ask for GPUs elsewhere";
            report.add(
                &at("cluster"),
                "unknown-reference",
                message,
                Some(hint.to_owned()),
            );
            return None;
        }
        let pools = &self.spec.clusters[cluster].pools;
        let Some(pool_index) = pools.iter().position(|pool| pool.name == request.pool) else {
            if self.is_elsewhere(request, &at("pool"), report) {
                return None;
            }
            let all: Vec<&str> = pools.iter().map(|p| p.name.as_str()).collect();
            unknown(
                "pool",
                &format!(" of cluster `{}`", request.cluster),
                &request.pool,
                &all,
                &at("pool"),
                report,
            );
            return None;
        };
        // A pool that was refused has been reported; what is asked of it cannot be judged.
        if let Some(cluster) = &self.clusters[cluster] {
            let _ = cluster.pools.get(pool_index)?;
        }
        let partitioned =
            instances::is_partitioned(self.spec, &self.spec.clusters[cluster], &pools[pool_index]);
        let share = self.share(&pools[pool_index], partitioned, request, &at, report)?;
        Some(GpuRequest {
            cluster,
            pool: pool_index,
            share,
            count: request.count,
            burst: request.burst,
            origin: (self.index, index),
        })
    }

    /// Whether only other clusters have the pool, which is reported.
    fn is_elsewhere(&self, request: &spec::GpuRequest, at: &[Step], report: &mut Report<'_>) -> bool {
        let has = |cluster: &&spec::Cluster| cluster.pools.iter().any(|pool| pool.name == request.pool);
        let others: Vec<&str> = self
            .spec
            .clusters
            .iter()
            .filter(has)
            .map(|c| c.name.as_str())
            .collect();
        let [first, ..] = others.as_slice() else {
            return false;
        };
        let shown: String = request.pool.escape_debug().take(80).collect();
        let message = format!(
            "cluster `{}` has no pool `{shown}`; cluster `{}` has one",
            request.cluster,
            others.join("`, `")
        );
        let hint = format!("write `cluster: {first}`, or name a pool of this cluster");
        report.add(at, "unknown-reference", message, Some(hint));
        true
    }

    fn share(
        &self,
        pool: &spec::Pool,
        partitioned: bool,
        request: &spec::GpuRequest,
        at: &dyn Fn(&'static str) -> Vec<Step>,
        report: &mut Report<'_>,
    ) -> Option<Share> {
        if !partitioned {
            for (key, given) in [
                ("profile", request.profile.is_some()),
                ("memory", request.memory.is_some()),
            ] {
                if given {
                    let message = format!(
                        "pool `{}` has no MIG instances, so `{key}` means nothing here: {}",
                        pool.name,
                        instances::sharing_reason(pool.sharing)
                    );
                    let hint = format!("remove `{key}`: `count` alone says how many slots or GPUs");
                    report.add(&at(key), "not-applicable", message, Some(hint));
                    return None;
                }
            }
            let shared = matches!(pool.sharing, Sharing::TimeSlicing | Sharing::Mps);
            return Some(if shared { Share::Slot } else { Share::Whole });
        }
        let board = boards::board(&pool.board)
            .ok()
            .flatten()
            .filter(|board| !board.profiles().is_empty())?;
        match (&request.profile, &request.memory) {
            (Some(profile), None) => {
                if board.profile(profile).is_some() {
                    return Some(Share::Profile(profile.clone()));
                }
                instances::unknown_profile(board, profile, &at("profile"), report);
                None
            }
            (None, Some(memory)) => {
                let Some(need) = Quantity::parse(memory).ok().filter(|need| need.milli() > 0) else {
                    let message = format!("`{}` is not an amount of memory", memory.escape_debug());
                    report.add(
                        &at("memory"),
                        "bad-quantity",
                        message,
                        Some("such as `40Gi`".to_owned()),
                    );
                    return None;
                };
                let gib = u32::try_from(
                    (need.milli() / 1000).div_euclid(1 << 30) + i128::from(need.milli() % (1000 << 30) != 0),
                );
                let found = gib.ok().and_then(|gib| board.profile_for_memory(gib));
                if found.is_none() {
                    let largest = board.profiles().iter().map(|p| p.memory_gb).max().unwrap_or(0);
                    let message = format!(
                        "no MIG profile of board `{}` has {memory}; the largest has {largest} GB",
                        board.id
                    );
                    let hint = "ask for less, or for whole GPUs (`wholeGpus` of the pool)";
                    report.add(&at("memory"), "unknown-profile", message, Some(hint.to_owned()));
                }
                found.map(|profile| Share::Profile(profile.name.clone()))
            }
            (None, None) if pool.whole_gpus > 0 => Some(Share::Whole),
            (None, None) if report.was_refused(&at("profile")) || report.was_refused(&at("memory")) => None,
            (None, None) => {
                let all: Vec<&str> = board.profiles().iter().map(|p| p.name.as_str()).collect();
                let message = format!(
                    "a request on pool `{}`, whose GPUs are cut into MIG instances, needs a `profile` or a `memory`",
                    pool.name
                );
                let hint = format!(
                    "profiles of `{}`: {}; for whole GPUs give the pool `wholeGpus`",
                    board.id,
                    all.join(", ")
                );
                report.add(&at("pool"), "missing-key", message, Some(hint));
                None
            }
            (Some(_), Some(_)) => {
                let message = "`profile` and `memory` are two ways to say the same".to_owned();
                report.add(
                    &at("memory"),
                    "not-applicable",
                    message,
                    Some("keep one of the two".to_owned()),
                );
                None
            }
        }
    }
}
