//! `platform team add|remove|freeze|unfreeze|list`: the spec is edited in place, then brought into its repository.

mod add;
mod edited;
mod freeze;
mod list;
mod remove;
mod written;

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::args::Global;
use super::failure::Failure;

#[derive(Debug, Args)]
pub(super) struct TeamArgs {
    #[command(subcommand)]
    command: TeamCommand,
    /// Let the change loosen controls.
    #[arg(long, global = true)]
    allow_loosen: bool,
}

#[derive(Debug, Subcommand)]
enum TeamCommand {
    /// List the teams with what each is promised.
    List,
    /// Add a team; one that is there exactly so changes nothing.
    Add(Box<add::AddArgs>),
    /// Remove a team: its access goes, its namespaces and data stay.
    Remove(Named),
    /// Make a team's quota zero: nothing new starts, nothing is deleted, its GPUs stay reserved.
    Freeze(Named),
    /// Give a frozen team its quota back.
    Unfreeze(Named),
}

#[derive(Debug, Args)]
struct Named {
    /// The team.
    #[arg(value_name = "NAME")]
    name: String,
}

pub(super) fn run(global: &Global, args: &TeamArgs) -> Result<ExitCode, Failure> {
    match &args.command {
        TeamCommand::List => list::run(global),
        TeamCommand::Add(add) => add::run(global, add, args.allow_loosen),
        TeamCommand::Remove(named) => remove::run(global, &named.name, args.allow_loosen),
        TeamCommand::Freeze(named) => freeze::run(global, &named.name, true, args.allow_loosen),
        TeamCommand::Unfreeze(named) => freeze::run(global, &named.name, false, args.allow_loosen),
    }
}
