//! A control plane, as the tests use it.

use std::path::PathBuf;
use std::sync::RwLock;
use std::time::{Duration, Instant};

use super::components::{apiserver, controller_manager, etcd, flux, kwok, kyverno, scheduler};
use super::guard::{self, Exclusive, Shared, UnderWay};
use super::kubectl::{self, Output};
use super::run::Run;
use super::users::User;
use super::wait::poll;
use super::{Engine, binaries, say};

/// A running control plane; it ends with the test binary.
#[derive(Debug)]
pub(crate) struct Cluster {
    pub(super) run: Run,
    kubectl: PathBuf,
    lock: RwLock<()>,
}

impl Cluster {
    /// Starts etcd, the API server, the controller manager and the engine, and returns when all of them work.
    pub(super) fn start(engine: Engine) -> Cluster {
        let begin = Instant::now();
        let kubectl = binaries::path("kubectl");
        let run = Run::new(&format!("{engine:?}").to_lowercase());
        let cluster = Cluster {
            run,
            kubectl,
            lock: RwLock::new(()),
        };
        let under_way = UnderWay::begin(&cluster.run.supervisor);
        let etcd = etcd::start(&cluster.run);
        let apiserver = apiserver::start(&cluster, &etcd);
        controller_manager::start(&cluster.run, &apiserver);
        cluster.apply(User::Root, include_str!("components/users.yaml"));
        if matches!(engine, Engine::Flux) {
            // Before Kyverno, as `flux bootstrap` does: Kyverno denies kinds that it has not yet seen in a discovery.
            flux::install(&cluster);
        }
        if matches!(engine, Engine::Kyverno | Engine::Flux) {
            kyverno::start(&cluster);
        }
        if matches!(engine, Engine::Flux) {
            flux::start(&cluster);
        }
        if matches!(engine, Engine::Gpu) {
            scheduler::start(&cluster);
            kwok::start(&cluster);
        }
        controller_manager::ready(&cluster);
        say(&format!(
            "{engine:?} ready after {:.1?}, {}",
            begin.elapsed(),
            cluster.run.directory.display()
        ));
        drop(under_way);
        cluster
    }

    /// Returns a user's kubeconfig; its only context is `fra1-admin`.
    pub(crate) fn kubeconfig(&self, user: User) -> PathBuf {
        self.run.path(&user.file())
    }

    /// Runs kubectl as a user and returns whatever it answered.
    pub(crate) fn kubectl(&self, user: User, arguments: &[&str], stdin: Option<&str>) -> Output {
        kubectl::run(
            &self.kubectl,
            &self.run.directory,
            &self.kubeconfig(user),
            arguments,
            stdin,
        )
    }

    /// Runs kubectl as a user and returns its output; a failure fails the test with all that was printed.
    pub(crate) fn ok(&self, user: User, arguments: &[&str]) -> String {
        self.demand(user, arguments, None)
    }

    /// Applies YAML on the server as a user; a failure fails the test with all that was printed.
    pub(crate) fn apply(&self, user: User, yaml: &str) -> String {
        self.demand(user, &["apply", "--server-side", "-f", "-"], Some(yaml))
    }

    fn demand(&self, user: User, arguments: &[&str], stdin: Option<&str>) -> String {
        let output = self.kubectl(user, arguments, stdin);
        assert!(
            output.status.success(),
            "`kubectl {}` as {user:?}: {output}",
            arguments.join(" ")
        );
        output.stdout
    }

    /// Creates a namespace with labels and returns when pods can be created in it.
    pub(crate) fn namespace(&self, name: &str, labels: &[(&str, &str)]) {
        let labels: serde_json::Map<String, serde_json::Value> = labels
            .iter()
            .map(|(key, value)| ((*key).to_string(), (*value).into()))
            .collect();
        let metadata = serde_json::json!({"name": name, "labels": labels});
        let object = serde_json::json!({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata});
        self.apply(User::Root, &object.to_string());
        self.wait_for(
            &format!("the default service account of `{name}`"),
            Duration::from_secs(30),
            || {
                let get = self.kubectl(
                    User::Root,
                    &["-n", name, "get", "serviceaccount", "default"],
                    None,
                );
                get.status.success().then_some(())
            },
        );
    }

    /// Looks again and again until there is an answer; the test fails at the deadline and says `what` was missing.
    pub(crate) fn wait_for<T>(&self, what: &str, deadline: Duration, look: impl FnMut() -> Option<T>) -> T {
        poll(deadline, look).unwrap_or_else(|| panic!("{what}: not within {deadline:?}"))
    }

    /// Repeats a request that a policy must deny until that policy denies it.
    ///
    /// A policy is in force some time after its object exists, on the API server's own engine as well. A request that
    /// creates something must be a dry run, or the first look creates it.
    pub(crate) fn wait_denied(&self, policy: &str, mut request: impl FnMut() -> Output) -> Output {
        let deadline = Duration::from_secs(60);
        let mut last = None;
        poll(deadline, || {
            let output = request();
            let denied = output.denied_by(policy);
            last = Some(output.clone());
            denied.then_some(output)
        })
        .unwrap_or_else(|| {
            let last = last.map(|output| output.to_string()).unwrap_or_default();
            panic!("`{policy}` did not deny the request within {deadline:?}; the last answer: {last}")
        })
    }

    /// Waits until these ValidatingPolicies, and every change of a policy before this call, are enforced by Kyverno.
    pub(crate) fn wait_enforced(&self, policies: &[&str]) {
        kyverno::wait_enforced(self, policies);
    }

    /// Waits for the control plane to oneself: for tests that change cluster-wide policies.
    pub(crate) fn exclusive(&self) -> Exclusive<'_> {
        guard::exclusive(&self.lock, &self.run.supervisor)
    }

    /// Waits for the control plane, which others may use at the same time: for tests in namespaces of their own.
    pub(crate) fn shared(&self) -> Shared<'_> {
        guard::shared(&self.lock, &self.run.supervisor)
    }
}
