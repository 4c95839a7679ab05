//! Judges the objects of a file as a member of a team would meet the policies and the quota.

use std::path::Path;
use std::process::ExitCode;

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::args::{Expected, Global, TestArgs};
use super::super::failure::Failure;
use super::super::{load, output};
use super::{compiled, quota};
use crate::catalog::policies::Subject;
use crate::engine::policy::{Admission, Compiled, Resource, Verdict};
use crate::plan::{ClusterPlan, Plan, Tenant};
use crate::spec::Mode;

/// Evaluates objects for the tenants of a plan.
pub(super) struct Judge<'p> {
    plan: &'p Plan,
    policies: Vec<Compiled>,
}

impl<'p> Judge<'p> {
    pub(super) fn new(plan: &'p Plan) -> Result<Self, Failure> {
        Ok(Self {
            plan,
            policies: compiled(plan)?,
        })
    }

    /// Why a create of this object by a member of the team would be refused; audited policies only record.
    pub(super) fn refusal(&self, cluster: &ClusterPlan, tenant: &Tenant, object: &Value) -> Option<String> {
        let verdicts = self.verdicts(cluster, tenant, object);
        let denied = verdicts
            .into_iter()
            .find(|(_, mode)| *mode == Mode::Enforce)
            .map(|(message, _)| message);
        denied.or_else(|| quota::exceeded(cluster, tenant, object))
    }

    /// The objections of all policies, with the mode of each.
    fn verdicts(&self, cluster: &ClusterPlan, tenant: &Tenant, object: &Value) -> Vec<(String, Mode)> {
        let admission = self.admission(tenant, object);
        let objections = self.policies.iter().filter_map(|policy| {
            if !policy.matches(&admission) {
                return None;
            }
            match policy.evaluate(&admission) {
                Verdict::Allowed => None,
                Verdict::Denied { message, .. } => {
                    let mode = cluster
                        .policies
                        .iter()
                        .find(|p| p.id == policy.id())
                        .map_or(Mode::Enforce, |p| p.mode);
                    Some((message, mode))
                }
            }
        });
        objections.collect()
    }

    fn admission(&self, tenant: &Tenant, object: &Value) -> Admission {
        let mut object = object.clone();
        let namespace = tenant.namespace.as_str();
        if object["metadata"].is_object() {
            object["metadata"]["namespace"] = namespace.into();
        }
        let mut labels = json!(tenant.labels(&self.plan.model.name));
        labels["kubernetes.io/metadata.name"] = namespace.into();
        let text = |key: &str| object[key].as_str().unwrap_or_default().to_owned();
        Admission {
            operation: "CREATE".to_owned(),
            resource: Resource::of(&text("apiVersion"), &text("kind")),
            object,
            old_object: None,
            namespace: json!({
                "apiVersion": "v1",
                "kind": "Namespace",
                "metadata": {"name": namespace, "labels": labels, "annotations": {}},
            }),
            user: Subject {
                name: "platform:probe".to_owned(),
                groups: tenant
                    .groups
                    .iter()
                    .cloned()
                    .chain(["system:authenticated".to_owned()])
                    .collect(),
            },
        }
    }
}

pub(super) fn run(
    global: &Global,
    args: &TestArgs,
    plan: &Plan,
    file: &Path,
    team: &str,
) -> Result<ExitCode, Failure> {
    let (cluster, tenant) = place(args, plan, team)?;
    let objects = objects(file)?;
    let judge = Judge::new(plan)?;
    let mut results = Vec::new();
    for object in &objects {
        let recorded: Vec<String> = judge
            .verdicts(cluster, tenant, object)
            .into_iter()
            .filter(|(_, mode)| *mode == Mode::Audit)
            .map(|(message, _)| message)
            .collect();
        let name = format!(
            "{}/{}",
            object["kind"].as_str().unwrap_or("?").to_lowercase(),
            object["metadata"]["name"]
                .as_str()
                .or(object["metadata"]["generateName"].as_str())
                .unwrap_or("?")
        );
        results.push((name, judge.refusal(cluster, tenant, object), recorded));
    }
    let denied = results.iter().any(|(_, refusal, _)| refusal.is_some());
    let items: Vec<Value> = results
        .iter()
        .map(|(name, refusal, recorded)| {
            json!({"object": name, "admitted": refusal.is_none(), "message": refusal, "audited": recorded})
        })
        .collect();
    let document = json!({
        "apiVersion": "tenancy.platform/v1alpha1",
        "kind": "PodTestReport",
        "team": team,
        "cluster": cluster.name.as_str(),
        "namespace": tenant.namespace.as_str(),
        "admitted": !denied,
        "objects": items,
    });
    output::document(global, &document, || {
        let mut text = String::new();
        for (name, refusal, recorded) in &results {
            match refusal {
                None => text.push_str(&format!("✔ {name}: admitted in {}\n", tenant.namespace)),
                Some(why) => text.push_str(&format!("✘ {name}: denied in {}\n  {why}\n", tenant.namespace)),
            }
            for message in recorded {
                text.push_str(&format!("  audited: {message}\n"));
            }
        }
        text
    })?;
    let good = match args.expect {
        None | Some(Expected::Admitted) => !denied,
        // Every object must be refused, or one that slips through would hide behind another.
        Some(Expected::Denied) => results.iter().all(|(_, refusal, _)| refusal.is_some()),
    };
    Ok(ExitCode::from(u8::from(!good)))
}

/// The cluster and tenant namespace that the flags mean.
fn place<'p>(args: &TestArgs, plan: &'p Plan, team: &str) -> Result<(&'p ClusterPlan, &'p Tenant), Failure> {
    let teams: Vec<&str> = plan.model.teams.iter().map(|t| t.name.as_str()).collect();
    if !teams.contains(&team) {
        let shown: Vec<&str> = teams.into_iter().take(20).collect();
        return Err(
            Failure::usage(format!("team `{}` is not in the spec", team.escape_debug()))
                .hint(format!("teams: {}", shown.join(", "))),
        );
    }
    for cluster in load::clusters(plan, args.cluster.as_deref())? {
        let mut own = cluster
            .tenants
            .iter()
            .filter(|tenant| tenant.team.as_str() == team);
        let found = match &args.namespace {
            None => own.next(),
            Some(name) => own.find(|tenant| tenant.namespace.as_str() == name),
        };
        if let Some(tenant) = found {
            return Ok((cluster, tenant));
        }
    }
    Err(
        Failure::usage(format!("team `{team}` has no such namespace or cluster"))
            .hint("see `platform plan` for what it has"),
    )
}

fn objects(file: &Path) -> Result<Vec<Value>, Failure> {
    let bytes = load::read(file)?;
    let shown = file.display();
    let text =
        std::str::from_utf8(&bytes).map_err(|_| Failure::usage(format!("`{shown}` is not UTF-8 text")))?;
    let mut objects = Vec::new();
    for document in serde_yaml::Deserializer::from_str(text) {
        let value = Value::deserialize(document)
            .map_err(|error| Failure::usage(format!("`{shown}` is not YAML: {error}")))?;
        match value["items"].as_array() {
            Some(items) if value["kind"].as_str().is_some_and(|kind| kind.ends_with("List")) => {
                objects.extend(items.iter().cloned());
            }
            _ if value.is_null() => {}
            _ => objects.push(value),
        }
    }
    let named = |object: &&Value| object["apiVersion"].is_string() && object["kind"].is_string();
    if objects.is_empty() || !objects.iter().all(|object| named(&object)) {
        return Err(Failure::usage(format!(
            "`{shown}` holds no object of Kubernetes, or one without apiVersion or kind"
        ))
        .hint("such as the output of `kubectl get pod NAME -o yaml`"));
    }
    Ok(objects)
}
