//! What was found, and what that means for the exit code.

use serde::Serialize;

use crate::plan::Expectation;

/// How an expectation was judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// The live cluster answered as expected.
    Satisfied,
    /// It answered otherwise.
    NotSatisfied,
    /// It was not asked, or gave no answer that says anything.
    NotAssessed,
}

/// An answer and its judgement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) status: Status,
    pub(super) found: String,
}

impl Finding {
    pub(super) fn satisfied(found: impl Into<String>) -> Self {
        Self {
            status: Status::Satisfied,
            found: found.into(),
        }
    }

    pub(super) fn not_satisfied(found: impl Into<String>) -> Self {
        Self {
            status: Status::NotSatisfied,
            found: found.into(),
        }
    }

    pub(super) fn not_assessed(found: impl Into<String>) -> Self {
        Self {
            status: Status::NotAssessed,
            found: found.into(),
        }
    }
}

/// One expectation with its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Verdict {
    /// Stable id, unique in a cluster.
    pub id: String,
    /// The control family that it is evidence for.
    pub control: &'static str,
    /// What it is about: `namespace/<name>`, `policy/<id>` …
    pub subject: String,
    /// What is claimed.
    pub claim: String,
    /// The judgement.
    pub status: Status,
    /// What was found, in words; never a secret.
    pub found: String,
}

impl Verdict {
    pub(super) fn new(expectation: &Expectation, finding: Finding) -> Self {
        Self {
            id: expectation.id.clone(),
            control: expectation.control,
            subject: expectation.subject.clone(),
            claim: expectation.claim.clone(),
            status: finding.status,
            found: finding.found,
        }
    }
}

/// All verdicts of one cluster, in the order of the expectations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Schema version of this output.
    pub api_version: &'static str,
    /// `VerifyReport`.
    pub kind: &'static str,
    /// Name of the cluster in the spec.
    pub cluster: String,
    /// UID of the namespace `kube-system`.
    pub cluster_uid: String,
    /// The day against which waivers were judged, `YYYY-MM-DD`, UTC.
    pub date: String,
    /// How many were satisfied.
    pub satisfied: usize,
    /// How many were not.
    pub not_satisfied: usize,
    /// How many could not be told.
    pub not_assessed: usize,
    /// One verdict per expectation.
    pub results: Vec<Verdict>,
    /// Exit code of what kept every question from being asked; 0 when something was answered.
    #[serde(skip)]
    pub(super) blocked: u8,
}

impl Report {
    pub(super) fn new(
        cluster: &str,
        cluster_uid: String,
        date: &str,
        results: Vec<Verdict>,
        blocked: u8,
    ) -> Self {
        let count = |status: Status| results.iter().filter(|result| result.status == status).count();
        Self {
            api_version: "tenancy.platform/v1alpha1",
            kind: "VerifyReport",
            cluster: cluster.to_owned(),
            cluster_uid,
            date: date.to_owned(),
            satisfied: count(Status::Satisfied),
            not_satisfied: count(Status::NotSatisfied),
            not_assessed: count(Status::NotAssessed),
            results,
            blocked,
        }
    }

    /// 1 when something is not satisfied, or, if `strict`, not assessed; 4, 5, 6 or 130 when nothing could be asked.
    pub fn exit_code(&self, strict: bool) -> u8 {
        if self.not_satisfied > 0 {
            return 1;
        }
        if self.blocked != 0 {
            return self.blocked;
        }
        u8::from(strict && self.not_assessed > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_codes_follow_the_counts() {
        use Status::{NotAssessed, NotSatisfied, Satisfied};
        for (statuses, blocked, lax, strict) in [
            (vec![], 0, 0, 0),
            (vec![Satisfied], 0, 0, 0),
            (vec![Satisfied, NotAssessed], 0, 0, 1),
            (vec![Satisfied, NotSatisfied, NotAssessed], 4, 1, 1),
            (vec![NotAssessed], 4, 4, 4),
        ] {
            let verdict = |status: &Status| Verdict {
                id: String::new(),
                control: "c",
                subject: String::new(),
                claim: String::new(),
                status: *status,
                found: String::new(),
            };
            let results = statuses.iter().map(verdict).collect();
            let report = Report::new("fra1", "u".into(), "2027-01-01", results, blocked);
            assert_eq!(
                (report.exit_code(false), report.exit_code(true)),
                (lax, strict),
                "{statuses:?}"
            );
        }
        let report = Report::new("fra1", "u".into(), "2027-01-01", vec![], 0);
        let json = serde_json::to_value(report).expect("JSON");
        assert_eq!(
            (
                json["apiVersion"].as_str(),
                json["kind"].as_str(),
                json["notSatisfied"].as_u64()
            ),
            (Some("tenancy.platform/v1alpha1"), Some("VerifyReport"), Some(0)),
            "{json}"
        );
    }
}
