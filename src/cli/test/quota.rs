//! Whether one pod alone asks for more than the namespace's quota has.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::plan::{BURST_CLASS, ClusterPlan, GUARANTEED_QUOTA, TENANT_OBJECT, Tenant};
use crate::units::parse_milli;

/// What the quota admission would say, in its words; only extended resources are judged, the rest has defaults, and
/// whether there may be a pod at all.
pub(super) fn exceeded(cluster: &ClusterPlan, tenant: &Tenant, object: &Value) -> Option<String> {
    if object["kind"] != "Pod" {
        return None;
    }
    let hard = tenant.hard(cluster);
    if hard.get("pods").is_some_and(|pods| pods == "0") {
        return Some(format!(
            "exceeded quota: {TENANT_OBJECT}, requested: pods=1, limited: pods=0"
        ));
    }
    let bursts = object["spec"]["priorityClassName"] == BURST_CLASS;
    let guaranteed = tenant.guaranteed(cluster).filter(|_| !bursts);
    let asked = requests(&object["spec"]);
    let over = |name: &str, hard: &BTreeMap<String, String>| {
        asked.iter().find_map(|(resource, milli)| {
            let limit = hard.get(&format!("requests.{resource}"))?;
            (*milli > parse_milli(limit)?).then(|| {
                format!(
                    "exceeded quota: {name}, requested: requests.{resource}={}, limited: {limit}",
                    milli / 1000
                )
            })
        })
    };
    over(TENANT_OBJECT, &hard).or_else(|| over(GUARANTEED_QUOTA, &guaranteed?))
}

/// Extended resources of a pod: containers added up, or the largest init container where that is more.
fn requests(spec: &Value) -> BTreeMap<String, i128> {
    let of = |container: &Value| -> BTreeMap<String, i128> {
        let side = |side: &str| {
            container["resources"][side]
                .as_object()
                .cloned()
                .unwrap_or_default()
        };
        let extended = side("limits")
            .into_iter()
            .chain(side("requests"))
            .filter(|(name, _)| name.contains('/'));
        extended
            .filter_map(|(name, value)| Some((name, amount(&value)?)))
            .collect()
    };
    let list = |key: &str| spec[key].as_array().cloned().unwrap_or_default();
    let mut sum: BTreeMap<String, i128> = BTreeMap::new();
    for container in list("containers") {
        for (name, milli) in of(&container) {
            *sum.entry(name).or_default() += milli;
        }
    }
    for container in list("initContainers") {
        for (name, milli) in of(&container) {
            let entry = sum.entry(name).or_default();
            *entry = (*entry).max(milli);
        }
    }
    sum
}

fn amount(value: &Value) -> Option<i128> {
    match value {
        Value::String(text) => parse_milli(text),
        Value::Number(number) => parse_milli(&number.to_string()),
        _ => None,
    }
}
