//! Argo CD's kinds on a real API server: strict dry runs of every object, parity as kubectl builds it, and whom its
//! syncs run as. Argo CD itself does not run here.

use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use serde_json::{Value, json};

use super::tenancy::{self, Tenancy};
use crate::delivery;
use crate::lab::{self, Cluster, Output, User};

/// The example on a cluster that serves Argo CD's kinds.
struct Argo {
    tenancy: &'static Tenancy,
    /// What apply said before the kinds were served.
    before: Output,
}

fn argo() -> &'static Argo {
    static ARGO: OnceLock<Argo> = OnceLock::new();
    ARGO.get_or_init(|| {
        let tenancy = tenancy::argocd();
        let before = tenancy.platform(&["apply"]);
        install(tenancy.cluster);
        Argo { tenancy, before }
    })
}

/// What an installation of Argo CD brings, as far as our objects need it.
fn install(cluster: &Cluster) {
    lab::install_argocd(cluster);
    cluster.namespace("argocd", &[]);
    for (name, data) in [
        (
            "argocd-cm",
            json!({"url": "https://argocd.example.com", "application.sync.impersonation.enabled": "false"}),
        ),
        (
            "argocd-rbac-cm",
            json!({"policy.csv": "g, ours, role:readonly", "policy.default": "role:readonly"}),
        ),
        (
            "argocd-cmd-params-cm",
            json!({"redis.server": "argocd-redis:6379"}),
        ),
    ] {
        let labels = json!({"app.kubernetes.io/name": name, "app.kubernetes.io/part-of": "argocd"});
        let metadata = json!({"name": name, "namespace": "argocd", "labels": labels});
        let map = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data});
        cluster.apply(User::Root, &map.to_string());
    }
    // As in Argo CD's installation for a whole cluster.
    let everything = "--clusterrole=cluster-admin";
    let account = "--serviceaccount=argocd:argocd-application-controller";
    cluster.ok(
        User::Root,
        &[
            "create",
            "clusterrolebinding",
            "argocd-controller",
            everything,
            account,
        ],
    );
    cluster.wait_for("kubectl to find the kinds", Duration::from_secs(60), || {
        let get = cluster.kubectl(
            User::Admin,
            &["-n", "argocd", "get", "appprojects,applications,applicationsets"],
            None,
        );
        get.status.success().then_some(())
    });
}

#[test]
fn apply_and_verify_work_where_argo_cd_is_not_installed() {
    let _guard = lab::argocd().shared();
    let argo = argo();
    assert!(argo.before.status.success(), "{}", argo.before);
    assert!(argo.before.stdout.contains("needs argocd"), "{}", argo.before);
    let (code, wrong) = argo.tenancy.verify();
    assert_eq!((code, wrong), (Some(0), Vec::new()), "every promise holds");
}

/// Renders a spec without Git into a folder.
fn render(spec: &str, into: &Path) {
    let file = into.join("spec.yaml");
    std::fs::write(&file, spec).expect("the spec is written");
    let output = Command::new(env!("CARGO_BIN_EXE_platform"))
        .current_dir(into)
        .args(["render", "-f", "spec.yaml", "--out", "tree"])
        .output()
        .expect("the binary runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// The objects of a folder, as kubectl builds it.
fn build(cluster: &Cluster, tree: &Path, folder: &str) -> Vec<Value> {
    let path = tree.join(folder);
    let text = cluster.ok(
        User::Root,
        &["kustomize", path.to_str().expect("the path is text")],
    );
    let objects = platform::render::read_back(folder, text.as_bytes()).expect("kubectl prints YAML");
    assert!(!objects.is_empty(), "{folder} has objects");
    objects
}

fn dry_run(cluster: &Cluster, object: &str) -> Output {
    let strict = [
        "--validate=strict",
        "--force-conflicts",
        "--field-manager=argocd-controller",
    ];
    let arguments = [
        &["apply", "--server-side", "--dry-run=server"],
        &strict[..],
        &["-f", "-"],
    ]
    .concat();
    cluster.kubectl(User::Admin, &arguments, Some(object))
}

#[test]
fn every_object_of_argo_cd_passes_a_strict_dry_run() {
    let cluster = lab::argocd();
    let _guard = cluster.shared();
    argo();
    let example = include_str!("../../examples/gpu-tenancy.yaml").replace("engine: flux", "engine: argocd");
    let mut seen = std::collections::BTreeMap::new();
    for (spec, clusters) in [
        (example.as_str(), &["fra1"][..]),
        (include_str!("../specs/valid/argocd.yaml"), &["fra1", "ams1"]),
    ] {
        let directory = tempfile::tempdir().expect("a directory");
        render(spec, directory.path());
        let tree = directory.path().join("tree");
        for name in clusters {
            for above in ["bootstrap", "clusters", "infrastructure"] {
                let folder = format!("{above}/{name}");
                if !tree.join(&folder).exists() {
                    continue; // a cluster without charts
                }
                let mut all = build(cluster, &tree, &folder);
                let sets: Vec<Value> = all
                    .iter()
                    .filter(|o| o["kind"] == "ApplicationSet")
                    .cloned()
                    .collect();
                for mut one in sets.iter().flat_map(delivery::applications) {
                    one["apiVersion"] = "argoproj.io/v1alpha1".into();
                    one["kind"] = "Application".into();
                    one["metadata"]["namespace"] = "argocd".into();
                    all.push(one);
                }
                for object in &all {
                    *seen.entry(object["kind"].to_string()).or_insert(0) += 1;
                }
                let answer = dry_run(
                    cluster,
                    &json!({"apiVersion": "v1", "kind": "List", "items": all}).to_string(),
                );
                assert!(answer.status.success(), "{folder}: {answer}");
                // The finalizer is Argo CD's own, and its name is older than the advice.
                let warned = answer
                    .stderr
                    .lines()
                    .find(|line| line.contains("Warning") && !line.contains("domain-qualified finalizer"));
                assert_eq!(warned, None, "{folder}: {answer}");
                assert_eq!(
                    answer.stdout.lines().count(),
                    all.len(),
                    "{folder}: each was asked about: {answer}"
                );
            }
        }
    }
    for (kind, least) in [("Application", 20), ("ApplicationSet", 3), ("AppProject", 30)] {
        let count = seen.get(&format!("\"{kind}\"")).copied().unwrap_or(0);
        assert!(count >= least, "{count} of {kind} were asked about, of {seen:?}");
    }
}

#[test]
fn a_field_that_argo_cd_does_not_know_is_refused() {
    let cluster = lab::argocd();
    let _guard = cluster.shared();
    let tenancy = argo().tenancy;
    let path = tenancy.directory.join("argocd/fra1/projects/team-a.yaml");
    let text = std::fs::read_to_string(path).expect("the project is rendered");
    let wrong = text.replace("sourceRepos:", "sourceRepositories:");
    assert_ne!(text, wrong, "the field is there");
    let answer = dry_run(cluster, &wrong);
    assert!(
        !answer.status.success() && answer.stderr.contains("sourceRepositories"),
        "strict validation is on: {answer}"
    );
}

#[test]
fn kubectl_builds_the_same_delivery_for_both_engines() {
    let cluster = lab::argocd();
    let _guard = cluster.shared();
    let flux = include_str!("../../examples/gpu-tenancy.yaml");
    let argo = flux.replace("engine: flux", "engine: argocd");
    let directories = [flux, argo.as_str()].map(|spec| {
        let directory = tempfile::tempdir().expect("a directory");
        render(spec, directory.path());
        directory
    });
    let [with_flux, with_argo] = directories
        .each_ref()
        .map(|directory| directory.path().join("tree"));
    let stages: Vec<Value> = std::fs::read_dir(with_flux.join("clusters/fra1"))
        .expect("the folder is rendered")
        .map(|entry| entry.expect("an entry").path())
        .flat_map(|path| {
            let bytes = std::fs::read(&path).expect("the file can be read");
            platform::render::read_back("stage", &bytes).expect("it is YAML")
        })
        .collect();
    assert_eq!(stages.len(), 4, "the stages of the example");
    let ours = delivery::flux(&stages, &|folder| build(cluster, &with_flux, folder));
    let theirs = delivery::argocd("clusters/fra1", &|folder| build(cluster, &with_argo, folder));
    delivery::assert_same(&ours, &theirs);
}

/// kubectl as a service account.
fn as_account(cluster: &Cluster, account: &str, arguments: &[&str]) -> Output {
    let user = format!("--as=system:serviceaccount:{account}");
    cluster.kubectl(User::Root, &[&[user.as_str()], arguments].concat(), None)
}

#[test]
fn a_teams_sync_can_do_what_members_can_and_no_more() {
    let cluster = lab::argocd();
    let _guard = cluster.shared();
    argo();
    for (verb, resource, namespace, expected) in [
        ("create", "deployments.apps", "team-a", true),
        ("patch", "services", "team-a", true),
        ("create", "deployments.apps", "team-b", false),
        ("create", "deployments.apps", "argocd", false),
        ("create", "secrets", "team-a", false),
        ("update", "resourcequotas", "team-a", false),
        (
            "create",
            "rolebindings.rbac.authorization.k8s.io",
            "team-a",
            false,
        ),
        ("create", "networkpolicies.networking.k8s.io", "team-a", false),
        ("create", "serviceaccounts", "team-a", false),
        ("patch", "namespaces", "team-a", false),
        ("create", "applications.argoproj.io", "argocd", false),
        ("patch", "appprojects.argoproj.io", "argocd", false),
        ("impersonate", "serviceaccounts", "argocd", false),
    ] {
        let answer = as_account(
            cluster,
            "team-a:argocd-sync",
            &["auth", "can-i", verb, resource, "-n", namespace],
        );
        assert_eq!(
            answer.stdout.trim() == "yes",
            expected,
            "{verb} {resource} in {namespace}: {answer}"
        );
    }
}

#[test]
fn bootstrap_takes_over_its_own_keys_and_only_the_platforms_account_passes() {
    let cluster = lab::argocd();
    let _guard = cluster.exclusive();
    let tenancy = argo().tenancy;
    let folder = tenancy.directory.join("bootstrap/fra1");
    let folder = folder.to_str().expect("the path is text");
    let manager = "--field-manager=argocd-controller";
    let command = [
        "apply",
        "--server-side",
        "--force-conflicts",
        manager,
        "-k",
        folder,
    ];
    for _ in 0..2 {
        cluster.ok(User::Admin, &command);
    }
    let data = |name: &str| -> Value {
        let text = cluster.ok(
            User::Root,
            &["-n", "argocd", "get", "configmap", name, "-o", "json"],
        );
        serde_json::from_str::<Value>(&text).expect("kubectl prints JSON")["data"].clone()
    };
    let settings = data("argocd-cm");
    assert_eq!(
        settings["url"], "https://argocd.example.com",
        "others' keys stay: {settings}"
    );
    assert_eq!(
        settings["application.sync.impersonation.enabled"], "true",
        "{settings}"
    );
    let rights = data("argocd-rbac-cm");
    assert_eq!(rights["policy.csv"], "g, ours, role:readonly", "{rights}");
    assert_eq!(rights["policy.default"], "", "{rights}");
    // With impersonation a sync of the platform; without it, every sync, a team's too.
    let change = [
        "-n",
        "team-a",
        "patch",
        "resourcequota",
        "tenant",
        "--dry-run=server",
        "--type=merge",
        "-p",
    ];
    let change = [&change[..], &[r#"{"spec":{"hard":{"pods":"1000"}}}"#]].concat();
    let platform = as_account(cluster, "argocd:platform-sync", &change);
    assert!(platform.status.success(), "the platform's account: {platform}");
    let controller = as_account(cluster, "argocd:argocd-application-controller", &change);
    assert!(
        controller.denied_by("protect-platform-objects"),
        "the controller's own account may do everything, but is not the platform: {controller}"
    );
    let grant = [
        "label",
        "namespace",
        "team-a",
        "grant.tenancy.platform/x=allowed",
        "--dry-run=server",
    ];
    let team = as_account(cluster, "team-a:argocd-sync", &grant);
    assert!(
        !team.status.success(),
        "a team's sync grants itself nothing: {team}"
    );
}
