//! `platform init DIR`: a spec, its render, one repository.
//!
//! The spec comes from a file, from the directory, from an example or from nothing, then from flags, then from a person.

mod commit;
mod source;

use std::collections::BTreeSet;
use std::io::IsTerminal;
use std::path::Path;
use std::process::ExitCode;

use super::args::{Global, InitArgs};
use super::failure::Failure;
use super::load::{self, SPEC_FILE};
use super::regenerate::{Bring, bring};
use super::wizard::{self, AnswerFlags, End, FlagError, Wizard};
use crate::edge::{disk, git};
use crate::overlay;
use crate::spec::{self, Spec};
use source::Source;
pub(super) use source::presets;

pub(super) fn run(global: &Global, args: &InitArgs) -> Result<ExitCode, Failure> {
    let dir = source::absolute(&args.dir)?;
    if !dir.exists() {
        source::parent_exists(&dir)?;
    }
    let given = args.answers.given();
    let terminal = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    let person = terminal && !global.yes && !global.no_input;
    let alone = global.yes || global.dry_run;
    let asks = person || !given.is_empty() || !alone;
    let source = source::find(global, args, &dir, asks)?;
    // The overlays of the repository that is made, wherever the spec came from.
    let overlays = load::overlays(&dir.join(SPEC_FILE))?;
    let start = Start::new(source, &overlays)?;
    let mut spec = start.spec.clone();
    args.answers.put(&mut spec, &overlays).map_err(flag_failure)?;
    if person {
        let from_summary = start.is_complete;
        match talk(&start, spec, given, &overlays, from_summary)? {
            Some(answered) => spec = answered,
            None => return Ok(ExitCode::from(1)),
        }
    } else {
        require_answers(global, args, &start, &spec)?;
    }
    let bytes = start.written(&spec)?;
    let former = start.bytes.filter(|former| start.is_present && *former != bytes);
    let Some(former) = former else {
        return commit::commit(global, &dir, &start.file, bytes, &overlays);
    };
    // What was committed before is merged with, never replaced.
    if is_rendered(&dir)? {
        let request = Bring {
            spec: Some(&bytes),
            allow_loosen: args.allow_loosen,
            ..Bring::default()
        };
        return bring(global, &dir, &request);
    }
    if global.dry_run {
        return commit::commit(global, &dir, &start.file, bytes, &overlays);
    }
    let file = dir.join(SPEC_FILE);
    disk::replace_file(&file, &former, &bytes)?;
    let committed = commit::commit(global, &dir, &start.file, bytes.clone(), &overlays);
    if committed.is_err() {
        // All or nothing: an edit without its commit would be half of what was asked for.
        disk::replace_file(&file, &bytes, &former)?;
    }
    committed
}

/// What there is before the first answer.
struct Start {
    /// How findings name the spec.
    file: String,
    /// Its bytes; `None` for a new spec.
    bytes: Option<Vec<u8>>,
    /// What the bytes say, or an empty spec with a name.
    spec: Spec,
    /// Whether it was chosen as it is, so that only the summary is shown.
    is_complete: bool,
    /// Whether it lies in the directory already.
    is_present: bool,
}

impl Start {
    fn new(source: Source, overlays: &overlay::Files) -> Result<Self, Failure> {
        let (file, bytes, is_complete, is_present) = match source {
            Source::Answers(name) => {
                return Ok(Self {
                    file: SPEC_FILE.to_owned(),
                    bytes: None,
                    spec: wizard::empty(&name),
                    is_complete: false,
                    is_present: false,
                });
            }
            Source::Named(file, bytes) => (file, bytes, true, false),
            Source::Preset(bytes) => (SPEC_FILE.to_owned(), bytes, true, false),
            Source::Present(file, bytes) => (file, bytes, false, true),
        };
        crate::plan::decide_with(&file, &bytes, overlays).map_err(Failure::findings)?;
        let spec = spec::read(&file, &bytes).spec;
        let spec = spec.ok_or_else(|| Failure::bug("a spec that holds could not be read"))?;
        Ok(Self {
            file,
            bytes: Some(bytes),
            spec,
            is_complete,
            is_present,
        })
    }

    /// The bytes to write: those that were there, with what was answered otherwise.
    fn written(&self, spec: &Spec) -> Result<Vec<u8>, Failure> {
        let Some(bytes) = &self.bytes else {
            let text = wizard::text(spec).map_err(|error| Failure::bug(error.to_string()))?;
            return Ok(text.into_bytes());
        };
        let text = String::from_utf8_lossy(bytes);
        let edited = wizard::edited(&text, &self.spec, spec)
            .map_err(|error| Failure::usage(error.to_string()).hint(error.hint()))?;
        Ok(edited.into_bytes())
    }
}

/// Asks a person; `None` when nothing is to be written.
fn talk(
    start: &Start,
    spec: Spec,
    given: BTreeSet<&'static str>,
    overlays: &overlay::Files,
    from_summary: bool,
) -> Result<Option<Spec>, Failure> {
    let former = start.bytes.is_some().then(|| start.spec.clone());
    let mut wizard = Wizard::new(spec, former, overlays.clone(), given);
    if from_summary {
        wizard.skip_to_summary();
    }
    let greeting = if start.bytes.is_none() {
        "A few questions lead to a tenancy spec. Nothing is written before the summary."
    } else {
        "The answers so far are those of the spec; Enter keeps them. Nothing is written before the summary."
    };
    match wizard::converse(&mut wizard, greeting) {
        Ok(End::Write) => Ok(Some(wizard.into_spec())),
        Ok(End::Abort) => Ok(None),
        Ok(End::Left) => Err(Failure::new(130, "interrupted; nothing was written")),
        Err(error) => Err(Failure::environment(format!(
            "the terminal cannot be used: {error}"
        ))),
    }
}

/// Without a person, every answer must be there.
fn require_answers(global: &Global, args: &InitArgs, start: &Start, spec: &Spec) -> Result<(), Failure> {
    if let Some(flag) = AnswerFlags::missing(spec) {
        let message = format!("`--{flag}` is missing, and nobody can be asked here");
        return Err(Failure::usage(message).hint(format!(
            "answer by flags (`platform help init`), begin with --preset ({}), or take an example with --yes",
            presets().join(", ")
        )));
    }
    let said = global.yes || global.no_input || global.dry_run || !args.answers.given().is_empty();
    let said = said || (args.preset.is_some() && !start.is_present);
    if said {
        return Ok(());
    }
    Err(
        Failure::usage("`--yes` is missing: init asks before it writes, and nobody can answer here")
            .hint("pass --yes to write without a question"),
    )
}

fn flag_failure(error: FlagError) -> Failure {
    let mut lines = error.refusal.lines.into_iter();
    let message = format!("`{}`: {}", error.flag, lines.next().unwrap_or_default());
    let rest: Vec<String> = lines.collect();
    let failure = Failure::usage(message);
    if rest.is_empty() {
        return failure;
    }
    let rest = rest.join("\n");
    failure.hint(rest.strip_prefix("hint: ").unwrap_or(&rest))
}

/// Whether the directory holds a committed render.
fn is_rendered(dir: &Path) -> Result<bool, Failure> {
    if !dir.exists() {
        return Ok(false);
    }
    match git::inspect(dir)? {
        Some(checked) => Ok(checked.rendered_tree()?.is_some()),
        None => Ok(false),
    }
}
