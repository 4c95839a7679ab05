//! `secrets/<cluster>/<backend>/`: what the secret backend must hold, in its own field names.

use serde_json::{Value, json};

use super::{Output, RenderError};
use crate::plan::{BackendPlan, ClusterPlan, KV_MOUNT, TENANT_ROLE, WORKLOAD_ACCOUNT};

/// Stands for the accessor of the auth mount, which exists only after the mount does.
///
/// Source: the convention of vault-config-operator.
fn accessor(backend: &BackendPlan) -> String {
    format!("${{auth/{}/@accessor}}", backend.auth_mount)
}

pub(super) fn render(cluster: &ClusterPlan, out: &mut Output) -> Result<(), RenderError> {
    for backend in &cluster.backends {
        let file = |name: &str| format!("secrets/{}/{}/{name}.yaml", cluster.name, backend.name);
        out.objects(file("mounts"), "secrets/mounts", &mounts(backend))?;
        out.objects(file("policy-tenant"), "secrets/policy", &[policy(backend)])?;
        out.objects(file("role-tenant"), "secrets/role", &[role(backend)])?;
        if backend.policy.audit {
            out.objects(file("audit"), "secrets/audit", &[audit(backend)])?;
        }
    }
    Ok(())
}

fn document(kind: &str, name: &str, backend: &BackendPlan, spec: &Value) -> Value {
    json!({
        "apiVersion": "secrets.tenancy.platform/v1alpha1",
        "kind": kind,
        "metadata": {"name": name},
        "backend": {"name": backend.name.as_str(), "address": backend.address},
        "spec": spec,
    })
}

fn mounts(backend: &BackendPlan) -> Vec<Value> {
    let kv = json!({"path": KV_MOUNT, "type": "kv", "options": {"version": "2"}});
    let auth = json!({"path": backend.auth_mount, "type": "kubernetes"});
    vec![
        document("SecretMount", KV_MOUNT, backend, &kv),
        document("AuthMount", &backend.auth_mount, backend, &auth),
    ]
}

/// One policy for all tenants: the path holds the namespace that the token itself was issued in.
fn policy(backend: &BackendPlan) -> Value {
    let namespace = format!(
        "{{{{identity.entity.aliases.{}.metadata.service_account_namespace}}}}",
        accessor(backend)
    );
    let policy = format!(
        "path \"{KV_MOUNT}/data/tenants/{namespace}/*\" {{\n  capabilities = [\"read\"]\n}}\n\
         path \"{KV_MOUNT}/metadata/tenants/{namespace}/*\" {{\n  capabilities = [\"read\", \"list\"]\n}}\n\
         path \"{KV_MOUNT}/metadata/tenants/{namespace}\" {{\n  capabilities = [\"list\"]\n}}\n"
    );
    document("Policy", TENANT_ROLE, backend, &json!({"policy": policy}))
}

/// The device that records every request, on standard output, from where the cluster's log collector takes it.
///
/// OpenBao refuses audit devices by its API; there the same values stand in the server's own configuration.
fn audit(backend: &BackendPlan) -> Value {
    let spec = json!({"path": "platform", "type": "file", "options": {"file_path": "stdout"}});
    document("AuditDevice", "platform", backend, &spec)
}

/// One role for all tenants: exact service account, exact namespaces, exact audience, short tokens.
fn role(backend: &BackendPlan) -> Value {
    let spec = json!({
        "mount": backend.auth_mount,
        "bound_service_account_names": [WORKLOAD_ACCOUNT],
        "bound_service_account_namespaces": backend.namespaces,
        "audience": backend.audience,
        "alias_name_source": "serviceaccount_uid",
        "token_policies": [TENANT_ROLE],
        "token_ttl": backend.policy.token_ttl.as_str(),
        "token_max_ttl": backend.policy.token_max_ttl.as_str(),
        "token_type": "default",
    });
    document("KubernetesAuthRole", TENANT_ROLE, backend, &spec)
}
