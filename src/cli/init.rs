//! `platform init DIR`: a spec, its render, one repository.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use dialoguer::Confirm;
use include_dir::{Dir, include_dir};
use serde_json::json;

use super::args::{Global, InitArgs};
use super::failure::Failure;
use super::load::{self, SPEC_FILE};
use super::output;
use super::render::WAIT;
use super::validate::plural;
use crate::edge::git::{Outcome, Request, commit_render};
use crate::edge::{clock, env};
use crate::plan::{self, Plan};
use crate::render;
use crate::units::{DnsLabel, RelPath};

static EXAMPLES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/examples");

pub(super) fn run(global: &Global, args: &InitArgs) -> Result<ExitCode, Failure> {
    let dir = absolute(&args.dir)?;
    if !dir.exists() {
        parent_exists(&dir)?;
    }
    let (file, bytes) = spec_bytes(global, args, &dir)?;
    // The overlays of the repository that is made, wherever the spec came from.
    let overlays = load::overlays(&dir.join(SPEC_FILE))?;
    let plan = plan::decide_with(&file, &bytes, &overlays).map_err(Failure::findings)?;
    let tree = render::render(&plan, &bytes)?;
    let message = message(&plan);
    let mut seeded = vec![(
        RelPath::parse(SPEC_FILE).map_err(|e| Failure::bug(e.to_string()))?,
        bytes,
    )];
    seeded.extend(render::seeds()?);
    let files = tree.len() + seeded.len();
    if !confirmed(global, &dir, &message, files)? {
        return Ok(ExitCode::from(1));
    }
    if global.dry_run {
        return report(global, &dir, files, None);
    }
    let epoch = env::variable("SOURCE_DATE_EPOCH").map_err(|e| Failure::environment(e.to_string()))?;
    let time = clock::document_time(epoch.as_deref()).map_err(|e| Failure::environment(e.to_string()))?;
    let names = env::git_names().map_err(|e| Failure::environment(e.to_string()))?;
    let outcome = commit_render(&Request {
        dir: &dir,
        branch: &plan.model.branch,
        tree: &tree,
        seeded: &seeded,
        message: &message,
        time,
        names: &names,
        wait: WAIT,
    })?;
    report(global, &dir, files, Some(&outcome))
}

/// The spec: the one that `-f` names, the one that lies in the directory, or a preset under the directory's name.
fn spec_bytes(global: &Global, args: &InitArgs, dir: &Path) -> Result<(String, Vec<u8>), Failure> {
    let there = dir.join(SPEC_FILE);
    let present = there.symlink_metadata().is_ok();
    if let Some(file) = &global.file {
        let bytes = load::read_spec(file)?;
        if present && load::read(&there)? != bytes {
            return Err(Failure::usage(format!(
                "`{}` exists and differs from `{}`",
                there.display(),
                file.display()
            ))
            .hint("nothing was touched; leave -f out to use the spec that is there"));
        }
        return Ok((file.display().to_string(), bytes));
    }
    if present {
        return Ok((there.display().to_string(), load::read(&there)?));
    }
    let preset = EXAMPLES
        .get_file(format!("{}.yaml", args.preset))
        .and_then(include_dir::File::contents_utf8);
    let Some(text) = preset else {
        let all = presets();
        return Err(
            Failure::usage(format!("preset `{}` does not exist", args.preset.escape_debug()))
                .hint(format!("presets: {}", all.join(", "))),
        );
    };
    let name = dir
        .file_name()
        .and_then(std::ffi::OsStr::to_str)
        .unwrap_or_default();
    let name = DnsLabel::parse(name).map_err(|error| {
        Failure::usage(format!(
            "the directory's name becomes the platform's name, but {error}"
        ))
        .hint("name another directory, or give a spec of your own with -f")
    })?;
    let text = text.replacen(
        &format!("\nname: {}\n", args.preset),
        &format!("\nname: {}\n", quoted(&name)),
        1,
    );
    Ok((SPEC_FILE.to_owned(), text.into_bytes()))
}

/// The names of the examples to begin with.
pub(super) fn presets() -> Vec<String> {
    let name = |file: &include_dir::File<'_>| {
        Some(
            file.path()
                .file_name()?
                .to_str()?
                .strip_suffix(".yaml")?
                .to_owned(),
        )
    };
    EXAMPLES.files().filter_map(name).collect()
}

/// A name as YAML: `no` and `on` are names, not booleans.
fn quoted(name: &DnsLabel) -> String {
    let plain = name.as_str().starts_with(|c: char| c.is_ascii_lowercase())
        && !["y", "n", "yes", "no", "on", "off", "true", "false", "null"].contains(&name.as_str());
    if plain {
        name.to_string()
    } else {
        format!("\"{name}\"")
    }
}

fn absolute(dir: &Path) -> Result<PathBuf, Failure> {
    let full = std::path::absolute(dir)
        .map_err(|error| Failure::usage(format!("`{}` is not a directory name: {error}", dir.display())))?;
    // `.` and `..` at the end have no name of their own; the directory that they mean has.
    if full.exists()
        && full
            .file_name()
            .is_none_or(|_| dir.ends_with(".") || dir.ends_with(".."))
    {
        return full.canonicalize().map_err(|error| {
            Failure::environment(format!(
                "directory `{}` cannot be entered: {error}",
                dir.display()
            ))
        });
    }
    Ok(full)
}

fn parent_exists(dir: &Path) -> Result<(), Failure> {
    match dir.parent().filter(|parent| !parent.is_dir()) {
        None => Ok(()),
        Some(parent) => Err(
            Failure::usage(format!("`{}` is not a directory", parent.display()))
                .hint("create it first, or name another place"),
        ),
    }
}

/// What the commit says, in words.
fn message(plan: &Plan) -> String {
    let model = &plan.model;
    let (clusters, teams) = (plan.clusters.len(), model.teams.len());
    let mut text = format!(
        "platform: {} for {clusters} {} and {teams} {}\n",
        model.name,
        plural("cluster", clusters),
        plural("team", teams)
    );
    for cluster in &plan.clusters {
        text.push_str(&format!("\nCluster {}:\n", cluster.name));
        for pool in &cluster.pools {
            text.push_str(&format!(
                "- pool {} ({}): {} of {} GPUs used\n",
                pool.pool.name,
                pool.pool.board,
                pool.gpus_used,
                pool.pool.gpus()
            ));
        }
        // A list of thousands helps nobody; the spec in the same commit has them all.
        for tenant in cluster.tenants.iter().take(50) {
            let gpus: Vec<String> = tenant
                .gpus
                .iter()
                .map(|(resource, count)| format!("{count} × {resource}"))
                .collect();
            let gpus = if gpus.is_empty() {
                "no GPU".to_owned()
            } else {
                gpus.join(", ")
            };
            text.push_str(&format!(
                "- namespace {} of team {}: {gpus}\n",
                tenant.namespace, tenant.team
            ));
        }
        if cluster.tenants.len() > 50 {
            text.push_str(&format!("- and {} more namespaces\n", cluster.tenants.len() - 50));
        }
    }
    text
}

fn confirmed(global: &Global, dir: &Path, message: &str, files: usize) -> Result<bool, Failure> {
    if global.yes || global.dry_run {
        return Ok(true);
    }
    let terminal = std::io::IsTerminal::is_terminal(&std::io::stdin());
    if global.no_input || !terminal {
        return Err(
            Failure::usage("init asks before it writes, and nobody can answer here")
                .hint("pass --yes to write without a question"),
        );
    }
    output::say(message);
    let question = format!("Write {files} files to {} and commit them?", dir.display());
    Confirm::new()
        .with_prompt(question)
        .default(true)
        .interact()
        .map_err(|error| Failure::new(130, format!("no answer was given: {error}")))
}

/// Says what was done, or without an outcome what would be done.
fn report(global: &Global, dir: &Path, files: usize, outcome: Option<&Outcome>) -> Result<ExitCode, Failure> {
    let commits = match outcome {
        Some(Outcome::Committed(commits)) => Some(commits),
        Some(Outcome::NothingChanged) | None => None,
    };
    let document = json!({
        "apiVersion": "tenancy.platform/v1alpha1",
        "kind": "InitResult",
        "directory": dir,
        "files": files,
        "written": outcome.is_some(),
        "changed": commits.is_some(),
        "branch": commits.map(|c| c.branch_name.clone()),
        "commit": commits.map(|c| c.branch.clone()),
        "rendered": commits.map(|c| c.rendered.clone()),
    });
    output::document(global, &document, || match commits {
        None if outcome.is_none() => format!("would write {files} files to {}\n", dir.display()),
        None => format!("{}: nothing changed\n", dir.display()),
        Some(commits) => format!(
            "wrote {files} files to {}\ncommitted {} on {} ({} on platform/rendered)\n",
            dir.display(),
            short(&commits.branch),
            commits.branch_name,
            short(&commits.rendered)
        ),
    })?;
    if let Some(commits) = commits {
        if commits.identity.is_fallback {
            output::note(
                global,
                "note: Git knows no name or address; committed as platform <platform@localhost>",
            );
            output::note(
                global,
                "hint: git config --global user.name and user.email set yours",
            );
        }
        for kept in &commits.kept {
            output::note(
                global,
                &format!("note: `{kept}` was yours already and was left as it is"),
            );
        }
        output::note(
            global,
            &format!(
                "next: platform -C {} test, then plan, apply --dry-run, apply, verify",
                dir.display()
            ),
        );
    }
    Ok(ExitCode::SUCCESS)
}

fn short(id: &str) -> &str {
    id.get(..10).unwrap_or(id)
}
