//! `apply -o json` and `verify -o json`: the documents that their schemas describe.

use serde_json::Value;

use super::tenancy;
use crate::lab;

#[test]
fn apply_and_verify_print_the_documents_of_their_schemas() {
    let _guard = lab::native().shared();
    for (command, schema) in [
        (
            ["apply", "--dry-run", "-o", "json"].as_slice(),
            include_str!("../../schemas/apply-result.schema.json"),
        ),
        (
            ["verify", "-o", "json"].as_slice(),
            include_str!("../../schemas/verify-result.schema.json"),
        ),
    ] {
        let schema: Value = serde_json::from_str(schema).expect("the schema is JSON");
        let answer = tenancy::native().platform(command);
        let document: Value = serde_json::from_str(&answer.stdout)
            .unwrap_or_else(|error| panic!("{command:?} prints one JSON document: {error}: {answer}"));
        let validator = jsonschema::validator_for(&schema).expect("the schema is one");
        let errors: Vec<String> = validator
            .iter_errors(&document)
            .map(|error| error.to_string())
            .collect();
        assert!(errors.is_empty(), "{command:?}: {errors:#?}");
    }
}
