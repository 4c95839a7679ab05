//! Names that every part of the product and every cluster must agree on.

use crate::units::DnsLabel;

/// Label on everything that the platform owns.
pub const MANAGED_BY: (&str, &str) = ("app.kubernetes.io/managed-by", "platform");
/// Label of a tenant namespace: the team it belongs to.
pub const TEAM_LABEL: &str = "tenancy.platform/team";
/// Label of a tenant namespace: the platform that it belongs to.
pub const PLATFORM_LABEL: &str = "tenancy.platform/platform";
/// Node label by which GPU pods select their pool.
pub const POOL_NODE_LABEL: &str = "gpu-type";
/// Key of the taint of GPU nodes; its value is the pool.
pub const POOL_TAINT: &str = "nvidia.com/gpu";
/// Service account that tenant workloads run as.
pub const WORKLOAD_ACCOUNT: &str = "workload";
/// Role and policy of all tenants in the secret backend.
pub const TENANT_ROLE: &str = "tenant";
/// Name of the ResourceQuota, LimitRange and Role of each tenant namespace.
pub const TENANT_OBJECT: &str = "tenant";
/// Name of the ResourceQuota that holds what is guaranteed, beside the one for all pods.
pub const GUARANTEED_QUOTA: &str = "tenant-guaranteed";
/// PriorityClass of pods that use more than their team is promised, while it is free.
pub const BURST_CLASS: &str = "platform-burst";
/// Its priority: below that of ordinary pods, which are 0, and below -10, from where the cluster autoscaler adds no node
/// for a pod.
pub const BURST_PRIORITY: i32 = -1000;
/// Projected token volume of injector pods.
pub const TOKEN_VOLUME: &str = "vault-token";
/// KV v2 mount that tenants read from.
pub const KV_MOUNT: &str = "secret";
/// Namespace of the GPU operator.
pub const GPU_OPERATOR_NAMESPACE: &str = "gpu-operator";
/// ConfigMap with the MIG configurations.
pub const MIG_CONFIG_MAP: &str = "tenancy-mig-parted";
/// ConfigMap with the device-plugin configurations.
pub const DEVICE_PLUGIN_CONFIG_MAP: &str = "tenancy-device-plugin";

/// The grant label of an extended resource.
pub fn grant_label(resource: &str) -> String {
    format!("grant.tenancy.platform/{}", resource.replace('/', "_"))
}

/// The grant label of a pool.
pub fn pool_label(pool: &DnsLabel) -> String {
    format!("pool.tenancy.platform/{pool}")
}

/// The quota key of an extended resource: only `requests.` exists for them.
pub fn quota_key(resource: &str) -> String {
    format!("requests.{resource}")
}

/// The kubernetes auth mount of a cluster in the secret backend.
pub fn auth_mount(cluster: &DnsLabel) -> String {
    format!("kubernetes-{cluster}")
}

/// Where a namespace's secret lies in the KV v2 mount, as the API path.
pub fn kv_path(namespace: &DnsLabel, path: &str) -> String {
    format!("{KV_MOUNT}/data/tenants/{namespace}/{path}")
}
