//! The reference of all commands as Markdown.

use clap::builder::StyledStr;
use clap::{Arg, Command};

/// A command and all below it; global flags stand once, with the first.
pub(super) fn reference(root: &Command) -> String {
    let mut text = format!(
        "# {}\n\nGenerated from the definition of the arguments by `platform man --format markdown`. \
         A flag stands before its variable, a variable before the default.\n",
        root.get_bin_name().unwrap_or_else(|| root.get_name())
    );
    section(root, true, &mut text);
    text
}

fn section(command: &Command, first: bool, text: &mut String) {
    let name = command.get_bin_name().unwrap_or_else(|| command.get_name());
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ");
    text.push_str(&format!(
        "\n## {name}\n\n{}\n\n```text\n{usage}\n```\n",
        plain(command.get_about())
    ));
    let shown = |arg: &&Arg| {
        !arg.is_hide_set()
            && !["help", "version"].contains(&arg.get_id().as_str())
            && (first || !arg.is_global_set())
    };
    let args: Vec<&Arg> = command.get_arguments().filter(shown).collect();
    if !args.is_empty() {
        text.push_str("\n| argument | meaning | default | variable |\n|---|---|---|---|\n");
    }
    for arg in args {
        text.push_str(&row(arg));
    }
    if let Some(examples) = command.get_after_help() {
        let examples = examples.to_string();
        let lines = examples
            .lines()
            .skip(1)
            .map(|line| line.strip_prefix("  ").unwrap_or(line));
        text.push_str(&format!(
            "\n```sh\n{}\n```\n",
            lines.collect::<Vec<_>>().join("\n")
        ));
    }
    let below = command
        .get_subcommands()
        .filter(|below| !below.is_hide_set() && below.get_name() != "help");
    for subcommand in below {
        section(subcommand, false, text);
    }
}

fn row(arg: &Arg) -> String {
    let takes = arg.get_action().takes_values();
    let value = arg
        .get_value_names()
        .and_then(|names| names.first())
        .map_or_else(|| arg.get_id().to_string().to_uppercase(), ToString::to_string);
    let mut names: Vec<String> = arg
        .get_short()
        .map(|short| format!("-{short}"))
        .into_iter()
        .collect();
    names.extend(arg.get_long().map(|long| format!("--{long}")));
    let mut name = names.join(", ");
    if name.is_empty() {
        name = format!("<{value}>");
    } else if takes {
        name.push_str(&format!(" <{value}>"));
    }
    let mut about = plain(arg.get_help());
    let choices: Vec<String> = arg
        .get_possible_values()
        .iter()
        .map(|choice| format!("`{}`", choice.get_name()))
        .collect();
    if takes && !choices.is_empty() {
        about.push_str(&format!(": one of {}", choices.join(", ")));
    }
    let default = arg
        .get_default_values()
        .first()
        .filter(|value| takes && !value.is_empty())
        .map_or_else(String::new, |value| format!("`{}`", value.to_string_lossy()));
    let variable = arg
        .get_env()
        .map_or_else(String::new, |name| format!("`{}`", name.to_string_lossy()));
    format!(
        "| `{name}` | {} | {default} | {variable} |\n",
        about.replace('|', "\\|").replace('\n', " ")
    )
}

fn plain(text: Option<&StyledStr>) -> String {
    text.map(ToString::to_string).unwrap_or_default()
}
