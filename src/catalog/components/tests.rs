//! The pinned components say what they must, and a broken one is refused.

use serde_json::json;

use super::*;

#[test]
fn components_are_pinned() {
    let ids: Vec<&str> = components()
        .unwrap()
        .iter()
        .map(|component| component.id.as_str())
        .collect();
    assert_eq!(
        ids,
        ["gpu-operator", "kueue", "kyverno", "nvidia-dra-driver-gpu"],
        "ids of the embedded components"
    );
    for (id, repository, version, app_version) in [
        (
            "gpu-operator",
            "https://helm.ngc.nvidia.com/nvidia",
            "v26.7.0",
            "v26.7.0",
        ),
        (
            "kyverno",
            "https://kyverno.github.io/kyverno/",
            "3.9.1",
            "v1.19.1",
        ),
        ("kueue", "oci://registry.k8s.io/kueue/charts", "0.19.2", "v0.19.2"),
        (
            "nvidia-dra-driver-gpu",
            "oci://registry.k8s.io/dra-driver-nvidia/charts",
            "0.5.0",
            "0.5.0",
        ),
    ] {
        let chart = &component(id).unwrap().unwrap().chart;
        let found = (&chart.repository[..], &chart.version[..], &chart.app_version[..]);
        assert_eq!(found, (repository, version, app_version), "chart of `{id}`");
    }
    assert_eq!(
        component("nothing").unwrap(),
        None,
        "an unknown id is no component"
    );
}

/// The values that isolation rests on; a change of one of them must be meant.
#[test]
fn values_that_isolation_rests_on() {
    for (id, pointer, expected) in [
        ("gpu-operator", "/mig/strategy", json!("mixed")),
        ("gpu-operator", "/cdi/enabled", json!(false)),
        ("gpu-operator", "/cdi/nriPluginEnabled", json!(false)),
        (
            "gpu-operator",
            "/migManager/config/default",
            json!("all-disabled"),
        ),
        ("gpu-operator", "/devicePlugin/config/default", json!("default")),
        (
            "gpu-operator",
            "/toolkit/env",
            json!([
                {"name": "ACCEPT_NVIDIA_VISIBLE_DEVICES_ENVVAR_WHEN_UNPRIVILEGED", "value": "false"},
                {"name": "ACCEPT_NVIDIA_VISIBLE_DEVICES_AS_VOLUME_MOUNTS", "value": "true"},
            ]),
        ),
        (
            "gpu-operator",
            "/devicePlugin/env",
            json!([{"name": "DEVICE_LIST_STRATEGY", "value": "volume-mounts"}]),
        ),
        (
            "gpu-operator",
            "/daemonsets/tolerations",
            json!([{"key": "nvidia.com/gpu", "operator": "Exists"}]),
        ),
        ("nvidia-dra-driver-gpu", "/featureGates/DynamicMIG", json!(false)),
        (
            "nvidia-dra-driver-gpu",
            "/kubeletPlugin/nodeSelector",
            json!({"nvidia.com/dra-kubelet-plugin": "true", "nvidia.com/gpu.deploy.client": "true"}),
        ),
        ("kyverno", "/admissionController/replicas", json!(3)),
        ("kyverno", "/features/policyExceptions/enabled", json!(false)),
        (
            "kyverno",
            "/features/forceFailurePolicyIgnore/enabled",
            json!(false),
        ),
    ] {
        let values = &component(id).unwrap().unwrap().values;
        assert_eq!(values.pointer(pointer), Some(&expected), "`{pointer}` of `{id}`");
    }
}

#[test]
fn broken_components_are_refused() {
    let path = "components/kyverno.yaml";
    let good = crate::catalog::text(path).unwrap();
    assert!(parse(path, good).is_ok(), "the component itself is good");
    for (from, to, message) in [
        ("id: kyverno", "id: other", "is not the name of the file"),
        ("id: kyverno", "ident: kyverno", "unknown field"),
        ("version: 3.9.1", "version: 3.x", "is not one exact version"),
        ("version: 3.9.1", "version: \"*\"", "is not one exact version"),
        (
            "https://kyverno.github.io",
            "http://kyverno.github.io",
            "is not an https or oci address",
        ),
        ("namespace: kyverno", "namespace: Kyverno", "is not a name"),
        ("values:\n", "values: 1\nrest:\n", "unknown field"),
    ] {
        assert!(good.contains(from), "`{from}` is in the file");
        let error = parse(path, &good.replace(from, to)).expect_err(to).to_string();
        assert!(
            error.contains(message),
            "`{to}` gives `{error}`, expected `{message}`"
        );
    }
}
