//! Lays the overlays over what was rendered: each file is read back as values, patched, and written by the one writer.

use std::collections::BTreeSet;

use rayon::prelude::*;
use serde_json::Value;

use super::{Output, RenderError, yaml};
use crate::overlay::{Change, Place};
use crate::plan::Plan;
use crate::spec::Finding;
use crate::tree::Tree;

/// What became of one file.
struct Laid {
    /// The file with its patches; nothing where no patch matched.
    output: Output,
    /// The numbers of the patches that matched.
    matched: BTreeSet<usize>,
    findings: Vec<Finding>,
}

/// Patches every file of a render; a patch that matches nothing, or cannot be applied, is the user's error.
pub(super) fn lay(plan: &Plan, out: &mut Output) -> Result<(), RenderError> {
    if !plan.overlays.has_object_patches() {
        return Ok(());
    }
    let files: Vec<_> = out
        .tree
        .iter()
        .filter(|(path, _)| is_delivered(path.as_str()))
        .collect();
    let laid: Vec<Laid> = files
        .par_iter()
        .map(|(path, file)| one(plan, path.as_str(), file.origin, &file.bytes))
        .collect::<Result<_, _>>()?;
    let mut findings = Vec::new();
    let mut matched = BTreeSet::new();
    let mut patched = Vec::new();
    for file in laid {
        findings.extend(file.findings);
        matched.extend(file.matched);
        patched.push(file.output.tree);
    }
    findings.extend(unmatched(plan, &out.tree, &matched)?);
    if !findings.is_empty() {
        findings.sort();
        findings.dedup();
        return Err(RenderError::Overlays(findings));
    }
    for (path, file) in patched.iter().flat_map(Tree::iter) {
        // The former file is what the patches were laid over.
        let _former = out.tree.insert(path.clone(), file.clone());
    }
    Ok(())
}

/// The findings for patches that matched nothing; only then are the kinds of the render collected.
fn unmatched(plan: &Plan, tree: &Tree, matched: &BTreeSet<usize>) -> Result<Vec<Finding>, RenderError> {
    if plan.overlays.unmatched(matched, &[]).is_empty() {
        return Ok(Vec::new());
    }
    let mut kinds = BTreeSet::new();
    for (path, file) in tree.iter().filter(|(path, _)| is_delivered(path.as_str())) {
        let objects = yaml::read_back(path.as_str(), &file.bytes)?;
        kinds.extend(
            objects
                .iter()
                .filter(|object| is_object(object))
                .filter_map(|o| Some(o["kind"].as_str()?.to_owned())),
        );
    }
    kinds.insert("Tenancy".to_owned());
    let kinds: Vec<String> = kinds.into_iter().collect();
    Ok(plan.overlays.unmatched(matched, &kinds))
}

fn one(plan: &Plan, path: &str, origin: &'static str, bytes: &[u8]) -> Result<Laid, RenderError> {
    let mut laid = Laid {
        output: Output::new(plan.gitops().engine),
        matched: BTreeSet::new(),
        findings: Vec::new(),
    };
    let place = place(plan, path);
    if !plan.overlays.may_match(place, &String::from_utf8_lossy(bytes)) {
        return Ok(laid);
    }
    let mut objects = Vec::new();
    for object in yaml::read_back(path, bytes)? {
        let (patched, _) = match patched(plan, place, &object, &mut laid.matched) {
            Ok(patched) => patched,
            Err(findings) => {
                laid.findings.extend(findings);
                continue;
            }
        };
        objects.push(patched);
    }
    if !laid.matched.is_empty() && laid.findings.is_empty() {
        laid.output.objects(path.to_owned(), origin, &objects)?;
    }
    Ok(laid)
}

/// An object with what overlays changed in it.
pub(super) type Patched = (Value, Vec<Change>);

/// Patches one object, and notes which patches it matched.
pub(super) fn patched(
    plan: &Plan,
    place: Place<'_>,
    object: &Value,
    matched: &mut BTreeSet<usize>,
) -> Result<Patched, Vec<Finding>> {
    let numbers = match is_object(object) {
        true => plan.overlays.matching(place, object),
        false => Vec::new(),
    };
    if numbers.is_empty() {
        return Ok((object.clone(), Vec::new()));
    }
    matched.extend(&numbers);
    let patched = plan.overlays.apply(&numbers, object)?;
    Ok((patched.object, patched.changes))
}

/// Whether a file holds what is brought to a cluster or to a secret backend.
pub(super) fn is_delivered(path: &str) -> bool {
    path.ends_with(".yaml")
        && !path.ends_with("/kustomization.yaml")
        && !path.starts_with('.')
        && !path.starts_with("docs/")
}

/// Whether a document is an object; plans of ours are read by `apply`, and follow from the spec alone.
fn is_object(document: &Value) -> bool {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let api_version = text(&document["apiVersion"]);
    !api_version.is_empty()
        && !api_version.starts_with("tenancy.platform/")
        && !text(&document["kind"]).is_empty()
        && !text(&document["metadata"]["name"]).is_empty()
}

/// The cluster and the team that a path is about: `<folder>/<cluster>/…`, `tenants/<cluster>/<team>/…`.
pub(super) fn place<'a>(plan: &Plan, path: &'a str) -> Place<'a> {
    let parts: Vec<&str> = path.split('/').collect();
    let cluster = parts
        .get(1)
        .copied()
        .filter(|name| parts.len() > 2 && plan.cluster(name).is_some());
    let team = parts
        .get(2)
        .copied()
        .filter(|_| parts[0] == "tenants" && parts.len() > 3 && cluster.is_some());
    Place { cluster, team }
}
