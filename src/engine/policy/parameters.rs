//! What the spec contributes to policies, as CEL that cannot be broken out of.

use serde_json::{Value, json};

use crate::catalog::policies::Source;

/// Names from the spec that policies refer to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parameters {
    /// Groups that may change what the platform owns.
    pub admin_groups: Vec<String>,
    /// Users that may change what the platform owns.
    pub admin_users: Vec<String>,
    /// User names (`system:serviceaccount:<namespace>:<name>`) that the GitOps engine acts as.
    pub platform_service_accounts: Vec<String>,
    /// Namespaces that the policies leave alone.
    pub system_namespaces: Vec<String>,
}

impl Parameters {
    /// The names that the examples of the policies use.
    pub fn example() -> Self {
        let one = |name: &str| vec![name.to_owned()];
        Self {
            admin_groups: one("platform-admins"),
            admin_users: one("platform-admin"),
            platform_service_accounts: one("system:serviceaccount:flux-system:kustomize-controller"),
            system_namespaces: one("kube-system"),
        }
    }

    /// A list of string literals. A JSON string is a CEL string: CEL knows each of JSON's escapes, and nothing in
    /// a JSON string can end it before its closing quote.
    pub(super) fn cel_literal(&self, source: Source) -> String {
        let names = match source {
            Source::AdminGroups => &self.admin_groups,
            Source::AdminUsers => &self.admin_users,
            Source::PlatformServiceAccounts => &self.platform_service_accounts,
        };
        let literals: Vec<String> = names
            .iter()
            .map(|name| Value::from(name.as_str()).to_string())
            .collect();
        format!("[{}]", literals.join(", "))
    }

    /// The selector of all namespaces but the system ones, the same for every policy.
    pub(super) fn namespace_selector(&self) -> Option<Value> {
        (!self.system_namespaces.is_empty()).then(|| {
            json!({"matchExpressions": [{
                "key": "kubernetes.io/metadata.name",
                "operator": "NotIn",
                "values": self.system_namespaces,
            }]})
        })
    }
}
