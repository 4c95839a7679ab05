//! `platform test`: the policies offline, with the texts that the engines get.

mod pack;
mod pod;
mod quota;

use std::process::ExitCode;

use super::args::{Global, TestArgs};
use super::failure::Failure;
use super::load;
use crate::catalog::policies;
use crate::engine::policy::{Compiled, compile};
use crate::plan::Plan;
use crate::render;

pub(super) fn run(global: &Global, args: &TestArgs) -> Result<ExitCode, Failure> {
    let loaded = load::load(global)?;
    match (&args.pod, &args.team) {
        (Some(file), Some(team)) => pod::run(global, args, &loaded.plan, file, team),
        _ => pack::run(global, &loaded),
    }
}

/// All policies with the parameters of a plan.
fn compiled(plan: &Plan) -> Result<Vec<Compiled>, Failure> {
    let parameters = render::parameters(plan);
    let all = policies::policies().map_err(|error| Failure::bug(error.to_string()))?;
    let compiled: Result<Vec<_>, _> = all.iter().map(|policy| compile(policy, &parameters)).collect();
    compiled.map_err(|error| Failure::bug(error.to_string()))
}
