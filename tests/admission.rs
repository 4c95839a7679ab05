//! The policy pack judges a table of ordinary and of cunning pods.

#![allow(clippy::unwrap_used)] // helpers of tests stop the test
use platform::catalog::policies::{Subject, policies};
use platform::engine::policy::Parameters;
use platform::engine::policy::evaluate::{Admission, Compiled, Resource, Verdict, compile};
use serde::Deserialize;
use serde_json::{Map, Value, json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    name: String,
    #[serde(rename = "in")]
    place: String,
    #[serde(default)]
    main: Map<String, Value>,
    #[serde(default)]
    spec: Map<String, Value>,
    #[serde(default)]
    annotations: Map<String, Value>,
    refused: Vec<String>,
}

fn pack() -> Vec<Compiled> {
    let compiled = policies()
        .unwrap()
        .iter()
        .map(|policy| compile(policy, &Parameters::example()));
    compiled.collect::<Result<_, _>>().unwrap()
}

fn namespace(place: &str) -> Value {
    let labels = match place {
        "team" => json!({"tenancy.platform/team": "team-a"}),
        "gpu" => json!({
            "tenancy.platform/team": "team-a",
            "grant.tenancy.platform/nvidia.com_mig-3g.40gb": "allowed",
            "grant.tenancy.platform/dra": "allowed",
            "pool.tenancy.platform/h100-mig": "allowed",
        }),
        "other" => json!({}),
        unknown => panic!("unknown namespace {unknown}"),
    };
    json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": place, "labels": labels}})
}

fn pod(row: &Row) -> Value {
    let mut main = Map::from_iter([
        ("name".to_owned(), json!("main")),
        ("image".to_owned(), json!("registry.example.com/app:1.0")),
    ]);
    main.extend(row.main.clone());
    let mut spec = Map::from_iter([("containers".to_owned(), json!([main]))]);
    spec.extend(row.spec.clone());
    let mut metadata = json!({"name": "pod", "namespace": row.place});
    if !row.annotations.is_empty() {
        metadata["annotations"] = json!(row.annotations);
    }
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec})
}

fn deployment(pod: &Value) -> Value {
    let mut template = pod.clone();
    for field in ["apiVersion", "kind"] {
        template.as_object_mut().unwrap().remove(field);
    }
    template["metadata"]["labels"] = json!({"app": "x"});
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "x"},
        "spec": {"selector": {"matchLabels": {"app": "x"}}, "template": template},
    })
}

fn cron_job(pod: &Value) -> Value {
    json!({
        "apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "x"},
        "spec": {"schedule": "0 1 * * *", "jobTemplate": {"spec": deployment(pod)["spec"]}},
    })
}

fn refusals(pack: &[Compiled], object: Value, old: Option<Value>, place: &str) -> Vec<String> {
    let resource = Resource::of(
        object["apiVersion"].as_str().unwrap(),
        object["kind"].as_str().unwrap(),
    );
    let admission = Admission {
        operation: if old.is_some() { "UPDATE" } else { "CREATE" }.to_owned(),
        object,
        old_object: old,
        namespace: namespace(place),
        user: Subject {
            name: "jane".to_owned(),
            groups: vec!["system:authenticated".to_owned()],
        },
        resource,
    };
    let verdicts = pack.iter().map(|policy| policy.evaluate(&admission));
    let refused = verdicts.filter_map(|verdict| match verdict {
        Verdict::Allowed => None,
        Verdict::Denied { policy, message } => {
            assert!(
                message.starts_with(&format!("{policy}: ")),
                "{message} does not name {policy}"
            );
            assert!(!message.contains("(the rule "), "{message}");
            Some(policy)
        }
    });
    refused.collect()
}

fn rows() -> Vec<Row> {
    serde_saphyr::from_str(include_str!("admission/pods.yaml")).unwrap()
}

#[test]
fn pods_are_refused_by_the_policies_that_they_offend() {
    let (pack, rows) = (pack(), rows());
    assert!(rows.len() > 100, "the table has only {} rows", rows.len());
    let mut wrong = Vec::new();
    for row in &rows {
        let refused = refusals(&pack, pod(row), None, &row.place);
        if refused != row.refused {
            wrong.push(format!(
                "{}: expected {:?}, got {refused:?}",
                row.name, row.refused
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        rows.len(),
        wrong.join("\n")
    );
}

#[test]
fn templates_are_judged_like_their_pods() {
    let pack = pack();
    for row in rows() {
        for object in [deployment(&pod(&row)), cron_job(&pod(&row))] {
            let kind = object["kind"].clone();
            let refused = refusals(&pack, object, None, &row.place);
            assert_eq!(refused, row.refused, "{} as {kind}", row.name);
        }
    }
}

#[test]
fn an_update_that_changes_nothing_judged_passes() {
    let pack = pack();
    for row in rows() {
        let old = pod(&row);
        let mut new = old.clone();
        new["metadata"]["labels"] = json!({"seen": "yes"});
        let refused = refusals(&pack, new, Some(old), &row.place);
        assert!(refused.is_empty(), "{} is held up by {refused:?}", row.name);
    }
}

#[test]
fn an_update_that_adds_an_offence_is_refused() {
    let pack = pack();
    let plain = rows().into_iter().find(|row| row.name == "plain").unwrap();
    for row in rows() {
        let refused = refusals(&pack, pod(&row), Some(pod(&plain)), &row.place);
        // A node name is what the scheduler writes into a pod; it is judged at creation only.
        if row.spec.contains_key("nodeName") {
            continue;
        }
        assert_eq!(refused, row.refused, "{}", row.name);
    }
}
