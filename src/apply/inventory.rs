//! The inventory: which cluster this is, and what was ever brought here.
//!
//! It follows the ApplySet specification: the ConfigMap `platform-apply` in the namespace `platform-system` is the
//! parent, its id is a label on every object, and its annotations list kinds and namespaces. It is written before the
//! first object, and it only grows until a prune has looked at everything, so that nothing is ever orphaned.
//! Source: <https://git.k8s.io/enhancements/keps/sig-cli/3659-kubectl-apply-prune>.

use std::collections::BTreeSet;

use base64::Engine;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::Object;
use super::load::Stage;

/// Namespace of the inventory and of the lock.
pub(super) const NAMESPACE: &str = "platform-system";
/// Name of the inventory and of the lock.
pub(super) const NAME: &str = "platform-apply";
/// Label on every object of the set.
pub(super) const PART_OF: &str = "applyset.kubernetes.io/part-of";

const ID: &str = "applyset.kubernetes.io/id";
const TOOLING: &str = "applyset.kubernetes.io/tooling";
const KINDS: &str = "applyset.kubernetes.io/contains-group-kinds";
const NAMESPACES: &str = "applyset.kubernetes.io/additional-namespaces";

/// Who may use a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Identity {
    /// `name` of the spec.
    pub(super) platform: String,
    /// Name of the cluster in the spec.
    pub(super) cluster: String,
    /// UID of the namespace `kube-system`.
    pub(super) uid: String,
}

/// The id of the set: a digest of the parent's name, namespace, kind and group.
pub(super) fn id() -> String {
    let digest = Sha256::digest(format!("{NAME}.{NAMESPACE}.ConfigMap."));
    let text = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(digest);
    format!("applyset-{text}-v1")
}

/// The path of the inventory.
pub(super) fn path() -> String {
    format!("/api/v1/namespaces/{NAMESPACE}/configmaps/{NAME}")
}

/// The namespace of the inventory.
pub(super) fn namespace() -> Value {
    let (key, value) = crate::plan::MANAGED_BY;
    json!({
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {
            "name": NAMESPACE,
            "labels": {key: value, "pod-security.kubernetes.io/enforce": "restricted"},
        },
    })
}

/// The inventory that covers what a former one covered and what comes now.
pub(super) fn inventory(identity: &Identity, former: Option<&Value>, stages: &[Stage]) -> Value {
    let objects = || stages.iter().flat_map(|stage| &stage.objects);
    let kinds = objects().map(|object| match object.group() {
        "" => object.kind().to_owned(),
        group => format!("{}.{group}", object.kind()),
    });
    let namespaces = objects()
        .filter_map(Object::namespace)
        .filter(|namespace| *namespace != NAMESPACE)
        .map(str::to_owned);
    let grown = |key: &str, now: &mut dyn Iterator<Item = String>| {
        let before = former
            .and_then(|former| former["metadata"]["annotations"][key].as_str())
            .unwrap_or_default();
        let before = before
            .split(',')
            .filter(|text| !text.is_empty())
            .map(str::to_owned);
        before.chain(now).collect::<BTreeSet<_>>()
    };
    let join = |set: BTreeSet<String>| set.into_iter().collect::<Vec<_>>().join(",");
    let (key, value) = crate::plan::MANAGED_BY;
    json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": NAME,
            "namespace": NAMESPACE,
            "labels": {ID: id(), key: value},
            "annotations": {
                TOOLING: "platform/v1",
                KINDS: join(grown(KINDS, &mut { kinds })),
                NAMESPACES: join(grown(NAMESPACES, &mut { namespaces })),
            },
        },
        "data": {"platform": identity.platform, "cluster": identity.cluster, "cluster-uid": identity.uid},
    })
}

/// Why the inventory that was found belongs to another cluster or platform; `None` when it is ours.
pub(super) fn foreign(identity: &Identity, found: &Value) -> Option<String> {
    let recorded = |key: &str| found["data"][key].as_str();
    let differs = |what: &str, key: &str, ours: &str| {
        let recorded = recorded(key)?;
        (recorded != ours).then(|| format!("its inventory belongs to {what} `{recorded}`, not to `{ours}`"))
    };
    differs("the platform", "platform", &identity.platform)
        .or_else(|| differs("the cluster", "cluster", &identity.cluster))
        .or_else(|| differs("the cluster with the UID", "cluster-uid", &identity.uid))
}

#[cfg(test)]
mod tests;
