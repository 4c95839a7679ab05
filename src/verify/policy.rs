//! Is the policy there as rendered, accepted by its engine, and does it deny what it must deny?

use serde_json::Value;

use super::fence::meaning;
use super::report::Finding;
use crate::apply::{Object, policy_ready};
use crate::edge::cluster::{Cluster, ClusterError, Discovery};
use crate::spec::Mode;

/// A rendered object and its live counterpart; `None` when there is none.
pub(super) type Pair = (Object, Option<Value>);

/// Looks up the live counterparts of a policy's objects; a kind that is not served has none.
pub(super) async fn ask(
    cluster: &Cluster,
    discovery: &Discovery,
    rendered: &[Object],
) -> Result<Vec<Pair>, ClusterError> {
    let mut pairs = Vec::with_capacity(rendered.len());
    for object in rendered {
        let resource = discovery.resource(object.api_version(), object.kind());
        let live = match resource {
            Some(resource) => {
                cluster
                    .find(&resource.path(object.namespace(), object.name()))
                    .await?
            }
            None => None,
        };
        pairs.push((object.clone(), live));
    }
    Ok(pairs)
}

/// Judges the objects of a policy.
pub(super) fn judge(id: &str, mode: Mode, pairs: &[Pair]) -> Finding {
    if pairs.is_empty() {
        return Finding::not_assessed(format!("policy `{id}` is not rendered for this cluster"));
    }
    for (object, live) in pairs {
        let Some(live) = live else {
            return Finding::not_satisfied(format!("policy `{id}` is missing: there is no `{object}`"));
        };
        if !live["metadata"]["deletionTimestamp"].is_null() {
            return Finding::not_satisfied(format!("policy `{id}` is being deleted: `{object}`"));
        }
        if let Some(text) = acts(mode, object.value(), live) {
            return Finding::not_satisfied(format!("policy `{id}` {text}"));
        }
        if let Some(text) = meaning(object.value(), live) {
            return Finding::not_satisfied(format!(
                "policy `{id}` differs from what is rendered: `{object}`: {text}"
            ));
        }
        let kyverno = object.group() == "policies.kyverno.io";
        if let Some(why) = kyverno.then(|| policy_ready(live)).flatten() {
            return Finding::not_satisfied(format!("policy `{id}` {why}"));
        }
    }
    Finding::satisfied(match mode {
        Mode::Enforce => "acts as Deny",
        Mode::Audit => "acts as Audit",
    })
}

/// What is wrong with the actions of an object that has actions.
fn acts(mode: Mode, rendered: &Value, live: &Value) -> Option<String> {
    let actions = |object: &Value| -> Vec<String> {
        let list = object["spec"]["validationActions"]
            .as_array()
            .into_iter()
            .flatten();
        list.filter_map(|action| action.as_str().map(str::to_owned))
            .collect()
    };
    let found = actions(live);
    if actions(rendered).is_empty() && found.is_empty() {
        return None;
    }
    let denies = found.iter().any(|action| action == "Deny");
    let expected = match mode {
        Mode::Enforce => "Deny",
        Mode::Audit => "Audit",
    };
    let right = denies == (mode == Mode::Enforce) && !found.is_empty();
    let found = if found.is_empty() {
        "nothing".to_owned()
    } else {
        found.join(", ")
    };
    (!right).then(|| format!("acts as {found}, expected {expected}"))
}

#[cfg(test)]
mod tests;
