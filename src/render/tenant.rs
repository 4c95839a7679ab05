//! `tenants/<cluster>/<team>/`: the fence around each tenant namespace.

use serde::Serialize;
use serde_json::{Value, json};

use super::{Output, RenderError, blueprint, gitops, kustomization, queues};
use crate::model::Reach;
use crate::plan::{
    BURST_CLASS, ClusterPlan, EgressRule, GUARANTEED_QUOTA, MANAGED_BY, Plan, TENANT_OBJECT, Tenant,
};
use crate::units::Quantity;

/// The tenant namespaces of a cluster, one list per team, in the order of the spec.
pub(super) fn by_team(cluster: &ClusterPlan) -> Vec<Vec<&Tenant>> {
    let mut teams: Vec<Vec<&Tenant>> = Vec::new();
    for tenant in &cluster.tenants {
        match teams.last_mut().filter(|team| team[0].team == tenant.team) {
            Some(team) => team.push(tenant),
            None => teams.push(vec![tenant]),
        }
    }
    teams
}

/// The folder of a team.
pub(super) fn folder(cluster: &ClusterPlan, tenants: &[&Tenant]) -> String {
    format!("tenants/{}/{}", cluster.name, tenants[0].team)
}

/// Renders the folder of one team.
pub(super) fn render(plan: &Plan, cluster: &ClusterPlan, tenants: &[&Tenant]) -> Result<Output, RenderError> {
    let mut out = Output::new(plan.gitops().engine);
    let folder = folder(cluster, tenants);
    let file = |name: &str| format!("{folder}/{name}.yaml");
    let mut files = vec![
        "namespace.yaml",
        "quota.yaml",
        "limits.yaml",
        "rbac.yaml",
        "network.yaml",
    ];
    let queued = queues::is_queued(plan, cluster);
    files.extend(queued.then_some("queue.yaml"));
    files.extend(gitops::tenant(plan, &folder, tenants, &mut out)?);
    kustomization::write(&mut out, &folder, "tenant/kustomization", &files)?;
    let fill = |name: &'static str, values: &dyn Fn(&Tenant) -> Value| -> Result<Vec<String>, RenderError> {
        tenants
            .iter()
            .map(|tenant| Ok(blueprint::fill(name, &values(tenant))?))
            .collect()
    };
    let namespaces = fill("tenant/namespace.yaml", &|tenant| namespace(plan, tenant))?;
    out.filled(file("namespace"), "tenant/namespace.yaml", &namespaces)?;
    let quotas: Vec<Value> = tenants
        .iter()
        .flat_map(|tenant| quotas(cluster, tenant))
        .collect();
    out.objects(file("quota"), "tenant/quota", &quotas)?;
    if queued {
        let local = |tenant: &&Tenant| queues::local(tenant.namespace.as_str(), tenant.team.as_str());
        let queues: Vec<Value> = tenants.iter().map(local).collect();
        out.objects(file("queue"), "tenant/queue", &queues)?;
    }
    let limits = fill("tenant/limits.yaml", &limits)?;
    out.filled(file("limits"), "tenant/limits.yaml", &limits)?;
    let rbac = fill("tenant/rbac.yaml", &|tenant| rbac(tenant, queued))?;
    out.filled(file("rbac"), "tenant/rbac.yaml", &rbac)?;
    let networks = fill("tenant/network.yaml", &network)?;
    out.filled(file("network"), "tenant/network.yaml", &networks)?;
    Ok(out)
}

fn namespace(plan: &Plan, tenant: &Tenant) -> Value {
    let labels: Vec<Value> = tenant
        .labels(&plan.model.name)
        .into_iter()
        .map(|(key, value)| json!({"key": key, "value": value}))
        .collect();
    json!({
        "namespace": tenant.namespace.as_str(),
        "labels": labels,
        "keep": gitops::keep(plan.gitops().engine),
    })
}

fn metadata(tenant: &Tenant, name: &str) -> Value {
    json!({
        "name": name,
        "namespace": tenant.namespace.as_str(),
        "labels": {MANAGED_BY.0: MANAGED_BY.1},
    })
}

/// The quota of all pods, and where some may go beyond the guarantee, that of all others.
fn quotas(cluster: &ClusterPlan, tenant: &Tenant) -> Vec<Value> {
    let quota = |name: &str, spec: Value| {
        json!({
            "apiVersion": "v1",
            "kind": "ResourceQuota",
            "metadata": metadata(tenant, name),
            "spec": spec,
        })
    };
    let all = quota(TENANT_OBJECT, json!({"hard": tenant.hard(cluster)}));
    let guaranteed = tenant.guaranteed(cluster).map(|hard| {
        // A pod without any class matches `NotIn` as well.
        let ordinary = json!({"scopeName": "PriorityClass", "operator": "NotIn", "values": [BURST_CLASS]});
        let spec = json!({"hard": hard, "scopeSelector": {"matchExpressions": [ordinary]}});
        quota(GUARANTEED_QUOTA, spec)
    });
    [all].into_iter().chain(guaranteed).collect()
}

/// Defaults for containers that say nothing, never above the quota.
fn limits(tenant: &Tenant) -> Value {
    let at_most = |default: &str, quota: Option<&Quantity>| {
        let default = Quantity::parse(default).ok();
        match (default, quota) {
            (Some(default), Some(quota)) if quota.milli() < default.milli() => quota.to_string(),
            (Some(default), _) => default.to_string(),
            (None, _) => String::new(),
        }
    };
    let (cpu, memory) = (tenant.quota.cpu.as_ref(), tenant.quota.memory.as_ref());
    json!({
        "namespace": tenant.namespace.as_str(),
        "default_cpu": at_most("1", cpu),
        "default_memory": at_most("1Gi", memory),
        "request_cpu": at_most("100m", cpu),
        "request_memory": at_most("128Mi", memory),
    })
}

fn rbac(tenant: &Tenant, queued: bool) -> Value {
    json!({
        "namespace": tenant.namespace.as_str(),
        "groups": groups(tenant),
        "claims": !tenant.classes.is_empty(),
        "queued": queued,
    })
}

/// Members and owners, each once, sorted.
pub(super) fn groups(tenant: &Tenant) -> Vec<&str> {
    let both = tenant.groups.iter().chain(&tenant.owners).map(String::as_str);
    both.collect::<std::collections::BTreeSet<_>>()
        .into_iter()
        .collect()
}

/// One rule of `egress`, as the blueprint reads it: address blocks or a namespace.
#[derive(Serialize)]
struct EgressValues<'a> {
    reason: &'a str,
    cidrs: Vec<&'a str>,
    namespace: &'a str,
    ports: &'a [u16],
}

fn network(tenant: &Tenant) -> Value {
    let egress: Vec<EgressValues<'_>> = tenant.egress.iter().map(egress).collect();
    json!({"namespace": tenant.namespace.as_str(), "team": tenant.team.as_str(), "egress": egress})
}

fn egress(rule: &EgressRule) -> EgressValues<'_> {
    let (cidrs, namespace) = match &rule.to {
        Reach::Cidr(cidr) => (vec![cidr.as_str()], ""),
        Reach::Namespace(namespace) => (Vec::new(), namespace.as_str()),
        Reach::Anywhere => (vec!["0.0.0.0/0", "::/0"], ""),
    };
    EgressValues {
        reason: &rule.reason,
        cidrs,
        namespace,
        ports: &rule.ports,
    }
}
