//! The pods that a tenant may run: examples for people and probes for verify come from here, so they cannot differ.

use serde_json::{Value, json};

use super::types::{SecretPlan, Tenant};
use super::{BURST_CLASS, POOL_NODE_LABEL, POOL_TAINT, TOKEN_VOLUME, WORKLOAD_ACCOUNT};
use crate::spec::Backend;
use crate::units::DnsLabel;

/// The image of examples and probes: it does nothing and is part of every cluster.
const PAUSE_IMAGE: &str = "registry.k8s.io/pause:3.10";

/// GPUs of one kind that a tenant is promised on one pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promise {
    /// The pool.
    pub pool: DnsLabel,
    /// The extended resource.
    pub resource: String,
    /// The DRA device class, where the pool is handed out by DRA.
    pub class: Option<String>,
    /// How many at once.
    pub count: u64,
    /// How many more while they are free.
    pub burst: u64,
}

/// A pod without GPU that every tenant may run; it meets Pod Security `restricted`.
pub fn cpu_pod(namespace: &DnsLabel, name: &str) -> Value {
    let resources = json!({"cpu": "100m", "memory": "64Mi"});
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace.as_str()},
        "spec": {
            "serviceAccountName": WORKLOAD_ACCOUNT,
            "automountServiceAccountToken": false,
            "restartPolicy": "Never",
            "securityContext": {"runAsNonRoot": true, "runAsUser": 65532, "seccompProfile": {"type": "RuntimeDefault"}},
            "containers": [{
                "name": "main",
                "image": PAUSE_IMAGE,
                "resources": {"requests": resources.clone(), "limits": resources},
                "securityContext": {
                    "allowPrivilegeEscalation": false,
                    "capabilities": {"drop": ["ALL"]},
                },
            }],
        },
    })
}

/// A pod that uses one unit of a promise.
pub fn gpu_pod(namespace: &DnsLabel, name: &str, promise: &Promise) -> Value {
    let mut pod = cpu_pod(namespace, name);
    on_pool(&mut pod, &promise.pool);
    for side in ["requests", "limits"] {
        // One shared slot is all that a container may ask for; MIG instances come one by one as well.
        pod["spec"]["containers"][0]["resources"][side][promise.resource.as_str()] = json!("1");
    }
    pod
}

fn on_pool(pod: &mut Value, pool: &DnsLabel) {
    pod["spec"]["nodeSelector"] = json!({POOL_NODE_LABEL: pool.as_str()});
    pod["spec"]["tolerations"] = json!([{
        "key": POOL_TAINT,
        "operator": "Equal",
        "value": pool.as_str(),
        "effect": "NoSchedule",
    }]);
}

/// A claim of one device of a class.
pub fn claim(namespace: &DnsLabel, name: &str, class: &str) -> Value {
    json!({
        "apiVersion": "resource.k8s.io/v1",
        "kind": "ResourceClaim",
        "metadata": {"name": name, "namespace": namespace.as_str()},
        "spec": one_device(class),
    })
}

/// A template of claims of one device of a class: each pod that names it gets a claim of its own.
pub fn claim_template(namespace: &DnsLabel, name: &str, class: &str) -> Value {
    json!({
        "apiVersion": "resource.k8s.io/v1",
        "kind": "ResourceClaimTemplate",
        "metadata": {"name": name, "namespace": namespace.as_str()},
        "spec": {"spec": one_device(class)},
    })
}

fn one_device(class: &str) -> Value {
    json!({"devices": {"requests": [{"name": "gpu", "exactly": {"deviceClassName": class, "count": 1}}]}})
}

/// A pod that uses one unit of a DRA promise by a claim of the template `name`.
pub fn claim_pod(namespace: &DnsLabel, name: &str, promise: &Promise) -> Value {
    let mut pod = cpu_pod(namespace, name);
    on_pool(&mut pod, &promise.pool);
    pod["spec"]["resourceClaims"] = json!([{"name": "gpu", "resourceClaimTemplateName": name}]);
    pod["spec"]["containers"][0]["resources"]["claims"] = json!([{"name": "gpu"}]);
    pod
}

/// A pod that uses one unit beyond a promise, while it is free: whoever was promised it takes it back.
pub fn burst_pod(namespace: &DnsLabel, name: &str, promise: &Promise) -> Value {
    let mut pod = gpu_pod(namespace, name, promise);
    pod["spec"]["priorityClassName"] = BURST_CLASS.into();
    pod
}

/// The worked example of a tenant: its first promise, when it has one, and its secrets by the agent injector.
pub fn workload_pod(tenant: &Tenant) -> Value {
    let name = format!(
        "{}-example",
        &tenant.namespace.as_str()[..tenant.namespace.as_str().len().min(55)]
    );
    let mut pod = match tenant.promises.first() {
        Some(promise) => gpu_pod(&tenant.namespace, &name, promise),
        None => cpu_pod(&tenant.namespace, &name),
    };
    if let Some(first) = tenant.secrets.first() {
        inject(&mut pod, first, &tenant.secrets);
    }
    pod
}

/// Adds what the agent injector needs: annotations, and a projected token with the backend's audience.
///
/// Source: vault-k8s `agent-inject/agent/annotations.go`; OpenBao's fork uses the prefix `openbao.org`.
fn inject(pod: &mut Value, backend: &SecretPlan, secrets: &[SecretPlan]) {
    let prefix = match backend.product {
        Backend::OpenBao => "openbao.org",
        Backend::Vault | Backend::Infisical => "vault.hashicorp.com",
    };
    let mut annotations = serde_json::Map::new();
    let mut annotate = |key: &str, value: &str| annotations.insert(format!("{prefix}/{key}"), value.into());
    annotate("agent-inject", "true");
    annotate("role", super::TENANT_ROLE);
    annotate("auth-path", &format!("auth/{}", backend.auth_mount));
    annotate("agent-service-account-token-volume-name", TOKEN_VOLUME);
    for secret in secrets.iter().filter(|secret| secret.backend == backend.backend) {
        annotate(&format!("agent-inject-secret-{}", secret.name), &secret.path);
    }
    pod["metadata"]["annotations"] = Value::Object(annotations);
    pod["spec"]["volumes"] = json!([{
        "name": TOKEN_VOLUME,
        "projected": {"sources": [{
            "serviceAccountToken": {"audience": backend.audience, "expirationSeconds": 3600, "path": "token"},
        }]},
    }]);
    pod["spec"]["containers"][0]["volumeMounts"] = json!([{
        "name": TOKEN_VOLUME,
        "mountPath": "/var/run/secrets/vault",
        "readOnly": true,
    }]);
}
