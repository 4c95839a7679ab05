//! Hostile text through every field: either a finding, or the same tree with that text and nothing else changed.

#![allow(clippy::unwrap_used, reason = "a test helper that cannot go on has failed")]

mod support;

#[path = "hostile/compare.rs"]
mod compare;
#[path = "hostile/spec.rs"]
mod spec;
#[path = "hostile/strings.rs"]
mod strings;

use compare::compare;
use platform::tree::Tree;
use rayon::prelude::*;
use serde_json::Value;
use support::tree;

/// What became of one text in one field.
enum Outcome {
    Refused,
    Kept,
}

fn bytes(document: &Value) -> Vec<u8> {
    serde_json::to_vec(document).unwrap()
}

fn render(document: &Value) -> Result<Tree, Vec<platform::spec::Finding>> {
    tree("hostile.yaml", &bytes(document))
}

fn one(harmless: &Tree, document: &Value, field: &spec::Field, text: &str) -> Result<Outcome, String> {
    let hostile = field.with(document, text);
    match render(&hostile) {
        Err(findings) => {
            for finding in findings {
                if finding.message.chars().count() > 700 {
                    return Err(format!(
                        "{}: a finding of {} bytes",
                        field.path,
                        finding.message.len()
                    ));
                }
                let shown = format!("{}{}", finding.message, finding.hint.unwrap_or_default());
                if let Some(c) = shown
                    .chars()
                    .find(|c| c.is_control() || ('\u{202a}'..='\u{202e}').contains(c))
                {
                    return Err(format!(
                        "{}: {text:?}: a finding prints {c:?}: {shown:?}",
                        field.path
                    ));
                }
            }
            Ok(Outcome::Refused)
        }
        Ok(tree) => compare(harmless, &tree, &field.value, text)
            .map(|()| Outcome::Kept)
            .map_err(|difference| format!("{}: {text:?}: {difference}", field.path)),
    }
}

#[test]
fn no_text_changes_anything_but_itself() {
    let document = spec::document();
    let harmless = render(&document).unwrap_or_else(|findings| panic!("the harmless spec: {findings:#?}"));
    let fields = spec::fields(&document);
    let strings = strings::all();
    assert!(
        strings.len() >= 60,
        "only {} hostile strings are left",
        strings.len()
    );
    assert!(fields.len() >= 40, "only {} text fields are left", fields.len());
    let results: Vec<(String, Result<Outcome, String>)> = fields
        .par_iter()
        .flat_map_iter(|field| {
            let (document, harmless) = (&document, &harmless);
            // Alone, and behind a beginning that is legal, which passes checks of the beginning.
            let every = if spec::FREE_TEXT.contains(&field.path.as_str()) {
                7
            } else {
                1
            };
            let behind = strings
                .iter()
                .step_by(every)
                .map(|text| format!("{}{text}", field.value));
            let texts = strings.iter().cloned().chain(behind);
            texts.map(move |text| (field.path.clone(), one(harmless, document, field, &text)))
        })
        .collect();
    let failures: Vec<&String> = results
        .iter()
        .filter_map(|(_, result)| result.as_ref().err())
        .collect();
    assert!(
        failures.is_empty(),
        "{} of {}:\n{failures:#?}",
        failures.len(),
        results.len()
    );
    let kept = |path: &str| {
        let of = results
            .iter()
            .filter(|(p, result)| p == path && matches!(result, Ok(Outcome::Kept)));
        of.count()
    };
    // Fields without a grammar take most of it; otherwise nothing was proven.
    for path in spec::FREE_TEXT {
        assert!(kept(path) >= 90, "{path} kept only {}", kept(path));
    }
    let total: usize = results
        .iter()
        .filter(|(_, result)| matches!(result, Ok(Outcome::Kept)))
        .count();
    println!(
        "{} fields, {} texts: {total} kept, {} refused",
        fields.len(),
        strings.len(),
        results.len() - total
    );
}

#[test]
fn policies_compile_with_hostile_admins() {
    use platform::catalog::policies::policies;
    use platform::engine::policy::{Parameters, compile};
    for text in strings::all() {
        let parameters = Parameters {
            admin_groups: vec![text.clone()],
            admin_users: vec![text.clone()],
            ..Parameters::example()
        };
        for policy in policies().unwrap() {
            assert!(
                compile(policy, &parameters).is_ok(),
                "{} with {text:?}",
                policy.id
            );
        }
    }
}
