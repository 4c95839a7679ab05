//! The device plugin's document, read without mercy: k8s-device-plugin v0.20.0 `api/config/v1`, of which this knows only
//! what has an effect; the real one passes over all else in silence.

use serde::Deserialize;
use serde_yaml::Value;

use super::Advertised;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    version: String,
    flags: Flags,
    sharing: Option<Sharing>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Flags {
    mig_strategy: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Sharing {
    time_slicing: Option<Replicated>,
    mps: Option<Replicated>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Replicated {
    #[serde(default)]
    rename_by_default: bool,
    #[serde(default, rename = "failRequestsGreaterThanOne")]
    _fail_requests_greater_than_one: bool,
    resources: Vec<Resource>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Resource {
    name: String,
    replicas: u64,
}

/// What is advertised of these resources once they are shared as the document says.
pub(super) fn shared(text: &str, mut advertised: Advertised) -> Result<Advertised, String> {
    let value: Value = serde_yaml::from_str(text).map_err(|error| error.to_string())?;
    let config: Config = serde_yaml::from_value(value).map_err(|error| error.to_string())?;
    if config.version != "v1" {
        return Err(format!("version `{}` is not `v1`", config.version));
    }
    if config.flags.mig_strategy != "mixed" {
        return Err(format!("strategy `{}` is not `mixed`", config.flags.mig_strategy));
    }
    let Some(sharing) = config.sharing else {
        return Ok(advertised);
    };
    let has_mig = advertised
        .keys()
        .any(|resource| resource.starts_with("nvidia.com/mig-"));
    let replicated = match (sharing.time_slicing, sharing.mps) {
        (Some(_), Some(_)) => return Err("`timeSlicing` beside `mps` has no effect".to_string()),
        (None, Some(_)) if has_mig => return Err("`mps` is not supported for MIG devices".to_string()),
        (Some(replicated), None) | (None, Some(replicated)) => replicated,
        (None, None) => return Err("`sharing` without a way to share".to_string()),
    };
    if replicated.resources.is_empty() {
        return Err("`resources` is empty".to_string());
    }
    for resource in &replicated.resources {
        if resource.replicas < 2 {
            return Err(format!("{} replicas of `{}`", resource.replicas, resource.name));
        }
        let count = advertised
            .remove(&resource.name)
            .ok_or_else(|| format!("`{}` is nothing that the node has", resource.name))?;
        let suffix = if replicated.rename_by_default {
            ".shared"
        } else {
            ""
        };
        advertised.insert(format!("{}{suffix}", resource.name), count * resource.replicas);
    }
    Ok(advertised)
}
