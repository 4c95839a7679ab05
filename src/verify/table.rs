//! The report for people: verdicts below their subjects, and a summary.

use std::fmt::Write;

use super::{Report, Status, Verdict};

/// The verdicts, grouped by subject in the order of the first mention; those that are satisfied only if `all`.
pub fn table(report: &Report, all: bool) -> String {
    let shown = |verdict: &&Verdict| all || verdict.status != Status::Satisfied;
    let mut groups: Vec<(&str, Vec<&Verdict>)> = Vec::new();
    let mut places = std::collections::BTreeMap::new();
    for verdict in report.results.iter().filter(shown) {
        let at = *places.entry(verdict.subject.as_str()).or_insert_with(|| {
            groups.push((&verdict.subject, Vec::new()));
            groups.len() - 1
        });
        groups[at].1.push(verdict);
    }
    let mut text = String::new();
    for (subject, verdicts) in groups {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{subject}");
        for verdict in verdicts {
            let mark = match verdict.status {
                Status::Satisfied => '✔',
                Status::NotSatisfied => '✗',
                Status::NotAssessed => '–',
            };
            let _ = writeln!(text, "  {mark} {}", verdict.claim);
            if !verdict.found.is_empty() && verdict.status != Status::Satisfied {
                let _ = writeln!(text, "      {}", verdict.found);
            }
        }
    }
    text
}

/// One line with the counts.
pub fn summary(report: &Report) -> String {
    format!(
        "cluster {}: {} satisfied, {} not satisfied, {} not assessed",
        report.cluster, report.satisfied, report.not_satisfied, report.not_assessed
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts_stand_below_their_subject() {
        let verdict = |subject: &str, status: Status, found: &str| Verdict {
            id: String::new(),
            control: "c",
            subject: subject.into(),
            claim: format!("{subject} is well"),
            status,
            found: found.into(),
        };
        let results = vec![
            verdict("policy/a", Status::Satisfied, "Deny"),
            verdict("namespace/b", Status::NotSatisfied, "it is not"),
            verdict("policy/a", Status::NotAssessed, "why"),
        ];
        let report = Report::new("fra1", "u".into(), "2027-01-01", results, 0);
        assert_eq!(
            table(&report, true),
            "policy/a\n  ✔ policy/a is well\n  – policy/a is well\n      why\nnamespace/b\n  ✗ namespace/b is well\n      it is not\n"
        );
        assert_eq!(
            table(&report, false),
            "namespace/b\n  ✗ namespace/b is well\n      it is not\npolicy/a\n  – policy/a is well\n      why\n"
        );
        assert_eq!(
            summary(&report),
            "cluster fra1: 1 satisfied, 1 not satisfied, 1 not assessed"
        );
    }
}
