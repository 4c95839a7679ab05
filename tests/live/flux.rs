//! The shipped example, brought to a cluster by Flux's real kustomize-controller from commits of the rendered repository.

mod identities;
mod moment;
mod stages;
mod teams;
mod tenants;

use std::panic::catch_unwind;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use serde_json::{Value, json};

use crate::lab::{self, Cluster, SourceStandIn, User};
use moment::Moment;

/// The stages of the example, in the order in which they must become ready.
const STAGES: [&str; 4] = ["10-controllers", "30-policies", "40-gpu", "60-tenants"];

/// The repository of the platform; the team's own one has another name.
const PLATFORM: &str = "platform";

const EXAMPLE: &str = include_str!("../../examples/gpu-tenancy.yaml");

/// A cluster to which Flux has delivered the example, and the source that it delivers from.
#[derive(Debug)]
struct Delivery {
    cluster: &'static Cluster,
    source: SourceStandIn,
    home: PathBuf,
    /// What was seen while the stages came up, in order.
    history: Vec<Moment>,
    _keep: tempfile::TempDir,
}

/// The example as Flux delivered it, once per test run. Take a guard of the cluster first.
fn delivered() -> &'static Delivery {
    // A failure is remembered as well, or each test would wait for it again.
    static DELIVERY: OnceLock<Result<Delivery, String>> = OnceLock::new();
    let delivery = DELIVERY
        .get_or_init(|| catch_unwind(Delivery::start).map_err(|panic| lab::panic_text(panic.as_ref())));
    delivery
        .as_ref()
        .unwrap_or_else(|cause| panic!("Flux did not deliver the example: {cause}"))
}

impl Delivery {
    fn start() -> Delivery {
        let keep = tempfile::tempdir().expect("a temporary directory");
        let mut delivery = Delivery {
            cluster: lab::flux(),
            source: SourceStandIn::start(keep.path()),
            home: keep.path().to_path_buf(),
            history: Vec::new(),
            _keep: keep,
        };
        let revision = delivery.commit("example", EXAMPLE);
        delivery.synchronise();
        delivery.publish(&revision);
        stages::bring_up(&mut delivery, &revision);
        delivery
    }

    /// Renders a spec into a new folder.
    fn render(&self, name: &str, spec: &str) -> PathBuf {
        let (file, out) = (self.home.join(format!("{name}.yaml")), self.home.join(name));
        std::fs::write(&file, spec).expect("the spec is written");
        let render = Command::new(env!("CARGO_BIN_EXE_platform"))
            .args(["render", "-f"])
            .arg(&file)
            .arg("--out")
            .arg(&out)
            .env_clear()
            .output()
            .expect("the binary runs");
        let stderr = String::from_utf8_lossy(&render.stderr);
        assert!(render.status.success(), "{name}: {stderr}");
        out
    }

    /// Renders a spec and commits it; returns the revision.
    fn commit(&self, name: &str, spec: &str) -> String {
        self.source.commit(PLATFORM, &self.render(name, spec), name)
    }

    /// What `flux bootstrap` commits as `gotk-sync.yaml`, with the account that a locked-down cluster needs.
    fn synchronise(&self) {
        let metadata = json!({"name": "flux-system", "namespace": "flux-system"});
        let source = json!({
            "apiVersion": "source.toolkit.fluxcd.io/v1",
            "kind": "GitRepository",
            "metadata": metadata,
            "spec": {
                "interval": "1m0s",
                "ref": {"branch": "main"},
                "secretRef": {"name": "flux-system"},
                "url": "https://git.example.com/platform/gpu.git",
            },
        });
        let root = json!({
            "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
            "kind": "Kustomization",
            "metadata": metadata,
            "spec": {
                "interval": "10m0s",
                "path": "./clusters/fra1",
                "prune": true,
                "serviceAccountName": "kustomize-controller",
                "sourceRef": {"kind": "GitRepository", "name": "flux-system"},
            },
        });
        for object in [source, root] {
            self.cluster.apply(User::Admin, &object.to_string());
        }
    }

    /// Publishes a revision of the platform's repository.
    fn publish(&self, revision: &str) {
        let object = ("flux-system", "flux-system");
        self.source.publish(self.cluster, object, PLATFORM, revision);
    }

    /// Publishes a revision and waits until every stage has delivered it and is ready.
    fn deliver(&self, revision: &str) {
        self.publish(revision);
        self.wait("every stage at the new revision", |now| now.all_ready(revision));
    }

    /// Looks until `reached`; the last look is shown when it never is.
    fn wait(&self, what: &str, reached: impl Fn(&Moment) -> bool) -> Moment {
        let mut seen = Vec::new();
        self.watch(&mut seen, what, reached)
    }

    /// The same, and keeps everything that it saw on the way.
    fn watch(&self, seen: &mut Vec<Moment>, what: &str, reached: impl Fn(&Moment) -> bool) -> Moment {
        let deadline = Duration::from_secs(90);
        let reached = lab::poll(deadline, || {
            let now = Moment::look(self.cluster);
            if seen.last() != Some(&now) {
                seen.push(now);
            }
            seen.last().filter(|now| reached(now)).cloned()
        });
        reached.unwrap_or_else(|| panic!("{what}: not within {deadline:?}; at the end: {:#?}", seen.last()))
    }

    /// An object, or nothing when there is none.
    fn get(&self, namespace: &str, kind: &str, name: &str) -> Option<Value> {
        let arguments = [
            "-n",
            namespace,
            "get",
            kind,
            name,
            "-o",
            "json",
            "--ignore-not-found",
        ];
        let text = self.cluster.ok(User::Root, &arguments);
        (!text.is_empty()).then(|| serde_json::from_str(&text).expect("kubectl prints JSON"))
    }

    /// Asks for a Kustomization to be reconciled now, as `flux reconcile` does, and waits until it has been.
    fn reconcile(&self, namespace: &str, name: &str, token: &str) -> Value {
        let annotation = format!("reconcile.fluxcd.io/requestedAt={token}");
        let annotate = [
            "annotate",
            "--overwrite",
            "kustomization.kustomize.toolkit.fluxcd.io",
            name,
        ];
        let annotate = [&["-n", namespace], annotate.as_slice(), &[annotation.as_str()]].concat();
        self.cluster.ok(User::Admin, &annotate);
        let what = format!("the reconciliation of {namespace}/{name}");
        self.cluster.wait_for(&what, Duration::from_secs(60), || {
            self.get(namespace, "kustomizations.kustomize.toolkit.fluxcd.io", name)
                .filter(|object| object["status"]["lastHandledReconcileAt"] == token)
        })
    }
}
