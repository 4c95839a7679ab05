//! Judges a request by the same text that the engines get, without a cluster.

use std::sync::Arc;

use cel::{Context, Env, Program, Value as Cel};
use serde_json::{Value, json};

use super::{Parameters, environment, message, variables};
use crate::catalog::policies::{Policy, ResourceRule, Subject};

/// The kind of thing a request is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// API group, empty for the core group.
    pub group: String,
    /// API version.
    pub version: String,
    /// Plural name.
    pub resource: String,
    /// For instance `ephemeralcontainers`; empty for the object itself.
    pub subresource: String,
}

/// One admission request.
#[derive(Debug, Clone, PartialEq)]
pub struct Admission {
    /// `CREATE`, `UPDATE` or `DELETE`.
    pub operation: String,
    /// The object as it would become; null on `DELETE`.
    pub object: Value,
    /// The object as it is; `None` on `CREATE`.
    pub old_object: Option<Value>,
    /// The Namespace around the object; null for objects outside of one.
    pub namespace: Value,
    /// Who asks.
    pub user: Subject,
    /// What it is about.
    pub resource: Resource,
}

/// The answer to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// No policy objects.
    Allowed,
    /// A policy objects, or could not be evaluated.
    Denied {
        /// The id of the policy.
        policy: String,
        /// What the author of the request reads; begins with the id.
        message: String,
    },
}

/// Why a policy cannot be evaluated at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EvaluateError {
    /// The examples could not be read.
    #[error(transparent)]
    Cases(#[from] crate::catalog::policies::PolicyError),
    /// The CEL environment could not be set up.
    #[error("cel environment cannot be set up: {0}")]
    Environment(String),
    /// An expression is not CEL.
    #[error("policy `{policy}`: `{place}` does not compile: {reason}")]
    Compile {
        /// The id of the policy.
        policy: String,
        /// The variable's name or the message of the requirement.
        place: String,
        /// What the compiler said.
        reason: String,
    },
}

/// A policy, compiled for offline evaluation.
pub struct Compiled {
    id: String,
    rules: Vec<ResourceRule>,
    exempt: Vec<String>,
    variables: Vec<(String, Program)>,
    validations: Vec<(String, Program)>,
    env: Arc<Env>,
}

/// Compiles a policy with its parameters.
pub fn compile(policy: &Policy, parameters: &Parameters) -> Result<Compiled, EvaluateError> {
    let env = environment::environment().map_err(EvaluateError::Environment)?;
    let program = |place: &str, text: &str| {
        env.compile(text).map_err(|error| EvaluateError::Compile {
            policy: policy.id.clone(),
            place: place.to_owned(),
            reason: error.to_string(),
        })
    };
    Ok(Compiled {
        id: policy.id.clone(),
        rules: policy.rules.clone(),
        exempt: parameters.system_namespaces.clone(),
        variables: variables(policy, parameters)
            .into_iter()
            .map(|v| Ok((format!("variables.{}", v.name), program(&v.name, &v.expression)?)))
            .collect::<Result<_, EvaluateError>>()?,
        validations: policy
            .validations
            .iter()
            .map(|v| Ok((message(policy, v), program(&v.message, &v.expression)?)))
            .collect::<Result<_, EvaluateError>>()?,
        env,
    })
}

impl Compiled {
    /// The id of the policy.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Judges a request; what the policy does not match is allowed, what it cannot evaluate is denied.
    pub fn evaluate(&self, admission: &Admission) -> Verdict {
        if !self.matches(admission) {
            return Verdict::Allowed;
        }
        match self.first_failure(admission) {
            None => Verdict::Allowed,
            Some(message) => Verdict::Denied {
                policy: self.id.clone(),
                message,
            },
        }
    }

    /// Whether the policy's rules and its namespace selector choose the request.
    pub fn matches(&self, admission: &Admission) -> bool {
        let about = &admission.resource;
        let name = if about.subresource.is_empty() {
            about.resource.clone()
        } else {
            format!("{}/{}", about.resource, about.subresource)
        };
        let lists = |list: &[String], item: &str| list.iter().any(|x| x == "*" || x == item);
        let chosen = self.rules.iter().any(|rule| {
            lists(&rule.api_groups, &about.group)
                && lists(&rule.api_versions, &about.version)
                && lists(&rule.operations, &admission.operation)
                && lists(&rule.resources, &name)
        });
        let namespace = admission.namespace["metadata"]["name"].as_str();
        chosen && !namespace.is_some_and(|name| self.exempt.iter().any(|exempt| exempt == name))
    }

    fn first_failure(&self, admission: &Admission) -> Option<String> {
        let mut context = match environment::context(&self.env) {
            Ok(context) => context,
            Err(reason) => return Some(format!("{}: cannot be evaluated: {reason}", self.id)),
        };
        bind(&mut context, admission);
        for (name, program) in &self.variables {
            // Like the API server, an error in a variable counts only where the variable is used: it stays unbound,
            // and the expression that needs it fails.
            if let Ok(value) = program.execute(&context) {
                context.add_variable_from_value(name.clone(), value);
            }
        }
        self.validations
            .iter()
            .find_map(|(message, program)| match program.execute(&context) {
                Ok(Cel::Bool(true)) => None,
                Ok(Cel::Bool(false)) => Some(message.clone()),
                Ok(other) => Some(format!(
                    "{message} (the rule gave {:?} instead of a boolean)",
                    other.type_of()
                )),
                Err(error) => Some(format!("{message} (the rule failed: {error})")),
            })
    }
}

/// Judges a request by several policies; the first denial in their order is the answer.
pub fn judge(policies: &[Compiled], admission: &Admission) -> Verdict {
    policies
        .iter()
        .map(|policy| policy.evaluate(admission))
        .find(|verdict| *verdict != Verdict::Allowed)
        .unwrap_or(Verdict::Allowed)
}

fn bind(context: &mut Context<'static, 'static>, admission: &Admission) {
    let about = &admission.resource;
    let present = admission.old_object.as_ref().unwrap_or(&admission.object);
    let request = json!({
        "operation": admission.operation,
        "name": present["metadata"]["name"].as_str().unwrap_or_default(),
        "namespace": admission.namespace["metadata"]["name"].as_str().unwrap_or_default(),
        "resource": {"group": about.group, "version": about.version, "resource": about.resource},
        "subResource": about.subresource,
        "userInfo": {"username": admission.user.name, "groups": admission.user.groups},
    });
    let old = admission.old_object.as_ref().unwrap_or(&Value::Null);
    for (name, json) in [
        ("request", &request),
        ("object", &admission.object),
        ("oldObject", old),
        ("namespaceObject", &admission.namespace),
    ] {
        context.add_variable_from_value(name, environment::value(json));
    }
}
