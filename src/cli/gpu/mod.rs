//! `platform gpu`: what lies on which GPU.

mod document;
mod draw;
mod plan;
mod present;
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
}

pub(super) fn run(global: &Global, args: &GpuArgs) -> Result<ExitCode, Failure> {
    match &args.command {
        GpuCommand::Plan(args) => plan::run(global, args),
    }
}
