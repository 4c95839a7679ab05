//! Findings of the model and the plan, placed where the spec says it.

use crate::spec::{Checked, Finding, Findings, Node, Path, Refused, Step};

/// The longest message, in characters; a text of the spec that is repeated in it may be of any length.
const MAX_MESSAGE: usize = 600;

/// Collects findings about one spec file.
pub struct Report<'a> {
    files: &'a [String],
    root: &'a Node,
    refused: &'a Refused,
    findings: Findings,
    notes: Findings,
}

impl<'a> Report<'a> {
    /// An empty report about a checked spec.
    pub fn new(checked: &'a Checked) -> Self {
        Self {
            files: &checked.files,
            root: &checked.root,
            refused: &checked.refused,
            findings: Findings::default(),
            notes: Findings::default(),
        }
    }

    /// Adds a finding at a path, or at the nearest place that the file has.
    pub fn add(&mut self, path: &Path, code: &'static str, message: String, hint: Option<String>) {
        let finding = self.finding(path, code, message, hint);
        self.findings.push(finding);
    }

    /// Adds what a person should know though nothing is wrong; the spec stays valid.
    pub fn note(&mut self, path: &Path, code: &'static str, message: String, hint: Option<String>) {
        let finding = self.finding(path, code, message, hint);
        self.notes.push(finding);
    }

    /// The notes, by place.
    pub fn notes(&self) -> impl Iterator<Item = &Finding> {
        self.notes.iter()
    }

    fn finding(&self, path: &Path, code: &'static str, message: String, hint: Option<String>) -> Finding {
        let at = self.root.nearest(path).at;
        let file = self
            .files
            .get(usize::from(at.source))
            .cloned()
            .unwrap_or_default();
        Finding {
            file,
            line: at.line,
            column: at.column,
            code,
            message: bounded(message),
            hint: hint.map(bounded),
        }
    }

    /// Whether the key at the end of a path stands in the file but was refused, and reported, before.
    pub fn was_refused(&self, path: &Path) -> bool {
        match path.split_last() {
            Some((Step::Key(key), parent)) => self.refused.has_key(self.root.nearest(parent).at, key),
            _ => false,
        }
    }

    /// Whether something of this name stands in the file but was refused, and reported, before.
    pub fn was_refused_by_name(&self, name: &str) -> bool {
        self.refused.has_entry(name)
    }

    /// The place of a path, as messages print it: `file:line:column`.
    pub fn place(&self, path: &Path) -> String {
        let at = self.root.nearest(path).at;
        let file = self.files.get(usize::from(at.source)).map_or("", String::as_str);
        format!("{file}:{}:{}", at.line, at.column)
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.findings.is_empty()
    }

    /// Everything found.
    pub fn into_findings(self) -> Findings {
        self.findings
    }
}

fn bounded(message: String) -> String {
    match message.char_indices().nth(MAX_MESSAGE) {
        None => message,
        Some((end, _)) => format!("{}…", &message[..end]),
    }
}
