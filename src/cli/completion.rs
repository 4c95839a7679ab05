//! `platform completion`: scripts for shells, and the answers to what they ask.
//!
//! A script calls `PLATFORM_COMPLETE=<shell> platform -- <words>`; the words are completed by the definition of the
//! arguments, with names from [`super::candidates`].

use std::io::Write;
use std::process::ExitCode;

use clap_complete::env::{Bash, Elvish, EnvCompleter, Fish, Powershell, Zsh};
use clap_complete::{CompleteEnv, Shell};

use super::args::CompletionArgs;
use super::failure::Failure;
use super::{command, output};
use crate::edge::env;

/// The variable by which a script says that it asks.
const VARIABLE: &str = "PLATFORM_COMPLETE";

pub(super) fn run(args: &CompletionArgs) -> Result<ExitCode, Failure> {
    let shell: &dyn EnvCompleter = match args.shell {
        Shell::Bash => &Bash,
        Shell::Elvish => &Elvish,
        Shell::Fish => &Fish,
        Shell::PowerShell => &Powershell,
        Shell::Zsh => &Zsh,
        other => return Err(Failure::usage(format!("shell `{other}` is not supported"))),
    };
    let mut script = Vec::new();
    shell
        .write_registration(VARIABLE, "platform", "platform", "platform", &mut script)
        .map_err(|error| Failure::bug(error.to_string()))?;
    output::answer(&String::from_utf8_lossy(&script))?;
    Ok(ExitCode::SUCCESS)
}

/// Answers a shell, if it was a shell that asked; what goes wrong is no answer, never a message in somebody's prompt.
pub(super) fn answered() -> bool {
    if !matches!(env::variable(VARIABLE), Ok(Some(_))) {
        return false;
    }
    // A panic message would land in the middle of the line that is being typed.
    std::panic::set_hook(Box::new(|_| {}));
    let answer = std::panic::catch_unwind(|| {
        let directory = std::env::current_dir().ok();
        CompleteEnv::with_factory(command::definition)
            .var(VARIABLE)
            .try_complete(std::env::args_os(), directory.as_deref())
    });
    // Nobody is left to tell when standard output is closed.
    let _ = std::io::stdout().flush();
    !matches!(answer, Ok(Ok(false)))
}
