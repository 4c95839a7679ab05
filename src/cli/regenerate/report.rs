//! What a regenerate came to, for people and programs.

use std::fmt::Write as _;
use std::process::ExitCode;

use serde_json::{Value, json};

use super::prepare::Work;
use crate::cli::args::Global;
use crate::cli::change;
use crate::cli::failure::Failure;
use crate::cli::output;
use crate::cli::validate::plural;
use crate::edge::git::{Effect, Found, MergeOutcome, Merged, Preview};

/// The answer of `--dry-run`; exit 3 when the merge would conflict.
pub(super) fn preview(global: &Global, work: &Work, preview: Option<Preview>) -> Result<ExitCode, Failure> {
    let conflicts = preview
        .as_ref()
        .is_some_and(|preview| !preview.conflicts.is_empty());
    document(global, work, preview.as_ref(), None)?;
    Ok(ExitCode::from(if conflicts { 3 } else { 0 }))
}

pub(super) fn outcome(global: &Global, work: &Work, outcome: &MergeOutcome) -> Result<(), Failure> {
    let merged = match outcome {
        MergeOutcome::NothingChanged => None,
        MergeOutcome::Committed(merged) | MergeOutcome::Conflicts(merged) => Some(merged.as_ref()),
    };
    document(global, work, merged.map(|merged| &merged.preview), merged)?;
    let Some(merged) = merged else { return Ok(()) };
    if merged.identity.is_fallback {
        output::note(
            global,
            "note: Git knows no name or address; committed as platform <platform@localhost>",
        );
        output::note(
            global,
            "hint: git config --global user.name and user.email set yours",
        );
    }
    if merged.commit.is_none() {
        output::note(
            global,
            "hint: resolve them (`git status`, `git mergetool`), then `platform regenerate --continue`; \
             `--abort` gives the merge up",
        );
    }
    Ok(())
}

fn document(
    global: &Global,
    work: &Work,
    preview: Option<&Preview>,
    merged: Option<&Merged>,
) -> Result<(), Failure> {
    let files: Vec<Value> = preview
        .into_iter()
        .flat_map(|preview| &preview.changes)
        .map(|change| json!({"path": change.path, "effect": word(change.effect)}))
        .collect();
    let conflicts: Vec<Value> = preview
        .into_iter()
        .flat_map(|preview| &preview.conflicts)
        .map(|conflict| json!({"path": conflict.path, "reason": conflict.reason}))
        .collect();
    let base = match &work.last.found {
        Found::Branch => "branch",
        Found::Remote(_) => "remote",
        Found::History => "history",
        Found::Missing => "rebuilt",
    };
    let document = json!({
        "apiVersion": "tenancy.platform/v1alpha1",
        "kind": "RegenerateResult",
        "changed": preview.is_some(),
        "written": merged.is_some(),
        "branch": merged.map(|merged| &merged.branch_name),
        "commit": merged.and_then(|merged| merged.commit.as_ref()),
        "rendered": merged.map(|merged| &merged.rendered),
        "base": base,
        "files": files,
        "conflicts": conflicts,
        "keptDeleted": preview.map_or(&[][..], |preview| &preview.kept_deleted),
        "change": work.change,
    });
    output::document(global, &document, || {
        let files = table(preview, merged);
        match preview.is_some() && !work.change.is_empty() {
            true => format!(
                "{}\nFiles\n{files}",
                change::table(global, &work.change).trim_start()
            ),
            false => files,
        }
    })
}

fn word(effect: Effect) -> &'static str {
    match effect {
        Effect::Added => "added",
        Effect::Changed => "changed",
        Effect::Merged => "merged",
        Effect::Removed => "removed",
    }
}

fn table(preview: Option<&Preview>, merged: Option<&Merged>) -> String {
    let Some(preview) = preview else {
        return "nothing changed\n".to_owned();
    };
    let mut text = String::new();
    for change in &preview.changes {
        let _ = writeln!(text, "  {:<8}  {}", word(change.effect), change.path);
    }
    for path in &preview.kept_deleted {
        let _ = writeln!(text, "  deleted   {path} (by hand; its new render was left out)");
    }
    for conflict in &preview.conflicts {
        let _ = writeln!(text, "  conflict  {} ({})", conflict.path, conflict.reason);
    }
    let count = preview.changes.len();
    let files = format!("{count} {}", plural("file", count));
    let conflicts = preview.conflicts.len();
    let _ = match merged {
        None => writeln!(text, "would change {files}"),
        Some(Merged {
            commit: Some(commit),
            rendered,
            branch_name,
            ..
        }) => writeln!(
            text,
            "merged {files} into {branch_name}: {} ({} on platform/rendered)",
            short(commit),
            short(rendered)
        ),
        Some(merged) => writeln!(
            text,
            "merged {files} into {}; {conflicts} {} to resolve before it can be committed",
            merged.branch_name,
            plural("conflict", conflicts)
        ),
    };
    text
}

/// The start of a commit's id, as Git abbreviates it.
pub(super) fn short(id: &str) -> &str {
    id.get(..10).unwrap_or(id)
}

/// Prints the change of each file as `git diff` does.
pub(super) fn diff(preview: Option<&Preview>) -> Result<(), Failure> {
    let mut text = String::new();
    for change in preview.into_iter().flat_map(|preview| &preview.changes) {
        let (old, new) = (
            String::from_utf8_lossy(&change.before),
            String::from_utf8_lossy(&change.after),
        );
        let _ = writeln!(text, "diff --git a/{0} b/{0}", change.path);
        let side = |there: bool, prefix: &str| match there {
            true => format!("{prefix}/{}", change.path),
            false => "/dev/null".to_owned(),
        };
        let before = side(change.effect != Effect::Added, "a");
        let after = side(change.effect != Effect::Removed, "b");
        let lines = similar::TextDiff::from_lines(old.as_ref(), new.as_ref());
        let _ = write!(text, "{}", lines.unified_diff().header(&before, &after));
    }
    for conflict in preview.into_iter().flat_map(|preview| &preview.conflicts) {
        let _ = writeln!(text, "# conflict in {}: {}", conflict.path, conflict.reason);
    }
    output::answer(&text)
}
