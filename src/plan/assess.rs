//! The GPUs of every pool, also where the demand on some of them does not fit.

use super::gpu::{Aim, Layouts};
use super::{Infeasible, Plan, PoolPlan, decide};
use crate::model::Pool;
use crate::overlay;
use crate::spec::Finding;
use crate::units::DnsLabel;

/// What became of every pool of a spec whose own findings are no obstacle.
#[derive(Debug, Clone)]
pub struct Assessment {
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
    /// Its plan, or why there is none.
    pub result: Result<PoolPlan, Box<Infeasible>>,
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
