//! The arguments, as clap derives parser, help and completions from them.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::failure::Failure;
use crate::plan::gpu::Aim;

/// Shared GPU clusters, promised and proven: a tenancy spec becomes a GitOps repository, is applied and verified.
#[derive(Debug, Parser)]
#[command(
    name = "platform",
    version,
    propagate_version = true,
    arg_required_else_help = true,
    max_term_width = 100
)]
pub(super) struct Cli {
    #[command(flatten)]
    pub(super) global: Global,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// Options of every command. Flag before environment before default.
#[derive(Debug, Args)]
pub(super) struct Global {
    /// Work in this directory.
    #[arg(
        short = 'C',
        long = "directory",
        value_name = "DIR",
        global = true,
        env = "PLATFORM_DIRECTORY"
    )]
    pub(super) directory: Option<PathBuf>,
    /// The spec; `-` is standard input. Default: platform.yaml.
    #[arg(
        short = 'f',
        long = "file",
        value_name = "FILE",
        global = true,
        env = "PLATFORM_FILE"
    )]
    pub(super) file: Option<PathBuf>,
    /// The kubeconfig context, instead of the one that the spec names.
    #[arg(long, value_name = "NAME", global = true, env = "PLATFORM_CONTEXT")]
    pub(super) context: Option<String>,
    /// The kubeconfig file. Default: $KUBECONFIG, then ~/.kube/config.
    #[arg(long, value_name = "FILE", global = true, env = "PLATFORM_KUBECONFIG")]
    pub(super) kubeconfig: Option<PathBuf>,
    /// How the answer is printed.
    #[arg(short = 'o', long, value_enum, default_value_t = Format::Table, global = true, env = "PLATFORM_OUTPUT")]
    pub(super) output: Format,
    /// Change nothing; say what would change.
    #[arg(long, global = true, env = "PLATFORM_DRY_RUN", value_parser = switch)]
    pub(super) dry_run: bool,
    /// How long the whole command may take, such as 90s or 10m.
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = parse_duration, global = true, env = "PLATFORM_TIMEOUT")]
    pub(super) timeout: Duration,
    /// Answer yes to every question.
    #[arg(short = 'y', long, visible_alias = "assume-yes", global = true, env = "PLATFORM_YES", value_parser = switch)]
    pub(super) yes: bool,
    /// Never ask; fail where a question would be needed.
    #[arg(long, global = true, env = "PLATFORM_NO_INPUT", value_parser = switch)]
    pub(super) no_input: bool,
    /// No colours (also NO_COLOR).
    #[arg(long, global = true, env = "PLATFORM_NO_COLOR", value_parser = switch)]
    pub(super) no_color: bool,
    /// No progress bars.
    #[arg(long, global = true, env = "PLATFORM_NO_PROGRESS", value_parser = switch)]
    pub(super) no_progress: bool,
    /// Say more: once what took how long, twice every object.
    #[arg(short, long, action = clap::ArgAction::Count, global = true, env = "PLATFORM_VERBOSE")]
    pub(super) verbose: u8,
    /// Say only what went wrong.
    #[arg(short, long, global = true, env = "PLATFORM_QUIET", value_parser = switch)]
    pub(super) quiet: bool,
    /// How messages on standard error are printed.
    #[arg(long, value_enum, default_value_t = LogFormat::Text, global = true, env = "PLATFORM_LOG_FORMAT")]
    pub(super) log_format: LogFormat,
}

impl Global {
    /// Moves into `-C`, so that every relative path means what it would there.
    pub(super) fn check(&self) -> Result<(), Failure> {
        let Some(directory) = &self.directory else {
            return Ok(());
        };
        std::env::set_current_dir(directory).map_err(|error| {
            Failure::environment(format!(
                "directory `{}` cannot be entered: {error}",
                directory.display()
            ))
        })
    }
}

/// How an answer is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people.
    Table,
    /// For people with room.
    Wide,
    /// For programs.
    Json,
    /// For programs and people.
    Yaml,
}

/// How messages are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum LogFormat {
    /// Lines for people.
    Text,
    /// One JSON object per line.
    Json,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Write a spec, render it and commit the repository.
    Init(Box<InitArgs>),
    /// Check the spec and name every problem with its place.
    Validate,
    /// Show what the spec comes to, and what changes: GPU layout, grants, quotas, controls.
    Plan(PlanArgs),
    /// Write the repository's files, without Git and without network.
    Render(RenderArgs),
    /// Bring a changed spec into its repository: render it and merge it, keeping every hand edit.
    Regenerate(RegenerateArgs),
    /// Evaluate the policies offline, on their own examples or on a pod.
    Test(TestArgs),
    /// Bring the repository to its clusters, stage by stage.
    Apply(ApplyArgs),
    /// Ask the live cluster whether every promise holds.
    Verify(VerifyArgs),
    /// Add, remove, freeze and list teams: the spec is edited in place, comments stay.
    Team(super::team::TeamArgs),
    /// GPUs: what lies on which, why, and how to get there; the boards of the catalogue and their MIG profiles.
    Gpu(super::gpu::GpuArgs),
    /// Look at repository, spec and clusters before anything is done; changes nothing.
    Check(CheckArgs),
    /// Say what a field of the spec is.
    Explain(ExplainArgs),
    /// Print the JSON Schema of the spec.
    Schema(SchemaArgs),
    /// List or write out the built-in blueprints.
    Blueprint(BlueprintArgs),
    /// Print a completion script; team and cluster names come from the spec.
    Completion(CompletionArgs),
    /// Print a manual page, or write all of them.
    Man(ManArgs),
    /// Print the version.
    Version,
}

#[derive(Debug, Args)]
pub(super) struct InitArgs {
    /// The directory that becomes the repository.
    #[arg(default_value = ".", value_name = "DIR")]
    pub(super) dir: PathBuf,
    #[arg(long, value_name = "NAME", help = preset_help())]
    pub(super) preset: Option<String>,
    /// Where the answers change a spec that was rendered before: let them loosen controls.
    #[arg(long)]
    pub(super) allow_loosen: bool,
    #[command(flatten)]
    pub(super) answers: super::wizard::AnswerFlags,
}

fn preset_help() -> String {
    let presets = super::init::presets().join(", ");
    format!("The example to begin with, where there is no spec yet: {presets}. With --yes alone: gpu-tenancy")
}

#[derive(Debug, Args)]
pub(super) struct PlanArgs {
    /// The spec to compare with; `-` is standard input. Default: the one that the repository was last rendered from.
    /// Where no layouts lie beside the new spec, those that this one comes to are there.
    #[arg(long, value_name = "FILE")]
    pub(super) from: Option<PathBuf>,
    /// Exit 0 although the change loosens a control.
    #[arg(long)]
    pub(super) allow_loosen: bool,
    #[arg(long, help = COMPACT)]
    pub(super) compact: bool,
}

#[derive(Debug, Args)]
pub(super) struct RenderArgs {
    /// Where to write: a new or empty directory, or a former render.
    #[arg(long, value_name = "DIR", required_unless_present = "explain")]
    pub(super) out: Option<PathBuf>,
    /// Say where each object of a rendered file comes from, and which overlay set what; write nothing.
    #[arg(long, value_name = "FILE", conflicts_with = "out")]
    pub(super) explain: Option<String>,
    #[arg(long, help = COMPACT)]
    pub(super) compact: bool,
}

#[derive(Debug, Args)]
pub(super) struct RegenerateArgs {
    /// Commit a merge whose conflicts are resolved.
    #[arg(long = "continue", conflicts_with_all = ["abort", "check", "diff", "allow_loosen"])]
    pub(super) resume: bool,
    /// Give a merge with conflicts up.
    #[arg(long, conflicts_with_all = ["check", "diff", "allow_loosen"])]
    pub(super) abort: bool,
    /// Only compare the files on disk with what the spec renders to; exit 1 lists edited and stale ones.
    #[arg(long, conflicts_with_all = ["diff", "allow_loosen"])]
    pub(super) check: bool,
    /// With --check: files that were edited or deleted by hand are no failure.
    #[arg(long, requires = "check")]
    pub(super) allow_edits: bool,
    /// Print what would change as a diff; exit 1 when something would.
    #[arg(long)]
    pub(super) diff: bool,
    /// Let the change loosen controls.
    #[arg(long)]
    pub(super) allow_loosen: bool,
    #[arg(long, conflicts_with_all = ["resume", "abort", "check"], help = COMPACT)]
    pub(super) compact: bool,
}

/// What `--compact` does, in the help of each command that has it.
const COMPACT: &str = "Lay the GPUs out anew, on the fewest that hold the demand, as if none were in use. \
    Default: rebuild the fewest GPUs of the layouts beside the spec";

/// What the layouts are to minimise.
pub(super) fn aim(compact: bool) -> Aim {
    match compact {
        true => Aim::FewestGpus,
        false => Aim::LeastDisruption,
    }
}

#[derive(Debug, Args)]
pub(super) struct TestArgs {
    /// Judge the objects of this file instead of the built-in examples; `-` is standard input.
    #[arg(long, value_name = "FILE", requires = "team")]
    pub(super) pod: Option<PathBuf>,
    /// The team whose namespace and groups are used.
    #[arg(long, value_name = "NAME", requires = "pod")]
    pub(super) team: Option<String>,
    /// The namespace, where the team has several.
    #[arg(long, short = 'n', value_name = "NAME", requires = "team")]
    pub(super) namespace: Option<String>,
    /// The cluster, where there are several.
    #[arg(long, value_name = "NAME")]
    pub(super) cluster: Option<String>,
    /// The expected answer: exit 0 when it is given, 1 when not.
    #[arg(long, value_enum, requires = "pod")]
    pub(super) expect: Option<Expected>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Expected {
    /// No policy objects.
    Admitted,
    /// A policy or the quota objects.
    Denied,
}

#[derive(Debug, Args)]
pub(super) struct ApplyArgs {
    /// Only this cluster.
    #[arg(long, value_name = "NAME")]
    pub(super) cluster: Option<String>,
    /// Take over fields that another manager owns.
    #[arg(long)]
    pub(super) force_conflicts: bool,
}

#[derive(Debug, Args)]
pub(super) struct VerifyArgs {
    /// Only this cluster.
    #[arg(long, value_name = "NAME")]
    pub(super) cluster: Option<String>,
    /// What could not be assessed counts as a failure too.
    #[arg(long)]
    pub(super) strict: bool,
}

#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// Only this cluster.
    #[arg(long, value_name = "NAME")]
    pub(super) cluster: Option<String>,
    /// Ask no cluster; what would need one is left open.
    #[arg(long)]
    pub(super) offline: bool,
}

#[derive(Debug, Args)]
pub(super) struct SchemaArgs {
    /// What is printed.
    #[arg(long, value_enum, default_value_t = SchemaFormat::Json)]
    pub(super) format: SchemaFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum SchemaFormat {
    /// The JSON Schema, for editors.
    Json,
    /// A reference of all fields, for people.
    Markdown,
}

#[derive(Debug, Args)]
pub(super) struct ManArgs {
    /// The command whose page is printed, such as `apply`; without it the page of platform itself.
    #[arg(value_name = "COMMAND")]
    pub(super) command: Vec<String>,
    /// Write the pages of all commands into this directory; it must not exist or be empty.
    #[arg(long, value_name = "DIR", conflicts_with = "command")]
    pub(super) out: Option<PathBuf>,
    /// How the page is written.
    #[arg(long, value_enum, default_value_t = ManFormat::Roff, conflicts_with = "out")]
    pub(super) format: ManFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ManFormat {
    /// For `man`.
    Roff,
    /// All commands on one page of Markdown.
    Markdown,
}

#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// A field such as teams.gpus.profile; without it, the whole spec.
    #[arg(default_value = "")]
    pub(super) path: String,
}

#[derive(Debug, Args)]
pub(super) struct BlueprintArgs {
    #[command(subcommand)]
    pub(super) command: BlueprintCommand,
}

#[derive(Debug, Subcommand)]
pub(super) enum BlueprintCommand {
    /// List the built-in blueprints.
    List,
    /// Write them into a new directory.
    Export {
        /// The directory; it must not exist or be empty.
        dir: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(super) struct CompletionArgs {
    /// The shell.
    #[arg(value_enum)]
    pub(super) shell: clap_complete::Shell,
}

/// Reads a switch from its variable; the flag itself needs no value.
fn switch(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "on" => Ok(true),
        "0" | "false" | "no" | "off" => Ok(false),
        _ => Err("allowed are true and false".to_owned()),
    }
}

fn parse_duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let seconds = match unit {
        "s" | "" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return Err(format!("`{text}` is not a duration; write 90s, 10m or 1h")),
    };
    let number: u64 = number
        .parse()
        .map_err(|_| format!("`{text}` is not a duration; write 90s, 10m or 1h"))?;
    match number.checked_mul(seconds).filter(|s| (1..=86_400).contains(s)) {
        Some(seconds) => Ok(Duration::from_secs(seconds)),
        None => Err(format!("`{text}` is out of range; 1s to 24h are allowed")),
    }
}
