//! The types that `platform.yaml` is made of; the JSON Schema and `platform explain` come from here.
//!
//! Every text is still as it was typed: names are checked and references resolved by `model`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::protection::{CrossTeamSharing, SecretPolicy};
use super::team::Team;

/// A tenancy spec: who shares which GPU clusters, what each team is promised, and what guards it.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Spec {
    /// The version of this format.
    pub api_version: ApiVersion,
    /// What this document is.
    pub kind: Kind,
    /// Name of the platform, a DNS-1123 label; it names the generated repository.
    pub name: String,
    /// Who may change what the platform owns; they pass the protect policies. Default: group `platform-admins`.
    #[serde(default)]
    pub admins: Admins,
    /// How the repository reaches the clusters.
    #[serde(default)]
    pub gitops: GitOps,
    /// The admission policies: engine, mode, scope.
    #[serde(default)]
    pub policy: Policy,
    /// Presets of stricter settings: `finance`, `healthcare`, `automotive`. Your own overlays need no mention.
    #[serde(default)]
    pub overlays: Vec<String>,
    /// Control catalogues to report against, such as `iso27001` or `dora`.
    #[serde(default)]
    pub compliance: Vec<String>,
    /// Network access of every tenant beyond DNS, the own team and the secret backends.
    #[serde(default)]
    pub network: Network,
    /// The secret backends that teams may read from.
    #[serde(default)]
    pub secrets: Vec<SecretBackend>,
    /// The clusters and their GPU pools.
    #[schemars(length(min = 1))]
    pub clusters: Vec<Cluster>,
    /// The teams and what each is promised.
    #[schemars(length(min = 1))]
    pub teams: Vec<Team>,
    /// Exceptions from controls, each with an owner, a reason and an end.
    #[serde(default)]
    pub waivers: Vec<Waiver>,
}

/// The version of the spec format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[schemars(inline)]
pub enum ApiVersion {
    /// The first version.
    #[serde(rename = "tenancy.platform/v1alpha1")]
    V1Alpha1,
}

/// The kind of document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[schemars(inline)]
pub enum Kind {
    /// A tenancy spec.
    Tenancy,
}

/// Identities that may change what the platform owns.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Admins {
    /// Groups as the API server sees them, such as `oidc:platform`. Default: `platform-admins`, unless users are given.
    #[serde(default)]
    pub groups: Vec<String>,
    /// User names as the API server sees them.
    #[serde(default)]
    pub users: Vec<String>,
}

impl Default for Admins {
    fn default() -> Self {
        Self {
            groups: vec!["platform-admins".to_owned()],
            users: Vec::new(),
        }
    }
}

/// How the repository reaches the clusters.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct GitOps {
    /// The GitOps engine. Default: `flux`.
    #[serde(default)]
    pub engine: GitOpsEngine,
    /// URL of the repository, for the bootstrap command in its README; Argo CD needs it in every Application.
    #[serde(default)]
    #[schemars(extend("type" = "string"))]
    pub repository: Option<String>,
    /// Branch that the clusters follow. Default: `main`.
    #[serde(default = "default_branch")]
    pub branch: String,
    /// What the API server puts before the groups of the identity provider (`--oidc-groups-prefix`), such as `oidc:`;
    /// Argo CD sees the groups without it. Default: nothing.
    #[serde(default)]
    pub groups_prefix: String,
}

impl Default for GitOps {
    fn default() -> Self {
        Self {
            engine: GitOpsEngine::default(),
            repository: None,
            branch: default_branch(),
            groups_prefix: String::new(),
        }
    }
}

fn default_branch() -> String {
    "main".to_owned()
}

/// A GitOps engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum GitOpsEngine {
    /// Flux.
    #[default]
    Flux,
    /// Argo CD.
    ArgoCd,
}

/// The admission policies.
#[derive(Debug, Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Policy {
    /// Who evaluates them: `kyverno`, `gatekeeper`, or `native` (ValidatingAdmissionPolicy). Default: `kyverno`.
    #[serde(default)]
    pub engine: PolicyEngine,
    /// Whether a violation is denied or only recorded. Default: `enforce`.
    #[serde(default)]
    pub mode: Mode,
    /// The mode of single policies, by policy id.
    #[serde(default)]
    pub modes: std::collections::BTreeMap<String, Mode>,
    /// Pod Security level of tenant namespaces. Default: `baseline`.
    #[serde(default)]
    pub pod_security: PodSecurity,
    /// Whether a waiver may let several teams share the GPUs of a time-sliced or MPS pool. Default: `waiver`.
    #[serde(default)]
    pub cross_team_sharing: CrossTeamSharing,
    /// What every secret backend must grant and record.
    #[serde(default)]
    pub secrets: SecretPolicy,
    /// What the platform fills in for pods by mutation.
    #[serde(default)]
    pub defaults: PolicyDefaults,
    /// Namespaces that no policy applies to, beyond the built-in list.
    #[serde(default)]
    pub system_namespaces: Vec<String>,
    /// Image registries that tenants may use; empty means any.
    #[serde(default)]
    pub allowed_registries: Vec<String>,
}

/// A policy engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum PolicyEngine {
    /// Kyverno's ValidatingPolicy.
    #[default]
    Kyverno,
    /// OPA Gatekeeper.
    Gatekeeper,
    /// The API server's own ValidatingAdmissionPolicy.
    Native,
}

/// What a violation leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Mode {
    /// The request is denied.
    #[default]
    Enforce,
    /// The request passes and is recorded.
    Audit,
}

/// A Pod Security level for tenants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum PodSecurity {
    /// Prevents known privilege escalations.
    #[default]
    Baseline,
    /// Current hardening best practice.
    Restricted,
}

/// What the platform fills in for pods by mutation.
#[derive(Debug, Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PolicyDefaults {
    /// GPU pods get their team's only pool as selector and toleration. Default: false.
    #[serde(default)]
    pub pool_selector: bool,
}

/// Network access of tenants.
#[derive(Debug, Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Network {
    /// Destinations that every tenant may reach.
    #[serde(default)]
    pub egress: Vec<Egress>,
}

/// A destination outside the cluster.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Egress {
    /// The address block, such as `10.20.0.0/16`.
    pub cidr: String,
    /// TCP ports; empty means all ports and protocols.
    #[serde(default)]
    #[schemars(inner(range(min = 1, max = 65535)))]
    pub ports: Vec<u16>,
}

/// A secret backend.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct SecretBackend {
    /// Name that teams refer to, a DNS-1123 label.
    pub name: String,
    /// The product.
    pub backend: Backend,
    /// URL of its API, `https://host[:port]`.
    pub address: String,
    /// Where pods reach it, for the network policy: an address block, or the namespace it runs in.
    #[serde(default)]
    #[schemars(extend("anyOf" = null_free_ref("BackendEgress")))]
    pub egress: Option<BackendEgress>,
    /// How a secret reaches the pod. Default: `agent-injector`.
    #[serde(default)]
    pub delivery: Delivery,
    /// Who writes roles and policies into the backend. Default: `direct` (platform apply).
    #[serde(default)]
    pub manage: Manage,
    /// One templated role and policy for all teams, or one per team. Default: `templated`.
    #[serde(default)]
    pub isolation: Isolation,
    /// Audience of the service account tokens that it accepts. Default: `vault`.
    #[serde(default = "default_audience")]
    pub audience: String,
}

fn null_free_ref(name: &str) -> serde_json::Value {
    serde_json::json!([{ "$ref": format!("#/$defs/{name}") }])
}

fn default_audience() -> String {
    "vault".to_owned()
}

/// Where pods reach a secret backend: exactly one of the two.
#[derive(Debug, Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct BackendEgress {
    /// An address block, such as `10.30.0.5/32`.
    #[serde(default)]
    #[schemars(extend("type" = "string"))]
    pub cidr: Option<String>,
    /// The namespace it runs in.
    #[serde(default)]
    #[schemars(extend("type" = "string"))]
    pub namespace: Option<String>,
}

/// A secret backend product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Backend {
    /// HashiCorp Vault.
    Vault,
    /// OpenBao.
    OpenBao,
    /// Infisical.
    Infisical,
}

/// How a secret reaches the pod.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Delivery {
    /// The Vault or OpenBao agent injector.
    #[default]
    AgentInjector,
    /// The Vault Secrets Operator.
    Vso,
    /// The External Secrets Operator.
    Eso,
    /// The Secrets Store CSI driver.
    Csi,
    /// The Infisical operator.
    InfisicalOperator,
}

/// Who writes roles and policies into the backend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Manage {
    /// `platform apply`.
    #[default]
    Direct,
    /// The vault-config-operator.
    VaultConfigOperator,
    /// Terraform or OpenTofu.
    Terraform,
}

/// How teams are kept apart inside the backend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Isolation {
    /// One role and one templated policy for all.
    #[default]
    Templated,
    /// A role and a policy per team.
    Explicit,
}

/// A cluster.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Cluster {
    /// Name of the cluster, a DNS-1123 label.
    pub name: String,
    /// The kubeconfig context that apply and verify may use; nothing else is ever touched. Default: the cluster's name.
    #[serde(default)]
    #[schemars(extend("type" = "string"))]
    pub context: Option<String>,
    /// Job queueing. Default: `none`.
    #[serde(default)]
    pub queueing: Queueing,
    /// The GPU pools; none for a cluster without GPUs.
    #[serde(default)]
    pub pools: Vec<Pool>,
}

/// Job queueing in a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Queueing {
    /// Quotas only.
    #[default]
    None,
    /// Kueue.
    Kueue,
}

/// A pool of equal GPU nodes.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Pool {
    /// Name of the pool, a DNS-1123 label; unique in its cluster.
    pub name: String,
    /// The GPU board, an id of the catalogue.
    pub board: String,
    /// How many nodes.
    #[schemars(range(min = 1, max = 100_000))]
    pub nodes: u32,
    /// Which nodes: labels that they carry. Default: `gpu-type: <pool name>`.
    #[serde(default)]
    pub node_selector: std::collections::BTreeMap<String, String>,
    /// GPUs in each node.
    #[schemars(range(min = 1, max = 64))]
    pub gpus_per_node: u32,
    /// How one GPU is shared.
    pub sharing: Sharing,
    /// Shared slots per GPU, for `time-slicing` and `mps`.
    #[serde(default)]
    #[schemars(range(min = 2, max = 1024), extend("type" = "integer"))]
    pub replicas: Option<u32>,
    /// GPUs of a MIG pool that stay whole. Default: 0.
    #[serde(default)]
    #[schemars(range(min = 0, max = 6_400_000))]
    pub whole_gpus: u32,
    /// What the plan leaves free: a number of GPUs, or `{gpus: 1, slices: {1g.10gb: 2}}`. Default: 0.
    #[serde(default)]
    pub reserve: Reserve,
    /// GPUs of a MIG pool whose layout is fixed: they are planned with it and never rebuilt.
    #[serde(default)]
    pub pinned: Vec<PinnedGpu>,
}

/// What the plan leaves free in a pool.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(inline)]
pub enum Reserve {
    /// So many GPUs.
    Gpus(#[schemars(range(min = 0, max = 6_400_000))] u32),
    /// GPUs, and MIG instances that nobody is promised.
    Spares(Spares),
}

impl Default for Reserve {
    fn default() -> Self {
        Self::Gpus(0)
    }
}

/// GPUs and MIG instances that nobody is promised.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Spares {
    /// GPUs that stay empty. Default: 0.
    #[serde(default)]
    #[schemars(range(min = 0, max = 6_400_000))]
    pub gpus: u32,
    /// MIG instances that are made and promised to nobody, by profile, such as `{1g.10gb: 2}`.
    #[serde(default)]
    #[schemars(extend("additionalProperties" = counts(10_000_000)))]
    pub slices: std::collections::BTreeMap<String, u32>,
}

/// What a mapping of names to counts may hold.
fn counts(most: u32) -> serde_json::Value {
    serde_json::json!({"type": "integer", "minimum": 1, "maximum": most})
}

/// A GPU whose layout is fixed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PinnedGpu {
    /// Name of the node, as the cluster knows it.
    pub node: String,
    /// Index of the GPU in the node, from 0.
    #[schemars(range(min = 0, max = 63))]
    pub gpu: u32,
    /// Its MIG instances by profile, such as `{3g.40gb: 2}`; empty for a GPU in MIG mode without instances.
    #[serde(default)]
    #[schemars(extend("additionalProperties" = counts(64)))]
    pub profiles: std::collections::BTreeMap<String, u32>,
}

/// How one GPU is shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Sharing {
    /// Not at all.
    Whole,
    /// Multi-Instance GPU: slices with memory and fault isolation.
    Mig,
    /// Turns on one GPU, without memory or fault isolation.
    TimeSlicing,
    /// CUDA Multi-Process Service, without fault isolation.
    Mps,
    /// Dynamic Resource Allocation.
    Dra,
}

/// An exception from a control.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Waiver {
    /// The control, such as `gpu.cross-team-sharing`.
    pub control: String,
    /// The pool it applies to.
    #[serde(default)]
    #[schemars(extend("type" = "string"))]
    pub pool: Option<String>,
    /// The teams it applies to.
    #[serde(default)]
    pub teams: Vec<String>,
    /// Who answers for it.
    pub owner: String,
    /// Why it is needed.
    pub reason: String,
    /// Its last day, `YYYY-MM-DD`; it ends at the end of that day, UTC.
    pub expires: String,
}
