//! Which kinds the server serves, and under which path.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::call::escape;
use super::{Call, Cluster, ClusterError, bounded};

/// A kind as the server serves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// `/api/v1` or `/apis/<group>/<version>`.
    pub prefix: String,
    /// Its plural, as in paths.
    pub plural: String,
    /// Whether its objects live in namespaces.
    pub namespaced: bool,
}

impl Resource {
    /// The path of one object; `namespace` is ignored for cluster-wide kinds.
    pub fn path(&self, namespace: Option<&str>, name: &str) -> String {
        format!("{}/{}", self.collection(namespace), escape(name))
    }

    /// The path of the objects of a namespace, or of all.
    pub fn collection(&self, namespace: Option<&str>) -> String {
        match namespace.filter(|_| self.namespaced) {
            Some(namespace) => format!("{}/namespaces/{}/{}", self.prefix, escape(namespace), self.plural),
            None => format!("{}/{}", self.prefix, self.plural),
        }
    }
}

/// What was learned about the API versions that were asked for.
#[derive(Debug, Clone, Default)]
pub struct Discovery {
    known: BTreeMap<String, Vec<(String, Resource)>>,
}

impl Discovery {
    /// Asks for these API versions, each once; one that is not served has no kinds.
    pub async fn learn(
        cluster: &Cluster,
        api_versions: impl IntoIterator<Item = &str>,
    ) -> Result<Self, ClusterError> {
        let wanted: BTreeSet<String> = api_versions.into_iter().map(str::to_owned).collect();
        let ask = |api_version: String| {
            let cluster = cluster.clone();
            async move {
                let kinds = kinds(&cluster, &api_version).await;
                (api_version, kinds)
            }
        };
        let mut known = BTreeMap::new();
        for (api_version, kinds) in bounded(wanted.into_iter().collect(), ask, |_| {})
            .await
            .into_iter()
            .flatten()
        {
            known.insert(api_version, kinds?);
        }
        Ok(Self { known })
    }

    /// The resource of a kind; `None` when it is not served.
    pub fn resource(&self, api_version: &str, kind: &str) -> Option<&Resource> {
        let kinds = self.known.get(api_version)?;
        kinds
            .iter()
            .find(|(name, _)| name == kind)
            .map(|(_, resource)| resource)
    }
}

async fn kinds(cluster: &Cluster, api_version: &str) -> Result<Vec<(String, Resource)>, ClusterError> {
    let prefix = match api_version.split_once('/') {
        Some((group, version)) => format!("/apis/{}/{}", escape(group), escape(version)),
        None => format!("/api/{}", escape(api_version)),
    };
    match cluster.call(&Call::get(prefix.as_str())).await {
        Ok(list) => Ok(parse(&prefix, &list)),
        Err(error) if error.is_not_found() => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// Reads an `APIResourceList`; subresources carry a `/` and are left out.
fn parse(prefix: &str, list: &Value) -> Vec<(String, Resource)> {
    let resources = list["resources"].as_array().into_iter().flatten();
    resources
        .filter_map(|resource| {
            let plural = resource["name"].as_str().filter(|name| !name.contains('/'))?;
            let entry = Resource {
                prefix: prefix.to_owned(),
                plural: plural.to_owned(),
                namespaced: resource["namespaced"].as_bool().unwrap_or(false),
            };
            Some((resource["kind"].as_str()?.to_owned(), entry))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn paths_follow_scope_and_group() {
        let list = json!({"resources": [
            {"name": "pods/log", "kind": "Pod", "namespaced": true},
            {"name": "pods", "kind": "Pod", "namespaced": true},
            {"name": "nodes", "kind": "Node", "namespaced": false},
        ]});
        let discovery = Discovery {
            known: BTreeMap::from([("v1".to_owned(), parse("/api/v1", &list))]),
        };
        let path = |kind: &str| {
            discovery
                .resource("v1", kind)
                .map(|r| r.path(Some("team-a"), "system:x"))
        };
        assert_eq!(
            path("Pod").as_deref(),
            Some("/api/v1/namespaces/team-a/pods/system%3Ax")
        );
        assert_eq!(path("Node").as_deref(), Some("/api/v1/nodes/system%3Ax"));
        assert_eq!(path("Gone"), None, "a kind that is not served");
    }
}
