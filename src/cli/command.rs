//! The clap definition with what cannot stand beside the arguments: examples, completers, empty variables.

use clap::{Arg, Command, CommandFactory};

use super::args::Cli;
use super::{candidates, examples};
use crate::edge::env;

/// The definition that parser, help, completions and manual pages come from.
pub(super) fn definition() -> Command {
    let command = examples::add(Cli::command());
    with_completers(&[], command)
}

/// The definition for parsing: a variable that is empty counts as not set, as everywhere else.
pub(super) fn for_parsing() -> Command {
    let empty = |arg: &Arg| {
        arg.get_env()
            .and_then(|name| name.to_str())
            .is_some_and(|name| env::variable(name) == Ok(None))
    };
    examples::add(Cli::command()).mut_args(|arg| if empty(&arg) { arg.env(None::<&str>) } else { arg })
}

fn with_completers(path: &[String], command: Command) -> Command {
    let name = command.get_name().to_owned();
    let path = [path, &[name]].concat();
    let subcommands: Vec<String> = command
        .get_subcommands()
        .map(|below| below.get_name().to_owned())
        .collect();
    let own = path.clone();
    let mut command = command.mut_args(move |arg| match candidates::of(&own, &arg) {
        Some(completer) => arg.add(completer),
        None => arg,
    });
    for below in subcommands {
        command = command.mut_subcommand(below, |below| with_completers(&path, below));
    }
    command
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_definition_is_sound() {
        super::definition().debug_assert();
    }

    #[test]
    fn every_global_flag_has_its_variable() {
        let command = super::definition();
        for arg in command
            .get_arguments()
            .filter(|arg| !["help", "version"].contains(&arg.get_id().as_str()))
        {
            let long = arg.get_long().expect("a global flag has a long name");
            let expected = format!("PLATFORM_{}", long.to_uppercase().replace('-', "_"));
            let variable = arg.get_env().and_then(|name| name.to_str());
            assert_eq!(variable, Some(expected.as_str()), "--{long}");
        }
    }
}
