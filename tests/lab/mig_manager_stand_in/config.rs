//! The MIG manager's document, read without mercy: mig-parted `version: v1` (v0.15.0, `api/spec/v1/spec.go`).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_yaml::Value;

/// Instances by profile.
pub(super) type Layout = BTreeMap<String, u64>;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Document {
    version: String,
    mig_configs: BTreeMap<String, Vec<Entry>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Entry {
    devices: Devices,
    mig_enabled: bool,
    mig_devices: Option<Layout>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Devices {
    Word(String),
    Some(Vec<u32>),
}

/// What each GPU of a node holds by the named configuration; `None` is MIG off.
pub(super) fn layouts(text: &str, name: &str, gpus: u32) -> Result<Vec<Option<Layout>>, String> {
    // Through a value first: it refuses a key that is there twice, which a map would take in silence.
    let value: Value = serde_yaml::from_str(text).map_err(|error| error.to_string())?;
    let document: Document = serde_yaml::from_value(value).map_err(|error| error.to_string())?;
    if document.version != "v1" {
        return Err(format!("version `{}` is not `v1`", document.version));
    }
    // Every configuration, not only the one that is asked for: the real one parses the whole document as well.
    for (name, entries) in &document.mig_configs {
        if entries.is_empty() {
            return Err(format!("`{name}` has no entry"));
        }
        entries
            .iter()
            .try_for_each(Entry::check)
            .map_err(|cause| format!("`{name}`: {cause}"))?;
    }
    let entries = document
        .mig_configs
        .get(name)
        .ok_or_else(|| format!("there is no configuration `{name}`"))?;
    let mut matched: Vec<Option<Option<Layout>>> = vec![None; gpus as usize];
    for entry in entries {
        let devices = match &entry.devices {
            Devices::Word(_) => (0..gpus).collect(),
            Devices::Some(devices) => devices.clone(),
        };
        for index in devices {
            let gpu = matched
                .get_mut(index as usize)
                .ok_or_else(|| format!("`{name}`: there is no GPU {index}, the node has {gpus}"))?;
            let layout = entry
                .mig_enabled
                .then(|| entry.mig_devices.clone().unwrap_or_default());
            if gpu.replace(layout).is_some() {
                return Err(format!("`{name}`: GPU {index} is matched twice"));
            }
        }
    }
    let layouts = matched.into_iter().enumerate();
    layouts
        .map(|(index, gpu)| gpu.ok_or_else(|| format!("`{name}`: GPU {index} is matched by no entry")))
        .collect()
}

impl Entry {
    fn check(&self) -> Result<(), String> {
        match &self.devices {
            Devices::Word(word) if word != "all" => return Err(format!("`devices: {word}` is not `all`")),
            Devices::Some(devices) if devices.is_empty() => return Err("`devices` is empty".to_string()),
            _ => {}
        }
        match (self.mig_enabled, &self.mig_devices) {
            (true, None) => Err("`mig-enabled` without `mig-devices`".to_string()),
            (false, Some(layout)) if !layout.is_empty() => {
                Err("`mig-devices` without `mig-enabled`".to_string())
            }
            (_, Some(layout)) if layout.values().any(|count| *count == 0) => {
                Err("an instance of which there are 0".to_string())
            }
            _ => Ok(()),
        }
    }
}
