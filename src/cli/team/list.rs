//! `platform team list`.

use std::process::ExitCode;

use serde_json::{Value, json};

use super::super::args::Global;
use super::super::failure::Failure;
use super::super::{load, output};
use crate::model::{Model, Team};

/// GPUs of one request of a team.
struct Gpus<'m> {
    namespace: &'m str,
    cluster: &'m str,
    pool: &'m str,
    resource: String,
    count: u32,
}

pub(super) fn run(global: &Global) -> Result<ExitCode, Failure> {
    let loaded = load::load(global)?;
    let model = &loaded.plan.model;
    let teams: Vec<Value> = model.teams.iter().map(|team| document(model, team)).collect();
    let document = json!({
        "apiVersion": "tenancy.platform/v1alpha1",
        "kind": "TeamList",
        "teams": teams,
    });
    output::document(global, &document, || {
        let rows: Vec<Vec<String>> = model.teams.iter().map(|team| row(model, team)).collect();
        output::table(
            &["TEAM", "NAMESPACES", "CLUSTERS", "GPUS", "FROZEN", "GROUPS"],
            &rows,
        )
    })?;
    Ok(ExitCode::SUCCESS)
}

fn gpus<'m>(model: &'m Model, team: &'m Team) -> Vec<Gpus<'m>> {
    let requests = team
        .namespaces
        .iter()
        .flat_map(|namespace| namespace.gpus.iter().map(move |request| (namespace, request)));
    requests
        .map(|(namespace, request)| {
            let cluster = &model.clusters[request.cluster];
            Gpus {
                namespace: namespace.name.as_str(),
                cluster: cluster.name.as_str(),
                pool: cluster.pools[request.pool].name.as_str(),
                resource: request.share.resource(),
                count: request.count,
            }
        })
        .collect()
}

fn clusters<'m>(model: &'m Model, team: &Team) -> Vec<&'m str> {
    team.clusters
        .iter()
        .map(|index| model.clusters[*index].name.as_str())
        .collect()
}

fn namespaces(team: &Team) -> Vec<&str> {
    team.namespaces
        .iter()
        .map(|namespace| namespace.name.as_str())
        .collect()
}

fn document(model: &Model, team: &Team) -> Value {
    let gpus: Vec<Value> = gpus(model, team)
        .iter()
        .map(|gpus| {
            json!({
                "namespace": gpus.namespace,
                "cluster": gpus.cluster,
                "pool": gpus.pool,
                "resource": gpus.resource,
                "count": gpus.count,
            })
        })
        .collect();
    json!({
        "name": team.name.as_str(),
        "namespaces": namespaces(team),
        "clusters": clusters(model, team),
        "gpus": gpus,
        "frozen": team.frozen,
        "groups": team.groups,
        "owners": team.owners,
    })
}

fn row(model: &Model, team: &Team) -> Vec<String> {
    let gpus: Vec<String> = gpus(model, team)
        .iter()
        .map(|gpus| {
            format!(
                "{} × {} ({}/{})",
                gpus.count, gpus.resource, gpus.cluster, gpus.pool
            )
        })
        .collect();
    let dash = |text: String| if text.is_empty() { "-".to_owned() } else { text };
    vec![
        team.name.to_string(),
        namespaces(team).join(", "),
        clusters(model, team).join(", "),
        dash(gpus.join(", ")),
        if team.frozen { "yes" } else { "no" }.to_owned(),
        dash(team.groups.join(", ")),
    ]
}
