//! `platform regenerate`: a changed spec becomes a new render, merged into the user's branch.

mod check;
mod finish;
mod prepare;
mod report;

use std::path::Path;
use std::process::ExitCode;

use super::args::{Global, RegenerateArgs};
use super::failure::Failure;
use super::load;
use super::render::WAIT;
use crate::edge::git::{MergeOutcome, Session, Sources, without_cr};
use crate::plan::gpu::Aim;
use prepare::Work;

/// What bringing a spec into its repository may do.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Bring<'a> {
    /// The new bytes of `platform.yaml`; `None`: as it lies in the work tree.
    pub(super) spec: Option<&'a [u8]>,
    /// Whether controls may be loosened.
    pub(super) allow_loosen: bool,
    /// What the GPU layouts are to minimise.
    pub(super) aim: Aim,
}

pub(super) fn run(global: &Global, args: &RegenerateArgs) -> Result<ExitCode, Failure> {
    let dir = here()?;
    if args.resume {
        return finish::resume(global, &dir);
    }
    if args.abort {
        return finish::abort(global, &dir);
    }
    let given = global.file.as_deref().map(load::read_spec).transpose()?;
    if args.check {
        return check::run(global, &dir, given.as_deref(), args.allow_edits);
    }
    let bring = Bring {
        spec: given.as_deref(),
        allow_loosen: args.allow_loosen,
        aim: super::args::aim(args.compact),
    };
    if args.diff {
        return diff(global, &dir, &bring);
    }
    self::bring(global, &dir, &bring)
}

/// Plans, renders and merges the spec of the repository in `dir`; commits unless the merge conflicts (exit 3).
pub(super) fn bring(global: &Global, dir: &Path, bring: &Bring<'_>) -> Result<ExitCode, Failure> {
    let session = open(global, dir)?;
    let work = Work::prepare(global, dir, &session, bring)?;
    work.require_allowed(bring.allow_loosen)?;
    let message = work.message();
    let request = work.request(&message)?;
    if global.dry_run {
        let preview = session.preview(&request.borrow())?;
        return report::preview(global, &work, preview);
    }
    let outcome = session.merge(&request.borrow())?;
    let code = match &outcome {
        MergeOutcome::Conflicts(_) => 3,
        MergeOutcome::NothingChanged | MergeOutcome::Committed(_) => 0,
    };
    drop(request);
    report::outcome(global, &work, &outcome)?;
    // The process ends here: taking two plans of thousands of teams apart would only delay it.
    std::mem::forget(work);
    Ok(ExitCode::from(code))
}

/// Prints what would change as a unified diff; exit 1 when something would.
fn diff(global: &Global, dir: &Path, bring: &Bring<'_>) -> Result<ExitCode, Failure> {
    let session = Session::look(dir)?;
    let work = Work::prepare(global, dir, &session, bring)?;
    let message = work.message();
    let request = work.request(&message)?;
    let preview = session.preview(&request.borrow())?;
    report::diff(preview.as_ref())?;
    Ok(ExitCode::from(u8::from(preview.is_some())))
}

fn open(global: &Global, dir: &Path) -> Result<Session, Failure> {
    let session = if global.dry_run {
        Session::look(dir)?
    } else {
        Session::begin(dir, WAIT)?
    };
    for path in &session.left_alone {
        super::output::note(
            global,
            &format!("note: `{path}` was changed after a regenerate had been killed; it was left as it is"),
        );
    }
    Ok(session)
}

fn here() -> Result<std::path::PathBuf, Failure> {
    std::env::current_dir()
        .map_err(|error| Failure::environment(format!("the current directory cannot be read: {error}")))
}

/// The spec of a repository as renders see it: lines end with LF, whatever the checkout made of them.
fn spec_of(dir: &Path) -> Result<Vec<u8>, Failure> {
    Ok(without_cr(&load::read_spec(&dir.join(load::SPEC_FILE))?))
}

/// A spec and what lies beside that of a repository, overlays and node plans, with the same line ends.
fn sources_of(dir: &Path, spec: Vec<u8>) -> Result<Sources, Failure> {
    let path = dir.join(load::SPEC_FILE);
    let (mut overlays, mut node_plans) = (load::overlays(&path)?, load::node_plans(&path)?);
    for bytes in overlays.values_mut().chain(node_plans.values_mut()) {
        *bytes = without_cr(bytes);
    }
    Ok(Sources {
        spec,
        overlays,
        node_plans,
    })
}
