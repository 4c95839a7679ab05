//! Argo CD delivers what Flux delivers, and its projects bound what they must.

#![allow(clippy::unwrap_used, reason = "a test helper that cannot go on has failed")]

#[path = "support/delivery.rs"]
mod delivery;
mod support;

use std::collections::BTreeSet;

use delivery::{applications, argocd, assert_same, flux, is_account_of_argo};
use platform::apply;
use platform::render::read_back;
use platform::tree::Tree;
use serde_json::Value;
use support::{EXAMPLE, project, tree};

fn rendered(text: &str) -> Tree {
    tree("platform.yaml", text.as_bytes()).unwrap_or_else(|findings| panic!("{findings:#?}"))
}

/// A spec for Argo CD, and the same for Flux.
fn both(text: &str) -> (Tree, Tree) {
    let flux: String = text
        .replace("engine: argocd", "engine: flux")
        .lines()
        .filter(|line| !line.trim_start().starts_with("sources:"))
        .map(|line| format!("{line}\n"))
        .collect();
    (rendered(&flux), rendered(text))
}

/// Specs for Argo CD, each with its clusters.
fn specs() -> Vec<(String, &'static [&'static str])> {
    let example = EXAMPLE.replace("engine: flux", "engine: argocd");
    let several = std::fs::read_to_string(project("tests/specs/valid/argocd.yaml")).unwrap();
    let bursting = std::fs::read_to_string(project("examples/multi-cluster.yaml")).unwrap();
    let bursting = bursting.replace("engine: flux", "engine: argocd");
    vec![
        (example.replace("engine: kyverno", "engine: native"), &["fra1"]),
        (example, &["fra1"]),
        (several, &["fra1", "ams1"]),
        (bursting, &["train", "serve"]),
    ]
}

fn build(tree: &Tree, folder: &str) -> Vec<Value> {
    let objects = apply::stage(tree, folder).unwrap_or_else(|error| panic!("{folder}: {error}"));
    assert!(!objects.is_empty(), "{folder} has objects");
    objects.iter().map(|object| object.value().clone()).collect()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[test]
fn both_engines_deliver_the_same_objects_in_the_same_stages() {
    for (spec, clusters) in specs() {
        let (with_flux, with_argo) = both(&spec);
        for cluster in clusters {
            let folder = format!("clusters/{cluster}");
            let stages: Vec<Value> = with_flux
                .iter()
                .filter(|(path, _)| path.as_str().starts_with(&format!("{folder}/")))
                .flat_map(|(path, file)| read_back(path.as_str(), &file.bytes).unwrap())
                .collect();
            assert!(stages.len() >= 2, "{folder} has stages");
            let ours = flux(&stages, &|path| build(&with_flux, path));
            let theirs = argocd(&folder, &|path| build(&with_argo, path));
            assert_same(&ours, &theirs);
        }
    }
}

#[test]
#[should_panic(expected = "tenants: v1 ResourceQuota team-a/tenant")]
fn a_difference_between_the_engines_would_be_seen() {
    let (with_flux, _) = both(&specs()[1].0);
    let (_, with_argo) = both(&specs()[1].0.replace("pods: 100", "pods: 101"));
    let folder = "clusters/fra1";
    let stages: Vec<Value> = with_flux
        .iter()
        .filter(|(path, _)| path.as_str().starts_with(folder))
        .flat_map(|(path, file)| read_back(path.as_str(), &file.bytes).unwrap())
        .collect();
    let ours = flux(&stages, &|path| build(&with_flux, path));
    assert_same(&ours, &argocd(folder, &|path| build(&with_argo, path)));
}

#[test]
fn folders_that_both_engines_have_hold_the_same_files() {
    let (spec, _) = &specs()[1];
    let (with_flux, with_argo) = both(spec);
    let shared = |tree: &Tree| -> BTreeSet<String> {
        let own = ["clusters/", "argocd/", "bootstrap/", "gpu/fra1/operator/"];
        let paths = tree.iter().map(|(path, _)| path.to_string());
        paths
            .filter(|path| !own.iter().any(|own| path.starts_with(own)) && !path.ends_with("/argocd.yaml"))
            .collect()
    };
    assert_eq!(shared(&with_flux), shared(&with_argo), "paths");
    for (tree, foreign) in [(&with_argo, "toolkit.fluxcd.io"), (&with_flux, "argocd")] {
        // Policies guard the objects of both and list the namespaces of both.
        let skip = ["policies/", ".platform/", "docs/"];
        for (path, file) in tree
            .iter()
            .filter(|(path, _)| !skip.iter().any(|s| path.as_str().starts_with(s)))
        {
            let text = String::from_utf8_lossy(&file.bytes);
            assert!(!text.contains(foreign), "{path} names `{foreign}`");
        }
    }
}

/// All AppProjects of a tree.
fn projects(tree: &Tree) -> Vec<Value> {
    let files = tree
        .iter()
        .filter(|(path, _)| path.as_str().contains("/projects/"));
    files
        .flat_map(|(path, file)| read_back(path.as_str(), &file.bytes).unwrap())
        .collect()
}

/// Every text below a value, with the keys that lead there.
fn texts(value: &Value, at: &str, found: &mut Vec<(String, String)>) {
    match value {
        Value::String(text) => found.push((at.to_owned(), text.clone())),
        Value::Array(items) => items.iter().for_each(|item| texts(item, at, found)),
        Value::Object(map) => map
            .iter()
            .for_each(|(key, value)| texts(value, &format!("{at}.{key}"), found)),
        _ => {}
    }
}

#[test]
fn no_list_of_a_project_has_a_pattern() {
    let mut seen = 0;
    for (spec, _) in specs() {
        for project in projects(&rendered(&spec)) {
            let name = text(&project["metadata"]["name"]).to_owned();
            let mut found = Vec::new();
            texts(&project["spec"], "", &mut found);
            for (at, text) in found {
                seen += 1;
                // What a role may do with the applications of this very project; and the one list that denies.
                let own = at == ".roles.policies"
                    && text.starts_with(&format!("p, proj:{name}:"))
                    && text.ends_with(&format!(", {name}/*, allow"))
                    && text.matches('*').count() == 1;
                let denies = name == "default" && at.starts_with(".namespaceResourceBlacklist.");
                assert!(
                    own || denies || !text.contains(['*', '?', '[', '{', '!']),
                    "project {name}: {at} is `{text}`"
                );
            }
        }
    }
    assert!(seen > 200, "{seen} texts were looked at");
}

#[test]
fn a_team_reaches_its_own_namespaces_as_its_own_account() {
    for (spec, clusters) in specs() {
        let tree = rendered(&spec);
        for cluster in clusters {
            for project in build(&tree, &format!("argocd/{cluster}")) {
                let name = text(&project["metadata"]["name"]);
                if project["kind"] != "AppProject" || name == "default" || name.starts_with("platform") {
                    continue;
                }
                let folder = build(&tree, &format!("tenants/{cluster}/{name}"));
                let own: BTreeSet<&str> = folder
                    .iter()
                    .filter(|object| object["kind"] == "Namespace")
                    .map(|object| text(&object["metadata"]["name"]))
                    .collect();
                let spec = &project["spec"];
                for key in ["destinations", "destinationServiceAccounts"] {
                    let listed: BTreeSet<&str> = list(&spec[key])
                        .iter()
                        .map(|entry| text(&entry["namespace"]))
                        .collect();
                    assert_eq!(listed, own, "project {name}: {key}");
                }
                let listed: BTreeSet<&str> = list(&spec["sourceNamespaces"]).iter().map(text).collect();
                assert_eq!(listed, own, "project {name}: sourceNamespaces");
                assert_eq!(list(&spec["clusterResourceWhitelist"]).len(), 0, "project {name}");
                let accounts = list(&spec["destinationServiceAccounts"]);
                assert!(
                    accounts
                        .iter()
                        .all(|a| a["defaultServiceAccount"] == "argocd-sync"),
                    "project {name}: {accounts:?}"
                );
                for namespace in own {
                    let bindings: Vec<&Value> = folder
                        .iter()
                        .filter(|object| {
                            object["kind"] == "RoleBinding"
                                && object["metadata"]["namespace"] == namespace
                                && list(&object["subjects"])
                                    .iter()
                                    .any(|s| s["name"] == "argocd-sync")
                        })
                        .collect();
                    assert_eq!(bindings.len(), 1, "{namespace}: the account has one binding");
                    assert_eq!(bindings[0]["roleRef"]["name"], "tenant", "{namespace}");
                    assert_eq!(bindings[0]["roleRef"]["kind"], "Role", "{namespace}");
                }
            }
        }
    }
}

#[test]
fn a_team_may_sync_the_kinds_that_its_members_may_write() {
    let (spec, _) = &specs()[1];
    let tree = rendered(spec);
    let folder = build(&tree, "tenants/fra1/team-a");
    let role = folder
        .iter()
        .find(|o| o["kind"] == "Role" && o["metadata"]["name"] == "tenant")
        .unwrap();
    let mut writable = BTreeSet::new();
    for rule in list(&role["rules"]) {
        let verbs: Vec<&str> = list(&rule["verbs"]).iter().map(text).collect();
        let whole = ["create", "update", "patch", "delete"]
            .iter()
            .all(|verb| verbs.contains(verb));
        for resource in list(&rule["resources"]).iter().filter(|_| whole) {
            writable.insert(format!("{}/{}", text(&rule["apiGroups"][0]), text(resource)));
        }
    }
    let file = tree.get("argocd/fra1/projects/team-a.yaml").unwrap();
    let project = &read_back("project", &file.bytes).unwrap()[0];
    let plural = |kind: &str| {
        let lower = kind.to_lowercase();
        if lower.ends_with('s') {
            format!("{lower}es")
        } else {
            format!("{lower}s")
        }
    };
    let syncable: BTreeSet<String> = list(&project["spec"]["namespaceResourceWhitelist"])
        .iter()
        .map(|kind| format!("{}/{}", text(&kind["group"]), plural(text(&kind["kind"]))))
        .collect();
    assert_eq!(syncable, writable);
}

/// Whether a project lets an object through; the rules of Argo CD for lists without patterns.
fn permits(project: &Value, object: &Value) -> bool {
    let spec = &project["spec"];
    let group = text(&object["apiVersion"])
        .split_once('/')
        .map_or("", |(group, _)| group);
    let namespace = text(&object["metadata"]["namespace"]);
    let lists = |key: &str| {
        list(&spec[key])
            .iter()
            .any(|entry| entry["group"] == group && entry["kind"] == object["kind"])
    };
    if namespace.is_empty() {
        return lists("clusterResourceWhitelist");
    }
    let reaches = list(&spec["destinations"])
        .iter()
        .any(|entry| entry["namespace"] == namespace);
    lists("namespaceResourceWhitelist") && reaches
}

#[test]
fn each_application_may_bring_what_it_brings_and_a_team_could_not() {
    for (spec, clusters) in specs() {
        let tree = rendered(&spec);
        for cluster in clusters {
            let delivered = build(&tree, &format!("clusters/{cluster}"));
            let project = |name: &Value| {
                delivered
                    .iter()
                    .find(|object| object["kind"] == "AppProject" && object["metadata"]["name"] == *name)
                    .unwrap_or_else(|| panic!("project {name} is delivered"))
            };
            let root = build(&tree, &format!("bootstrap/{cluster}"));
            let root = root
                .iter()
                .find(|object| object["kind"] == "Application")
                .unwrap()
                .clone();
            let stages = delivered
                .iter()
                .filter(|object| text(&object["kind"]).starts_with("Application"))
                .flat_map(applications);
            for application in stages.chain([root]) {
                let name = text(&application["metadata"]["name"]);
                let spec = &application["spec"];
                let own = project(&spec["project"]);
                let accounts = list(&own["spec"]["destinationServiceAccounts"]);
                let account = accounts
                    .iter()
                    .find(|a| a["namespace"] == spec["destination"]["namespace"]);
                let account = account.unwrap_or_else(|| panic!("{name} syncs as an account of its project"));
                assert_eq!(account["defaultServiceAccount"], "argocd:platform-sync", "{name}");
                let sources = list(&own["spec"]["sourceRepos"]);
                assert!(
                    sources.contains(&spec["source"]["repoURL"]),
                    "{name}: {sources:?}"
                );
                for object in build(&tree, text(&spec["source"]["path"])) {
                    assert!(permits(own, &object), "{name} brings {object}");
                    let teams = delivered.iter().filter(|p| {
                        p["kind"] == "AppProject" && !text(&p["metadata"]["name"]).starts_with("platform")
                    });
                    for team in teams {
                        assert!(
                            !permits(team, &object),
                            "{} could bring {object}",
                            team["metadata"]["name"]
                        );
                    }
                    if object["kind"] == "Application" {
                        chart_is_permitted(project(&object["spec"]["project"]), &object);
                    }
                }
            }
        }
    }
}

fn chart_is_permitted(project: &Value, application: &Value) {
    let (limits, spec) = (&project["spec"], &application["spec"]);
    assert!(
        list(&limits["sourceRepos"]).contains(&spec["source"]["repoURL"]),
        "{application}"
    );
    for key in ["destinations", "destinationServiceAccounts"] {
        let reaches = list(&limits[key])
            .iter()
            .any(|entry| entry["namespace"] == spec["destination"]["namespace"]);
        assert!(reaches, "{key}: {application}");
    }
}

#[test]
fn nothing_that_holds_data_goes_with_what_brought_it() {
    for (spec, clusters) in specs() {
        let tree = rendered(&spec);
        for cluster in clusters {
            let mut objects = build(&tree, &format!("bootstrap/{cluster}"));
            objects.extend(build(&tree, &format!("clusters/{cluster}")));
            for (path, _) in tree.iter().filter(|(path, _)| {
                let path = path.as_str();
                path.ends_with(&format!("{cluster}/kustomization.yaml")) && !path.starts_with("clusters")
            }) {
                objects.extend(build(
                    &tree,
                    path.as_str().trim_end_matches("/kustomization.yaml"),
                ));
            }
            let mut namespaces = 0;
            for object in objects.iter().flat_map(|object| {
                if object["kind"] == "ApplicationSet" {
                    applications(object)
                } else {
                    vec![object.clone()]
                }
            }) {
                if object["kind"] == "Namespace" {
                    namespaces += 1;
                    let guard = &object["metadata"]["annotations"]["argocd.argoproj.io/sync-options"];
                    assert_eq!(guard, "Prune=false,Delete=false", "{object}");
                } else if object["kind"] != "ApplicationSet" {
                    assert!(object["metadata"]["finalizers"].is_null(), "{object}");
                }
            }
            assert!(namespaces >= 2, "{cluster}: {namespaces} namespaces");
            let set = objects
                .iter()
                .find(|object| object["kind"] == "ApplicationSet")
                .unwrap();
            assert_eq!(set["spec"]["syncPolicy"]["preserveResourcesOnDeletion"], true);
            assert_eq!(set["spec"]["syncPolicy"]["applicationsSync"], "create-update");
            assert_eq!(set["spec"]["goTemplateOptions"][0], "missingkey=error");
        }
    }
}

#[test]
fn groups_lose_the_prefix_that_only_the_api_server_adds() {
    let tree = rendered(&specs()[2].0);
    let of = |path: &str| read_back(path, &tree.get(path).unwrap().bytes).unwrap();
    let team = &of("argocd/fra1/projects/team-a.yaml")[0];
    assert_eq!(
        team["spec"]["roles"][0]["groups"],
        serde_json::json!(["team-a", "team-a-leads"])
    );
    let quoted = &of("argocd/fra1/projects/team-b.yaml")[0];
    assert_eq!(
        quoted["spec"]["roles"][0]["groups"],
        serde_json::json!(["\"a, b\""]),
        "CSV"
    );
    let nobody = &of("argocd/fra1/projects/team-c.yaml")[0];
    assert_eq!(
        nobody["spec"]["roles"],
        serde_json::json!([]),
        "no group, no role"
    );
    let settings = of("argocd/fra1/settings.yaml");
    assert_eq!(
        settings[1]["data"]["policy.platform.csv"],
        "g, \"platform\", role:admin\ng, \"a, b\", role:admin\ng, \"jane@example.com\", role:admin\n"
    );
    assert_eq!(
        settings[2]["data"]["application.namespaces"],
        "team-a-dev,team-a-prod"
    );
    let rbac = of("tenants/fra1/team-a/rbac.yaml");
    let bound = rbac
        .iter()
        .find(|object| object["kind"] == "RoleBinding")
        .unwrap();
    assert_eq!(
        bound["subjects"][0]["name"], "oidc:team-a",
        "the API server sees the prefix"
    );
    let accounts = of("tenants/fra1/team-b/argocd.yaml");
    assert!(accounts.iter().all(is_account_of_argo), "{accounts:?}");
    assert_eq!(accounts.len(), 2, "without sources no right to have Applications");
}
