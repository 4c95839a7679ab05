//! An API server's "no": status code, reason and causes.

use std::fmt;

use serde_json::Value;

/// The `Status` object of a failed request.
///
/// Source: `k8s.io/apimachinery/pkg/apis/meta/v1` `Status`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Refusal {
    /// HTTP status code.
    pub code: u16,
    /// Machine-readable reason such as `Conflict`; empty when there was none.
    pub reason: String,
    /// The server's words.
    pub message: String,
    /// Details, one per field or conflict.
    pub causes: Vec<Cause>,
}

/// One detail of a refusal.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cause {
    /// Machine-readable reason such as `FieldManagerConflict`.
    pub reason: String,
    /// The server's words.
    pub message: String,
    /// The field that it is about.
    pub field: String,
}

impl Refusal {
    /// Reads a body that may or may not be a `Status` object.
    pub fn parse(code: u16, body: &str) -> Self {
        let Ok(status) = serde_json::from_str::<Value>(body) else {
            // A proxy answers with HTML; its first line says enough.
            let line = body.lines().next().unwrap_or_default();
            return Self {
                code,
                message: line.chars().take(200).collect(),
                ..Self::default()
            };
        };
        let text = |value: &Value, key: &str| value[key].as_str().unwrap_or_default().to_owned();
        let causes = status["details"]["causes"].as_array().into_iter().flatten();
        Self {
            code,
            reason: text(&status, "reason"),
            message: text(&status, "message"),
            causes: causes
                .map(|cause| Cause {
                    reason: text(cause, "reason"),
                    message: text(cause, "message"),
                    field: text(cause, "field"),
                })
                .collect(),
        }
    }

    /// Whether the identity is unknown or may not do this (also said by admission).
    pub fn is_unauthorized(&self) -> bool {
        matches!(self.code, 401 | 403)
    }

    /// The fields that other managers own, with the managers: the answer to an apply without force.
    pub fn conflicts(&self) -> Vec<(&str, &str)> {
        let conflicts = self
            .causes
            .iter()
            .filter(|cause| cause.reason == "FieldManagerConflict");
        conflicts
            .map(|cause| {
                let manager = cause.message.split('"').nth(1);
                (cause.field.as_str(), manager.unwrap_or(&cause.message))
            })
            .collect()
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.message.is_empty(), self.reason.is_empty()) {
            (false, _) => write!(f, "{} ({})", self.message.trim(), self.code),
            (true, false) => write!(f, "{} ({})", self.reason, self.code),
            (true, true) => write!(f, "HTTP status {}", self.code),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conflict_names_field_and_manager() {
        let body = r#"{"kind":"Status","reason":"Conflict","message":"Apply failed","code":409,"details":{"causes":[
            {"reason":"FieldManagerConflict","message":"conflict with \"kubectl-edit\" using v1","field":".data.a"}]}}"#;
        let refusal = Refusal::parse(409, body);
        assert_eq!(
            refusal.conflicts(),
            [(".data.a", "kubectl-edit")],
            "field and manager"
        );
        assert_eq!(refusal.to_string(), "Apply failed (409)", "text");
    }

    #[test]
    fn a_body_that_is_no_status_is_shortened() {
        for (body, message) in [
            ("<html>bad gateway</html>\nmore", "<html>bad gateway</html> (502)"),
            ("", "HTTP status 502"),
            ("{}", "HTTP status 502"),
            ("[1]", "HTTP status 502"),
        ] {
            assert_eq!(Refusal::parse(502, body).to_string(), message, "{body:?}");
        }
    }
}
