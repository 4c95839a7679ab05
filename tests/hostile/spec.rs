//! A spec in which every text field has its own harmless value, and the list of those fields.

use serde_json::{Value, json};

/// Fields that take any line of text.
pub(crate) const FREE_TEXT: [&str; 7] = [
    "/admins/groups/0",
    "/admins/users/0",
    "/clusters/0/context",
    "/teams/0/groups/0",
    "/teams/0/owners/0",
    "/waivers/0/owner",
    "/waivers/0/reason",
];

/// A text field: where it stands, and what stands there.
pub(crate) struct Field {
    /// JSON pointer; a key of a mapping ends with `(key)`.
    pub(crate) path: String,
    /// The harmless value.
    pub(crate) value: String,
}

impl Field {
    /// The document with another text in this field and wherever this field is referred to.
    pub(crate) fn with(&self, document: &Value, text: &str) -> Value {
        match document {
            Value::String(value) if *value == self.value => text.into(),
            Value::Array(items) => items.iter().map(|item| self.with(item, text)).collect(),
            Value::Object(map) => map
                .iter()
                .map(|(key, value)| {
                    let renamed = self.path.ends_with("(key)") && *key == self.value;
                    let key = if renamed { text.to_owned() } else { key.clone() };
                    (key, self.with(value, text))
                })
                .collect::<serde_json::Map<_, _>>()
                .into(),
            other => other.clone(),
        }
    }
}

/// Every value differs from every other, but for references.
pub(crate) fn document() -> Value {
    json!({
        "apiVersion": "tenancy.platform/v1alpha1",
        "kind": "Tenancy",
        "name": "qqplatform",
        "admins": {"groups": ["qqadmingroup"], "users": ["qqadminuser"]},
        "gitops": {"engine": "flux", "repository": "https://qqgit.example.com/x.git", "branch": "qqbranch"},
        "policy": {
            "engine": "kyverno",
            "mode": "enforce",
            "modes": {"gpu-isolation": "audit"},
            "podSecurity": "restricted",
            "secrets": {"tokenTtl": "11m", "tokenMaxTtl": "47m"},
            "systemNamespaces": ["qqsystem"],
        },
        "network": {"egress": [{"cidr": "10.21.0.0/16", "ports": [443]}]},
        "secrets": [{
            "name": "qqbackend",
            "backend": "openbao",
            "address": "https://qqbao.example.com:8200",
            "egress": {"cidr": "10.31.0.5/32"},
            "delivery": "agent-injector",
            "manage": "direct",
            "isolation": "templated",
            "audience": "qqaudience",
        }, {
            "name": "qqother",
            "backend": "vault",
            "address": "https://qqvault.example.com",
            "egress": {"namespace": "qqvaultns"},
        }],
        "clusters": [{
            "name": "qqcluster",
            "context": "qqcontext",
            "queueing": "none",
            "pools": [
                {"name": "qqmig", "board": "h100-80gb", "nodes": 2, "gpusPerNode": 8, "sharing": "mig"},
                {
                    "name": "qqdev",
                    "board": "a100-40gb",
                    "nodes": 1,
                    "gpusPerNode": 4,
                    "sharing": "time-slicing",
                    "replicas": 4,
                    "nodeSelector": {"qqkey": "qqlabel"},
                },
            ],
        }],
        "teams": [{
            "name": "qqteam",
            "groups": ["qqgroup"],
            "owners": ["qqowner"],
            "namespaces": ["qqnamespace"],
            "clusters": ["qqcluster"],
            "gpus": [
                {"namespace": "qqnamespace", "cluster": "qqcluster", "pool": "qqmig", "profile": "3g.40gb", "count": 2},
                {"cluster": "qqcluster", "pool": "qqmig", "memory": "9Gi", "count": 1},
                {"cluster": "qqcluster", "pool": "qqdev", "count": 1},
            ],
            "quota": {"namespace": "qqnamespace", "cpu": "61", "memory": "251Gi", "pods": 99, "storage": "3Ti"},
            "secrets": [
                {"from": "qqbackend", "path": "qqpath/x", "as": "qqfile"},
                {"from": "qqother", "path": "qqpath/y", "as": "qqfile2"},
            ],
        }, {
            "name": "qqsecond",
            "gpus": [{"cluster": "qqcluster", "pool": "qqdev", "count": 1}],
        }],
        "waivers": [{
            "control": "gpu.cross-team-sharing",
            "pool": "qqdev",
            "teams": ["qqteam", "qqsecond"],
            "owner": "qqwaiverowner",
            "reason": "qqreason",
            "expires": "2031-07-13",
        }],
    })
}

/// Every text of the document, and every key that the user chooses.
pub(crate) fn fields(document: &Value) -> Vec<Field> {
    let mut fields = Vec::new();
    walk(document, "", &mut fields);
    // A value that is referred to elsewhere is changed there too, and once is enough.
    let mut seen = std::collections::BTreeSet::new();
    fields.retain(|field| seen.insert((field.value.clone(), field.path.ends_with("(key)"))));
    fields
}

fn walk(value: &Value, path: &str, fields: &mut Vec<Field>) {
    match value {
        Value::String(text) => fields.push(Field {
            path: path.to_owned(),
            value: text.clone(),
        }),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                walk(item, &format!("{path}/{index}"), fields);
            }
        }
        Value::Object(map) => {
            for (key, item) in map {
                if path.ends_with("/nodeSelector") || path.ends_with("/modes") {
                    fields.push(Field {
                        path: format!("{path}/{key} (key)"),
                        value: key.clone(),
                    });
                }
                walk(item, &format!("{path}/{key}"), fields);
            }
        }
        _ => {}
    }
}
