//! `platform gpu boards|profiles`: the GPUs that a spec may name, and what one of them can hold.

mod boards;
mod draw;
mod profiles;

use std::process::ExitCode;

use clap::Subcommand;

use super::args::Global;
use super::failure::Failure;

#[derive(Debug, Subcommand)]
pub(super) enum GpuCommand {
    /// List the boards that a pool may name, with how sure their figures are.
    Boards,
    /// Show the MIG profiles of a board: resource, size, where each may lie, how many fit.
    Profiles(profiles::ProfilesArgs),
}

pub(super) fn run(global: &Global, command: &GpuCommand) -> Result<ExitCode, Failure> {
    match command {
        GpuCommand::Boards => boards::run(global),
        GpuCommand::Profiles(args) => profiles::run(global, args),
    }
}
