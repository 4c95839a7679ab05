//! Bytes that are not a spec, and secrets pasted into one: a clear finding in short time, nothing repeated.

#![allow(clippy::unwrap_used, reason = "a test helper that cannot go on has failed")]

mod support;

use std::time::{Duration, Instant};

use support::{EXAMPLE, decide};

/// The only finding, as it is printed.
fn only(bytes: &[u8]) -> String {
    let findings = decide("platform.yaml", bytes).expect_err("it is not a spec");
    assert_eq!(findings.len(), 1, "{findings:#?}");
    findings[0].to_string()
}

#[test]
fn bytes_that_are_no_spec_are_named() {
    let bomb: String = (1..12)
        .map(|level| {
            format!(
                "k{level}: &k{level} [{}]\n",
                vec![format!("*k{}", level - 1); 9].join(",")
            )
        })
        .collect();
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("empty", Vec::new(), "platform.yaml: the spec is empty"),
        (
            "comment",
            b"# x\r\n\r# y".to_vec(),
            "platform.yaml: the spec is empty",
        ),
        (
            "text",
            b"hello".to_vec(),
            "platform.yaml:1:1: the spec is text; a mapping is expected",
        ),
        (
            "null",
            b"~".to_vec(),
            "platform.yaml:1:1: the spec is nothing; a mapping is expected",
        ),
        (
            "binary",
            (0..=255).collect(),
            "platform.yaml:2:118: a byte here is not UTF-8",
        ),
        (
            "latin-1",
            b"name: a\nteams: \xe9".to_vec(),
            "platform.yaml:2:8: a byte here is not UTF-8",
        ),
        (
            "utf-16",
            b"\xff\xfea\0".to_vec(),
            "platform.yaml: the file is UTF-16; UTF-8 is required",
        ),
        (
            "nul",
            b"name: a\0".to_vec(),
            "platform.yaml:1:8: the file is not YAML: unexpected character",
        ),
        (
            "brackets",
            vec![b'['; 100_000],
            "the file is nested more than 24 levels deep",
        ),
        (
            "indentation",
            (0..500)
                .flat_map(|n| format!("{}a:\n", " ".repeat(n)).into_bytes())
                .collect(),
            "nested more than 24 levels deep",
        ),
        (
            "alias bomb",
            format!("k0: &k0 [x]\n{bomb}").into_bytes(),
            "the file is too large once its aliases are written out",
        ),
        ("alias of itself", b"a: &a [*a]".to_vec(), "platform.yaml:1:8: "),
        (
            "100 MB",
            vec![b'#'; 100_000_000],
            "platform.yaml: the file has 100000000 bytes; at most 33554432 are read",
        ),
        (
            "documents",
            [EXAMPLE, EXAMPLE].join("---\n").into_bytes(),
            "the file holds more than one YAML document",
        ),
    ];
    for (name, bytes, wanted) in cases {
        let started = Instant::now();
        let found = only(&bytes);
        assert!(found.contains(wanted), "{name}: {found}");
        assert!(
            found.contains("\n  hint: ") || found.contains("expected"),
            "{name} has no hint: {found}"
        );
        assert!(
            started.elapsed() < Duration::from_secs(10),
            "{name} took {:?}",
            started.elapsed()
        );
    }
}

#[test]
fn line_ends_and_byte_order_marks_do_not_matter() {
    let positions = |text: &str| {
        let findings =
            decide("x", text.replace("count: 2", "count: 0").as_bytes()).expect_err("0 is too few");
        findings
            .iter()
            .map(|f| (f.line, f.column, f.message.clone()))
            .collect::<Vec<_>>()
    };
    let wanted = positions(EXAMPLE);
    for (name, text) in [
        ("CRLF", EXAMPLE.replace('\n', "\r\n")),
        ("CR", EXAMPLE.replace('\n', "\r")),
        ("BOM", format!("\u{feff}{EXAMPLE}")),
        (
            "document start",
            EXAMPLE.replacen("# yaml-language-server", "--- # yaml-language-server", 1),
        ),
        ("document end", format!("{EXAMPLE}...\n")),
    ] {
        assert!(decide("x", text.as_bytes()).is_ok(), "{name} is valid");
        assert_eq!(positions(&text), wanted, "{name}: the same places");
    }
}

#[test]
fn many_problems_take_linear_time() {
    for (name, text) in [
        (
            "keys",
            (0..100_000).map(|n| format!("k{n}: 1\n")).collect::<String>(),
        ),
        ("entries", format!("teams: [{}]\n", "{},".repeat(100_000))),
        ("one key", "k: 1\n".repeat(100_000)),
    ] {
        let started = Instant::now();
        let findings = decide("x", text.as_bytes()).expect_err(name);
        assert!(
            findings.len() > 99_000,
            "{name}: every problem is reported, {} are",
            findings.len()
        );
        assert!(
            started.elapsed() < Duration::from_secs(30),
            "{name} took {:?}",
            started.elapsed()
        );
    }
}

const SECRETS: [&str; 7] = [
    "ghp_0123456789abcdefghijABCDEFGHIJ012345",
    "hvs.CAESIJ0123456789abcdefghijKLMNOPQRSTUVWXYZ",
    "AKIAIOSFODNN7EXAMPLE",
    "glpat-0123456789abcdefghij",
    "nvapi-0123456789abcdefghij0123456789abcdefghij0123",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N",
    "https://jane:hunter22secret@git.example.com/x.git",
];

/// Where a secret may be pasted: a text of the example, and what it becomes; `@` is the secret.
const PLACES: [(&str, &str); 24] = [
    ("name: gpu-tenancy", "name: '@'"),
    ("engine: kyverno", "engine: '@'"),
    ("mode: enforce", "modes: {'@': audit}"),
    ("mode: enforce", "modes: {gpu-isolation: '@'}"),
    (
        "repository: https://git.example.com/platform/gpu.git",
        "repository: '@'",
    ),
    ("sharing: mig", "sharing: mig\n        nodeSelector: {'@': x}"),
    ("sharing: mig", "sharing: mig\n        nodeSelector: {x: '@'}"),
    ("count: 4", "count: '@'"),
    ("count: 4", "count: ['@']"),
    ("groups: [oidc:team-c]", "groups: '@'"),
    ("groups: [oidc:team-c]", "groups: ['@']"),
    ("groups: [oidc:team-c]", "groups: {'@': x}"),
    ("groups: [oidc:team-c]", "groups: [oidc:team-c]\n    '@': x"),
    ("groups: [oidc:team-c]", "'@': 1\n    '@': 2"),
    ("groups: [oidc:team-c]", "groups: [oidc:team-c] # @"),
    ("groups: [oidc:team-c]", "groups: [!@ x]"),
    ("groups: [oidc:team-c]", "groups: [&@ x]"),
    ("groups: [oidc:team-c]", "groups: [*@ ]"),
    ("groups: [oidc:team-c]", "groups: ['@]"),
    ("groups: [oidc:team-c]", "groups: @]: ["),
    ("groups: [oidc:team-c]", "['@']: x"),
    ("groups: [oidc:team-c]", "groups:\n    - |\n      first\n      @"),
    ("path: ml/api-key", "path: '@'"),
    ("\nteams:", "\n@\nteams:"),
];

#[test]
fn a_pasted_secret_is_refused_and_never_repeated() {
    for secret in SECRETS {
        for (from, to) in PLACES {
            let text = EXAMPLE.replacen(from, &to.replace('@', secret), 1);
            assert_ne!(text, EXAMPLE, "{from} is in the example");
            let findings = decide("x", text.as_bytes()).expect_err("a secret is a finding");
            assert!(
                findings.iter().any(|f| f.code == "secret-value"),
                "{secret} as {to}: {findings:#?}"
            );
            let all = format!("{findings:?} {}", serde_json::to_string(&findings).unwrap());
            // No part of it either: a message that is cut would show the beginning.
            for part in [&secret[..secret.len() / 2], &secret[secret.len() / 2..]] {
                assert!(!all.contains(part), "{secret} as {to}: {findings:#?}");
            }
        }
    }
}
