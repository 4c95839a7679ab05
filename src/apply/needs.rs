//! What a cluster must serve and an identity must be allowed to do before an apply can go through.

use std::collections::{BTreeMap, BTreeSet};

use super::load::Stage;
use super::write::crd_kind;

/// A right that apply uses: a kind, and the verbs on it, in all namespaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Right {
    /// `v1`, `apps/v1` …
    pub api_version: String,
    /// `Namespace`, `Role` …
    pub kind: String,
    /// `get`, `create` …
    pub verbs: &'static [&'static str],
}

/// The kinds that the stages hold, by API version; without those that the stages themselves bring.
pub fn kinds(stages: &[Stage]) -> BTreeSet<(String, String)> {
    let objects = || stages.iter().flat_map(|stage| &stage.objects);
    let brought: BTreeSet<String> = objects().filter_map(crd_kind).collect();
    objects()
        .filter(|object| !brought.contains(&format!("{}/{}", object.group(), object.kind())))
        .map(|object| (object.api_version().to_owned(), object.kind().to_owned()))
        .collect()
}

/// The rights that apply uses: server-side apply of every kind, its lock, and the nodes.
///
/// The right to grant what a Role grants is not among them: it cannot be asked for as such.
pub fn rights(stages: &[Stage]) -> Vec<Right> {
    let mut verbs: BTreeMap<(String, String), &'static [&'static str]> = kinds(stages)
        .into_iter()
        .map(|kind| (kind, &["get", "create", "patch"][..]))
        .collect();
    for (api_version, kind, own) in [
        ("v1", "ConfigMap", &["get", "create", "patch"][..]),
        ("v1", "Namespace", &["get", "create", "patch"]),
        ("v1", "Node", &["get", "list", "patch"]),
        ("coordination.k8s.io/v1", "Lease", &["get", "create", "update"]),
    ] {
        verbs.insert((api_version.to_owned(), kind.to_owned()), own);
    }
    verbs
        .into_iter()
        .map(|((api_version, kind), verbs)| Right {
            api_version,
            kind,
            verbs,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::Object;
    use super::*;

    #[test]
    fn what_the_stages_bring_themselves_is_not_needed() {
        let crd = json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": {"name": "as.b.c"}, "spec": {"group": "b.c", "names": {"kind": "A"}}});
        let own = json!({"apiVersion": "b.c/v1", "kind": "A", "metadata": {"name": "a"}});
        let other = json!({"apiVersion": "b.c/v1", "kind": "B", "metadata": {"name": "b"}});
        let objects = [crd, own, other]
            .map(|value| Object::new(value).unwrap())
            .to_vec();
        let stages = [Stage {
            name: "policies",
            objects,
        }];
        let needed: Vec<String> = kinds(&stages)
            .into_iter()
            .map(|(version, kind)| format!("{version} {kind}"))
            .collect();
        assert_eq!(
            needed,
            ["apiextensions.k8s.io/v1 CustomResourceDefinition", "b.c/v1 B"]
        );
        let rights = rights(&stages);
        let node = rights
            .iter()
            .find(|right| right.kind == "Node")
            .map(|right| right.verbs);
        assert_eq!(node, Some(&["get", "list", "patch"][..]), "nodes are labelled");
        assert_eq!(rights.len(), 6, "{rights:?}");
    }
}
