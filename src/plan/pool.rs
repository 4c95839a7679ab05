//! Whether the demand on a pool fits, and how it lies on the GPUs.

use std::collections::BTreeMap;

use super::fixes::{Ask, Short};
use super::gpu::{Aim, DoesNotFit, PackError, Packer, Pin, PoolShape, Present, SettleError, Task, settle};
use super::infeasible::{Fix, FixKind, Infeasible};
use super::pins;
use super::types::PoolPlan;
use crate::catalog::boards::{self, Board};
use crate::model::{GpuRequest, Model, Pool, Share};
use crate::spec::Step;

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
pub(super) struct Demand<'a> {
    model: &'a Model,
    pub(super) pool: &'a Pool,
    at: (usize, usize),
    pub(super) requests: Vec<&'a GpuRequest>,
    pub(super) promised: BTreeMap<String, u64>,
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
            model,
            pool: &model.clusters[cluster].pools[index],
            at: (cluster, index),
            requests,
            promised,
            burst,
        }
    }

    /// Where the spec asks last for one of some shares; the pool itself where nobody does.
    pub(super) fn place(&self, is_asked: impl Fn(&Share) -> bool) -> Vec<Step> {
        let mut requests = self.requests.iter().rev();
        let last = requests.find(|request| is_asked(&request.share));
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

    /// Whether the instances of a MIG pool fit beside so many whole GPUs.
    pub(super) fn fits_beside(&self, whole_gpus: u32) -> bool {
        let pool = Pool {
            whole_gpus,
            ..self.pool.clone()
        };
        let short = |board| self.short(&pool, board).is_fitting();
        boards::board(&pool.board).ok().flatten().is_some_and(short)
    }

    pub(super) fn team(&self, request: &GpuRequest) -> &'a str {
        let team = self.model.teams.get(request.origin.0);
        team.map_or("", |team| team.name.as_str())
    }

    fn short<'s>(&'s self, pool: &'s Pool, board: &'s Board) -> Short<'s> {
        let ask = |request: &&'s GpuRequest| match &request.share {
            Share::Profile(profile) => Some(Ask {
                team: self.team(request),
                profile,
                count: request.count,
            }),
            _ => None,
        };
        let whole = self.promised.get(&Share::Whole.resource()).copied().unwrap_or(0);
        Short {
            pool,
            board,
            packer: Packer::new(board),
            asks: self.requests.iter().filter_map(ask).collect(),
            whole: u32::try_from(whole).unwrap_or(u32::MAX),
        }
    }

    /// Why the instances do not fit, and what would help.
    fn does_not_fit(&self, board: &Board, reason: &DoesNotFit) -> Box<Infeasible> {
        let sentence = reason.to_string();
        let counts =
            |share: &Share| matches!(share, Share::Profile(p) if reason.bound.weights.contains_key(p));
        Box::new(Infeasible {
            place: self.place(counts),
            message: format!("demand on pool `{}` does not fit: {sentence}", self.pool.name),
            sentence,
            weights: reason.bound.weights.clone(),
            most_per_gpu: reason.bound.most_per_gpu,
            needed: reason.needed.saturating_add(reason.pinned.into()),
            available: reason.available.saturating_add(reason.pinned),
            fixes: self.short(self.pool, board).fixes(),
        })
    }

    /// Whatever else is wrong with a pool.
    fn infeasible(&self, message: String, fixes: Vec<Fix>) -> Box<Infeasible> {
        Box::new(Infeasible {
            place: self.place(|_| true),
            sentence: message.clone(),
            message,
            weights: BTreeMap::new(),
            most_per_gpu: 1,
            needed: 0,
            available: self.pool.gpus(),
            fixes,
        })
    }

    fn mig(self, present: Option<&Present>, aim: Aim) -> Result<PoolPlan, Box<Infeasible>> {
        let pool = self.pool;
        let Some(board) = boards::board(&pool.board).ok().flatten() else {
            let message = format!(
                "board `{}` of pool `{}` is not in the catalogue",
                pool.board, pool.name
            );
            return Err(self.infeasible(message, Vec::new()));
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
            let fix = Fix {
                text: "pin fewer or smaller instances on this GPU".to_owned(),
                kind: FixKind::PinLess,
            };
            return Err(Box::new(Infeasible {
                place: place.collect(),
                ..*self.infeasible(reason, vec![fix])
            }));
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
            Err(SettleError::Pack(PackError::DoesNotFit(reason))) => Err(self.does_not_fit(board, &reason)),
            Err(SettleError::Pack(error)) => {
                let message = format!("demand on pool `{}` does not fit: {error}", pool.name);
                Err(self.infeasible(message, Vec::new()))
            }
            Err(SettleError::Nodes(error)) => {
                let message = format!(
                    "demand on pool `{}` cannot be spread over its nodes: {error}",
                    pool.name
                );
                Err(self.infeasible(message, Vec::new()))
            }
        }
    }
}
