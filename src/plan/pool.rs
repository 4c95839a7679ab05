//! Whether the demand on a pool fits, and how it lies on the GPUs.

use std::collections::BTreeMap;

use super::gpu::{Aim, Pin, PoolShape, Present, SettleError, Task, settle};
use super::infeasible::Infeasible;
use super::pins;
use super::types::PoolPlan;
use crate::catalog::boards;
use crate::model::{GpuRequest, Model, Pool, Share};
use crate::spec::{Sharing, Step};

/// Plans one pool; an error when the demand does not fit, placed at the last request that asks for it.
pub(super) fn pool(
    model: &Model,
    cluster: usize,
    index: usize,
    present: Option<&Present>,
    aim: Aim,
) -> Result<PoolPlan, Box<Infeasible>> {
    let demand = Demand::new(model, cluster, index);
    demand.require_plain()?;
    let pool = demand.pool;
    if pool.partitioned {
        return demand.mig(present, aim);
    }
    let per_gpu = u64::from(pool.replicas.max(1));
    let used = demand.promised.values().sum::<u64>().div_ceil(per_gpu);
    Ok(PoolPlan {
        pool: pool.clone(),
        settled: None,
        gpus_used: u32::try_from(used).unwrap_or(u32::MAX),
        promised: demand.promised,
        burst: demand.burst,
    })
}

/// What the teams ask of one pool.
struct Demand<'a> {
    pool: &'a Pool,
    at: (usize, usize),
    requests: Vec<&'a GpuRequest>,
    promised: BTreeMap<String, u64>,
    burst: BTreeMap<String, u64>,
}

impl<'a> Demand<'a> {
    fn new(model: &'a Model, cluster: usize, index: usize) -> Self {
        let namespaces = model.teams.iter().flat_map(|team| &team.namespaces);
        let requests: Vec<&GpuRequest> = namespaces
            .flat_map(|namespace| &namespace.gpus)
            .filter(|request| request.cluster == cluster && request.pool == index)
            .collect();
        let (mut promised, mut burst): (BTreeMap<String, u64>, BTreeMap<String, u64>) = Default::default();
        for request in &requests {
            *promised.entry(request.share.resource()).or_default() += u64::from(request.count);
            if request.burst > 0 {
                *burst.entry(request.share.resource()).or_default() += u64::from(request.burst);
            }
        }
        Self {
            pool: &model.clusters[cluster].pools[index],
            at: (cluster, index),
            requests,
            promised,
            burst,
        }
    }

    /// Where the spec asks for a share, or for anything; the pool itself where nobody asks.
    fn place(&self, share: Option<&Share>) -> Vec<Step> {
        let last = self
            .requests
            .iter()
            .rev()
            .find(|request| share.is_none_or(|share| request.share == *share));
        let (first, second, more) = match last {
            Some(request) => (
                ("teams", request.origin.0),
                ("gpus", request.origin.1),
                Some("count"),
            ),
            None => (("clusters", self.at.0), ("pools", self.at.1), None),
        };
        let path = [
            Step::Key(first.0),
            Step::Index(first.1),
            Step::Key(second.0),
            Step::Index(second.1),
        ];
        path.into_iter().chain(more.map(Step::Key)).collect()
    }

    /// That whole GPUs and shared slots suffice: a count against a count.
    fn require_plain(&self) -> Result<(), Box<Infeasible>> {
        let pool = self.pool;
        let free = u64::from(pool.gpus().saturating_sub(pool.reserve));
        let (share, what, there) = match pool.sharing {
            _ if pool.partitioned => (Share::Whole, "whole GPUs", u64::from(pool.whole_gpus)),
            Sharing::TimeSlicing | Sharing::Mps => {
                (Share::Slot, "shared slots", free * u64::from(pool.replicas))
            }
            Sharing::Mig | Sharing::Whole | Sharing::Dra => (Share::Whole, "whole GPUs", free),
        };
        let wanted = self.promised.get(&share.resource()).copied().unwrap_or(0);
        if wanted <= there {
            return Ok(());
        }
        let missing = wanted - there;
        let hint = match pool.sharing {
            Sharing::TimeSlicing | Sharing::Mps => format!(
                "{missing} too many: {} nodes × {} GPUs × {} replicas, less {} in reserve; ask for fewer or add GPUs",
                pool.nodes, pool.gpus_per_node, pool.replicas, pool.reserve
            ),
            _ => format!("{missing} too many; ask for fewer or add GPUs"),
        };
        let message = format!(
            "the teams ask for {wanted} {what} of pool `{}`, which has {there}",
            pool.name
        );
        Err(self.infeasible(self.place(Some(&share)), message, hint))
    }

    fn infeasible(&self, place: Vec<Step>, message: String, hint: String) -> Box<Infeasible> {
        use super::infeasible::{Fix, FixKind};
        Box::new(Infeasible {
            place,
            sentence: message.clone(),
            message,
            weights: BTreeMap::new(),
            most_per_gpu: 1,
            needed: 0,
            available: 0,
            fixes: vec![Fix {
                text: hint,
                kind: FixKind::AddGpus(1),
            }],
        })
    }

    fn mig(self, present: Option<&Present>, aim: Aim) -> Result<PoolPlan, Box<Infeasible>> {
        let pool = self.pool;
        let Some(board) = boards::board(&pool.board).ok().flatten() else {
            let message = format!(
                "board `{}` of pool `{}` is not in the catalogue",
                pool.board, pool.name
            );
            return Err(self.infeasible(self.place(None), message, "choose another board".to_owned()));
        };
        if let Some((pin, reason)) = pins::misfit(pool, board) {
            let pins = [
                Step::Key("clusters"),
                Step::Index(self.at.0),
                Step::Key("pools"),
                Step::Index(self.at.1),
            ];
            let place =
                pins.into_iter()
                    .chain([Step::Key("pinned"), Step::Index(pin), Step::Key("profiles")]);
            let hint = "pin fewer or smaller instances on this GPU".to_owned();
            return Err(self.infeasible(place.collect(), reason, hint));
        }
        let mut instances: BTreeMap<String, u32> = pool.spares.clone();
        for request in &self.requests {
            if let Share::Profile(profile) = &request.share {
                let count = instances.entry(profile.clone()).or_default();
                *count = count.saturating_add(request.count);
            }
        }
        let pinned: Vec<Pin> = pool
            .pinned
            .iter()
            .map(|pin| Pin {
                node: pin.node.clone(),
                gpu: pin.gpu,
                layout: pin.layout.clone(),
            })
            .collect();
        let task = Task {
            board,
            shape: PoolShape {
                nodes: pool.nodes,
                gpus_per_node: pool.gpus_per_node,
                whole_gpus: pool.whole_gpus,
                reserve: pool.reserve,
            },
            pinned: &pinned,
            demand: &instances,
            present,
            aim,
        };
        match settle(&task) {
            Ok(settled) => {
                let whole = self.promised.get(&Share::Whole.resource()).copied().unwrap_or(0);
                let whole = u32::try_from(whole).unwrap_or(u32::MAX);
                Ok(PoolPlan {
                    pool: pool.clone(),
                    gpus_used: settled.distribution.used().saturating_add(whole),
                    settled: Some(settled),
                    promised: self.promised,
                    burst: self.burst,
                })
            }
            Err(SettleError::Pack(error)) => {
                let message = format!("demand on pool `{}` does not fit: {error}", pool.name);
                let hint = "ask for fewer or smaller instances, or add GPUs to the pool".to_owned();
                Err(self.infeasible(self.place(None), message, hint))
            }
            Err(SettleError::Nodes(error)) => {
                let message = format!(
                    "demand on pool `{}` cannot be spread over its nodes: {error}",
                    pool.name
                );
                let hint = "ask for fewer or smaller instances, or add GPUs to the pool".to_owned();
                Err(self.infeasible(self.place(None), message, hint))
            }
        }
    }
}
