//! Every mistake in an overlay is a finding with file, line and column; each list is golden.

use super::{files, overlay, rendered};
use crate::support::{self, EXAMPLE, golden};

/// What stands between two files of one case, and what chooses a preset.
const SECOND: &str = "### second file\n";
const PRESET: &str = "### preset ";

fn case(text: &str) -> Result<(), String> {
    let (spec, text) = match text.strip_prefix(PRESET) {
        Some(rest) => {
            let (name, rest) = rest.split_once('\n').unwrap();
            (
                EXAMPLE.replacen("\npolicy:", &format!("\noverlays: [{name}]\npolicy:"), 1),
                rest,
            )
        }
        None => (EXAMPLE.to_owned(), text),
    };
    let parts: Vec<&str> = text.split(SECOND).collect();
    let named: Vec<(&str, &str)> = ["a.yaml", "b.yaml"].into_iter().zip(parts).collect();
    rendered(&spec, &files(&named))
        .map(|_| ())
        .map_err(|findings| findings.iter().map(|finding| format!("{finding}\n")).collect())
}

#[test]
fn every_invalid_overlay_has_exactly_its_findings() {
    let cases = support::files("tests/overlays/invalid", "yaml");
    assert!(
        cases.len() >= 40,
        "only {} invalid overlays are left",
        cases.len()
    );
    let mut differences = Vec::new();
    for path in &cases {
        match case(&std::fs::read_to_string(path).unwrap()) {
            Ok(()) => differences.push(format!("{}: is valid", path.display())),
            Err(text) => {
                assert!(
                    text.chars().count() < 6_000,
                    "{}: {} bytes of findings",
                    path.display(),
                    text.len()
                );
                differences.extend(golden(&path.with_extension("findings"), &text));
            }
        }
    }
    assert!(
        differences.is_empty(),
        "{}\nUPDATE_GOLDEN=1 accepts",
        differences.join("\n")
    );
}

#[test]
fn only_yaml_is_an_overlay() {
    let good = overlay("  - {target: {kind: Role}, patch: {metadata: {annotations: {a: b}}}}");
    let all = files(&[
        ("README.md", "{"),
        (".hidden.yaml", "{"),
        ("deep/er/x.yml", &good),
        ("x.yaml", &good),
    ]);
    let (plan, tree) = rendered(EXAMPLE, &all).unwrap_or_else(|findings| panic!("{findings:#?}"));
    let digests: Vec<&String> = plan.overlays.digests.keys().collect();
    assert_eq!(
        digests,
        ["overlays/deep/er/x.yml", "overlays/x.yaml"],
        "what counts"
    );
    let lock = platform::lock::Lock::parse(&tree.get(".platform/lock.yaml").unwrap().bytes).unwrap();
    assert_eq!(lock.overlays, plan.overlays.digests, "the lock has the digests");
    assert_eq!(
        lock.overlays["overlays/x.yaml"],
        platform::tree::sha256_hex(good.as_bytes()),
        "of the exact bytes"
    );
    let found = rendered(EXAMPLE, &files(&[("x.yaml~", &good)]))
        .expect_err("an odd file")
        .remove(0);
    assert_eq!(
        (found.code, found.file.as_str()),
        ("not-an-overlay", "overlays/x.yaml~"),
        "{found}"
    );
}

#[test]
fn findings_are_placed_in_the_file_as_the_user_named_the_spec() {
    let bad = files(&[("x.yaml", "kind: Overlay\n")]);
    let found = platform::plan::decide_with("repo/platform.yaml", EXAMPLE.as_bytes(), &bad).expect_err("bad");
    assert!(
        found.iter().all(|finding| finding.file == "repo/overlays/x.yaml"),
        "{found:#?}"
    );
}

#[test]
fn a_bound_on_size_holds() {
    let large = format!("# {}\n", "x".repeat(1 << 20));
    let found = rendered(EXAMPLE, &files(&[("x.yaml", &large)])).expect_err("large");
    assert_eq!(found[0].code, "too-large", "{found:#?}");
    let names: Vec<String> = (0..1_001).map(|n| format!("{n:04}.md")).collect();
    let many: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "")).collect();
    let found = rendered(EXAMPLE, &files(&many)).expect_err("many");
    assert_eq!(found[0].code, "too-large", "{found:#?}");
}
