use super::*;
use crate::catalog::policies::policies;

#[test]
fn every_example_gets_the_expected_answer() {
    let results = run_cases(policies().unwrap(), &Parameters::example()).unwrap();
    let wrong: Vec<String> = results
        .iter()
        .filter(|result| !result.passed())
        .map(|r| {
            format!(
                "{}/{}: expected {:?}, got {:?}",
                r.policy, r.case, r.expected, r.verdict
            )
        })
        .collect();
    assert!(results.len() > 150, "only {} examples ran", results.len());
    assert!(
        wrong.is_empty(),
        "{} of {} are wrong:\n{}",
        wrong.len(),
        results.len(),
        wrong.join("\n")
    );
}
