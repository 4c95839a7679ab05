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

/// Names that could end a string, a list or an expression, were they not escaped.
const HOSTILE: [&str; 12] = [
    "x\"] + [\"jane",
    "\"] || true || [\"",
    "'] || true || ['",
    "\\",
    "\\\"",
    "\n\"jane\"",
    "\u{0}",
    "\u{7f}\u{2028}",
    "r'jane'",
    "${jane}",
    "variables.isPlatform",
    "// jane",
];

fn answers(parameters: &Parameters) -> Vec<(String, evaluate::Verdict)> {
    let results = run_cases(policies().unwrap(), parameters).unwrap();
    results
        .into_iter()
        .map(|r| (format!("{}/{}", r.policy, r.case), r.verdict))
        .collect()
}

fn with_also(name: &str) -> Parameters {
    let mut parameters = Parameters::example();
    parameters.admin_groups.push(name.to_owned());
    parameters.admin_users.insert(0, name.to_owned());
    parameters.platform_service_accounts.push(name.to_owned());
    parameters
}

#[test]
fn hostile_names_of_administrators_change_no_answer() {
    let expected = answers(&Parameters::example());
    for name in HOSTILE {
        assert_eq!(answers(&with_also(name)), expected, "{name:?}");
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(48))]
    #[test]
    fn any_name_is_one_literal_that_means_itself(name in "[\\x00-\\x7f\"'\\\\\\[\\]\u{e9}\u{2028}\u{1f600}]{0,24}") {
        use cel::{Context, Env, Value};
        let parameters = with_also(&name);
        let text = parameters.cel_literal(crate::catalog::policies::Source::AdminUsers);
        let got = Env::stdlib().compile(&text).unwrap().execute(&Context::default()).unwrap();
        let want: Vec<Value> = vec![name.as_str().into(), "platform-admin".into()];
        proptest::prop_assert_eq!(got, Value::from(want));
    }
}

#[test]
fn rendered_objects_have_the_form_that_their_engine_expects() {
    let parameters = Parameters::example();
    for policy in policies().unwrap() {
        let kyverno = render(PolicyEngine::Kyverno, policy, &parameters, Action::Enforce).unwrap();
        let native = render(PolicyEngine::Native, policy, &parameters, Action::Enforce).unwrap();
        assert_eq!((kyverno.len(), native.len()), (1, 2), "{}", policy.id);
        for object in kyverno.iter().chain(&native) {
            let keys: Vec<&String> = object.as_object().unwrap().keys().collect();
            assert_eq!(keys, ["apiVersion", "kind", "metadata", "spec"], "{}", policy.id);
            assert_eq!(object["metadata"]["name"], policy.id);
            assert_eq!(
                object["metadata"]["labels"]["app.kubernetes.io/managed-by"],
                "platform"
            );
        }
        let spec = &kyverno[0]["spec"];
        assert_eq!(spec["validationActions"], json!(["Deny"]));
        assert_eq!(
            spec["variables"], native[0]["spec"]["variables"],
            "{}: one text for both",
            policy.id
        );
        assert_eq!(
            spec["validations"], native[0]["spec"]["validations"],
            "{}: one text for both",
            policy.id
        );
        assert!(
            spec.get("matchConditions").is_none(),
            "{} would get a webhook of its own",
            policy.id
        );
        assert_eq!(
            spec["matchConstraints"]["namespaceSelector"],
            parameters.namespace_selector().unwrap()
        );
        assert_eq!(native[1]["spec"]["validationActions"], json!(["Deny"]));
        for validation in spec["validations"].as_array().unwrap() {
            let message = validation["message"].as_str().unwrap();
            assert!(message.starts_with(&format!("{}: ", policy.id)), "{message}");
            assert!(!message.contains('\n'), "{message}");
        }
    }
}

#[test]
fn audit_reports_without_refusing() {
    for policy in policies().unwrap() {
        let actions = |engine, at: usize| {
            render(engine, policy, &Parameters::default(), Action::Audit).unwrap()[at]["spec"]["validationActions"].clone()
        };
        assert_eq!(actions(PolicyEngine::Kyverno, 0), json!(["Audit"]));
        assert_eq!(actions(PolicyEngine::Native, 1), json!(["Audit", "Warn"]));
    }
}

#[test]
fn gatekeeper_says_that_it_is_not_supported_yet() {
    let policy = &policies().unwrap()[0];
    let error = render(
        PolicyEngine::Gatekeeper,
        policy,
        &Parameters::default(),
        Action::Enforce,
    )
    .unwrap_err();
    assert!(error.to_string().contains("not supported yet"), "{error}");
}

#[test]
fn what_cannot_be_evaluated_is_denied() {
    let policy = policies()
        .unwrap()
        .iter()
        .find(|p| p.id == "gpu-isolation")
        .unwrap();
    let compiled = evaluate::compile(policy, &Parameters::default()).unwrap();
    let mut admission = cases::admission(&policy.cases().unwrap()[0]);
    admission.object = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}, "spec": {"containers": [{"env": [{"value": 1}]}]}});
    admission.namespace = Value::Null;
    match compiled.evaluate(&admission) {
        evaluate::Verdict::Denied { message, .. } => {
            assert!(message.contains("(the rule failed"), "{message}")
        }
        evaluate::Verdict::Allowed => panic!("a pod that no rule can read was allowed"),
    }
}
