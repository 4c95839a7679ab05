//! Writes one object: look, dry run, compare, and only then write.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;

use super::report::{Action, Row};
use super::{FIELD_MANAGER, Object, components, differ, health};
use crate::edge::cluster::{Call, Cluster, ClusterError, Discovery, Refusal, Resource, Stop};

/// What all objects of a run share.
#[derive(Clone)]
pub(super) struct Context {
    pub(super) cluster: Cluster,
    pub(super) stop: Stop,
    pub(super) dry_run: bool,
    pub(super) force_conflicts: bool,
    /// Namespaces that this run brings.
    pub(super) namespaces: Arc<BTreeSet<String>>,
    /// `group/Kind` of the CRDs that this run brings.
    pub(super) kinds: Arc<BTreeSet<String>>,
}

/// Brings one object to the server; an error means that nothing further should be tried.
pub(super) async fn write(
    context: &Context,
    stage: &str,
    discovery: &Discovery,
    object: &Object,
) -> Result<Row, ClusterError> {
    let row = |action: Action| Row::new(stage, object, action);
    let Some(resource) = discovery.resource(object.api_version(), object.kind()) else {
        let planned = context
            .kinds
            .contains(&format!("{}/{}", object.group(), object.kind()));
        return Ok(if context.dry_run && planned {
            row(Action::WouldCreate)
        } else {
            let message = format!(
                "`{}` of `{}` is not served by this cluster",
                object.kind(),
                object.api_version()
            );
            row(Action::Needs(components::component(object.api_version()))).saying(message)
        });
    };
    if resource.namespaced && object.namespace().is_none() {
        return Ok(row(Action::Failed).saying("it has no `metadata.namespace`"));
    }
    let tried = attempt(context, object, resource).await;
    match tried {
        Ok((action, message)) => Ok(row(action).saying(message)),
        Err(error) if error.is_fatal() => Err(error),
        Err(error) => Ok(failed(row(Action::Failed), object, &error)),
    }
}

async fn attempt(
    context: &Context,
    object: &Object,
    resource: &Resource,
) -> Result<(Action, String), ClusterError> {
    let cluster = &context.cluster;
    let path = resource.path(object.namespace(), object.name());
    let live = cluster.find(&path).await?;
    if let Some(since) = live
        .as_ref()
        .and_then(|live| live["metadata"]["deletionTimestamp"].as_str())
    {
        let message = format!("it is being deleted since {since}: apply again when it is gone");
        return Ok((Action::Failed, message));
    }
    let apply = |force: bool| Call::apply(path.as_str(), object.value().clone(), FIELD_MANAGER, force);
    let (next, taken) = match cluster.call(&apply(false).dry_run()).await {
        Ok(next) => (next, String::new()),
        Err(error)
            if context.dry_run && live.is_none() && misses_planned_namespace(context, object, &error) =>
        {
            return Ok((Action::WouldCreate, String::new()));
        }
        Err(error) => match error.refusal().map(Refusal::conflicts) {
            Some(conflicts) if context.force_conflicts && !conflicts.is_empty() => {
                let next = cluster.call(&apply(true).dry_run()).await?;
                (next, format!("taken over: {}", owners(&conflicts)))
            }
            _ => return Err(error),
        },
    };
    let change = live.as_ref().map(|live| differ::changes(live, &next));
    let (action, message) = match (&change, context.dry_run) {
        (None, true) => (Action::WouldCreate, String::new()),
        (None, false) => (Action::Created, String::new()),
        (Some(None), _) => (Action::Unchanged, String::new()),
        (Some(Some(fields)), true) => (Action::WouldChange, fields.clone()),
        (Some(Some(fields)), false) => (Action::Changed, fields.clone()),
    };
    let message = if taken.is_empty() {
        message
    } else {
        format!("{message}; {taken}")
    };
    if context.dry_run {
        return Ok((action, message));
    }
    let now = match live {
        Some(live) if action == Action::Unchanged => live,
        _ => cluster.call(&apply(!taken.is_empty())).await?,
    };
    match health::wait(cluster, &context.stop, object, &path, now).await? {
        Ok(()) => Ok((action, message)),
        Err(why) => Ok((Action::Failed, why)),
    }
}

/// Whether a dry run failed only because the namespace comes with this very run.
fn misses_planned_namespace(context: &Context, object: &Object, error: &ClusterError) -> bool {
    let missing = |namespace: &str| {
        error.is_not_found() && error.to_string().contains(&format!("namespaces \"{namespace}\""))
    };
    object
        .namespace()
        .is_some_and(|namespace| context.namespaces.contains(namespace) && missing(namespace))
}

pub(super) fn owners(conflicts: &[(&str, &str)]) -> String {
    let one = |(field, manager): &(&str, &str)| format!("`{}` of `{manager}`", field.trim_start_matches('.'));
    conflicts.iter().map(one).collect::<Vec<_>>().join(", ")
}

pub(super) fn failed(row: Row, object: &Object, error: &ClusterError) -> Row {
    let Some(refusal) = error.refusal() else {
        return row.saying(error.to_string());
    };
    let conflicts = refusal.conflicts();
    let message = if !conflicts.is_empty() {
        format!(
            "another manager owns {}: nothing was written; --force-conflicts takes it over",
            owners(&conflicts)
        )
    } else if object.kind() == "Secret" {
        // A validation message may quote the value.
        format!("the server refused it ({} {})", refusal.code, refusal.reason)
    } else {
        refusal.to_string()
    };
    Row {
        denied: refusal.is_unauthorized(),
        ..row.saying(message)
    }
}

/// `group/Kind` of a CRD.
pub(super) fn crd_kind(object: &Object) -> Option<String> {
    let spec = &object.value()["spec"];
    let is_crd = object.kind() == "CustomResourceDefinition";
    let text = |value: &Value| value.as_str().map(str::to_owned);
    is_crd.then(|| {
        Some(format!(
            "{}/{}",
            text(&spec["group"])?,
            text(&spec["names"]["kind"])?
        ))
    })?
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edge::cluster::Cause;
    use serde_json::json;

    #[test]
    fn refusals_name_owner_and_field_and_never_a_secret() {
        let object = |kind: &str| {
            Object::new(
                json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": "a", "namespace": "b"}}),
            )
            .expect("an object")
        };
        let error = |code: u16, causes: Vec<Cause>| ClusterError::Refused {
            doing: "PATCH".into(),
            refusal: Refusal {
                code,
                reason: "Invalid".into(),
                message: "value hunter2 is bad".into(),
                causes,
            },
        };
        let conflict = Cause {
            reason: "FieldManagerConflict".into(),
            message: "conflict with \"kubectl\" using v1".into(),
            field: ".data.a".into(),
        };
        for (kind, error, text, denied) in [
            (
                "ConfigMap",
                error(409, vec![conflict]),
                "another manager owns `data.a` of `kubectl`: nothing was written; --force-conflicts takes it over",
                false,
            ),
            (
                "Secret",
                error(422, vec![]),
                "the server refused it (422 Invalid)",
                false,
            ),
            (
                "ConfigMap",
                error(403, vec![]),
                "value hunter2 is bad (403)",
                true,
            ),
        ] {
            let object = object(kind);
            let row = failed(Row::new("s", &object, Action::Failed), &object, &error);
            assert_eq!((row.message.as_str(), row.denied), (text, denied), "{kind}");
        }
    }

    #[test]
    fn a_crd_says_which_kind_it_brings() {
        let crd = json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "a.b"},
            "spec": {"group": "b.io", "names": {"kind": "A"}}});
        let object = Object::new(crd).expect("an object");
        assert_eq!(crd_kind(&object).as_deref(), Some("b.io/A"));
    }
}
