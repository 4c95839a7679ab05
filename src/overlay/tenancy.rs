//! Patches of the spec itself, before it is checked: what they say must pass every check that the spec passes.

use super::Overlays;
use super::change::Trace;
use super::compile::{Patch, What};
use super::keys;
use super::merge::{Order, merge};
use super::operation;
use crate::spec::{Finding, Findings, Node, Value, did_you_mean};

/// What an overlay may not change: what the spec is, and which overlays are laid over it.
const FIXED: [&str; 4] = ["apiVersion", "kind", "name", "overlays"];

impl Overlays {
    /// Lays all patches of kind `Tenancy` over the tree of the spec, in order, and keeps what they changed.
    pub fn patch_spec(&mut self, root: &mut Node, findings: &mut Findings) {
        if !matches!(root.value, Value::Map(_)) {
            return; // the check of the spec says what is wrong
        }
        let mut trace = Trace::new(&self.files, &self.layers);
        let patches = self.overlays.iter().flat_map(|overlay| &overlay.patches);
        for patch in patches.filter(|patch| patch.target.is_spec()) {
            one(root, patch, &mut trace);
        }
        for finding in &trace.findings {
            findings.push(finding.clone());
        }
        self.spec_changes = trace.changes;
    }

    /// Reports overlays for clusters and teams that the spec does not have.
    pub fn check_scope(&self, clusters: &[&str], teams: &[&str], findings: &mut Findings) {
        for overlay in &self.overlays {
            for (what, named, known) in [
                ("cluster", &overlay.clusters, clusters),
                ("team", &overlay.teams, teams),
            ] {
                for (name, at) in named.iter().filter(|(name, _)| !known.contains(&name.as_str())) {
                    let near = did_you_mean(name, known.iter().copied());
                    let some: Vec<&str> = known.iter().take(20).copied().collect();
                    let hint = near.map_or_else(
                        || {
                            format!(
                                "{what}s: {}{}",
                                some.join(", "),
                                if known.len() > 20 { ", …" } else { "" }
                            )
                        },
                        |near| format!("did you mean `{near}`?"),
                    );
                    let shown: String = name.escape_debug().take(60).collect();
                    findings.push(Finding {
                        file: self
                            .files
                            .get(usize::from(at.source))
                            .cloned()
                            .unwrap_or_default(),
                        line: at.line,
                        column: at.column,
                        code: if what == "team" {
                            "unknown-team"
                        } else {
                            "unknown-cluster"
                        },
                        message: format!("{what} `{shown}` is not in the spec"),
                        hint: Some(hint),
                    });
                }
            }
        }
    }
}

fn one(root: &mut Node, patch: &Patch, trace: &mut Trace<'_>) {
    let before: Vec<Option<serde_json::Value>> =
        FIXED.iter().map(|key| root.get(key).map(Node::to_json)).collect();
    let mut patched = root.clone();
    match &patch.change {
        What::Merge(node) => merge(&mut patched, node, keys::of_spec(), Order::InPlace, "", trace),
        What::Operations(operations) => operation::apply(&mut patched, operations, trace),
    }
    for (key, before) in FIXED.iter().zip(before) {
        if patched.get(key).map(Node::to_json) != before {
            let place = trace
                .changes
                .iter()
                .rev()
                .find(|change| change.path.starts_with(key));
            let at = place.map_or(patch.at, |change| change.at);
            let message = format!("an overlay cannot change `{key}` of the spec");
            trace.report(at, "fixed-field", message, Some("change it in the spec itself"));
            return;
        }
    }
    *root = patched;
}
