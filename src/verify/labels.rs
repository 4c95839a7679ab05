//! Does the namespace carry exactly the labels that entitle it, and no others?

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::report::Finding;
use crate::plan::MANAGED_BY;

/// Judges a live namespace; `None` when it does not exist.
pub(super) fn judge(namespace: &str, expected: &BTreeMap<String, String>, live: Option<&Value>) -> Finding {
    let Some(live) = live else {
        return Finding::not_satisfied(format!("namespace `{namespace}` does not exist"));
    };
    let labels = live["metadata"]["labels"].as_object();
    let found: BTreeMap<&str, &str> = labels
        .into_iter()
        .flatten()
        .filter(|(key, _)| guarded(key))
        .filter_map(|(key, value)| Some((key.as_str(), value.as_str()?)))
        .collect();
    let keys: BTreeSet<&str> = expected
        .keys()
        .map(String::as_str)
        .chain(found.keys().copied())
        .collect();
    let differs = keys.into_iter().find_map(|key| {
        match (expected.get(key).map(String::as_str), found.get(key).copied()) {
            (one, other) if one == other => None,
            (Some(expected), Some(found)) => {
                Some(format!("label `{key}` is `{found}`, expected `{expected}`"))
            }
            (Some(expected), None) => Some(format!("label `{key}` is missing, expected `{expected}`")),
            (None, found) => Some(format!(
                "label `{key}` is `{}`, but the plan does not grant it",
                found.unwrap_or_default()
            )),
        }
    });
    match differs {
        Some(text) => Finding::not_satisfied(text),
        None => Finding::satisfied(format!("{} labels as planned", expected.len())),
    }
}

/// Whether a label decides what a namespace may do.
fn guarded(key: &str) -> bool {
    let domain = key.split_once('/').map_or("", |(domain, _)| domain);
    domain == "tenancy.platform"
        || domain.ends_with(".tenancy.platform")
        || domain == "pod-security.kubernetes.io"
        || key == MANAGED_BY.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::Status;
    use serde_json::json;

    #[test]
    fn a_label_too_many_is_as_bad_as_one_too_few() {
        let expected = BTreeMap::from([
            ("tenancy.platform/team".to_owned(), "a".to_owned()),
            ("grant.tenancy.platform/x".to_owned(), "allowed".to_owned()),
        ]);
        let live = |labels: Value| Some(json!({"metadata": {"labels": labels}}));
        let team = ("tenancy.platform/team", "a");
        let grant = ("grant.tenancy.platform/x", "allowed");
        for (live, status, text) in [
            (
                live(
                    json!({team.0: team.1, grant.0: grant.1, "kubernetes.io/metadata.name": "a", "owner": "x", "nottenancy.platform/x": "y"}),
                ),
                Status::Satisfied,
                "2 labels as planned",
            ),
            (
                live(json!({team.0: "b", grant.0: grant.1})),
                Status::NotSatisfied,
                "label `tenancy.platform/team` is `b`, expected `a`",
            ),
            (
                live(json!({team.0: team.1})),
                Status::NotSatisfied,
                "label `grant.tenancy.platform/x` is missing, expected `allowed`",
            ),
            (
                live(json!({team.0: team.1, grant.0: grant.1, "pool.tenancy.platform/p": "allowed"})),
                Status::NotSatisfied,
                "label `pool.tenancy.platform/p` is `allowed`, but the plan does not grant it",
            ),
            (None, Status::NotSatisfied, "namespace `n` does not exist"),
        ] {
            let finding = judge("n", &expected, live.as_ref());
            assert_eq!(
                (finding.status, finding.found.as_str()),
                (status, text),
                "{live:?}"
            );
        }
    }
}
