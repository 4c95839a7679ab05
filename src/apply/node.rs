//! Labels and taints the nodes of each pool; nodes are never objects of the repository.

use serde_json::{Value, json};

use super::node_plan::{MIG_CONFIG, labels_of, seen, selector, tainted, warnings};
use super::placement::place;
use super::report::{Action, Row};
use super::write::{Context, failed};
use super::{FIELD_MANAGER, Object, differ};
use crate::edge::cluster::{Call, ClusterError, Refusal, bounded};
use crate::plan::PoolNodes;

const STAGE: &str = "nodes";
const NODES: &str = "/api/v1/nodes";
/// How often a taint is tried when somebody else changes the node at the same time.
const TRIES: usize = 5;

/// Brings the nodes of all pools to the plan.
pub(super) async fn run(
    context: &Context,
    pools: Vec<PoolNodes>,
    rows: &mut Vec<Row>,
    notify: &dyn Fn(&Row),
) -> Result<(), ClusterError> {
    for pool in pools {
        let mut nodes = context.cluster.list(NODES, Some(&selector(&pool))).await?;
        nodes.sort_by_key(|node| node["metadata"]["name"].as_str().map(str::to_owned));
        let placement = place(&pool, &seen(&nodes));
        for warning in warnings(&pool, nodes.len(), &placement.missing) {
            let row = Row::new(STAGE, format!("pool {}", pool.name), Action::Warning).saying(warning);
            notify(&row);
            rows.push(row);
        }
        let job = |node: Value| {
            let (context, pool) = (context.clone(), pool.clone());
            let name = node["metadata"]["name"].as_str().unwrap_or_default();
            let index = placement.places.get(name).copied();
            async move {
                context.stop.check("labelling nodes")?;
                one(&context, &pool, index, &node).await
            }
        };
        let done = |result: &Result<Row, ClusterError>| {
            if let Ok(row) = result {
                notify(row);
            }
        };
        for result in bounded(nodes, job, done).await.into_iter().flatten() {
            rows.push(result?);
        }
    }
    Ok(())
}

async fn one(
    context: &Context,
    pool: &PoolNodes,
    index: Option<u32>,
    node: &Value,
) -> Result<Row, ClusterError> {
    let metadata = &node["metadata"];
    let wanted = json!({
        "apiVersion": "v1",
        "kind": "Node",
        // With the uid an apply can never create a node that has just left.
        "metadata": {"name": metadata["name"], "uid": metadata["uid"], "labels": labels_of(pool, index)},
    });
    let Ok(object) = Object::new(wanted) else {
        return Ok(Row::new(STAGE, "Node without a name", Action::Failed));
    };
    let row = |action: Action| Row::new(STAGE, &object, action);
    let result = async {
        let labels = label(context, &object).await?;
        Ok((labels, taint(context, &object, pool).await?))
    };
    match result.await {
        Ok((None, false)) => Ok(row(Action::Unchanged)),
        Ok((labels, tainted)) => {
            let action = if context.dry_run {
                Action::WouldChange
            } else {
                Action::Changed
            };
            let taint = tainted.then(|| "`spec.taints`".to_owned());
            let parts: Vec<String> = labels.into_iter().chain(taint).collect();
            Ok(row(action).saying(parts.join(", ")))
        }
        Err(error) if ClusterError::is_fatal(&error) => Err(error),
        Err(error) => Ok(failed(row(Action::Failed), &object, &error)),
    }
}

/// Applies the labels; returns the fields that differed.
///
/// The GPU operator writes the MIG label first, so that one field alone is taken over without being asked.
async fn label(context: &Context, node: &Object) -> Result<Option<String>, ClusterError> {
    let cluster = &context.cluster;
    let path = format!("{NODES}/{}", node.name());
    let live = cluster.call(&Call::get(path.as_str())).await?;
    let apply = |force: bool| Call::apply(path.as_str(), node.value().clone(), FIELD_MANAGER, force);
    let (next, force) = match cluster.call(&apply(false).dry_run()).await {
        Ok(next) => (next, false),
        Err(error) if error.refusal().is_some_and(only_mig) || context.force_conflicts => {
            (cluster.call(&apply(true).dry_run()).await?, true)
        }
        Err(error) => return Err(error),
    };
    let change = differ::changes(&live, &next);
    if change.is_some() && !context.dry_run {
        cluster.call(&apply(force)).await?;
    }
    Ok(change)
}

fn only_mig(refusal: &Refusal) -> bool {
    let conflicts = refusal.conflicts();
    let field = format!(".metadata.labels.{MIG_CONFIG}");
    !conflicts.is_empty() && conflicts.iter().all(|(name, _)| *name == field)
}

/// Adds the taint when it is missing; returns whether it was.
async fn taint(context: &Context, node: &Object, pool: &PoolNodes) -> Result<bool, ClusterError> {
    let path = format!("{NODES}/{}", node.name());
    let mut tries = 0;
    loop {
        tries += 1;
        let live = context.cluster.call(&Call::get(path.as_str())).await?;
        let Some(taints) = tainted(&live["spec"]["taints"], pool) else {
            return Ok(false);
        };
        // The list is replaced as a whole: only with the version that was read.
        let patch = json!([
            {"op": "test", "path": "/metadata/resourceVersion", "value": live["metadata"]["resourceVersion"]},
            {"op": "add", "path": "/spec/taints", "value": taints},
        ]);
        let mut call = Call::json_patch(path.as_str(), patch, FIELD_MANAGER);
        if context.dry_run {
            call = call.dry_run();
        }
        match context.cluster.call(&call).await {
            Ok(_) => return Ok(true),
            Err(error) => {
                let raced = error
                    .refusal()
                    .is_some_and(|refusal| matches!(refusal.code, 409 | 422));
                if !raced || tries >= TRIES {
                    return Err(error);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edge::cluster::Cause;

    #[test]
    fn only_the_mig_label_is_taken_over() {
        let refusal = |fields: &[&str]| Refusal {
            code: 409,
            causes: fields
                .iter()
                .map(|field| Cause {
                    reason: "FieldManagerConflict".into(),
                    message: "conflict with \"x\"".into(),
                    field: (*field).into(),
                })
                .collect(),
            ..Refusal::default()
        };
        let (mig, other) = (
            ".metadata.labels.nvidia.com/mig.config",
            ".metadata.labels.gpu-type",
        );
        for (fields, expected) in [
            (vec![mig], true),
            (vec![mig, other], false),
            (vec![other], false),
            (vec![], false),
        ] {
            assert_eq!(only_mig(&refusal(&fields)), expected, "{fields:?}");
        }
    }
}
