//! Waits until an object does what later objects rely on.

use std::time::Duration;

use serde_json::Value;

use super::Object;
use crate::edge::cluster::{Cluster, ClusterError, Pace, Stop};

/// The longest wait for one object.
const LIMIT: Duration = Duration::from_secs(90);

/// The longest text of a policy engine that is shown, in characters.
const LONGEST: usize = 240;

/// Waits for namespaces, CRDs and Kyverno's policies; the text says why one did not become healthy.
///
/// `now` is the object as the server returned it last.
pub(super) async fn wait(
    cluster: &Cluster,
    stop: &Stop,
    object: &Object,
    path: &str,
    now: Value,
) -> Result<Result<(), String>, ClusterError> {
    let Some(judge) = judge(object) else {
        return Ok(Ok(()));
    };
    let mut last = judge(&now);
    let mut pace = Pace::new(
        format!("waiting for {object}"),
        cluster.deadline().within(LIMIT),
        stop,
    );
    while let Some(why) = last {
        match pace.next().await {
            Ok(()) => {}
            Err(ClusterError::Deadline { seconds, .. }) => {
                return Ok(Err(format!("{why}; waited {seconds} s")));
            }
            Err(error) => return Err(error),
        }
        last = match cluster.find(path).await? {
            Some(live) => judge(&live),
            None => Some("has been deleted by somebody else".to_owned()),
        };
    }
    Ok(Ok(()))
}

type Judge = fn(&Value) -> Option<String>;

/// How to see that an object of this kind is healthy; `None` for kinds that need no wait.
fn judge(object: &Object) -> Option<Judge> {
    match (object.group(), object.kind()) {
        ("", "Namespace") => Some(namespace),
        ("apiextensions.k8s.io", "CustomResourceDefinition") => Some(established),
        ("policies.kyverno.io", kind) if kind.ends_with("Policy") => Some(ready),
        _ => None,
    }
}

fn namespace(live: &Value) -> Option<String> {
    match live["status"]["phase"].as_str() {
        Some("Active") => None,
        phase => Some(format!("is {}, not Active", phase.unwrap_or("without a phase"))),
    }
}

fn established(live: &Value) -> Option<String> {
    let conditions = live["status"]["conditions"].as_array();
    let state = |kind: &str| {
        let found = conditions.and_then(|all| all.iter().find(|condition| condition["type"] == kind));
        found.map(|condition| {
            (
                condition["status"] == "True",
                condition["message"].as_str().unwrap_or_default(),
            )
        })
    };
    match (state("Established"), state("NamesAccepted")) {
        (Some((true, _)), _) => None,
        (_, Some((false, message))) => Some(format!("is not established: {message}")),
        _ => Some("is not established".to_owned()),
    }
}

/// Kyverno's own verdict about a policy; its words when it says no.
pub(crate) fn ready(live: &Value) -> Option<String> {
    let status = &live["status"]["conditionStatus"];
    if status["ready"] == true {
        return None;
    }
    let conditions = status["conditions"].as_array().into_iter().flatten();
    let words: Vec<&str> = conditions
        .filter(|condition| condition["status"] != "True")
        .filter_map(|condition| condition["message"].as_str())
        .filter(|message| !message.is_empty())
        .collect();
    if words.is_empty() {
        return Some("is not ready: the policy engine has not accepted it".to_owned());
    }
    // Kyverno lists every missing permission one by one.
    let words = words.join("; ");
    let shown: String = words.chars().take(LONGEST).collect();
    let more = if shown == words { "" } else { " …" };
    Some(format!("is not ready: {shown}{more}"))
}

#[cfg(test)]
mod tests;
