//! No input makes the core panic: it renders, or there are findings that can be printed.

#![allow(clippy::unwrap_used, reason = "a test helper that cannot go on has failed")]

mod support;

use platform::spec::Finding;
use proptest::prelude::*;
use serde_json::Value;
use support::{EXAMPLE, tree};

/// Words that reach the deeper layers when they stand at a wrong place.
const WORDS: &[&str] = &[
    "0",
    "1",
    "-1",
    "1.5",
    "4294967295",
    "4294967296",
    "18446744073709551615",
    "1e400",
    ".inf",
    "~",
    "true",
    "no",
    "[]",
    "{}",
    "[[]]",
    "*a",
    "&a x",
    "<<",
    "!t x",
    "\"\"",
    "' '",
    "|",
    ">-",
    "? x",
    "- x",
    "#",
    "\t",
    "\u{feff}",
    "\0",
    "💥",
    "team-a",
    "team-b",
    "fra1",
    "h100-mig",
    "a100-dev",
    "vault-prod",
    "mig",
    "mps",
    "whole",
    "time-slicing",
    "dra",
    "3g.40gb",
    "1g.10gb+me",
    "7g.80gb",
    "1g.5gb",
    "h100-80gb",
    "t4",
    "a30-24gb",
    "100000",
    "64",
    "1024",
    "10000000",
    "40Gi",
    "1m",
    "1E",
    "9223372036854775807",
    "native",
    "gatekeeper",
    "argocd",
    "audit",
    "restricted",
    "::/0",
    "0.0.0.0/0",
    "https://x",
    "http://127.0.0.1",
    "system:masters",
    "2028-02-29",
];

fn one_line(finding: &Finding) -> bool {
    let visible = |text: &str| !text.chars().any(char::is_control);
    !finding.message.is_empty() && visible(&finding.message) && finding.hint.as_deref().is_none_or(visible)
}

fn judge(bytes: &[u8]) -> Result<(), TestCaseError> {
    if let Err(findings) = tree("x", bytes) {
        for finding in findings {
            prop_assert!(one_line(&finding), "{:?}", finding);
        }
    }
    Ok(())
}

/// The example with some of its words, lines or bytes replaced.
fn changed_example() -> impl Strategy<Value = Vec<u8>> {
    let word = prop::sample::select(WORDS);
    let change = (
        any::<prop::sample::Index>(),
        any::<prop::sample::Index>(),
        word,
        0..4u8,
    );
    prop::collection::vec(change, 1..6).prop_map(|changes| {
        let mut text = EXAMPLE.to_owned();
        for (at, length, word, kind) in changes {
            let ends: Vec<usize> = match kind {
                // whole scalars: between a separator and the next
                0 | 1 => text
                    .match_indices([':', ',', '\n', '{', '}', '[', ']'])
                    .map(|(at, _)| at + 1)
                    .collect(),
                2 => text.match_indices('\n').map(|(at, _)| at + 1).collect(),
                _ => text.char_indices().map(|(at, _)| at).collect(),
            };
            if ends.len() < 2 {
                continue;
            }
            let first = at.index(ends.len() - 1);
            let span = 1 + length.index(if kind == 3 {
                40.min(ends.len() - 1 - first).max(1)
            } else {
                1
            });
            let (start, end) = (ends[first], ends[(first + span).min(ends.len() - 1)]);
            let close = if kind == 3 { end } else { end - 1 };
            text.replace_range(start..close.max(start), &format!(" {word}"));
        }
        text.into_bytes()
    })
}

fn any_document() -> impl Strategy<Value = Value> {
    let key = prop::sample::select(vec![
        "apiVersion",
        "kind",
        "name",
        "clusters",
        "pools",
        "teams",
        "gpus",
        "quota",
        "secrets",
        "waivers",
        "policy",
        "modes",
        "egress",
        "namespaces",
        "count",
        "nodeSelector",
        "x",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        prop::sample::select(WORDS).prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        Just(Value::from("tenancy.platform/v1alpha1")),
    ];
    leaf.prop_recursive(6, 48, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((key.clone(), inner), 0..6).prop_map(|entries| {
                entries
                    .into_iter()
                    .map(|(key, value)| (key.to_owned(), value))
                    .collect::<serde_json::Map<_, _>>()
                    .into()
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        judge(&bytes)?;
    }

    #[test]
    fn no_text_panics(text in "(\\PC|[\\n\\t :,#&*!|>'\"%@`{}\\[\\]-]){0,120}") {
        judge(text.as_bytes())?;
    }

    #[test]
    fn no_changed_example_panics(bytes in changed_example()) {
        judge(&bytes)?;
    }

    #[test]
    fn no_document_panics(document in any_document()) {
        judge(&serde_json::to_vec(&document).unwrap())?;
    }
}
