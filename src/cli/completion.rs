//! `platform completion`.

use std::process::ExitCode;

use clap::CommandFactory;

use super::args::{Cli, CompletionArgs};
use super::failure::Failure;
use super::output;

pub(super) fn run(args: &CompletionArgs) -> Result<ExitCode, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "platform", &mut script);
    output::answer(&String::from_utf8_lossy(&script))?;
    Ok(ExitCode::SUCCESS)
}
