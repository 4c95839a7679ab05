//! What a GitOps engine delivers to a cluster: its own objects read as the engine reads them, everything else as it is.

#![allow(dead_code, reason = "each test crate uses a part of it")]

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// Stages in the order of delivery: name, and objects by kind, namespace and name.
pub(crate) type Delivery = Vec<(String, BTreeMap<String, Value>)>;

/// Builds a folder of the repository: `clusters/fra1` → its objects.
pub(crate) type Build<'a> = &'a dyn Fn(&str) -> Vec<Value>;

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is not text"))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// What Flux delivers; `stages` are the Kustomizations of the cluster's folder, in any order.
pub(crate) fn flux(stages: &[Value], build: Build<'_>) -> Delivery {
    let mut delivery = Delivery::new();
    let mut done: Vec<&str> = Vec::new();
    while done.len() < stages.len() {
        let ready = |stage: &&Value| {
            let waits = list(&stage["spec"]["dependsOn"]);
            !done.contains(&text(&stage["metadata"]["name"]))
                && waits.iter().all(|other| done.contains(&text(&other["name"])))
        };
        let mut next = stages.iter().filter(ready);
        let stage = next.next().expect("no circle among the stages");
        assert!(next.next().is_none(), "each stage waits for the one before");
        assert_eq!(stage["spec"]["wait"], true, "{stage}");
        let name = text(&stage["metadata"]["name"]);
        let objects = build(text(&stage["spec"]["path"]).trim_start_matches("./"));
        let short = name.split_once('-').map_or(name, |(_, short)| short);
        delivery.push((short.to_owned(), index(objects)));
        done.push(name);
    }
    delivery
}

/// What Argo CD delivers below the root, whose path is the cluster's folder.
pub(crate) fn argocd(root: &str, build: Build<'_>) -> Delivery {
    let objects = build(root);
    let mut stages: Vec<(i64, &Value)> = objects
        .iter()
        .filter(|object| ["Application", "ApplicationSet"].contains(&text(&object["kind"])))
        .map(|object| {
            let wave = &object["metadata"]["annotations"]["argocd.argoproj.io/sync-wave"];
            (text(wave).parse().expect("a wave is a number"), object)
        })
        .collect();
    stages.sort_by_key(|(wave, _)| *wave);
    let waves: std::collections::BTreeSet<i64> = stages.iter().map(|(wave, _)| *wave).collect();
    assert_eq!(waves.len(), stages.len(), "each stage has a wave of its own");
    let deliver = |(_, stage): &(i64, &Value)| {
        let objects = applications(stage)
            .iter()
            .flat_map(|one| build(text(&one["spec"]["source"]["path"])))
            .collect();
        let name = text(&stage["metadata"]["name"]);
        (name.trim_start_matches("platform-").to_owned(), index(objects))
    };
    stages.iter().map(deliver).collect()
}

/// The Applications of an Application or of an ApplicationSet, with the holes of the template filled.
pub(crate) fn applications(object: &Value) -> Vec<Value> {
    if object["kind"] == "Application" {
        return vec![object.clone()];
    }
    let template = object["spec"]["template"].to_string();
    let elements = list(&object["spec"]["generators"][0]["list"]["elements"]);
    let fill = |element: &Value| {
        let mut one = template.clone();
        for (key, value) in element.as_object().expect("an element is a mapping") {
            one = one.replace(&format!("{{{{.{key}}}}}"), text(value));
        }
        assert!(!one.contains("{{"), "a hole is left open: {one}");
        serde_json::from_str(&one).expect("values do not change the structure")
    };
    elements.iter().map(fill).collect()
}

/// Objects by identity, without what is the engine's own business.
fn index(objects: Vec<Value>) -> BTreeMap<String, Value> {
    let sources: BTreeMap<String, Value> = objects
        .iter()
        .map(|object| (identity(object), object.clone()))
        .collect();
    assert_eq!(sources.len(), objects.len(), "no object is delivered twice");
    let mut values_maps = Vec::new();
    let mut delivered = BTreeMap::new();
    for object in &objects {
        match text(&object["kind"]) {
            "HelmRepository" => {}
            "HelmRelease" => {
                let (release, map) = flux_release(object, &sources);
                values_maps.extend(map);
                delivered.insert(format!("chart {}", text(&release["name"])), release);
            }
            "Application" => {
                let release = argo_release(object);
                delivered.insert(format!("chart {}", text(&release["name"])), release);
            }
            _ if is_account_of_argo(object) => {}
            _ => {
                delivered.insert(identity(object), plain(object));
            }
        }
    }
    for map in values_maps {
        assert!(delivered.remove(&map).is_some(), "{map} was delivered");
    }
    delivered
}

fn identity(object: &Value) -> String {
    let meta = &object["metadata"];
    let namespace = meta["namespace"].as_str().unwrap_or_default();
    format!(
        "{} {} {namespace}/{}",
        text(&object["apiVersion"]),
        text(&object["kind"]),
        text(&meta["name"])
    )
}

/// The account that a team's own syncs run as, and the right to have Applications: Flux has neither.
pub(crate) fn is_account_of_argo(object: &Value) -> bool {
    let own = ["argocd-sync", "argocd-applications"];
    ["ServiceAccount", "Role", "RoleBinding"].contains(&text(&object["kind"]))
        && own.contains(&text(&object["metadata"]["name"]))
}

/// An object without the annotations of an engine and without the names of its accounts.
fn plain(object: &Value) -> Value {
    let mut object = object.clone();
    if let Some(annotations) = object["metadata"]["annotations"].as_object_mut() {
        annotations.retain(|key, _| {
            !key.starts_with("kustomize.toolkit.fluxcd.io/") && !key.starts_with("argocd.argoproj.io/")
        });
    }
    for variable in object["spec"]["variables"].as_array_mut().into_iter().flatten() {
        if variable["name"] == "platformServiceAccounts" {
            variable["expression"] = "of the engine".into();
        }
    }
    object
}

fn flux_release(release: &Value, sources: &BTreeMap<String, Value>) -> (Value, Option<String>) {
    let (meta, spec) = (&release["metadata"], &release["spec"]);
    let namespace = text(&meta["namespace"]);
    let chart = &spec["chart"]["spec"];
    let repository = format!(
        "source.toolkit.fluxcd.io/v1 HelmRepository {namespace}/{}",
        text(&chart["sourceRef"]["name"])
    );
    let from = &spec["valuesFrom"][0];
    let (values, map) = if from.is_null() {
        (spec["values"].clone(), None)
    } else {
        let map = format!("v1 ConfigMap {namespace}/{}", text(&from["name"]));
        let yaml = text(&sources[&map]["data"][text(&from["valuesKey"])]);
        (serde_yaml::from_str(yaml).expect("values are YAML"), Some(map))
    };
    let release = json!({
        "name": meta["name"],
        "repository": sources[&repository]["spec"]["url"],
        "chart": chart["chart"],
        "version": chart["version"],
        "namespace": namespace,
        "values": values,
    });
    (release, map)
}

fn argo_release(application: &Value) -> Value {
    let spec = &application["spec"];
    let source = &spec["source"];
    json!({
        "name": source["helm"]["releaseName"],
        "repository": source["repoURL"],
        "chart": source["chart"],
        "version": source["targetRevision"],
        "namespace": spec["destination"]["namespace"],
        "values": source["helm"]["valuesObject"],
    })
}

/// Fails with every difference between two deliveries.
pub(crate) fn assert_same(flux: &Delivery, argocd: &Delivery) {
    let names =
        |delivery: &Delivery| -> Vec<String> { delivery.iter().map(|(name, _)| name.clone()).collect() };
    assert_eq!(names(flux), names(argocd), "the stages, in order");
    let mut differences = Vec::new();
    for ((stage, ours), (_, theirs)) in flux.iter().zip(argocd) {
        assert!(!ours.is_empty(), "stage {stage} delivers something");
        for key in ours
            .keys()
            .chain(theirs.keys())
            .collect::<std::collections::BTreeSet<_>>()
        {
            if ours.get(key) != theirs.get(key) {
                let show = |one: Option<&Value>| one.map_or("nothing".to_owned(), Value::to_string);
                differences.push(format!(
                    "{stage}: {key}\n  Flux: {}\n  Argo CD: {}",
                    show(ours.get(key)),
                    show(theirs.get(key))
                ));
            }
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}
