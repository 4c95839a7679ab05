//! Examples below the help of each command; `tests/cli/examples.rs` runs every one of them.

use clap::Command;

/// A command, as `team add`, and its examples: what it does, and the line to type in a rendered repository.
const EXAMPLES: &[(&str, &[(&str, &str)])] = &[
    (
        "init",
        &[(
            "A GPU cluster for three teams, rendered and committed",
            "platform init --yes demo",
        )],
    ),
    (
        "validate",
        &[
            ("Every problem with its place", "platform validate"),
            (
                "The spec from standard input, for an editor",
                "platform validate -f - -o json < platform.yaml",
            ),
        ],
    ),
    (
        "plan",
        &[
            ("What each team gets", "platform plan"),
            ("The same for a program", "platform plan -o json"),
        ],
    ),
    (
        "gpu plan",
        &[
            (
                "What lies on which GPU, and why no fewer would do",
                "platform gpu plan",
            ),
            ("With every step of the way there", "platform gpu plan -o wide"),
            (
                "As if no GPU were in use, for a program",
                "platform gpu plan --compact -o json",
            ),
        ],
    ),
    (
        "render",
        &[("Look at the files without Git", "platform render --out rendered")],
    ),
    (
        "regenerate",
        &[
            ("What a changed spec would bring", "platform regenerate --dry-run"),
            ("The same as a diff", "platform regenerate --diff"),
            ("Merge it into the branch", "platform regenerate"),
            (
                "For CI: is everything as rendered?",
                "platform regenerate --check",
            ),
        ],
    ),
    ("test", &[("The policies, offline", "platform test")]),
    (
        "apply",
        &[
            ("What would change", "platform apply --dry-run"),
            ("All stages, within half an hour", "platform apply --timeout 30m"),
        ],
    ),
    (
        "verify",
        &[(
            "What cannot be assessed counts as a failure",
            "platform verify --strict",
        )],
    ),
    (
        "check",
        &[
            (
                "Before the first apply: is everything there?",
                "platform check --timeout 1m",
            ),
            (
                "Repository and spec only, no network",
                "platform check --offline -o json",
            ),
        ],
    ),
    ("team list", &[("Who has what", "platform team list")]),
    (
        "team add",
        &[(
            "What a new team would change",
            "platform team add team-d --group oidc:team-d --cpu 8 --memory 32Gi --dry-run",
        )],
    ),
    (
        "team remove",
        &[(
            "What leaves with a team",
            "platform team remove team-c --yes --dry-run",
        )],
    ),
    (
        "team freeze",
        &[(
            "Nothing new starts, nothing is deleted",
            "platform team freeze team-b",
        )],
    ),
    (
        "team unfreeze",
        &[("Back to what was promised", "platform team unfreeze team-b")],
    ),
    (
        "gpu boards",
        &[("Boards with their product labels", "platform gpu boards -o wide")],
    ),
    (
        "gpu profiles",
        &[("What fits on an H100", "platform gpu profiles h100-80gb")],
    ),
    (
        "explain",
        &[("What a field means", "platform explain teams.gpus.profile")],
    ),
    (
        "schema",
        &[("For editors", "platform schema > tenancy.schema.json")],
    ),
    (
        "blueprint list",
        &[("What is built in", "platform blueprint list")],
    ),
    (
        "blueprint export",
        &[("Read them", "platform blueprint export blueprints")],
    ),
    (
        "completion",
        &[
            ("In this bash", "source <(platform completion bash)"),
            (
                "In every fish",
                "platform completion fish > ~/.config/fish/completions/platform.fish",
            ),
            (
                "In every PowerShell, a line of $PROFILE",
                "platform completion powershell | Out-String | Invoke-Expression",
            ),
        ],
    ),
    (
        "man",
        &[
            ("One page", "platform man apply > platform-apply.1"),
            ("All of them", "platform man --out man1"),
        ],
    ),
    (
        "version",
        &[("Which formats it reads", "platform version -o yaml")],
    ),
];

/// Puts the examples below the help of their commands.
pub(super) fn add(mut command: Command) -> Command {
    for (path, examples) in EXAMPLES {
        let parts: Vec<&str> = path.split(' ').collect();
        command = below(command, &parts, &text(examples));
    }
    command
}

fn below(command: Command, path: &[&str], text: &str) -> Command {
    match path.split_first() {
        None => command.after_help(text.to_owned()),
        Some((first, rest)) if command.find_subcommand(first).is_some() => {
            command.mut_subcommand(*first, |command| below(command, rest, text))
        }
        Some(_) => command,
    }
}

fn text(examples: &[(&str, &str)]) -> String {
    let lines = examples
        .iter()
        .map(|(what, line)| format!("  # {what}\n  {line}"));
    format!("Examples:\n{}", lines.collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests {
    use super::super::command::definition;

    #[test]
    fn examples_belong_to_commands_that_exist() {
        let definition = definition();
        for (path, _) in super::EXAMPLES {
            let found = path.split(' ').try_fold(&definition, |command, name| {
                command
                    .get_subcommands()
                    .find(|command| command.get_name() == name)
            });
            let help = found
                .and_then(|command| command.get_after_help())
                .map(ToString::to_string);
            assert!(
                help.is_some_and(|help| help.starts_with("Examples:")),
                "`{path}` has its examples"
            );
        }
    }
}
