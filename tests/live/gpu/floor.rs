//! A floor of GPU nodes: a repository of its own, nodes as an operator finds them, and the stand-in that configures them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use platform::plan::{self, ClusterPlan, NodePlan, Plan, Promise};
use platform::units::DnsLabel;
use serde_json::{Value, json};

use crate::lab::{self, Advertised, Cluster, MigManagerStandIn, Output, Reconfigured, User};
use crate::live::tenancy;

/// Pool, product of its cards, nodes, GPUs in each: the hardware that the spec speaks of.
const HARDWARE: [(&str, &str, u32, u32); 3] = [
    ("h100-mig", "NVIDIA-H100-80GB-HBM3", 3, 4),
    ("a100-dev", "NVIDIA-A100-SXM4-40GB", 1, 2),
    ("l40s", "NVIDIA-L40S", 1, 2),
];

/// How long a pod may take to run, or the scheduler to say why it does not.
const SOON: Duration = Duration::from_secs(30);

/// The floor; take the cluster's guard first.
#[derive(Debug)]
pub(super) struct Floor {
    pub(super) cluster: &'static Cluster,
    pub(super) directory: PathBuf,
    pub(super) stand_in: MigManagerStandIn,
    _keep: tempfile::TempDir,
}

/// The floor with the first spec, applied once per test run and followed by the stand-in; later ones find it as it was left.
pub(super) fn floor() -> MutexGuard<'static, Floor> {
    static FLOOR: OnceLock<Mutex<Floor>> = OnceLock::new();
    FLOOR
        .get_or_init(|| Mutex::new(Floor::start(lab::gpu())))
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
}

impl Floor {
    fn start(cluster: &'static Cluster) -> Self {
        let keep = tempfile::tempdir().expect("a temporary directory");
        std::fs::write(keep.path().join("spec.yaml"), include_str!("spec.yaml"))
            .expect("the spec is written");
        let init = ["init", "--yes", "-f", "spec.yaml", "floor"];
        let init = tenancy::platform(cluster, keep.path(), &init);
        assert!(init.status.success(), "init: {init}");
        let mut stand_in = MigManagerStandIn::new();
        for (pool, product, nodes, gpus) in HARDWARE {
            for index in 0..nodes {
                let name = format!("{pool}-{index}");
                stand_in.join(cluster, &name, &[("gpu-type", pool)], product, gpus);
            }
        }
        // As before the platform is there: every GPU is whole.
        for first in stand_in.follow(cluster) {
            let whole = first
                .result
                .as_ref()
                .map(|advertised| advertised["nvidia.com/gpu"]);
            assert!(whole.is_ok_and(|whole| whole >= 2), "{first:?}");
        }
        let mut floor = Self {
            cluster,
            directory: keep.path().join("floor"),
            stand_in,
            _keep: keep,
        };
        floor.apply();
        floor
    }

    /// Applies the repository and lets the stand-in follow; returns the nodes that it touched, all of them well.
    pub(super) fn apply(&mut self) -> BTreeMap<String, Advertised> {
        let apply = self.platform(&["apply"]);
        assert!(apply.status.success(), "apply: {apply}");
        let done = self.stand_in.follow(self.cluster);
        let touched = done.into_iter().map(|Reconfigured { node, labels, result }| {
            let advertised =
                result.unwrap_or_else(|cause| panic!("`{node}` could not take {labels:?}: {cause}"));
            (node, advertised)
        });
        touched.collect()
    }

    /// Runs `platform` in the repository as an admin of the spec.
    pub(super) fn platform(&self, arguments: &[&str]) -> Output {
        tenancy::platform(self.cluster, &self.directory, arguments)
    }

    /// What the repository's spec promises.
    pub(super) fn plan(&self) -> Plan {
        let spec = std::fs::read(self.directory.join("platform.yaml")).expect("the spec is there");
        platform::plan::decide("platform.yaml", &spec).unwrap_or_else(|findings| panic!("{findings:#?}"))
    }

    /// The same of the only cluster.
    pub(super) fn promised(&self) -> ClusterPlan {
        self.plan().clusters.remove(0)
    }

    /// The layouts that were rendered.
    pub(super) fn node_plan(&self) -> NodePlan {
        let path = self.directory.join("gpu/fra1/node-plan.yaml");
        let text = std::fs::read_to_string(path).expect("the node plan is there");
        serde_yaml::from_str(&text).expect("a node plan")
    }

    /// What each node advertises, of GPUs alone.
    pub(super) fn advertised(&self) -> BTreeMap<String, Advertised> {
        let nodes = self.list(&["get", "nodes"]);
        let of = |node: &Value| -> Advertised {
            let all = node["status"]["allocatable"].as_object().into_iter().flatten();
            all.filter(|(resource, _)| resource.starts_with("nvidia.com/"))
                .map(|(resource, count)| {
                    let count = count.as_str().and_then(|count| count.parse().ok());
                    (resource.clone(), count.expect("a whole number"))
                })
                .collect()
        };
        nodes.iter().map(|node| (name(node), of(node))).collect()
    }

    /// The items of `kubectl get … -o json`.
    pub(super) fn list(&self, arguments: &[&str]) -> Vec<Value> {
        let text = self
            .cluster
            .ok(User::Root, &[arguments, &["-o", "json"]].concat());
        let list: Value = serde_json::from_str(&text).expect("kubectl prints JSON");
        list["items"].as_array().cloned().unwrap_or_default()
    }

    /// Creates objects as a member of the team, in its namespace.
    pub(super) fn create(&self, team: &str, objects: &[Value]) -> Output {
        let group = format!("--as-group=oidc:{team}");
        let identity = ["--as=member", &group, "--as-group=system:authenticated"];
        let list = json!({"apiVersion": "v1", "kind": "List", "items": objects}).to_string();
        let create = ["-n", team, "create", "-f", "-"];
        self.cluster
            .kubectl(User::Root, &[&identity, create.as_slice()].concat(), Some(&list))
    }

    /// Creates an object in a namespace that is no team's.
    pub(super) fn create_as_root(&self, namespace: &str, object: &Value) -> Output {
        let create = ["-n", namespace, "create", "-f", "-"];
        self.cluster
            .kubectl(User::Root, &create, Some(&object.to_string()))
    }

    /// Waits until a namespace has so many quotas that are in force, and until pods can be created in it.
    ///
    /// Admission goes by the limits in a quota's status, which the controller manager copies from its spec.
    pub(super) fn wait_quotas(&self, namespace: &str, count: usize) {
        self.cluster
            .wait_for(&format!("{count} quotas of `{namespace}`"), SOON, || {
                let quotas = self.list(&["-n", namespace, "get", "resourcequotas"]);
                let in_force = quotas
                    .iter()
                    .all(|quota| quota["status"]["hard"] == quota["spec"]["hard"]);
                let account = self.list(&["-n", namespace, "get", "serviceaccounts"]);
                (in_force && quotas.len() == count && !account.is_empty()).then_some(())
            });
    }

    /// Waits until so many pods of a namespace run and no other is left; returns the node of each.
    pub(super) fn wait_running(&self, namespace: &str, count: usize) -> BTreeMap<String, String> {
        let mut seen = Vec::new();
        let running = lab::poll(SOON, || {
            let pods = self.list(&["-n", namespace, "get", "pods"]);
            let all = pods.iter().all(|pod| pod["status"]["phase"] == "Running");
            let nodes = pods
                .iter()
                .map(|pod| {
                    (
                        name(pod),
                        pod["spec"]["nodeName"].as_str().unwrap_or_default().to_string(),
                    )
                })
                .collect();
            let done = (all && pods.len() == count).then_some(nodes);
            seen = pods;
            done
        });
        running.unwrap_or_else(|| {
            let not: Vec<String> = seen
                .iter()
                .filter(|pod| pod["status"]["phase"] != "Running")
                .map(|pod| format!("{}: {}", name(pod), pod["status"]))
                .collect();
            panic!(
                "{} of {count} pods in `{namespace}`, not running: {not:#?}",
                seen.len()
            )
        })
    }

    /// Waits until the scheduler has said that no node has room for a pod, and returns why.
    pub(super) fn wait_unschedulable(&self, namespace: &str, pod: &str) -> String {
        self.wait_not_scheduled(namespace, pod, "Unschedulable")
    }

    /// Waits until the scheduler has given this reason for not binding a pod, and returns what it says of it.
    pub(super) fn wait_not_scheduled(&self, namespace: &str, pod: &str, reason: &str) -> String {
        let get = ["-n", namespace, "get", "pod", pod, "-o", "json"];
        let mut last = Value::Null;
        lab::poll(SOON, || {
            let text = self.cluster.ok(User::Root, &get);
            let pod: Value = serde_json::from_str(&text).expect("kubectl prints JSON");
            assert_ne!(pod["status"]["phase"], "Running", "{pod}");
            last = pod["status"].clone();
            let conditions = last["conditions"].as_array()?;
            let found = conditions
                .iter()
                .find(|condition| condition["reason"] == reason)?;
            found["message"].as_str().map(ToString::to_string)
        })
        .unwrap_or_else(|| panic!("`{reason}` is expected of the pod `{pod}`, it is {last}"))
    }

    /// Deletes all pods of a namespace and waits until they are gone.
    pub(super) fn clear(&self, namespace: &str) {
        let delete = ["-n", namespace, "delete", "pods", "--all", "--timeout=30s"];
        self.cluster.ok(User::Root, &delete);
    }
}

/// A pod for the nodes of a pool that no platform made, in a namespace that has the default account alone.
pub(super) fn foreign_pod(pool: &str, name: &str, resource: &str) -> Value {
    let pool = DnsLabel::parse(pool).expect("a label");
    let promise = Promise {
        pool: pool.clone(),
        resource: resource.to_string(),
        class: None,
        count: 1,
        burst: 0,
    };
    let mut pod = plan::gpu_pod(&pool, name, &promise);
    pod["metadata"] = json!({"name": name});
    pod["spec"]["serviceAccountName"] = "default".into();
    pod
}

/// The name of an object.
pub(super) fn name(object: &Value) -> String {
    object["metadata"]["name"]
        .as_str()
        .unwrap_or_default()
        .to_string()
}
