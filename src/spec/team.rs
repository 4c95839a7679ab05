//! What the spec says of a team; see `types` for the rest.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// A team.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Team {
    /// Name of the team, a DNS-1123 label.
    pub name: String,
    /// Groups whose members work in the team's namespaces, as the API server sees them.
    #[serde(default)]
    pub groups: Vec<String>,
    /// Groups whose members own the team; they are named in CODEOWNERS and may read more, never change the fence.
    #[serde(default)]
    pub owners: Vec<String>,
    /// The team's namespaces. Default: one, named as the team.
    #[serde(default)]
    pub namespaces: Vec<String>,
    /// The clusters it works on. Default: all.
    #[serde(default)]
    pub clusters: Vec<String>,
    /// The GPUs it is promised.
    #[serde(default)]
    pub gpus: Vec<GpuRequest>,
    /// Its quota; a list with a `namespace` each where the team has several namespaces.
    #[serde(default)]
    pub quota: Quotas,
    /// The secrets it reads.
    #[serde(default)]
    pub secrets: Vec<SecretAccess>,
    /// Whether its quota is zero for now: nothing new starts, nothing is deleted, its GPUs stay reserved. Default: false.
    #[serde(default)]
    pub frozen: bool,
    /// Its share of what other teams leave idle, relative to the other teams; only where a cluster queues with Kueue.
    /// Default: 1.
    #[serde(default = "default_weight", skip_serializing_if = "is_default_weight")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub weight: u32,
    /// Git, Helm and OCI repositories that its own Argo CD applications may come from, each written out; none by default.
    #[serde(default)]
    pub sources: Vec<String>,
}

fn default_weight() -> u32 {
    1
}

/// A spec that is written says nothing of it where it is the default.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_default_weight(weight: &u32) -> bool {
    *weight == default_weight()
}

/// GPUs that a team is promised.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct GpuRequest {
    /// The namespace that gets them; required where the team has several.
    #[serde(default)]
    #[schemars(extend("type" = "string"))]
    pub namespace: Option<String>,
    /// The cluster.
    pub cluster: String,
    /// The pool.
    pub pool: String,
    /// MIG profile, such as `3g.40gb`; only for MIG pools.
    #[serde(default)]
    #[schemars(extend("type" = "string"))]
    pub profile: Option<String>,
    /// GPU memory that one instance needs, such as `40Gi`: the smallest fitting MIG profile is taken.
    #[serde(default)]
    #[schemars(extend("type" = "string"))]
    pub memory: Option<String>,
    /// How many: MIG instances, shared slots or whole GPUs.
    #[schemars(range(min = 1, max = 10_000_000))]
    pub count: u32,
    /// How many more may be used while they are free. Default: 0.
    #[serde(default)]
    #[schemars(range(min = 0, max = 10_000_000))]
    pub burst: u32,
}

/// One quota, or several with a namespace each.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(inline)]
pub enum Quotas {
    /// For the team's only namespace.
    One(Quota),
    /// One per namespace.
    Many(Vec<Quota>),
}

impl Default for Quotas {
    fn default() -> Self {
        Self::Many(Vec::new())
    }
}

impl Quotas {
    /// The quotas as a list; `true` when they were written as a list.
    pub fn as_list(&self) -> (&[Quota], bool) {
        match self {
            Self::One(quota) => (std::slice::from_ref(quota), false),
            Self::Many(quotas) => (quotas, true),
        }
    }
}

/// Limits of a namespace beside its GPUs.
#[derive(Debug, Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Quota {
    /// The namespace; required where the team has several.
    #[serde(default)]
    #[schemars(extend("type" = "string"))]
    pub namespace: Option<String>,
    /// CPU cores, for requests and limits alike, such as `64` or `500m`.
    #[serde(default)]
    #[schemars(with = "Amount")]
    pub cpu: Option<Amount>,
    /// Memory, for requests and limits alike, such as `256Gi`.
    #[serde(default)]
    #[schemars(with = "Amount")]
    pub memory: Option<Amount>,
    /// Number of pods.
    #[serde(default)]
    #[schemars(range(min = 0, max = 1_000_000), extend("type" = "integer"))]
    pub pods: Option<u32>,
    /// Storage of all volume claims, such as `1Ti`.
    #[serde(default)]
    #[schemars(with = "Amount")]
    pub storage: Option<Amount>,
}

/// A Kubernetes quantity, written as a number or as text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Amount(pub String);

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::String(text) => Ok(Self(text)),
            serde_json::Value::Number(number) => Ok(Self(number.to_string())),
            _ => Err(serde::de::Error::custom("a quantity is a number or text")),
        }
    }
}

impl JsonSchema for Amount {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Amount".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": ["string", "number"]})
    }
}

/// A secret that a team reads.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct SecretAccess {
    /// Name of the secret backend.
    pub from: String,
    /// Path below the team's own, such as `ml/api-key`.
    pub path: String,
    /// Name of the file or key in the pod, a DNS-1123 label.
    #[serde(rename = "as")]
    pub name: String,
    /// Role in the backend; only with explicit isolation.
    #[serde(default)]
    #[schemars(extend("type" = "string"))]
    pub role: Option<String>,
}
