//! Whether one pod alone asks for more than the namespace's quota has.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::units::parse_milli;

/// What the quota admission would say, in its words; only extended resources are judged, the rest has defaults, and
/// whether there may be a pod at all.
pub(super) fn exceeded(hard: &BTreeMap<String, String>, object: &Value) -> Option<String> {
    if object["kind"] != "Pod" {
        return None;
    }
    if hard.get("pods").is_some_and(|pods| pods == "0") {
        return Some("exceeded quota: tenant, requested: pods=1, limited: pods=0".to_owned());
    }
    let asked = requests(&object["spec"]);
    let over = asked.into_iter().filter_map(|(resource, milli)| {
        let limit = hard.get(&format!("requests.{resource}"))?;
        (milli > parse_milli(limit)?).then(|| {
            format!(
                "exceeded quota: tenant, requested: requests.{resource}={}, limited: {limit}",
                milli / 1000
            )
        })
    });
    over.into_iter().next()
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
