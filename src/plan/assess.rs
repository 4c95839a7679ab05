//! The GPUs of every pool, also where the demand on some of them does not fit.

use std::collections::BTreeMap;

use super::gpu::{Aim, Layouts};
use super::{Infeasible, Plan, PoolPlan, decide};
use crate::model::{Model, Pool};
use crate::overlay;
use crate::spec::Finding;
use crate::units::DnsLabel;

/// What became of every pool of a spec whose own findings are no obstacle.
#[derive(Debug, Clone)]
pub struct Assessment {
    /// The name of the platform.
    pub name: DnsLabel,
    /// The clusters in the order of the spec, each with its kubeconfig context.
    pub clusters: Vec<(DnsLabel, String)>,
    /// Where the spec says what: `cluster <name> pool <name>` → `file:line:column`.
    pub places: BTreeMap<String, String>,
    /// What a person should know though nothing is wrong, by place.
    pub notes: Vec<Finding>,
    /// The pools in the order of the spec.
    pub pools: Vec<Assessed>,
    /// The whole plan; `None` when a demand does not fit.
    pub plan: Option<Plan>,
    /// The demands that do not fit, as findings; empty exactly when there is a plan.
    pub findings: Vec<Finding>,
}

/// One pool.
#[derive(Debug, Clone)]
pub struct Assessed {
    /// The cluster.
    pub cluster: DnsLabel,
    /// What the spec says of the pool.
    pub pool: Pool,
    /// What the teams ask of it, in the order of the spec.
    pub asks: Vec<Asked>,
    /// Its plan, or why there is none.
    pub result: Result<PoolPlan, Box<Infeasible>>,
}

/// GPUs of one pool that a team is promised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The team.
    pub team: DnsLabel,
    /// The extended resource.
    pub resource: String,
    /// How many are guaranteed.
    pub count: u64,
    /// How many more may be used while they are free.
    pub burst: u64,
}

/// What the teams ask of a pool, by the indices of cluster and pool; one entry per request of the spec.
pub(super) fn asks(model: &Model, cluster: usize, pool: usize) -> Vec<Asked> {
    let mut asks = Vec::new();
    for team in &model.teams {
        let requests = team.namespaces.iter().flat_map(|namespace| &namespace.gpus);
        for request in requests.filter(|request| (request.cluster, request.pool) == (cluster, pool)) {
            asks.push(Asked {
                team: team.name.clone(),
                resource: request.share.resource(),
                count: u64::from(request.count),
                burst: u64::from(request.burst),
            });
        }
    }
    asks
}

/// Bytes → every pool, or everything that is wrong with the spec beside demands that do not fit.
pub fn assess(
    file: &str,
    bytes: &[u8],
    overlays: &overlay::Files,
    present: &Layouts,
    aim: Aim,
) -> Result<Assessment, Vec<Finding>> {
    decide::assess(file, bytes, overlays, present, aim)
}
