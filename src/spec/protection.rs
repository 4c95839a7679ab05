//! What a regulated company may demand beyond the defaults: no sharing between teams, short tokens, records.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Whether teams may share GPUs that isolate neither memory nor faults.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum CrossTeamSharing {
    /// With a waiver that has an owner, a reason and an end.
    #[default]
    Waiver,
    /// Never.
    Refused,
}

/// What every secret backend must grant and record.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct SecretPolicy {
    /// How long a tenant's token lives unless it is renewed, `1m` to `24h`. Default: `15m`.
    #[serde(default = "default_token_ttl")]
    pub token_ttl: String,
    /// How long it lives at most, renewals included. Default: `1h`.
    #[serde(default = "default_token_max_ttl")]
    pub token_max_ttl: String,
    /// Whether the backend must record every request in an audit device (OpenBao: in its own configuration). Default: false.
    #[serde(default)]
    pub audit: bool,
}

impl Default for SecretPolicy {
    fn default() -> Self {
        Self {
            token_ttl: default_token_ttl(),
            token_max_ttl: default_token_max_ttl(),
            audit: false,
        }
    }
}

fn default_token_ttl() -> String {
    "15m".to_owned()
}

fn default_token_max_ttl() -> String {
    "1h".to_owned()
}
