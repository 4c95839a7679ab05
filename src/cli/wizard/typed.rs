//! Puts typed text into the spec; names that others refer to are changed there too.

use super::answers::{self, NONE, list, whole};
use super::machine::Wizard;
use super::step::Step;
use crate::spec::{BackendEgress, Spec};

/// Puts a typed answer into the spec; the error says what is wrong with the text itself.
///
/// Without a wizard every team counts as one that was there before.
pub(super) fn put(wizard: Option<&Wizard>, spec: &mut Spec, step: Step, text: &str) -> Result<(), String> {
    let text = text.trim();
    let optional = || {
        Some(text)
            .filter(|text| !text.is_empty() && *text != NONE)
            .map(str::to_owned)
    };
    let names = || if text == NONE { Vec::new() } else { list(text) };
    match step {
        Step::Name => text.clone_into(&mut spec.name),
        Step::AdminGroups => spec.admins.groups = names(),
        Step::Repository => spec.gitops.repository = optional(),
        Step::Branch => text.clone_into(&mut spec.gitops.branch),
        Step::ClusterName(c) => rename_cluster(spec, c, text),
        Step::ClusterContext(c) => {
            let cluster = &mut spec.clusters[c];
            let written = cluster.context.is_some() || text != cluster.name;
            cluster.context = written.then(|| text.to_owned());
        }
        Step::PoolName(c, p) => rename_pool(spec, c, p, text),
        Step::PoolNodes(c, p) => spec.clusters[c].pools[p].nodes = whole(text)?,
        Step::PoolGpus(c, p) => spec.clusters[c].pools[p].gpus_per_node = whole(text)?,
        Step::PoolReplicas(c, p) => spec.clusters[c].pools[p].replicas = Some(whole(text)?),
        Step::BackendName => rename_backend(spec, text),
        Step::BackendAddress => {
            if let Some(backend) = spec.secrets.first_mut() {
                text.clone_into(&mut backend.address);
            }
        }
        Step::BackendEgress => {
            if let Some(backend) = spec.secrets.first_mut() {
                backend.egress = optional().map(|text| egress(&text));
            }
        }
        Step::TeamName(t) => rename_team(wizard, spec, t, text),
        Step::TeamGroups(t) => spec.teams[t].groups = names(),
        Step::TeamOwners(t) => spec.teams[t].owners = names(),
        Step::TeamNamespaces(t) => {
            let team = &mut spec.teams[t];
            let names = names();
            let written = !team.namespaces.is_empty() || names != [team.name.clone()];
            team.namespaces = if written { names } else { Vec::new() };
        }
        Step::GpuCount(t, g) => spec.teams[t].gpus[g].count = whole(text)?,
        Step::TeamQuota(t, n) => {
            let quota = if text == NONE {
                String::new()
            } else {
                text.to_owned()
            };
            let team = &mut spec.teams[t];
            let namespace = answers::namespaces(team).into_iter().nth(n).unwrap_or_default();
            answers::set_quota(team, &namespace, answers::parse_quota(&quota)?);
        }
        _ => {}
    }
    Ok(())
}

/// An address block, or else a namespace.
pub(super) fn egress(text: &str) -> BackendEgress {
    let text = text.to_owned();
    if text.contains('/') || text.contains(':') || text.contains('.') {
        BackendEgress {
            cidr: Some(text),
            namespace: None,
        }
    } else {
        BackendEgress {
            cidr: None,
            namespace: Some(text),
        }
    }
}

fn rename_cluster(spec: &mut Spec, cluster: usize, to: &str) {
    let from = std::mem::replace(&mut spec.clusters[cluster].name, to.to_owned());
    for team in &mut spec.teams {
        let named = team.clusters.iter_mut().filter(|name| **name == from);
        named.for_each(|name| to.clone_into(name));
        let asked = team.gpus.iter_mut().filter(|request| request.cluster == from);
        asked.for_each(|request| to.clone_into(&mut request.cluster));
    }
}

fn rename_pool(spec: &mut Spec, cluster: usize, pool: usize, to: &str) {
    let from = std::mem::replace(&mut spec.clusters[cluster].pools[pool].name, to.to_owned());
    let cluster = spec.clusters[cluster].name.clone();
    let others = spec.clusters.iter().filter(|other| other.name != cluster);
    let is_elsewhere = others
        .flat_map(|other| &other.pools)
        .any(|pool| pool.name == from);
    for request in spec.teams.iter_mut().flat_map(|team| &mut team.gpus) {
        if request.cluster == cluster && request.pool == from {
            to.clone_into(&mut request.pool);
        }
    }
    // A waiver names a pool of any cluster: it follows only when no other pool has the name.
    for waiver in spec.waivers.iter_mut().filter(|_| !is_elsewhere) {
        if waiver.pool.as_deref() == Some(from.as_str()) {
            waiver.pool = Some(to.to_owned());
        }
    }
}

fn rename_backend(spec: &mut Spec, to: &str) {
    let Some(backend) = spec.secrets.first_mut() else {
        return;
    };
    let from = std::mem::replace(&mut backend.name, to.to_owned());
    let all = spec.teams.iter_mut().flat_map(|team| &mut team.secrets);
    all.filter(|secret| secret.from == from)
        .for_each(|secret| to.clone_into(&mut secret.from));
}

fn rename_team(wizard: Option<&Wizard>, spec: &mut Spec, team: usize, to: &str) {
    let is_new = wizard.is_some_and(|wizard| wizard.is_new_team(team));
    let team = &mut spec.teams[team];
    let from = std::mem::replace(&mut team.name, to.to_owned());
    if from == to {
        return;
    }
    // What runs in a namespace must not be lost because its team has another name.
    if !is_new && team.namespaces.is_empty() {
        team.namespaces.push(from.clone());
    }
    for name in spec.waivers.iter_mut().flat_map(|waiver| &mut waiver.teams) {
        if *name == from {
            to.clone_into(name);
        }
    }
}
