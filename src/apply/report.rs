//! What apply did, object by object.

use serde::{Serialize, Serializer};
use std::fmt;

/// What happened to one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// It was not there.
    Created,
    /// It differed.
    Changed,
    /// It is as rendered.
    Unchanged,
    /// Dry run: it is not there.
    WouldCreate,
    /// Dry run: it differs.
    WouldChange,
    /// Its kind is not served; this component brings it.
    Needs(String),
    /// Something is not as planned, and apply cannot change it.
    Warning,
    /// It could not be written, or did not become healthy.
    Failed,
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Created => "created",
            Self::Changed => "changed",
            Self::Unchanged => "unchanged",
            Self::WouldCreate => "would be created",
            Self::WouldChange => "would be changed",
            Self::Needs(component) => return write!(f, "needs {component}"),
            Self::Warning => "warning",
            Self::Failed => "failed",
        })
    }
}

impl Serialize for Action {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// One line of the report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    /// The stage.
    pub stage: String,
    /// Kind, namespace and name: `Role team-a/tenant`.
    pub object: String,
    /// What happened.
    pub action: Action,
    /// What changed, or why it failed; empty when there is nothing to say.
    pub message: String,
    /// Whether the server said that this identity may not do it.
    #[serde(skip)]
    pub denied: bool,
}

impl Row {
    /// A line with nothing more to say.
    pub fn new(stage: &str, object: impl fmt::Display, action: Action) -> Self {
        Self {
            stage: stage.to_owned(),
            object: object.to_string(),
            action,
            message: String::new(),
            denied: false,
        }
    }

    /// The same line with a message.
    #[must_use]
    pub fn saying(mut self, message: impl Into<String>) -> Self {
        self.message = message.into();
        self
    }
}

/// All of it, in the order of the stages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Schema version of this output.
    pub api_version: &'static str,
    /// `ApplyReport`.
    pub kind: &'static str,
    /// Name of the cluster in the spec.
    pub cluster: String,
    /// UID of the namespace `kube-system`.
    pub cluster_uid: String,
    /// Whether nothing was written on purpose.
    pub dry_run: bool,
    /// One line per object.
    pub rows: Vec<Row>,
    /// Why it ended early; absent when it did not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopped: Option<String>,
    /// Exit code of what stopped it.
    #[serde(skip)]
    pub stopped_code: u8,
}

impl Report {
    /// How many lines have an action that fits.
    pub fn count(&self, fits: impl Fn(&Action) -> bool) -> usize {
        self.rows.iter().filter(|row| fits(&row.action)).count()
    }

    /// 0 when all that the cluster serves is on it, 1 when something is not, 4 when this identity may not write it,
    /// 5 and 6 and 130 when it stopped early. A dry run that would change something is a 0: see `diff` for a 1.
    pub fn exit_code(&self) -> u8 {
        if self.stopped.is_some() {
            return self.stopped_code;
        }
        if self.rows.iter().any(|row| row.denied) {
            return 4;
        }
        u8::from(self.count(|action| matches!(action, Action::Failed)) > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_codes_follow_the_worst_line() {
        let report = |actions: &[Action], denied: bool, stopped: Option<u8>| Report {
            api_version: "v",
            kind: "ApplyReport",
            cluster: String::new(),
            cluster_uid: String::new(),
            dry_run: false,
            rows: actions
                .iter()
                .map(|action| Row {
                    denied,
                    ..Row::new("s", "o", action.clone())
                })
                .collect(),
            stopped: stopped.map(|_| "why".to_owned()),
            stopped_code: stopped.unwrap_or(0),
        };
        let needs = Action::Needs("flux".into());
        for (actions, denied, stopped, code) in [
            (vec![], false, None, 0),
            (vec![Action::Created, Action::Warning], false, None, 0),
            (vec![Action::Created, needs], false, None, 0),
            (vec![Action::Failed], false, None, 1),
            (vec![Action::Failed], true, None, 4),
            (vec![Action::Created], false, Some(130), 130),
        ] {
            assert_eq!(report(&actions, denied, stopped).exit_code(), code, "{actions:?}");
        }
    }
}
