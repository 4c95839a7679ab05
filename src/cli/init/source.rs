//! Where `init` takes the spec from: a file, the directory, an example, or the answers alone.

use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};

use crate::cli::args::{Global, InitArgs};
use crate::cli::failure::Failure;
use crate::cli::load::{self, SPEC_FILE};
use crate::units::DnsLabel;

static EXAMPLES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/examples");

/// The example that `--yes` alone takes.
const FIRST: &str = "gpu-tenancy";

/// A spec to begin with.
pub(super) enum Source {
    /// The file that `-f` names.
    Named(String, Vec<u8>),
    /// The spec of the directory.
    Present(String, Vec<u8>),
    /// An example, under the name of the directory or of `--name`.
    Preset(Vec<u8>),
    /// Nothing but a name.
    Answers(String),
}

/// The names of the examples, in order.
pub(in crate::cli) fn presets() -> Vec<&'static str> {
    let names = EXAMPLES
        .files()
        .filter_map(|file| file.path().file_name()?.to_str()?.strip_suffix(".yaml"));
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    names
}

/// Finds the spec to begin with; `asks` is whether answers can or do come from flags or a person.
pub(super) fn find(global: &Global, args: &InitArgs, dir: &Path, asks: bool) -> Result<Source, Failure> {
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
        return Ok(Source::Named(file.display().to_string(), bytes));
    }
    if present {
        if args.preset.is_some() {
            return Err(Failure::usage(format!("`{}` exists already", there.display()))
                .hint("nothing was touched; leave --preset out to use the spec that is there"));
        }
        return Ok(Source::Present(there.display().to_string(), load::read(&there)?));
    }
    match (&args.preset, asks) {
        (Some(name), _) => preset(name, args.answers.name(), dir).map(Source::Preset),
        (None, false) => preset(FIRST, args.answers.name(), dir).map(Source::Preset),
        (None, true) => name(args.answers.name(), dir).map(|name| Source::Answers(name.to_string())),
    }
}

fn preset(preset: &str, named: Option<&str>, dir: &Path) -> Result<Vec<u8>, Failure> {
    let file = EXAMPLES.get_file(format!("{preset}.yaml"));
    let Some(text) = file.and_then(include_dir::File::contents_utf8) else {
        let failure = Failure::usage(format!("preset `{}` does not exist", preset.escape_debug()));
        return Err(failure.hint(format!("presets: {}", presets().join(", "))));
    };
    let name = name(named, dir)?;
    let text = text.replacen(
        &format!("\nname: {preset}\n"),
        &format!("\nname: {}\n", quoted(&name)),
        1,
    );
    Ok(text.into_bytes())
}

/// The platform's name: the one that was given, or the directory's.
fn name(named: Option<&str>, dir: &Path) -> Result<DnsLabel, Failure> {
    if let Some(named) = named {
        return DnsLabel::parse(named).map_err(|error| Failure::usage(format!("`--name`: {error}")));
    }
    let name = dir
        .file_name()
        .and_then(std::ffi::OsStr::to_str)
        .unwrap_or_default();
    DnsLabel::parse(name).map_err(|error| {
        Failure::usage(format!(
            "the directory's name becomes the platform's name, but {error}"
        ))
        .hint("name another directory, or give a name with --name")
    })
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

/// The directory as a whole path, with a name of its own.
pub(super) fn absolute(dir: &Path) -> Result<PathBuf, Failure> {
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

/// Refuses a directory whose parent is not there.
pub(super) fn parent_exists(dir: &Path) -> Result<(), Failure> {
    match dir.parent().filter(|parent| !parent.is_dir()) {
        None => Ok(()),
        Some(parent) => Err(
            Failure::usage(format!("`{}` is not a directory", parent.display()))
                .hint("create it first, or name another place"),
        ),
    }
}
