//! `platform gpu`: the boards that a spec may name, what one GPU holds, and what lies on which.

mod boards;
mod document;
mod draw;
mod live;
mod placements;
mod plan;
mod profiles;
mod table;

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::args::Global;
use super::failure::Failure;

#[derive(Debug, Args)]
pub(super) struct GpuArgs {
    #[command(subcommand)]
    command: GpuCommand,
}

#[derive(Debug, Subcommand)]
enum GpuCommand {
    /// Show what lies on which GPU, why no fewer would do, and the way there from what is there now.
    Plan(plan::GpuPlanArgs),
    /// List the boards that a pool may name, with how sure their figures are.
    Boards,
    /// Show the MIG profiles of a board: resource, size, where each may lie, how many fit.
    Profiles(profiles::ProfilesArgs),
}

pub(super) fn run(global: &Global, args: &GpuArgs) -> Result<ExitCode, Failure> {
    match &args.command {
        GpuCommand::Plan(args) => plan::run(global, args),
        GpuCommand::Boards => boards::run(global),
        GpuCommand::Profiles(args) => profiles::run(global, args),
    }
}
