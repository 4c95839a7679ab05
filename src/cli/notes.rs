//! What a person should know though nothing is wrong: lines on standard error, and `notes` of the documents.

use serde_json::{Value, json};

use super::args::Global;
use super::output;
use crate::spec::Finding;

/// Says each note, unless `--quiet`.
pub(super) fn say(global: &Global, notes: &[Finding]) {
    for note in notes {
        output::note(global, &format!("note: {note}"));
    }
}

/// Findings or notes as the documents have them, with all six fields always there.
pub(super) fn documents(findings: &[Finding]) -> Vec<Value> {
    let one = |finding: &Finding| {
        json!({
            "file": finding.file,
            "line": finding.line,
            "column": finding.column,
            "code": finding.code,
            "message": finding.message,
            "hint": finding.hint,
        })
    };
    findings.iter().map(one).collect()
}
