//! The shipped example on a real cluster: rendered and committed by `platform init`, brought there by `platform apply`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use serde_json::{Value, json};

use crate::lab::{self, Cluster, Output, User};

/// The example's policies.
pub(super) const POLICIES: [&str; 5] = [
    "gpu-entitlement",
    "gpu-isolation",
    "gpu-node-pool",
    "no-plaintext-secrets",
    "protect-platform-objects",
];

/// A repository and the cluster that it is applied to.
#[derive(Debug)]
pub(super) struct Tenancy {
    pub(super) cluster: &'static Cluster,
    pub(super) directory: PathBuf,
    engine: &'static str,
    _keep: tempfile::TempDir,
}

/// The example with Kyverno, applied once per test run. Take a guard of the cluster first.
pub(super) fn kyverno() -> &'static Tenancy {
    static TENANCY: OnceLock<Tenancy> = OnceLock::new();
    TENANCY.get_or_init(|| Tenancy::start(lab::kyverno(), "kyverno", "flux"))
}

/// The example with the API server's own policies, applied once per test run. Take a guard of the cluster first.
pub(super) fn native() -> &'static Tenancy {
    static TENANCY: OnceLock<Tenancy> = OnceLock::new();
    TENANCY.get_or_init(|| Tenancy::start(lab::native(), "native", "flux"))
}

/// The example for Argo CD with the API server's own policies, applied once per test run, before the cluster serves any
/// kind of Argo CD. Take a guard of the cluster first.
pub(super) fn argocd() -> &'static Tenancy {
    static TENANCY: OnceLock<Tenancy> = OnceLock::new();
    TENANCY.get_or_init(|| Tenancy::start(lab::argocd(), "native", "argocd"))
}

impl Tenancy {
    fn start(cluster: &'static Cluster, engine: &'static str, gitops: &str) -> Self {
        let keep = tempfile::tempdir().expect("a temporary directory");
        let example = include_str!("../../examples/gpu-tenancy.yaml");
        let spec = keep.path().join("spec.yaml");
        let text = example
            .replace("engine: kyverno", &format!("engine: {engine}"))
            .replace("engine: flux", &format!("engine: {gitops}"));
        std::fs::write(&spec, text).expect("the spec is written");
        let directory = keep.path().join("gpu-tenancy");
        let init = platform(
            cluster,
            keep.path(),
            &["init", "--yes", "-f", "spec.yaml", "gpu-tenancy"],
        );
        assert!(init.status.success(), "init: {init}");
        nodes(cluster);
        let tenancy = Self {
            cluster,
            directory,
            engine,
            _keep: keep,
        };
        let apply = tenancy.platform(&["apply"]);
        assert!(apply.status.success(), "apply: {apply}");
        tenancy.settle();
        tenancy
    }

    /// Runs `platform` in the repository as an admin of the spec.
    pub(super) fn platform(&self, arguments: &[&str]) -> Output {
        platform(self.cluster, &self.directory, arguments)
    }

    /// Waits until the policies deny what they must, whatever was done to them before.
    pub(super) fn settle(&self) {
        if self.is_kyverno() {
            self.cluster.wait_enforced(&POLICIES);
        }
        let pod = super::pods::gpu_pod("settled").to_string();
        self.cluster
            .wait_denied("gpu-entitlement", || self.create("team-b", &pod));
        let plain = super::pods::with_env("settled", "OPENAI_API_KEY", "not-a-real-value").to_string();
        self.cluster
            .wait_denied("no-plaintext-secrets", || self.create("team-a", &plain));
    }

    pub(super) fn is_kyverno(&self) -> bool {
        self.engine == "kyverno"
    }

    /// A dry-run create as a member of the team.
    pub(super) fn create(&self, team: &str, object: &str) -> Output {
        self.as_member(
            team,
            &["-n", team, "create", "--dry-run=server", "-f", "-"],
            Some(object),
        )
    }

    /// kubectl as a member of the team.
    pub(super) fn as_member(&self, team: &str, arguments: &[&str], stdin: Option<&str>) -> Output {
        let group = format!("oidc:{team}");
        let identity = [
            "--as=member",
            "--as-group",
            group.as_str(),
            "--as-group=system:authenticated",
        ];
        self.cluster
            .kubectl(User::Root, &[&identity, arguments].concat(), stdin)
    }

    /// `platform verify -o json`: its exit code and what it found to be wrong, as `subject: found`.
    pub(super) fn verify(&self) -> (Option<i32>, Vec<String>) {
        let output = self.platform(&["verify", "-o", "json"]);
        let report: Value = serde_json::from_str(&output.stdout)
            .unwrap_or_else(|error| panic!("verify prints one JSON document: {error}: {output}"));
        let clusters = report["clusters"]
            .as_array()
            .cloned()
            .unwrap_or_else(|| vec![report.clone()]);
        let results = clusters
            .iter()
            .flat_map(|c| c["results"].as_array().cloned().unwrap_or_default());
        let wrong = results
            .filter(|r| r["status"] == "not-satisfied")
            .map(|r| {
                format!(
                    "{}: {}",
                    r["subject"].as_str().unwrap_or("?"),
                    r["found"].as_str().unwrap_or("?")
                )
            })
            .collect();
        (output.status.code(), wrong)
    }
}

/// Runs the binary with the cluster's admin kubeconfig and nothing of the person's own environment.
pub(super) fn platform(cluster: &Cluster, directory: &Path, arguments: &[&str]) -> Output {
    let output = Command::new(env!("CARGO_BIN_EXE_platform"))
        .current_dir(directory)
        .args(arguments)
        .env_clear()
        .env("HOME", directory)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .env("KUBECONFIG", cluster.kubeconfig(User::Admin))
        .output()
        .expect("the binary runs");
    Output {
        status: output.status,
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// The example's nodes, with what their device plugins would advertise.
fn nodes(cluster: &Cluster) {
    let pools = [
        ("h100-mig", 4, "nvidia.com/mig-3g.40gb", "1"),
        ("a100-dev", 2, "nvidia.com/gpu.shared", "16"),
    ];
    for (pool, count, resource, allocatable) in pools {
        for index in 0..count {
            let name = format!("{pool}-{index}");
            let node = json!({
                "apiVersion": "v1",
                "kind": "Node",
                "metadata": {"name": name, "labels": {"gpu-type": pool}},
            });
            cluster.apply(User::Root, &node.to_string());
            let capacity = json!({"cpu": "64", "memory": "512Gi", "pods": "110", resource: allocatable});
            let status = json!({"status": {"capacity": capacity, "allocatable": capacity}}).to_string();
            cluster.ok(
                User::Root,
                &[
                    "patch",
                    "node",
                    &name,
                    "--subresource=status",
                    "--type=merge",
                    "-p",
                    &status,
                ],
            );
        }
    }
    cluster.wait_for("the nodes of both pools", Duration::from_secs(30), || {
        let names = cluster.ok(User::Root, &["get", "nodes", "-o", "name"]);
        (names.lines().count() == 6).then_some(())
    });
}
