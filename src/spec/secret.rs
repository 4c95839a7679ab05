//! Recognises a secret value that somebody pasted into the spec, so that it is refused and never repeated.

use std::sync::LazyLock;

use regex::{Regex, RegexSet};

use super::finding::Finding;
use super::node::Position;

/// Formats of well-known credentials; the same families as policy `no-plaintext-secrets`.
///
/// Source: the vendors' published token prefixes, as gitleaks' rule set (MIT) collects them.
const FORMATS: [(&str, &str); 13] = [
    ("AWS access key", r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    (
        "GitHub token",
        r"\bgh[pousr]_[A-Za-z0-9]{36}|\bgithub_pat_[A-Za-z0-9_]{22}",
    ),
    ("GitLab token", r"\bglpat-[A-Za-z0-9_-]{20}"),
    ("OpenAI-style key", r"\bsk-[A-Za-z0-9_-]{20}"),
    ("Hugging Face token", r"\bhf_[A-Za-z0-9]{30}"),
    (
        "Vault token",
        r"\bhv[sbr]\.[A-Za-z0-9_-]{24}|\bs\.[A-Za-z0-9]{24}\b",
    ),
    ("NVIDIA API key", r"\bnvapi-[A-Za-z0-9_-]{40}"),
    ("Slack token", r"\bxox[abprs]-[A-Za-z0-9-]{10}"),
    ("Google API key", r"\bAIza[A-Za-z0-9_-]{35}"),
    ("JSON Web Token", r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10}"),
    ("private key", r"-----BEGIN [A-Z ]*PRIVATE KEY"),
    (
        "URL with a password",
        r"[a-z][a-z0-9+.-]*://[^/:@\s]+:[^/@\s]{3,}@",
    ),
    ("age secret key", r"\bAGE-SECRET-KEY-1[A-Z0-9]{20}"),
];

static SET: LazyLock<Option<RegexSet>> = LazyLock::new(|| RegexSet::new(FORMATS.map(|(_, re)| re)).ok());

static EACH: LazyLock<Vec<Regex>> =
    LazyLock::new(|| FORMATS.iter().filter_map(|(_, re)| Regex::new(re).ok()).collect());

/// The code of findings about secrets.
pub(super) const CODE: &str = "secret-value";

/// A finding that names the kind of credential and never the credential.
pub(super) fn finding(file: &str, at: Position, subject: &str, kind: &str) -> Finding {
    Finding {
        file: file.to_owned(),
        line: at.line,
        column: at.column,
        code: CODE,
        message: format!("{subject} holds what looks like a secret value ({kind}); it is not repeated here"),
        hint: Some(
            "remove it and revoke it; the spec names where secrets are, never their values".to_owned(),
        ),
    }
}

/// The kind of credential that a text looks like, if any.
pub(super) fn looks_like(text: &str) -> Option<&'static str> {
    let first = SET.as_ref()?.matches(text).into_iter().next()?;
    FORMATS.get(first).map(|(name, _)| *name)
}

/// Where a file holds what looks like a credential, comments, tags and broken YAML included: the first of each line.
pub(super) fn places(text: &str) -> Vec<(Position, &'static str)> {
    let lines = text.split(['\n', '\r']);
    let mut line_number = 1;
    let mut places = Vec::new();
    let mut offset = 0;
    for line in lines {
        if let Some(kind) = looks_like(line) {
            let start = EACH.iter().filter_map(|re| Some(re.find(line)?.start())).min();
            let before = line.get(..start.unwrap_or(0)).unwrap_or_default();
            let column = before.chars().count() as u64 + 1;
            places.push((
                Position {
                    source: 0,
                    line: line_number,
                    column,
                },
                kind,
            ));
        }
        offset += line.len();
        // `\r\n` is one line break.
        if text.as_bytes().get(offset..offset + 2) != Some(b"\r\n") {
            line_number += 1;
        }
        offset += 1;
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_recognised_and_ordinary_text_is_not() {
        assert!(SET.is_some(), "every format compiles");
        for text in [
            "AKIAIOSFODNN7EXAMPLE",
            "ghp_0123456789abcdefghijABCDEFGHIJ012345",
            "hvs.CAESIJ0123456789abcdefghij",
            "https://user:hunter22@git.example.com/x.git",
            "-----BEGIN RSA PRIVATE KEY-----",
        ] {
            assert!(looks_like(text).is_some(), "{text}");
            for end in ["\n", "\r\n", "\r"] {
                let file = format!("a: b{end}é: {text}{end}c: d{end}");
                let found: Vec<_> = places(&file)
                    .into_iter()
                    .map(|(at, _)| (at.line, at.column))
                    .collect();
                assert_eq!(found, [(2, 4)], "{file:?}");
            }
        }
        for text in [
            "https://vault.example.com:8200",
            "https://git@git.example.com/x.git",
            "ml/api-key",
            "oidc:team-a",
            "ssh://git@git.example.com:22/x.git",
        ] {
            assert_eq!(looks_like(text), None, "{text}");
        }
    }
}
