//! The admission policies of `blueprints/policies/`, read once.
//!
//! A policy is a folder: `policy.yaml` says what it is about and what it matches, `rule.cel` says what must hold, and
//! `tests/` says by example what is allowed and what is denied. `_shared/` holds what several policies have in common.

mod case;
mod load;
mod rule;

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

pub use case::{Case, Subject};
pub use rule::{Validation, Variable};

/// How bad it is when the policy does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Untidy, nobody else is touched.
    Medium,
    /// A team harms itself or learns what it should not.
    High,
    /// A team reaches what belongs to another one.
    Critical,
}

impl Severity {
    /// The word in annotations and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// What the generator fills in: one CEL variable with a list literal.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// The name after `variables.` in the rule.
    pub name: String,
    /// Its CEL type.
    #[serde(rename = "type")]
    pub kind: ParameterType,
    /// Where its value comes from.
    pub from: Source,
    /// What it means, for people.
    pub title: String,
}

/// The CEL types of parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum ParameterType {
    /// A list of strings.
    #[serde(rename = "list(string)")]
    Strings,
}

/// The values that a parameter can come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Groups of the spec's `admins`.
    AdminGroups,
    /// Users of the spec's `admins`.
    AdminUsers,
    /// User names of the service accounts that the platform acts as.
    PlatformServiceAccounts,
}

/// Requests that a policy judges; the fields are those of a Kubernetes `RuleWithOperations`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ResourceRule {
    /// API groups, `""` is the core group.
    pub api_groups: Vec<String>,
    /// Versions, `*` is any.
    pub api_versions: Vec<String>,
    /// `CREATE`, `UPDATE`, `DELETE`.
    pub operations: Vec<String>,
    /// Plural names, with `/<subresource>` where one is meant.
    pub resources: Vec<String>,
}

/// Whether a policy judges the namespaces that the system list exempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SystemNamespaces {
    /// They are left alone.
    Exempt,
    /// They are judged wherever the engine can do it.
    Covered,
}

/// One admission policy, independent of the engine that enforces it.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// The name of its folder and of the objects rendered from it.
    pub id: String,
    /// One line for people.
    pub title: String,
    /// How bad it is when it does not hold.
    pub severity: Severity,
    /// The reasoning and the limits.
    pub why: String,
    /// Control families that it gives evidence for.
    pub controls: Vec<String>,
    /// What the generator fills in.
    pub parameters: Vec<Parameter>,
    /// Whether existing objects can be judged without a request.
    pub background: bool,
    /// Whether system namespaces are judged too.
    pub system_namespaces: SystemNamespaces,
    /// What it judges.
    pub rules: Vec<ResourceRule>,
    /// Named expressions, each using only earlier ones and the parameters.
    pub variables: Vec<Variable>,
    /// What must hold, in the order in which it is asked.
    pub validations: Vec<Validation>,
}

impl Policy {
    /// Its examples, read anew: only the offline test needs them.
    pub fn cases(&self) -> Result<Vec<Case>, PolicyError> {
        case::read(&self.id)
    }
}

/// Why the policies could not be read; each names the file below `blueprints/`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// A file that a policy needs is not there.
    #[error("`{path}` is missing or is not UTF-8")]
    Missing {
        /// Path below `blueprints/`.
        path: String,
    },
    /// A YAML file does not have the expected form.
    #[error("`{path}` cannot be read: {reason}")]
    Yaml {
        /// Path below `blueprints/`.
        path: String,
        /// What the reader said.
        reason: String,
    },
    /// A rule file does not have the expected form.
    #[error("`{path}` line {line}: {reason}")]
    Rule {
        /// Path below `blueprints/`.
        path: String,
        /// Counted from 1.
        line: usize,
        /// What is wrong and what is allowed.
        reason: String,
    },
    /// A fixture's name or content does not say what is expected.
    #[error("`{path}`: {reason}")]
    Case {
        /// Path below `blueprints/`.
        path: String,
        /// What is wrong and what is allowed.
        reason: String,
    },
}

static POLICIES: LazyLock<Result<Vec<Policy>, PolicyError>> = LazyLock::new(load::load);

/// All policies in the order of their ids, read from the embedded blueprints at the first call.
pub fn policies() -> Result<&'static [Policy], &'static PolicyError> {
    POLICIES.as_deref()
}

/// The policy with an id; `None` when there is none.
pub fn policy(id: &str) -> Result<Option<&'static Policy>, &'static PolicyError> {
    Ok(policies()?.iter().find(|policy| policy.id == id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_policy_has_rules_reasons_and_examples_of_both_kinds() {
        let all = policies().unwrap();
        let ids: Vec<&str> = all.iter().map(|p| p.id.as_str()).collect();
        assert_eq!(
            ids,
            [
                "gpu-entitlement",
                "gpu-isolation",
                "gpu-node-pool",
                "no-plaintext-secrets",
                "protect-platform-objects"
            ]
        );
        for policy in all {
            let id = &policy.id;
            assert!(!policy.validations.is_empty(), "{id} has no validation");
            assert!(policy.why.len() > 100, "{id} does not say why");
            assert!(!policy.controls.is_empty(), "{id} names no control");
            assert!(!policy.rules.is_empty(), "{id} matches nothing");
            assert!(
                policy.cases().unwrap().iter().any(|c| c.message.is_none()),
                "{id} has no allowed example"
            );
            for validation in &policy.validations {
                assert!(
                    policy.cases().unwrap().iter().any(|c| c
                        .message
                        .as_ref()
                        .is_some_and(|m| validation.message.contains(m.as_str()))),
                    "{id} has no example for `{}`",
                    validation.message
                );
            }
        }
        assert!(policy("gpu-entitlement").unwrap().is_some());
        assert!(policy("none").unwrap().is_none());
    }
}
