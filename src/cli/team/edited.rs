//! What an edit of the spec leads to: a difference, a file, or a commit in its repository.

use std::path::Path;
use std::process::ExitCode;

use serde_json::json;
use similar::TextDiff;

use super::super::args::{Format, Global};
use super::super::failure::Failure;
use super::super::load::{self, SPEC_FILE};
use super::super::output;
use super::super::regenerate::{Bring, bring};
use super::written::Written;
use crate::edge::{disk, git};
use crate::lock::LOCK_PATH;
use crate::plan::gpu::Aim;
use crate::spec::edit::{Change, EditError, edit};

/// An edit, ready to be made.
pub(super) struct Edited<'a> {
    /// The command, as `add`.
    pub(super) action: &'static str,
    /// The team.
    pub(super) team: &'a str,
    /// What the person should know beside the difference, one sentence each.
    pub(super) notes: Vec<String>,
    /// The new text; as before where nothing changes.
    pub(super) text: String,
}

impl From<EditError> for Failure {
    fn from(error: EditError) -> Self {
        Self::usage(error.to_string()).hint(error.hint())
    }
}

impl<'a> Edited<'a> {
    /// Makes changes in the text of a spec; nothing is written yet.
    pub(super) fn new(
        written: &Written,
        action: &'static str,
        team: &'a str,
        changes: &[Change],
    ) -> Result<Self, Failure> {
        Ok(Self {
            action,
            team,
            notes: Vec::new(),
            text: edit(&written.text, changes)?,
        })
    }

    /// Checks the new spec and brings it to where the old one was, or says what would change.
    pub(super) fn finish(
        &self,
        global: &Global,
        written: &Written,
        allow_loosen: bool,
    ) -> Result<ExitCode, Failure> {
        let shown = written.shown();
        if self.text == written.text {
            output::note(
                global,
                &format!("{shown}: nothing changed: {}", self.notes.join("; ")),
            );
            self.report(global, written, false)?;
            return Ok(ExitCode::SUCCESS);
        }
        if global.dry_run {
            self.report(global, written, false)?;
        }
        let decided = load::decide(&written.path, self.text.as_bytes(), Aim::default())?;
        decided.map_err(|findings| {
            Failure::findings(findings)
                .hint("nothing was written; the places are those of the edited spec, see --dry-run")
        })?;
        for note in &self.notes {
            output::note(global, note);
        }
        if global.dry_run {
            return Ok(ExitCode::SUCCESS);
        }
        if written.is_stdin() {
            self.report(global, written, false)?;
            return Ok(ExitCode::SUCCESS);
        }
        if let Some(dir) = repository(&written.path)? {
            let change = Bring {
                spec: Some(self.text.as_bytes()),
                allow_loosen,
                ..Bring::default()
            };
            return bring(global, dir, &change);
        }
        disk::replace_file(&written.path, written.text.as_bytes(), self.text.as_bytes())?;
        let only = "only the file was edited: it is not the spec of a rendered repository";
        output::note(global, &format!("{shown}: {only}; `platform init` makes one"));
        self.report(global, written, true)?;
        Ok(ExitCode::SUCCESS)
    }

    /// Answers with the difference, or for standard input with the new text.
    fn report(&self, global: &Global, written: &Written, done: bool) -> Result<(), Failure> {
        let difference = self.difference(written);
        let document = json!({
            "apiVersion": "tenancy.platform/v1alpha1",
            "kind": "TeamChange",
            "action": self.action,
            "team": self.team,
            "spec": written.shown(),
            "changed": self.text != written.text,
            "written": done,
            "notes": self.notes,
            "difference": difference,
            "text": if written.is_stdin() { Some(&self.text) } else { None },
        });
        output::document(global, &document, || match () {
            () if written.is_stdin() && !global.dry_run => self.text.clone(),
            () if global.dry_run => difference.clone(),
            () if done => format!("{}: {} {}\n", written.shown(), self.action, self.team),
            () => String::new(),
        })
    }

    /// The lines that go and come, as `diff -u` shows them.
    fn difference(&self, written: &Written) -> String {
        let shown = written.shown();
        TextDiff::from_lines(&written.text, &self.text)
            .unified_diff()
            .context_radius(3)
            .header(&shown, &format!("{shown} (edited)"))
            .to_string()
    }
}

/// The directory of the spec, where that is a repository with a render of it.
fn repository(spec: &Path) -> Result<Option<&Path>, Failure> {
    if spec.file_name().is_none_or(|name| name != SPEC_FILE) {
        return Ok(None);
    }
    let dir = spec
        .parent()
        .filter(|dir| !dir.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let Some(checked) = git::inspect(dir)? else {
        return Ok(None);
    };
    let rendered = checked.rendered_tree()?.is_some() || dir.join(LOCK_PATH).exists();
    Ok(rendered.then_some(dir))
}

/// Whether the answer is for people.
pub(super) fn is_table(global: &Global) -> bool {
    matches!(global.output, Format::Table | Format::Wide)
}
