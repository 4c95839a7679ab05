//! The rendered objects that a live object is compared with: the same bytes that are applied.

use std::collections::BTreeMap;

use crate::apply::{Files, LoadError, Object, stage};
use crate::plan::FenceKind;

/// What verify needs of the rendered repository of one cluster.
#[derive(Debug, Clone, Default)]
pub(super) struct Expected {
    /// By kind and namespace.
    fences: BTreeMap<(&'static str, String), Vec<Object>>,
    /// By name.
    policies: BTreeMap<String, Vec<Object>>,
}

impl Expected {
    /// Reads the tenants and policies of a cluster.
    pub(super) fn read(files: &dyn Files, cluster: &str) -> Result<Self, LoadError> {
        let mut expected = Self::default();
        for object in stage(files, &format!("tenants/{cluster}"))? {
            let kind = ALL
                .into_iter()
                .find(|kind| (group(*kind), name(*kind)) == (object.group(), object.kind()));
            if let (Some(kind), Some(namespace)) = (kind, object.namespace()) {
                let key = (name(kind), namespace.to_owned());
                expected.fences.entry(key).or_default().push(object);
            }
        }
        for object in stage(files, &format!("policies/{cluster}"))? {
            // A binding belongs to the policy that it binds, whatever its own name is.
            let id = object.value()["spec"]["policyName"]
                .as_str()
                .unwrap_or(object.name())
                .to_owned();
            expected.policies.entry(id).or_default().push(object);
        }
        Ok(expected)
    }

    /// The objects of a kind in a namespace.
    pub(super) fn fence(&self, kind: FenceKind, namespace: &str) -> &[Object] {
        self.fences
            .get(&(name(kind), namespace.to_owned()))
            .map_or(&[], Vec::as_slice)
    }

    /// The objects of a policy.
    pub(super) fn policy(&self, id: &str) -> &[Object] {
        self.policies.get(id).map_or(&[], Vec::as_slice)
    }
}

/// All kinds of the fence.
pub(super) const ALL: [FenceKind; 5] = [
    FenceKind::ResourceQuota,
    FenceKind::LimitRange,
    FenceKind::NetworkPolicy,
    FenceKind::Role,
    FenceKind::RoleBinding,
];

/// The kind as Kubernetes spells it.
pub(super) fn name(kind: FenceKind) -> &'static str {
    match kind {
        FenceKind::ResourceQuota => "ResourceQuota",
        FenceKind::LimitRange => "LimitRange",
        FenceKind::NetworkPolicy => "NetworkPolicy",
        FenceKind::Role => "Role",
        FenceKind::RoleBinding => "RoleBinding",
    }
}

fn group(kind: FenceKind) -> &'static str {
    match kind {
        FenceKind::ResourceQuota | FenceKind::LimitRange => "",
        FenceKind::NetworkPolicy => "networking.k8s.io",
        FenceKind::Role | FenceKind::RoleBinding => "rbac.authorization.k8s.io",
    }
}

/// The path of all objects of a kind in the cluster.
pub(super) fn collection(kind: FenceKind) -> &'static str {
    match kind {
        FenceKind::ResourceQuota => "/api/v1/resourcequotas",
        FenceKind::LimitRange => "/api/v1/limitranges",
        FenceKind::NetworkPolicy => "/apis/networking.k8s.io/v1/networkpolicies",
        FenceKind::Role => "/apis/rbac.authorization.k8s.io/v1/roles",
        FenceKind::RoleBinding => "/apis/rbac.authorization.k8s.io/v1/rolebindings",
    }
}
