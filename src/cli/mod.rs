//! The command line: arguments, one file per subcommand, and the one place where an answer becomes an exit code.

mod apply;
mod args;
mod blueprint;
mod candidates;
mod change;
mod check;
mod color;
mod command;
mod completion;
mod examples;
mod explain;
mod explain_file;
mod failure;
mod former;
mod gpu;
mod init;
mod line;
mod live;
mod load;
mod man;
mod markdown;
mod notes;
mod output;
mod parse;
mod plan;
mod progress;
mod regenerate;
mod render;
mod schema;
mod talk;
mod team;
mod test;
mod validate;
mod verify;
mod version;
mod wizard;

use std::process::ExitCode;

use args::{Cli, Command};
use failure::Failure;

/// Parses the arguments of the process, runs the command, prints its failure and returns the exit code.
pub fn main() -> ExitCode {
    if completion::answered() {
        return ExitCode::SUCCESS;
    }
    let cli = match parse::arguments() {
        Ok(cli) => cli,
        Err(code) => return code,
    };
    std::panic::set_hook(Box::new(|panic| {
        Failure::bug(format!("unexpected: {panic}")).print();
    }));
    match std::panic::catch_unwind(|| run(&cli)) {
        Ok(Ok(code)) => code,
        Ok(Err(failure)) => {
            failure.print();
            ExitCode::from(failure.exit_code())
        }
        Err(_told_by_the_hook) => ExitCode::from(70),
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
        Command::Gpu(args) => gpu::run(global, args),
        Command::Explain(args) => explain::run(global, args),
        Command::Check(args) => check::run(global, args),
        Command::Schema(args) => schema::run(args),
        Command::Blueprint(args) => blueprint::run(global, args),
        Command::Completion(args) => completion::run(args),
        Command::Man(args) => man::run(global, args),
        Command::Version => version::run(global),
    }
}
