//! One line of `platform check`.

use serde::Serialize;

/// What a check found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Answer {
    /// It is as it must be.
    Ok,
    /// It is not.
    Failed,
    /// It could not be looked at, or nobody asked for it.
    Skipped,
}

/// A check with its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Row {
    /// Stable id of the check.
    pub(super) id: &'static str,
    /// What it is about: `repository`, `spec`, `cluster fra1`.
    pub(super) subject: String,
    /// What should hold.
    pub(super) claim: String,
    /// Whether it does.
    pub(super) answer: Answer,
    /// What was found, in words; never a secret.
    pub(super) found: String,
    /// The next step, where something failed.
    pub(super) hint: Option<String>,
}

impl Row {
    fn new(id: &'static str, subject: &str, claim: &str, answer: Answer, found: String) -> Self {
        Self {
            id,
            subject: subject.to_owned(),
            claim: claim.to_owned(),
            answer,
            found,
            hint: None,
        }
    }

    pub(super) fn ok(id: &'static str, subject: &str, claim: &str, found: impl Into<String>) -> Self {
        Self::new(id, subject, claim, Answer::Ok, found.into())
    }

    pub(super) fn failed(id: &'static str, subject: &str, claim: &str, found: impl Into<String>) -> Self {
        Self::new(id, subject, claim, Answer::Failed, found.into())
    }

    pub(super) fn open(id: &'static str, subject: &str, claim: &str, found: impl Into<String>) -> Self {
        Self::new(id, subject, claim, Answer::Skipped, found.into())
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// The rows below their subjects.
pub(super) fn table(rows: &[Row]) -> String {
    let mut text = String::new();
    let mut last = "";
    for row in rows {
        if row.subject != last {
            text.push_str(&format!("{}\n", row.subject));
            last = &row.subject;
        }
        let mark = match row.answer {
            Answer::Ok => '✔',
            Answer::Failed => '✗',
            Answer::Skipped => '–',
        };
        let found = row.found.replace('\n', "\n      ");
        let colon = if found.is_empty() { "" } else { ": " };
        text.push_str(&format!("  {mark} {}{colon}{found}\n", row.claim));
        if let Some(hint) = &row.hint {
            text.push_str(&format!("      hint: {hint}\n"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stand_below_their_subject_with_their_marks() {
        let rows = [
            Row::ok("a", "spec", "valid", ""),
            Row::failed("b", "spec", "rendered", "it is not").hint("render it"),
            Row::open("c", "cluster a", "reachable", "not asked"),
        ];
        assert_eq!(
            table(&rows),
            "spec\n  ✔ valid\n  ✗ rendered: it is not\n      hint: render it\ncluster a\n  – reachable: not asked\n"
        );
    }
}
