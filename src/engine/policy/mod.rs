//! Admission policies for the engine of choice, and their evaluation without one.
//!
//! The logic of a policy is written once, in the CEL that all engines share. This module wraps it as objects of an
//! engine ([`render`]) and runs the same text offline ([`evaluate`]).

mod cases;
mod environment;
pub mod evaluate;
mod kyverno;
mod native;
mod parameters;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::catalog::policies::{Policy, Validation, Variable};
pub use cases::{CaseResult, run_cases};
pub use evaluate::{Admission, Compiled, EvaluateError, Resource, Verdict, compile};
pub use parameters::Parameters;

/// The engines that enforce admission policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PolicyEngine {
    /// Kyverno's `policies.kyverno.io/v1 ValidatingPolicy`.
    Kyverno,
    /// Gatekeeper's constraint templates.
    Gatekeeper,
    /// The API server's own `ValidatingAdmissionPolicy`.
    Native,
}

/// What happens to a request that a policy does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// It is refused.
    Enforce,
    /// It is carried out and reported.
    Audit,
}

/// Why a policy has no form for an engine.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// The engine is part of the spec, its output is not written yet.
    #[error("policy engine `gatekeeper` is not supported yet: allowed are `kyverno` and `native`")]
    GatekeeperNotSupported,
}

/// The Kubernetes objects that make an engine enforce a policy, in the order in which they are applied.
///
/// Kyverno: one `ValidatingPolicy`. Native: a `ValidatingAdmissionPolicy` and its binding. All are named after the
/// policy; every message of a denial begins with `<policy id>: `.
pub fn render(
    engine: PolicyEngine,
    policy: &Policy,
    parameters: &Parameters,
    action: Action,
) -> Result<Vec<Value>, RenderError> {
    match engine {
        PolicyEngine::Kyverno => Ok(vec![kyverno::validating_policy(policy, parameters, action)]),
        PolicyEngine::Gatekeeper => Err(RenderError::GatekeeperNotSupported),
        PolicyEngine::Native => Ok(native::policy_and_binding(policy, parameters, action)),
    }
}

/// The message of a denial: the policy's id and what is wrong.
pub(crate) fn message(policy: &Policy, validation: &Validation) -> String {
    format!("{}: {}", policy.id, validation.message)
}

/// The parameters as variables, followed by the policy's own.
pub(crate) fn variables(policy: &Policy, parameters: &Parameters) -> Vec<Variable> {
    let given = policy.parameters.iter().map(|p| Variable {
        name: p.name.clone(),
        expression: parameters.cel_literal(p.from),
    });
    given.chain(policy.variables.iter().cloned()).collect()
}

/// Name, label and annotations of every rendered object.
fn metadata(policy: &Policy, annotations: &[(&str, &str)]) -> Value {
    let mut notes = Map::new();
    for (key, value) in annotations {
        notes.insert((*key).to_owned(), json!(value));
    }
    notes.insert(
        "tenancy.platform/controls".to_owned(),
        json!(policy.controls.join(",")),
    );
    json!({
        "name": policy.id,
        "labels": {"app.kubernetes.io/managed-by": "platform"},
        "annotations": notes,
    })
}

/// `variables` and `validations`, which both engines write alike.
fn logic(policy: &Policy, parameters: &Parameters) -> (Value, Value) {
    let variables = variables(policy, parameters)
        .into_iter()
        .map(|v| json!({"name": v.name, "expression": v.expression}))
        .collect();
    let validations = policy
        .validations
        .iter()
        .map(|v| json!({"message": message(policy, v), "expression": v.expression}))
        .collect();
    (Value::Array(variables), Value::Array(validations))
}

#[cfg(test)]
mod tests;
