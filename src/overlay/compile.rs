//! A document that was read → patches that can be applied; what cannot be used is reported with its place.

use super::document::{self, Body, Document, Verb};
use super::merge::DIRECTIVE;
use super::operation::{Operation, pointer};
use super::target::Target;
use crate::spec::{Finding, Findings, Node, Position, Step, Value};

/// One file of patches.
#[derive(Debug, Clone)]
pub(super) struct Overlay {
    /// The clusters it is for, each with its place; empty means all.
    pub(super) clusters: Vec<(String, Position)>,
    /// The teams it is for, each with its place; empty means all.
    pub(super) teams: Vec<(String, Position)>,
    /// Its patches, from top to bottom.
    pub(super) patches: Vec<Patch>,
}

/// One patch.
#[derive(Debug, Clone)]
pub(super) struct Patch {
    /// Where its target stands.
    pub(super) at: Position,
    /// Which objects.
    pub(super) target: Target,
    /// What changes.
    pub(super) change: What,
}

/// What changes.
#[derive(Debug, Clone)]
pub(super) enum What {
    /// A strategic merge.
    Merge(Node),
    /// A JSON Patch.
    Operations(Vec<Operation>),
}

/// Collects what cannot be used in one file.
struct Compiler<'a> {
    file: &'a str,
    root: &'a Node,
    /// Whether nothing was cut out of the file; else what is empty may not have been.
    sound: bool,
    findings: &'a mut Findings,
}

/// Compiles a document with the tree that it was read from.
pub(super) fn compile(
    file: &str,
    root: &Node,
    document: &Document,
    sound: bool,
    findings: &mut Findings,
) -> Overlay {
    let mut compiler = Compiler {
        file,
        root,
        sound,
        findings,
    };
    let scope = |key, names: &[String]| {
        let place = |(index, name): (usize, &String)| {
            (
                name.clone(),
                root.nearest(&[Step::Key(key), Step::Index(index)]).at,
            )
        };
        names.iter().enumerate().map(place).collect()
    };
    let scoped = !(document.clusters.is_empty() && document.teams.is_empty());
    Overlay {
        clusters: scope("clusters", &document.clusters),
        teams: scope("teams", &document.teams),
        patches: document
            .patches
            .iter()
            .enumerate()
            .filter_map(|(index, patch)| compiler.patch(index, patch, scoped))
            .collect(),
    }
}

impl Compiler<'_> {
    fn report(&mut self, at: Position, code: &'static str, message: String, hint: &str) {
        self.findings.push(Finding {
            file: self.file.to_owned(),
            line: at.line,
            column: at.column,
            code,
            message,
            hint: (!hint.is_empty()).then(|| hint.to_owned()),
        });
    }

    fn patch(&mut self, index: usize, written: &document::Patch, scoped: bool) -> Option<Patch> {
        let at = |key| {
            self.root
                .nearest(&[Step::Key("patches"), Step::Index(index), Step::Key(key)])
        };
        let (target_node, body) = (at("target"), at("patch"));
        if matches!(&target_node.value, Value::Map(entries) if entries.is_empty()) {
            let hint = "name at least a kind, a name or a label";
            if self.sound {
                self.report(
                    target_node.at,
                    "bad-target",
                    "the target is empty".to_owned(),
                    hint,
                );
            }
            return None;
        }
        let target = match Target::new(&written.target) {
            Ok(target) => target,
            Err((key, message)) => {
                let place = target_node.get(key).map_or(target_node.at, |node| node.at);
                self.report(
                    place,
                    "bad-target",
                    format!("`{key}` of the target: {message}"),
                    "",
                );
                return None;
            }
        };
        if target.is_spec() {
            self.spec_target(target_node, scoped);
        }
        let change = match &written.patch {
            Body::Merge(_) => {
                self.directives(body);
                self.whole(body, target.is_spec());
                What::Merge(body.clone())
            }
            Body::Operations(operations) => What::Operations(self.operations(body, operations)),
        };
        Some(Patch {
            at: target_node.at,
            target,
            change,
        })
    }

    /// The spec is one, and belongs to all clusters and teams.
    fn spec_target(&mut self, target: &Node, scoped: bool) {
        for key in [
            "group",
            "version",
            "name",
            "namespace",
            "labelSelector",
            "annotationSelector",
        ] {
            if let Some(node) = target.get(key) {
                let message = format!("`{key}` does not apply to the spec, of which there is one");
                self.report(
                    node.at,
                    "not-applicable",
                    message,
                    "write `target: {kind: Tenancy}`",
                );
            }
        }
        if scoped {
            let message = "a patch of the spec holds for all clusters and teams".to_owned();
            let hint = "move it into an overlay without `clusters` and `teams`";
            self.report(target.at, "not-applicable", message, hint);
        }
    }

    /// A directive about the whole: what is rendered stays.
    fn whole(&mut self, body: &Node, is_spec: bool) {
        let Some(directive) = body.get(DIRECTIVE) else {
            return;
        };
        if directive.value == Value::Text("delete".to_owned()) {
            let what = if is_spec { "the spec" } else { "an object" };
            let message = format!("an overlay cannot remove {what}");
            self.report(
                directive.at,
                "fixed-field",
                message,
                "to be without it, change the spec",
            );
        }
    }

    /// Directives that are none, or that this version does not know.
    fn directives(&mut self, node: &Node) {
        match &node.value {
            Value::Map(entries) => {
                for (key, below) in entries {
                    let known = match &below.value {
                        Value::Text(word) => ["delete", "replace", "merge"].contains(&word.as_str()),
                        _ => false,
                    };
                    if key.text == DIRECTIVE && !known {
                        let message =
                            "`$patch` is not a directive; allowed: delete, replace, merge".to_owned();
                        self.report(below.at, "unknown-value", message, "");
                    } else if key.text != DIRECTIVE && is_directive(&key.text) {
                        let shown: String = key.text.escape_debug().take(60).collect();
                        let message = format!("directive `{shown}` is not supported");
                        self.report(key.at, "not-supported-yet", message, "use a JSON Patch");
                    }
                    self.directives(below);
                }
            }
            Value::List(items) => items.iter().for_each(|item| self.directives(item)),
            _ => {}
        }
    }

    fn operations(&mut self, body: &Node, written: &[document::Operation]) -> Vec<Operation> {
        let mut operations = Vec::new();
        for (index, one) in written.iter().enumerate() {
            let node = body.nearest(&[Step::Index(index)]);
            let value = node.get("value").cloned();
            let needs_value = matches!(one.op, Verb::Add | Verb::Replace | Verb::Test);
            let needs_from = matches!(one.op, Verb::Move | Verb::Copy);
            for (key, needed, given) in [
                ("value", needs_value, value.is_some()),
                ("from", needs_from, one.from.is_some()),
            ] {
                if needed && !given {
                    self.report(
                        node.at,
                        "missing-key",
                        format!("this operation lacks the key `{key}`"),
                        "",
                    );
                } else if given && !needed {
                    let message = format!("this operation has no use for the key `{key}`");
                    self.report(node.at, "not-applicable", message, "");
                }
            }
            let mut parts = |key: &str, text: &str| {
                let parts = pointer(text);
                if parts.is_none() {
                    let shown: String = text.escape_debug().take(60).collect();
                    let at = node.get(key).map_or(node.at, |node| node.at);
                    let hint = "such as /metadata/labels/app; `~1` stands for `/` and `~0` for `~`";
                    self.report(at, "bad-path", format!("`{shown}` is not a JSON Pointer"), hint);
                }
                parts
            };
            let (path, from) = (
                parts("path", &one.path),
                parts("from", one.from.as_deref().unwrap_or("")),
            );
            let (Some(path), Some(from)) = (path, from) else {
                continue;
            };
            operations.push(Operation {
                at: node.at,
                verb: one.op,
                path,
                from,
                value: value.unwrap_or(Node {
                    at: node.at,
                    value: Value::Null,
                }),
            });
        }
        operations
    }
}

/// Directives of the API server's own clients.
fn is_directive(key: &str) -> bool {
    ["$retainKeys", "$setElementOrder/", "$deleteFromPrimitiveList/"]
        .iter()
        .any(|word| key.starts_with(word))
}
