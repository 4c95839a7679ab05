//! Where each object of a rendered file comes from, and who set what in it.

use std::collections::BTreeSet;

use serde_json::Value;

use super::overlay::{is_delivered, patched, place};
use super::{RenderError, generate, yaml};
use crate::overlay::Change;
use crate::plan::Plan;

/// The origin of one rendered file.
#[derive(Debug, Clone, PartialEq)]
pub struct Explained {
    /// Its path in the render.
    pub path: String,
    /// What made it, below `blueprints/`.
    pub blueprint: &'static str,
    /// The places of the spec that it follows from: what is there, and `file:line:column`.
    pub spec: Vec<(String, String)>,
    /// What overlays changed in the spec itself; it may show in any file.
    pub spec_changes: Vec<ExplainedChange>,
    /// Its objects; none where it holds no objects of Kubernetes.
    pub objects: Vec<ExplainedObject>,
}

/// The origin of one object.
#[derive(Debug, Clone, PartialEq)]
pub struct ExplainedObject {
    /// API version.
    pub api_version: String,
    /// Kind.
    pub kind: String,
    /// Name.
    pub name: String,
    /// Namespace, where it has one.
    pub namespace: Option<String>,
    /// What overlays changed in it.
    pub changes: Vec<ExplainedChange>,
}

/// One field that an overlay set.
#[derive(Debug, Clone, PartialEq)]
pub struct ExplainedChange {
    /// The field.
    pub path: String,
    /// What it was; absent when it was not there.
    pub old: Option<Value>,
    /// What it is; absent when it was removed.
    pub new: Option<Value>,
    /// The place in the overlay: `file:line:column`.
    pub at: String,
}

/// Explains one file of the render; the paths of all files where there is none of this path.
pub fn explain(plan: &Plan, path: &str) -> Result<Result<Explained, Vec<String>>, RenderError> {
    let out = generate(plan)?;
    let Some(file) = out.tree.get(path) else {
        return Ok(Err(out.tree.iter().map(|(path, _)| path.to_string()).collect()));
    };
    let mut objects = Vec::new();
    let documents = match path.ends_with(".yaml") {
        true => yaml::read_back(path, &file.bytes)?,
        false => Vec::new(),
    };
    for document in documents.iter().filter(|document| document["kind"].is_string()) {
        let changes = match is_delivered(path) {
            true => {
                let patched = patched(plan, place(plan, path), document, &mut BTreeSet::new());
                patched.map_err(RenderError::Overlays)?.1
            }
            false => Vec::new(),
        };
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        objects.push(ExplainedObject {
            api_version: text(&document["apiVersion"]),
            kind: text(&document["kind"]),
            name: text(&document["metadata"]["name"]),
            namespace: document["metadata"]["namespace"].as_str().map(str::to_owned),
            changes: explained(plan, &changes),
        });
    }
    Ok(Ok(Explained {
        path: path.to_owned(),
        blueprint: file.origin,
        spec: spec_places(plan, path),
        spec_changes: explained(plan, &plan.overlays.spec_changes),
        objects,
    }))
}

fn explained(plan: &Plan, changes: &[Change]) -> Vec<ExplainedChange> {
    let one = |change: &Change| ExplainedChange {
        path: change.path.clone(),
        old: change.old.clone(),
        new: change.new.clone(),
        at: plan.overlays.place(change.at),
    };
    changes.iter().map(one).collect()
}

/// What a path is about, as far as its name says so.
fn spec_places(plan: &Plan, path: &str) -> Vec<(String, String)> {
    let parts: Vec<&str> = path.split('/').collect();
    let place = place(plan, path);
    let mut names = Vec::new();
    names.extend(place.team.map(|team| format!("team {team}")));
    names.extend(place.cluster.map(|cluster| format!("cluster {cluster}")));
    match (parts[0], place.cluster.and_then(|cluster| plan.cluster(cluster))) {
        ("gpu", Some(cluster)) => names.extend(
            cluster
                .pools
                .iter()
                .map(|pool| format!("cluster {} pool {}", cluster.name, pool.pool.name)),
        ),
        ("secrets", Some(_)) => names.extend(parts.get(2).map(|name| format!("secret backend {name}"))),
        ("policies", Some(_)) => names.push("policy".to_owned()),
        (_, None) => names.push("platform".to_owned()),
        _ => {}
    }
    names
        .into_iter()
        .filter_map(|name| Some((name.clone(), plan.places.get(&name)?.clone())))
        .collect()
}
