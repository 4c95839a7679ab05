//! Whether a draft holds, by the same code that judges a spec; the words are those of its findings.

use super::answers;
use crate::overlay;
use crate::plan;
use crate::spec::{Finding, Spec};

/// Why an answer is not taken: lines for a person, and what the findings are called.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::cli) struct Refusal {
    /// What is wrong, then what to do.
    pub(in crate::cli) lines: Vec<String>,
    /// The codes of the findings.
    pub(in crate::cli) codes: Vec<&'static str>,
}

impl Refusal {
    /// A refusal that no finding stands behind.
    pub(super) fn new(line: impl Into<String>) -> Self {
        Self {
            lines: vec![line.into()],
            codes: Vec::new(),
        }
    }

    fn from_findings(findings: &[Finding]) -> Self {
        let mut refusal = Self::default();
        // More than a few help nobody at a question.
        for finding in findings.iter().take(3) {
            refusal.lines.push(finding.message.clone());
            refusal
                .lines
                .extend(finding.hint.as_ref().map(|hint| format!("hint: {hint}")));
        }
        refusal.codes = findings.iter().map(|finding| finding.code).collect();
        refusal
    }
}

/// Judges a draft; clusters and teams that are still to come are stood in for.
pub(super) fn judge(spec: &Spec, overlays: &overlay::Files) -> Result<(), Refusal> {
    let mut whole = spec.clone();
    if whole.clusters.is_empty() {
        whole.clusters.push(answers::cluster("to-come"));
    }
    if whole.teams.is_empty() {
        whole.teams.push(answers::team("to-come"));
    }
    let bytes = serde_json::to_vec_pretty(&whole).map_err(|error| Refusal::new(error.to_string()))?;
    plan::decide_with("answers", &bytes, overlays)
        .map(drop)
        .map_err(|findings| Refusal::from_findings(&findings))
}

/// Whether a choice is described but not built in this version; teams do not matter for that.
pub(super) fn is_unsupported(spec: &Spec, overlays: &overlay::Files) -> bool {
    let without_teams = Spec {
        teams: Vec::new(),
        waivers: Vec::new(),
        ..spec.clone()
    };
    judge(&without_teams, overlays).is_err_and(|refusal| refusal.codes.contains(&"not-supported-yet"))
}
