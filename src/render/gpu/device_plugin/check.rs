//! A strict reader of device-plugin configurations: the device plugin accepts and ignores what it does not know.

use serde_json::{Map, Value};

/// All that is wrong with a configuration, each as a sentence; empty when it is sound.
///
/// `has_mig` says whether its nodes have MIG instances: MPS does not start there.
pub fn check(config: &Value, has_mig: bool) -> Vec<String> {
    let mut problems = Vec::new();
    let top = map(
        config,
        "document",
        &["version", "flags", "sharing"],
        &mut problems,
    );
    if top.get("version") != Some(&Value::from("v1")) {
        problems.push("version is not `v1`".to_owned());
    }
    let flags = top.get("flags").unwrap_or(&Value::Null);
    let flags = map(flags, "`flags`", &["migStrategy"], &mut problems);
    if flags.get("migStrategy") != Some(&Value::from("mixed")) {
        problems.push("`migStrategy` is not `mixed`".to_owned());
    }
    if let Some(sharing) = top.get("sharing") {
        let blocks = map(sharing, "`sharing`", &["timeSlicing", "mps"], &mut problems);
        if blocks.len() != 1 {
            problems.push("`sharing` has not exactly one of `timeSlicing` and `mps`".to_owned());
        }
        if has_mig && blocks.contains_key("mps") {
            problems.push("`mps` does not start on nodes with MIG instances".to_owned());
        }
        for block in blocks.values() {
            check_block(block, &mut problems);
        }
    }
    problems
}

fn check_block(block: &Value, problems: &mut Vec<String>) {
    let known = ["renameByDefault", "failRequestsGreaterThanOne", "resources"];
    let block = map(block, "sharing block", &known, problems);
    for key in ["renameByDefault", "failRequestsGreaterThanOne"] {
        if block.get(key) != Some(&Value::Bool(true)) {
            problems.push(format!("`{key}` is not true"));
        }
    }
    let resources = block.get("resources").and_then(Value::as_array);
    let Some(resources) = resources.filter(|resources| !resources.is_empty()) else {
        problems.push("`resources` is not a list with entries".to_owned());
        return;
    };
    let mut seen = std::collections::BTreeSet::new();
    for resource in resources {
        // `devices` and `rename` are among the unknown keys: the plugin would ignore them.
        let resource = map(resource, "resource", &["name", "replicas"], problems);
        let name = resource.get("name").and_then(Value::as_str).unwrap_or_default();
        if !name.starts_with("nvidia.com/") || name.len() > 63 {
            problems.push(format!(
                "`{name}` is not a resource of at most 63 characters below `nvidia.com/`"
            ));
        }
        if !seen.insert(name.to_owned()) {
            problems.push(format!("`{name}` is shared twice"));
        }
        match resource.get("replicas").and_then(Value::as_u64) {
            Some(2..=0x7fff_ffff) => {}
            _ => problems.push(format!("`{name}` has no number of replicas from 2 on")),
        }
    }
}

/// The keys of a map; a problem for each that the plugin does not read, and when it is no map.
fn map(value: &Value, what: &str, known: &[&str], problems: &mut Vec<String>) -> Map<String, Value> {
    let Some(map) = value.as_object() else {
        problems.push(format!("{what} is not a map"));
        return Map::new();
    };
    for key in map.keys().filter(|key| !known.contains(&key.as_str())) {
        problems.push(format!("{what} has the unknown key `{key}`"));
    }
    map.clone()
}

#[cfg(test)]
mod tests;
