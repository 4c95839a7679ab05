//! What is rendered for Kueue obeys the rules of its definitions, and says what the spec promises.

#![allow(clippy::unwrap_used, reason = "a test helper that cannot go on has failed")]

mod support;

use std::collections::BTreeSet;

use platform::render::read_back;
use platform::tree::Tree;
use serde_json::Value;
use support::tree;

const SPEC: &str = include_str!("specs/valid/queues.yaml");

fn objects(tree: &Tree, path: &str) -> Vec<Value> {
    let file = tree.get(path).unwrap_or_else(|| panic!("{path} is rendered"));
    read_back(path, &file.bytes).unwrap()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn names(values: &Value) -> Vec<&str> {
    list(values)
        .iter()
        .filter_map(|value| value["name"].as_str())
        .collect()
}

/// The rules that the definitions of Kueue v0.19 state in CEL and limits.
fn broken_rules(queue: &Value, flavors: &BTreeSet<String>) -> Vec<String> {
    let mut broken = Vec::new();
    let groups = list(&queue["spec"]["resourceGroups"]);
    if groups.len() > 16 {
        broken.push(format!("{} groups", groups.len()));
    }
    let (mut seen_flavors, mut seen_resources) = (BTreeSet::new(), BTreeSet::new());
    for group in groups {
        let covered: Vec<&str> = list(&group["coveredResources"])
            .iter()
            .filter_map(Value::as_str)
            .collect();
        for resource in &covered {
            if !seen_resources.insert((*resource).to_owned()) {
                broken.push(format!("`{resource}` is in two groups"));
            }
        }
        if covered.is_empty() || covered.len() > 64 || !(1..=64).contains(&list(&group["flavors"]).len()) {
            broken.push("a group is empty or too large".to_owned());
        }
        for flavor in list(&group["flavors"]) {
            let name = flavor["name"].as_str().unwrap_or_default().to_owned();
            if !flavors.contains(&name) {
                broken.push(format!("flavor `{name}` is not rendered"));
            }
            if !seen_flavors.insert(name.clone()) {
                broken.push(format!("flavor `{name}` is in two groups"));
            }
            if names(&flavor["resources"]) != covered {
                broken.push(format!("flavor `{name}` does not list what its group covers"));
            }
            let borrows = list(&flavor["resources"])
                .iter()
                .any(|r| !r["borrowingLimit"].is_null());
            if borrows && queue["spec"]["cohortName"].is_null() {
                broken.push(format!("flavor `{name}` borrows without a cohort"));
            }
        }
    }
    broken
}

fn rendered(text: &str) -> (Tree, Vec<Value>, BTreeSet<String>) {
    let tree = tree("queues.yaml", text.as_bytes()).unwrap_or_else(|findings| panic!("{findings:#?}"));
    let queues = objects(&tree, "queues/fra1/cluster-queues.yaml");
    let flavors = objects(&tree, "queues/fra1/flavors.yaml");
    let flavors = flavors
        .iter()
        .filter_map(|flavor| flavor["metadata"]["name"].as_str());
    let flavors = flavors.map(str::to_owned).collect();
    (tree, queues, flavors)
}

#[test]
fn queues_obey_the_rules_of_their_definitions() {
    let (_, queues, flavors) = rendered(SPEC);
    assert_eq!(queues.len(), 3, "a queue per team");
    for queue in &queues {
        assert_eq!(broken_rules(queue, &flavors), Vec::<String>::new(), "{queue:#}");
    }
}

#[test]
fn a_broken_queue_would_be_seen() {
    let (_, queues, flavors) = rendered(SPEC);
    let first = "/spec/resourceGroups/0/flavors/0";
    for (pointer, value, rule) in [
        (format!("{first}/name"), Value::from("other"), "is not rendered"),
        (
            format!("{first}/resources"),
            Value::Array(vec![]),
            "does not list",
        ),
        ("/spec/cohortName".to_owned(), Value::Null, "without a cohort"),
        (
            "/spec/resourceGroups/1/flavors/0/name".to_owned(),
            Value::from("a100"),
            "in two groups",
        ),
        (
            "/spec/resourceGroups/0/coveredResources".to_owned(),
            Value::Array(vec![]),
            "empty",
        ),
    ] {
        let mut queue = queues[0].clone();
        *queue
            .pointer_mut(&pointer)
            .unwrap_or_else(|| panic!("{pointer} is there")) = value;
        let broken = broken_rules(&queue, &flavors);
        assert!(
            broken.iter().any(|found| found.contains(rule)),
            "{pointer}: {broken:?}, expected `{rule}`"
        );
    }
}

#[test]
fn what_is_guaranteed_never_exceeds_the_plan() {
    let (tree, queues, _) = rendered(SPEC);
    for queue in &queues {
        let team = queue["metadata"]["name"].as_str().unwrap();
        let spec = &queue["spec"];
        assert_eq!(
            spec["namespaceSelector"]["matchLabels"]["tenancy.platform/team"], team,
            "its own namespaces"
        );
        assert_eq!(
            spec["preemption"]["reclaimWithinCohort"], "Any",
            "{team} gets back what it lent"
        );
        assert_eq!(
            spec["stopPolicy"],
            if team == "team-c" { "Hold" } else { "None" },
            "{team} is frozen or not"
        );
        let local = objects(&tree, &format!("tenants/fra1/{team}/queue.yaml"));
        assert_eq!(
            local[0]["spec"]["clusterQueue"], team,
            "the queue of the namespace leads to its team's"
        );
    }
    assert_eq!(
        queues[0]["spec"]["fairSharing"]["weight"], 3,
        "the weight of the spec"
    );
}

#[test]
fn a_cluster_without_kueue_has_nothing_of_it() {
    let text = SPEC.replace("    queueing: kueue\n", "").replace(
        "{cluster: fra1, pool: a100, profile: 1g.10gb, count: 3}",
        "{cluster: fra1, pool: a100, profile: 2g.20gb, count: 1}",
    );
    let tree = tree("plain.yaml", text.as_bytes()).unwrap_or_else(|findings| panic!("{findings:#?}"));
    let holds = |bytes: &[u8]| String::from_utf8_lossy(bytes).contains("kueue");
    let about: Vec<String> = tree
        .iter()
        .filter(|(path, file)| !path.as_str().starts_with(".platform/") && holds(&file.bytes))
        .map(|(path, _)| path.to_string())
        .filter(|path| !path.starts_with("docs/") && !path.starts_with("policies/"))
        .collect();
    assert_eq!(about, Vec::<String>::new(), "files that speak of Kueue");
}
