//! Writes one stage, wave by wave.

use std::sync::Arc;

use super::load::Stage;
use super::report::{Action, Row};
use super::write::{Context, crd_kind, write};
use super::{Object, order};
use crate::edge::cluster::{ClusterError, Discovery, Pace, bounded};

/// Writes a stage; the rows come in the order of the files inside each wave, with the error that ended it early.
pub(super) async fn run(
    context: &Context,
    stage: Stage,
    rows: &mut Vec<Row>,
    notify: &dyn Fn(&Row),
) -> Result<(), ClusterError> {
    let mut fresh = Vec::new();
    for wave in order::waves(stage.objects) {
        let discovery = discover(context, &wave, &fresh).await?;
        fresh.extend(wave.iter().filter_map(crd_kind));
        wave_of(context, stage.name, Arc::new(discovery), wave, rows, notify).await?;
    }
    Ok(())
}

/// Looks up the kinds of a wave; those that this stage has just brought are waited for.
async fn discover(context: &Context, wave: &[Object], fresh: &[String]) -> Result<Discovery, ClusterError> {
    let awaited: Vec<&Object> = wave
        .iter()
        .filter(|object| !context.dry_run && fresh.contains(&format!("{}/{}", object.group(), object.kind())))
        .collect();
    let limit = context
        .cluster
        .deadline()
        .within(std::time::Duration::from_secs(30));
    let mut pace = Pace::new("waiting for new kinds to be served", limit, &context.stop);
    loop {
        let discovery = Discovery::learn(&context.cluster, wave.iter().map(Object::api_version)).await?;
        let served = |object: &&Object| discovery.resource(object.api_version(), object.kind()).is_some();
        if awaited.iter().all(served) {
            return Ok(discovery);
        }
        match pace.next().await {
            Ok(()) => {}
            // Not served although its definition is there: each object says so in its own row.
            Err(ClusterError::Deadline { .. }) => return Ok(discovery),
            Err(error) => return Err(error),
        }
    }
}

async fn wave_of(
    context: &Context,
    stage: &'static str,
    discovery: Arc<Discovery>,
    wave: Vec<Object>,
    rows: &mut Vec<Row>,
    notify: &dyn Fn(&Row),
) -> Result<(), ClusterError> {
    let names: Vec<String> = wave.iter().map(Object::to_string).collect();
    let job = |object: Object| {
        let (context, discovery) = (context.clone(), discovery.clone());
        async move {
            context.stop.check(&format!("writing {object}"))?;
            write(&context, stage, &discovery, &object).await
        }
    };
    let results = bounded(wave, job, |result| {
        match result {
            Ok(row) => notify(row),
            // The others would run into the same wall.
            Err(_) => context.stop.request(),
        }
    })
    .await;
    let mut ended = None;
    for (name, result) in names.into_iter().zip(results) {
        match result {
            Some(Ok(row)) => rows.push(row),
            Some(Err(error)) => {
                // The first cause counts; that the others were told to stop is its consequence.
                let consequence = matches!(error, ClusterError::Interrupted { .. });
                if ended.is_none() || !consequence {
                    ended = Some(error);
                }
            }
            None => {
                rows.push(Row::new(stage, name, Action::Failed).saying("the program failed: this is a bug"))
            }
        }
    }
    ended.map_or(Ok(()), Err)
}
