//! Patches of rendered objects: values in, values out; what the platform promises of an object stays as it is.

use serde_json::Value as Json;

use super::Overlays;
use super::change::{Change, Trace, join};
use super::compile::{Overlay, Patch, What};
use super::keys;
use super::merge::{Order, merge};
use super::operation;
use crate::spec::{Finding, Node, Position, did_you_mean};

/// Where an object stands in the render.
#[derive(Debug, Clone, Copy, Default)]
pub struct Place<'a> {
    /// The cluster that it is for.
    pub cluster: Option<&'a str>,
    /// The team that it belongs to.
    pub team: Option<&'a str>,
}

/// An object with all its patches.
#[derive(Debug, Clone, PartialEq)]
pub struct Patched {
    /// The object.
    pub object: Json,
    /// What became of which field, in the order of the patches.
    pub changes: Vec<Change>,
}

/// An annotation that keeps people's data: without it a namespace would be pruned.
const KEPT_ANNOTATIONS: [&str; 2] = [
    "kustomize.toolkit.fluxcd.io/prune",
    "argocd.argoproj.io/sync-options",
];

impl Overlays {
    /// Whether any patch is about rendered objects.
    pub fn has_object_patches(&self) -> bool {
        self.patches().next().is_some()
    }

    /// Whether a file could hold an object that a patch matches; a quick look before it is parsed.
    pub fn may_match(&self, place: Place<'_>, text: &str) -> bool {
        self.patches()
            .any(|(_, overlay, patch)| in_scope(overlay, place) && patch.target.may_be_in(text))
    }

    /// The numbers of the patches that match an object, in their order.
    pub fn matching(&self, place: Place<'_>, object: &Json) -> Vec<usize> {
        self.patches()
            .filter(|(_, overlay, patch)| in_scope(overlay, place) && patch.target.matches(object))
            .map(|(number, ..)| number)
            .collect()
    }

    /// An object with the patches of these numbers; or what is wrong with them.
    pub fn apply(&self, numbers: &[usize], object: &Json) -> Result<Patched, Vec<Finding>> {
        let text = |key: &str| object.get(key).and_then(Json::as_str).unwrap_or_default();
        let fields = keys::of_kind(text("apiVersion"), text("kind"));
        let mut trace = Trace::new(&self.files, &self.layers);
        let mut root = Node::from_json(object, Position::default());
        for (_, _, patch) in self.patches().filter(|(number, ..)| numbers.contains(number)) {
            match &patch.change {
                What::Merge(node) => merge(&mut root, node, fields, Order::PatchFirst, "", &mut trace),
                What::Operations(operations) => operation::apply(&mut root, operations, &mut trace),
            }
        }
        let patched = root.to_json();
        guard(object, &patched, &mut trace);
        match trace.findings.is_empty() {
            true => Ok(Patched {
                object: patched,
                changes: trace.changes,
            }),
            false => Err(trace.findings),
        }
    }

    /// One finding for each patch that is not among those that matched something; `kinds` are those of the render.
    pub fn unmatched(&self, matched: &std::collections::BTreeSet<usize>, kinds: &[String]) -> Vec<Finding> {
        let unused = self.patches().filter(|(number, ..)| !matched.contains(number));
        unused
            .map(|(_, overlay, patch)| self.nothing(overlay, patch, kinds))
            .collect()
    }

    fn nothing(&self, overlay: &Overlay, patch: &Patch, kinds: &[String]) -> Finding {
        let known = || kinds.iter().map(String::as_str);
        let hint = match patch.target.kind.as_deref() {
            Some(kind) if !known().any(|known| known == kind) => match did_you_mean(kind, known()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("kinds that are rendered: {}", kinds.join(", ")),
            },
            _ if !(overlay.clusters.is_empty() && overlay.teams.is_empty()) => {
                "compare its name, namespace and labels with the rendered files, and `clusters` and `teams` of the overlay"
                    .to_owned()
            }
            _ => "compare its name, namespace and labels with the rendered files".to_owned(),
        };
        Finding {
            file: self
                .files
                .get(usize::from(patch.at.source))
                .cloned()
                .unwrap_or_default(),
            line: patch.at.line,
            column: patch.at.column,
            code: "no-match",
            message: "the target matches no rendered object".to_owned(),
            hint: Some(hint),
        }
    }

    /// All patches of rendered objects with their numbers.
    fn patches(&self) -> impl Iterator<Item = (usize, &Overlay, &Patch)> {
        let all = self
            .overlays
            .iter()
            .flat_map(|overlay| overlay.patches.iter().map(move |patch| (overlay, patch)));
        all.enumerate()
            .filter(|(_, (_, patch))| !patch.target.is_spec())
            .map(|(number, (overlay, patch))| (number, overlay, patch))
    }
}

fn in_scope(overlay: &Overlay, place: Place<'_>) -> bool {
    let named = |names: &[(String, Position)], name: Option<&str>| {
        names.is_empty() || names.iter().any(|(wanted, _)| Some(wanted.as_str()) == name)
    };
    named(&overlay.clusters, place.cluster) && named(&overlay.teams, place.team)
}

/// Reports what no patch may change: which object it is, and the labels that policies and verify rely on.
fn guard(before: &Json, after: &Json, trace: &mut Trace<'_>) {
    for pointer in ["/apiVersion", "/kind", "/metadata/name", "/metadata/namespace"] {
        if before.pointer(pointer) != after.pointer(pointer) {
            let field = pointer[1..].replace('/', ".");
            let at = place(trace, &field);
            let message = format!("an overlay cannot change `{field}`: it would be another object");
            let hint = "to have it under another name, change the spec";
            trace.report(at, "fixed-field", message, Some(hint));
        }
    }
    let is_namespace = before.get("kind").and_then(Json::as_str) == Some("Namespace");
    for (map, is_kept) in [
        ("labels", is_promised as fn(&str) -> bool),
        ("annotations", is_keeper),
    ] {
        if map == "annotations" && !is_namespace {
            continue;
        }
        let of = |object: &Json| {
            object
                .pointer(&format!("/metadata/{map}"))
                .and_then(Json::as_object)
                .cloned()
        };
        let (old, new) = (of(before).unwrap_or_default(), of(after).unwrap_or_default());
        let keys: std::collections::BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        for key in keys
            .into_iter()
            .filter(|key| is_kept(key) && old.get(*key) != new.get(*key))
        {
            let at = place(trace, &join(&format!("metadata.{map}"), key));
            let shown: String = key.escape_debug().take(100).collect();
            let message = format!("an overlay of objects cannot change `{shown}` in `metadata.{map}`");
            let hint = match map {
                "labels" => {
                    "the plan promises it and verify proves it: patch the spec, with `target: {kind: Tenancy}`"
                }
                _ => "it keeps the namespace, and the data in it, from being pruned",
            };
            trace.report(at, "fixed-field", message, Some(hint));
        }
    }
}

/// Labels that grant, fence or mark as ours.
fn is_promised(key: &str) -> bool {
    let domain = key.split_once('/').map_or("", |(domain, _)| domain);
    domain == "tenancy.platform"
        || domain.ends_with(".tenancy.platform")
        || domain == "pod-security.kubernetes.io"
        || key == "app.kubernetes.io/managed-by"
}

fn is_keeper(key: &str) -> bool {
    KEPT_ANNOTATIONS.contains(&key)
}

/// The place of the last change at or around a field.
fn place(trace: &Trace<'_>, field: &str) -> Position {
    let around = |change: &&Change| {
        change.path.starts_with(field) || field.starts_with(&change.path) || change.path.is_empty()
    };
    trace
        .changes
        .iter()
        .rev()
        .find(around)
        .map(|change| change.at)
        .unwrap_or_default()
}
