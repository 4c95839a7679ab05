//! AppProjects: closed lists of sources, destinations and kinds for each team and for the platform itself.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::super::super::{Output, RenderError, blueprint, infrastructure, queues, tenant};
use super::{IN_CLUSTER, NAMESPACE, PLATFORM_ACCOUNT, TEAM_ACCOUNT, applications};
use crate::plan::{ClusterPlan, Plan, Tenant};
use crate::spec::PolicyEngine;

type Kind = (&'static str, &'static str);

/// What a team's sync may bring: the kinds that the Role `tenant` lets members write, and no other.
const TEAM_KINDS: [Kind; 15] = [
    ("", "ConfigMap"),
    ("", "PersistentVolumeClaim"),
    ("", "Pod"),
    ("", "PodTemplate"),
    ("", "ReplicationController"),
    ("", "Service"),
    ("apps", "DaemonSet"),
    ("apps", "Deployment"),
    ("apps", "ReplicaSet"),
    ("apps", "StatefulSet"),
    ("autoscaling", "HorizontalPodAutoscaler"),
    ("batch", "CronJob"),
    ("batch", "Job"),
    ("networking.k8s.io", "Ingress"),
    ("policy", "PodDisruptionBudget"),
];

/// What the queues of a cluster are made of.
const QUEUE_KINDS: [Kind; 3] = [
    ("kueue.x-k8s.io", "ClusterQueue"),
    ("kueue.x-k8s.io", "Cohort"),
    ("kueue.x-k8s.io", "ResourceFlavor"),
];

/// What a team with device classes may bring beside that.
const CLAIM_KINDS: [Kind; 2] = [
    ("resource.k8s.io", "ResourceClaim"),
    ("resource.k8s.io", "ResourceClaimTemplate"),
];

/// The fence of a tenant namespace.
const FENCE_KINDS: [Kind; 6] = [
    ("", "LimitRange"),
    ("", "ResourceQuota"),
    ("", "ServiceAccount"),
    ("networking.k8s.io", "NetworkPolicy"),
    ("rbac.authorization.k8s.io", "Role"),
    ("rbac.authorization.k8s.io", "RoleBinding"),
];

/// What the stages before the tenants bring into namespaces.
const PLATFORM_KINDS: [Kind; 5] = [
    ("", "ConfigMap"),
    ("", "ServiceAccount"),
    ("argoproj.io", "AppProject"),
    ("argoproj.io", "Application"),
    ("argoproj.io", "ApplicationSet"),
];

/// Renders the projects of a cluster, and returns their files.
pub(super) fn render(
    plan: &Plan,
    cluster: &ClusterPlan,
    folder: &str,
    out: &mut Output,
) -> Result<Vec<String>, RenderError> {
    let locked = blueprint::fill("gitops/argocd/default-project.yaml", &json!({}))?;
    let mut files = Vec::new();
    let mut write = |name: &str, origin: &'static str, text: String| {
        let file = format!("projects/{name}.yaml");
        out.filled(format!("{folder}/{file}"), origin, &[text])?;
        files.push(file);
        Ok::<(), RenderError>(())
    };
    write("default", "gitops/argocd/default-project.yaml", locked)?;
    let charts = infrastructure::components(plan, cluster)?;
    let mut projects = vec![platform(plan, cluster, &charts), fence(plan, cluster)];
    if !charts.is_empty() {
        projects.push(chart_project(&charts));
    }
    projects.extend(tenant::by_team(cluster).iter().map(|tenants| team(plan, tenants)));
    for (name, values) in projects {
        let text = blueprint::fill("gitops/argocd/project.yaml", &values)?;
        write(&name, "gitops/argocd/project.yaml", text)?;
    }
    Ok(files)
}

type Project = (String, Value);
type Component = crate::catalog::components::Component;

fn kinds<'a>(all: impl IntoIterator<Item = (&'a str, &'a str)>) -> Value {
    let all: BTreeSet<(&str, &str)> = all.into_iter().collect();
    all.into_iter()
        .map(|(group, kind)| json!({"group": group, "kind": kind}))
        .collect()
}

/// All projects have one form; `account` is the account of a destination, in its own or in another namespace.
fn project(name: &str, description: &str, namespaces: &BTreeSet<&str>, account: &str) -> Value {
    json!({
        "name": name,
        "description": description,
        "server": IN_CLUSTER,
        "namespaces": namespaces,
        "account": account,
        "sources": [],
        "source_namespaces": [],
        "cluster_kinds": [],
        "namespaced_kinds": [],
        "roles": [],
    })
}

fn platform_account() -> String {
    format!("{NAMESPACE}:{PLATFORM_ACCOUNT}")
}

/// The root and the stages before the tenants.
fn platform(plan: &Plan, cluster: &ClusterPlan, charts: &[&'static Component]) -> Project {
    let mut namespaces = BTreeSet::from([NAMESPACE]);
    namespaces.extend(charts.iter().map(|chart| chart.namespace.as_str()));
    let about = "The platform's own objects; admins only";
    let mut values = project("platform", about, &namespaces, &platform_account());
    values["sources"] = json!([plan.model.repository]);
    let policies: &[Kind] = match plan.engine() {
        PolicyEngine::Kyverno => &[("policies.kyverno.io", "ValidatingPolicy")],
        PolicyEngine::Native => &[
            ("admissionregistration.k8s.io", "ValidatingAdmissionPolicy"),
            ("admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding"),
        ],
        PolicyEngine::Gatekeeper => &[],
    };
    let own = [
        ("", "Namespace"),
        ("rbac.authorization.k8s.io", "ClusterRoleBinding"),
    ];
    let classes = (!cluster.device_classes.is_empty()).then_some(("resource.k8s.io", "DeviceClass"));
    let priority = cluster
        .uses_burst_class()
        .then_some(("scheduling.k8s.io", "PriorityClass"));
    let queues = match queues::is_queued(plan, cluster) {
        true => &QUEUE_KINDS[..],
        false => &[],
    };
    let queues = queues.iter().copied();
    values["cluster_kinds"] = kinds(
        own.into_iter()
            .chain(policies.iter().copied())
            .chain(classes)
            .chain(priority)
            .chain(queues),
    );
    values["namespaced_kinds"] = kinds(PLATFORM_KINDS);
    let groups: BTreeSet<String> = plan
        .admins()
        .groups
        .iter()
        .map(|group| subject(plan, group))
        .collect();
    values["roles"] = role(
        "platform",
        "admin",
        "Admins of the spec",
        &["get", "sync"],
        &groups,
    );
    ("platform".to_owned(), values)
}

/// The fences of all teams: quotas, roles and network policies, and only in tenant namespaces.
fn fence(plan: &Plan, cluster: &ClusterPlan) -> Project {
    let namespaces = cluster
        .tenants
        .iter()
        .map(|tenant| tenant.namespace.as_str())
        .collect();
    let about = "The fence of each team; admins only";
    let mut values = project("platform-tenants", about, &namespaces, &platform_account());
    values["sources"] = json!([plan.model.repository]);
    values["cluster_kinds"] = kinds([("", "Namespace")]);
    let queue = queues::is_queued(plan, cluster).then_some(("kueue.x-k8s.io", "LocalQueue"));
    values["namespaced_kinds"] = kinds(FENCE_KINDS.into_iter().chain(queue));
    ("platform-tenants".to_owned(), values)
}

/// The charts of the controllers: only from where they are published, only into their own namespaces.
fn chart_project(charts: &[&'static Component]) -> Project {
    let own = charts.iter().map(|chart| chart.namespace.as_str());
    let other = charts
        .iter()
        .flat_map(|chart| &chart.other_namespaces)
        .map(String::as_str);
    let namespaces = own.chain(other).collect();
    let about = "The pinned charts of the controllers; admins only";
    let mut values = project("platform-charts", about, &namespaces, &platform_account());
    let sources: BTreeSet<&str> = charts
        .iter()
        .map(|chart| applications::repository(chart))
        .collect();
    values["sources"] = json!(sources);
    let pair = |kind: &'static crate::catalog::components::Kind| (kind.group.as_str(), kind.kind.as_str());
    values["cluster_kinds"] = kinds(charts.iter().flat_map(|chart| &chart.kinds.cluster).map(pair));
    values["namespaced_kinds"] = kinds(charts.iter().flat_map(|chart| &chart.kinds.namespaced).map(pair));
    ("platform-charts".to_owned(), values)
}

/// What a team's own applications may do.
fn team(plan: &Plan, tenants: &[&Tenant]) -> Project {
    let first = tenants[0];
    let namespaces: BTreeSet<&str> = tenants.iter().map(|tenant| tenant.namespace.as_str()).collect();
    let name = first.team.as_str();
    let mut values = project(name, "Applications of the team", &namespaces, TEAM_ACCOUNT);
    values["sources"] = json!(first.sources);
    values["source_namespaces"] = json!(namespaces);
    let claims: &[Kind] = match tenants.iter().any(|tenant| !tenant.classes.is_empty()) {
        true => &CLAIM_KINDS,
        false => &[],
    };
    values["namespaced_kinds"] = kinds(TEAM_KINDS.into_iter().chain(claims.iter().copied()));
    let groups: BTreeSet<String> = tenant::groups(first)
        .into_iter()
        .map(|group| subject(plan, group))
        .collect();
    let actions = ["get", "create", "update", "delete", "sync"];
    values["roles"] = role(
        name,
        "member",
        "Members and owners of the team",
        &actions,
        &groups,
    );
    (name.to_owned(), values)
}

/// A role of a project; none without groups. Its `*` stands for the applications of this one project.
///
/// Source: rbac.md, "Application-Specific Policy".
fn role(project: &str, name: &str, about: &str, actions: &[&str], groups: &BTreeSet<String>) -> Value {
    if groups.is_empty() {
        return json!([]);
    }
    let policy = |resource: &str, action: &str| {
        format!("p, proj:{project}:{name}, {resource}, {action}, {project}/*, allow")
    };
    let mut policies: Vec<String> = actions
        .iter()
        .map(|action| policy("applications", action))
        .collect();
    policies.push(policy("logs", "get"));
    // The groups end up in lines of CSV.
    let quoted = |group: &String| {
        if group.contains(',') {
            format!("\"{group}\"")
        } else {
            group.clone()
        }
    };
    let groups: Vec<String> = groups.iter().map(quoted).collect();
    json!([{"name": name, "description": about, "policies": policies, "groups": groups}])
}

/// A group or user as Argo CD sees it.
pub(super) fn subject(plan: &Plan, name: &str) -> String {
    let prefix = plan.gitops().groups_prefix.as_str();
    name.strip_prefix(prefix).unwrap_or(name).to_owned()
}
