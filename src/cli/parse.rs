//! From the words of the process to its arguments, or to help, version or a usage error on the right stream.

use std::io::Write;
use std::process::ExitCode;

use clap::FromArgMatches;
use clap::error::ErrorKind;
use clap::parser::ValueSource;
use serde_json::json;

use super::args::Cli;
use super::color::{self, Stream};
use super::{command, talk};
use crate::edge::env;

/// The arguments; an exit code when there is nothing left to do.
pub(super) fn arguments() -> Result<Cli, ExitCode> {
    let mut command = command::for_parsing();
    let parsed = command.try_get_matches_from_mut(std::env::args_os());
    let cli = parsed.and_then(|matches| {
        let mut cli = Cli::from_arg_matches(&matches)?;
        let typed = |id| matches.value_source(id) == Some(ValueSource::CommandLine);
        if cli.global.quiet && cli.global.verbose > 0 {
            match (typed("quiet"), typed("verbose")) {
                // A flag stands before a variable.
                (true, false) => cli.global.verbose = 0,
                (false, true) => cli.global.quiet = false,
                _ => {
                    let message = "the argument '--quiet' cannot be used with '--verbose'";
                    return Err(command.error(ErrorKind::ArgumentConflict, message));
                }
            }
        }
        Ok(cli)
    });
    match cli {
        Ok(cli) => {
            talk::begin(&cli.global);
            Ok(cli)
        }
        Err(error) => Err(told(&error)),
    }
}

/// Prints what clap says: help and version are answers, everything else is talk.
fn told(error: &clap::Error) -> ExitCode {
    let early = Early::of_this_process();
    talk::begin_without_arguments(early.json, early.no_color);
    let code = u8::try_from(error.exit_code()).unwrap_or(2);
    let text = error.render();
    if error.use_stderr() && early.json {
        let text = text.to_string();
        let (message, hint) = text.split_once("\n\n").unwrap_or((&text, ""));
        let message = message.trim().trim_start_matches("error: ");
        let fields = json!({"hint": hint.trim(), "exitCode": code, "findings": []});
        talk::object("error", message, fields.as_object().cloned().unwrap_or_default());
        return ExitCode::from(code);
    }
    let stream = if error.use_stderr() {
        Stream::Err
    } else {
        Stream::Out
    };
    let text = if color::wanted(stream, early.no_color) {
        text.ansi().to_string()
    } else {
        text.to_string()
    };
    // A reader that went away ends the answer; nowhere is left to complain about the other stream.
    let _ = match stream {
        Stream::Out => std::io::stdout().lock().write_all(text.as_bytes()),
        Stream::Err => std::io::stderr().lock().write_all(text.as_bytes()),
    };
    ExitCode::from(code)
}

/// What can be told from arguments that clap refuses.
struct Early {
    json: bool,
    no_color: bool,
}

impl Early {
    fn of_this_process() -> Self {
        let words: Vec<_> = std::env::args_os()
            .skip(1)
            .take_while(|word| word != "--")
            .collect();
        let flag = |word: &str| words.iter().any(|given| given == word);
        let pair = words
            .windows(2)
            .any(|pair| pair[0] == "--log-format" && pair[1] == "json");
        let variable = |name| env::variable(name).ok().flatten();
        let typed = flag("--log-format") || flag("--log-format=text") || flag("--log-format=json");
        let wanted = variable("PLATFORM_LOG_FORMAT").as_deref() == Some("json");
        let on = |text: String| ["1", "true", "yes", "on"].contains(&text.to_ascii_lowercase().as_str());
        Self {
            json: pair || flag("--log-format=json") || (!typed && wanted),
            no_color: flag("--no-color") || variable("PLATFORM_NO_COLOR").is_some_and(on),
        }
    }
}
