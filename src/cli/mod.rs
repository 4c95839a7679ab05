//! The command line: arguments, one file per subcommand, and the one place where an answer becomes an exit code.

mod apply;
mod args;
mod blueprint;
mod change;
mod completion;
mod explain;
mod explain_file;
mod failure;
mod former;
mod init;
mod live;
mod load;
mod output;
mod plan;
mod regenerate;
mod render;
mod schema;
mod team;
mod test;
mod validate;
mod verify;
mod version;
mod wizard;

use std::process::ExitCode;

use clap::Parser;

use args::{Cli, Command};
use failure::Failure;

/// Parses the arguments of the process, runs the command, prints its failure and returns the exit code.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are answers, not errors; clap knows which stream each belongs to.
            let code = u8::try_from(error.exit_code()).unwrap_or(2);
            return if error.print().is_ok() {
                ExitCode::from(code)
            } else {
                ExitCode::SUCCESS
            };
        }
    };
    match run(&cli) {
        Ok(code) => code,
        Err(failure) => {
            failure.print(&cli.global);
            ExitCode::from(failure.exit_code())
        }
    }
}

fn run(cli: &Cli) -> Result<ExitCode, Failure> {
    let global = &cli.global;
    global.check()?;
    match &cli.command {
        Command::Init(args) => init::run(global, args),
        Command::Validate => validate::run(global),
        Command::Plan(args) => plan::run(global, args),
        Command::Render(args) => render::run(global, args),
        Command::Regenerate(args) => regenerate::run(global, args),
        Command::Test(args) => test::run(global, args),
        Command::Apply(args) => apply::run(global, args),
        Command::Verify(args) => verify::run(global, args),
        Command::Team(args) => team::run(global, args),
        Command::Explain(args) => explain::run(global, args),
        Command::Schema => schema::run(),
        Command::Blueprint(args) => blueprint::run(global, args),
        Command::Completion(args) => completion::run(args),
        Command::Version => version::run(global),
    }
}
