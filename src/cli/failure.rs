//! Failures of commands: kind, message, hint, and the one mapping to exit codes.

use serde_json::json;

use super::talk;
use crate::edge::Fault;
use crate::plan::NODE_PLAN_CODE;
use crate::spec::Finding;

/// Why a command ended without its answer.
#[derive(Debug)]
pub(super) struct Failure {
    code: u8,
    message: String,
    hint: Option<String>,
    findings: Vec<Finding>,
}

impl Failure {
    pub(super) fn new(code: u8, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            hint: None,
            findings: Vec::new(),
        }
    }

    /// Wrong use: exit 2.
    pub(super) fn usage(message: impl Into<String>) -> Self {
        Self::new(2, message)
    }

    /// The machine's state: exit 6.
    pub(super) fn environment(message: impl Into<String>) -> Self {
        Self::new(6, message)
    }

    /// Our own mistake: exit 70.
    pub(super) fn bug(message: impl Into<String>) -> Self {
        Self::new(70, message).hint("this is a bug of platform; please report it with the spec that shows it")
    }

    /// The spec, or what the last render left beside it, is not valid: exit 2, with all findings.
    pub(super) fn findings(findings: Vec<Finding>) -> Self {
        let count = findings.len();
        let of_layouts = findings.iter().filter(|finding| finding.code == NODE_PLAN_CODE);
        let subject = match of_layouts.count() {
            0 => "the spec has",
            all if all == count => "the layouts beside the spec have",
            _ => "the spec and the layouts beside it have",
        };
        let message = format!(
            "{subject} {count} {}",
            if count == 1 { "problem" } else { "problems" }
        );
        Self {
            findings,
            ..Self::new(2, message)
        }
    }

    /// A failed effect.
    pub(super) fn fault(fault: Fault, message: impl Into<String>, hint: Option<&str>) -> Self {
        let failure = Self::new(fault.exit_code(), message);
        match hint {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// What is wrong, without its hint.
    pub(super) fn message(&self) -> &str {
        &self.message
    }

    pub(super) fn exit_code(&self) -> u8 {
        self.code
    }

    /// Prints to standard error; findings first, one after the other.
    pub(super) fn print(&self) {
        if talk::is_json() {
            let fields = json!({"hint": self.hint, "exitCode": self.code, "findings": self.findings});
            let fields = fields.as_object().cloned().unwrap_or_default();
            talk::object("error", &self.message, fields);
            return;
        }
        for finding in &self.findings {
            talk::say(&finding.to_string());
        }
        talk::say(&format!("error: {}", self.message));
        if let Some(hint) = &self.hint {
            talk::say(&format!("hint: {hint}"));
        }
    }
}

impl From<crate::edge::disk::DiskError> for Failure {
    fn from(error: crate::edge::disk::DiskError) -> Self {
        Self::fault(error.fault(), error.to_string(), error.hint())
    }
}

impl From<crate::edge::git::GitError> for Failure {
    fn from(error: crate::edge::git::GitError) -> Self {
        Self::fault(error.fault(), error.to_string(), error.hint())
    }
}

impl From<crate::render::RenderError> for Failure {
    fn from(error: crate::render::RenderError) -> Self {
        match error {
            crate::render::RenderError::Overlays(findings) => Self::findings(findings),
            error => Self::bug(error.to_string()),
        }
    }
}
