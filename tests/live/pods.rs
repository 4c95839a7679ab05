//! Which pods the policies admit and refuse, the same through both engines.

use serde_json::{Value, json};

use super::tenancy::{self, Tenancy};
use crate::lab::{self, User};

/// The shipped GPU pod, under another name.
pub(super) fn gpu_pod(name: &str) -> Value {
    named(include_str!("../../examples/pods/gpu.yaml"), name)
}

fn cpu_pod(name: &str) -> Value {
    named(include_str!("../../examples/pods/cpu.yaml"), name)
}

fn named(text: &str, name: &str) -> Value {
    let mut pod: Value = serde_yaml::from_str(text).expect("the shipped pod is YAML");
    pod["metadata"]["name"] = name.into();
    pod
}

/// The shipped CPU pod with one variable.
pub(super) fn with_env(name: &str, variable: &str, value: &str) -> Value {
    let mut pod = cpu_pod(name);
    pod["spec"]["containers"][0]["env"] = json!([{"name": variable, "value": value}]);
    pod
}

/// Team, pod, and what must refuse it; nothing for admitted.
fn cases() -> Vec<(&'static str, Value, Option<&'static str>)> {
    let edited = |name: &str, edit: &dyn Fn(&mut Value)| {
        let mut pod = gpu_pod(name);
        edit(&mut pod);
        pod
    };
    vec![
        ("team-a", gpu_pod("promised"), None),
        ("team-b", gpu_pod("foreign"), Some("gpu-entitlement")),
        ("team-c", gpu_pod("foreign"), Some("gpu-entitlement")),
        ("team-a", cpu_pod("plain"), None),
        ("team-b", cpu_pod("plain"), None),
        ("team-c", cpu_pod("plain"), None),
        (
            "team-a",
            edited("no-selector", &|pod| pod["spec"]["nodeSelector"] = Value::Null),
            Some("gpu-node-pool"),
        ),
        (
            "team-a",
            edited("foreign-pool", &|pod| {
                pod["spec"]["nodeSelector"] = json!({"gpu-type": "a100-dev"})
            }),
            Some("gpu-node-pool"),
        ),
        (
            "team-c",
            {
                let mut pod = cpu_pod("squatter");
                pod["spec"]["nodeSelector"] = json!({"gpu-type": "h100-mig"});
                pod
            },
            Some("gpu-node-pool"),
        ),
        (
            "team-a",
            with_env("visible", "NVIDIA_VISIBLE_DEVICES", "all"),
            Some("gpu-isolation"),
        ),
        (
            "team-a",
            edited("visible-with-gpu", &|pod| {
                pod["spec"]["containers"][0]["env"] =
                    json!([{"name": "NVIDIA_VISIBLE_DEVICES", "value": "all"}]);
            }),
            Some("gpu-isolation"),
        ),
        (
            "team-a",
            with_env("plaintext", "OPENAI_API_KEY", "not-a-real-value"),
            Some("no-plaintext-secrets"),
        ),
        (
            "team-a",
            edited("over-quota", &|pod| {
                for side in ["requests", "limits"] {
                    pod["spec"]["containers"][0]["resources"][side]["nvidia.com/mig-3g.40gb"] = json!("5");
                }
            }),
            Some("exceeded quota: tenant"),
        ),
    ]
}

fn judged(tenancy: &Tenancy) {
    for (team, pod, refused_by) in cases() {
        let name = pod["metadata"]["name"].clone();
        let answer = tenancy.create(team, &pod.to_string());
        match refused_by {
            None => assert!(answer.status.success(), "{name} is admitted in {team}: {answer}"),
            Some(quota) if quota.starts_with("exceeded") => {
                assert!(
                    !answer.status.success() && answer.stderr.contains(quota),
                    "{name} in {team}: {answer}"
                );
            }
            Some(policy) => {
                assert!(
                    answer.denied_by(policy),
                    "{name} is refused in {team} by {policy}: {answer}"
                );
                let begins = format!("{policy}: ");
                assert!(
                    answer.stderr.contains(&begins),
                    "the message begins with `{begins}`: {answer}"
                );
            }
        }
    }
}

#[test]
fn kyverno_admits_what_is_promised_and_refuses_the_rest() {
    let _guard = lab::kyverno().shared();
    judged(tenancy::kyverno());
}

#[test]
fn the_api_server_admits_what_is_promised_and_refuses_the_rest() {
    let _guard = lab::native().shared();
    judged(tenancy::native());
}

/// A pod as CNI and CSI drivers have it.
const SYSTEM_POD: &str = r#"{
  "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "cni", "namespace": "kube-system"},
  "spec": {
    "hostNetwork": true,
    "tolerations": [{"operator": "Exists"}],
    "containers": [{"name": "cni", "image": "registry.example.com/cni:1", "securityContext": {"privileged": true},
      "volumeMounts": [{"name": "host", "mountPath": "/host"}]}],
    "volumes": [{"name": "host", "hostPath": {"path": "/opt/cni"}}]
  }
}"#;

#[test]
fn system_pods_with_host_access_still_start() {
    for (cluster, tenancy) in [
        (lab::kyverno(), tenancy::kyverno as fn() -> &'static Tenancy),
        (lab::native(), tenancy::native),
    ] {
        let _guard = cluster.shared();
        tenancy();
        cluster.wait_for(
            "the default account of kube-system",
            std::time::Duration::from_secs(30),
            || {
                let get = ["-n", "kube-system", "get", "serviceaccount", "default"];
                cluster
                    .kubectl(User::Root, &get, None)
                    .status
                    .success()
                    .then_some(())
            },
        );
        let answer = cluster.kubectl(
            User::Root,
            &["create", "--dry-run=server", "-f", "-"],
            Some(SYSTEM_POD),
        );
        assert!(answer.status.success(), "a CNI pod in kube-system: {answer}");
    }
}
