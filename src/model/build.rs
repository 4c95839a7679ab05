//! Spec → Model: all checks run, all findings are collected.

use std::collections::BTreeMap;

use super::report::Report;
use super::types::{Admins, Egress, Model, Policy};
use super::{
    compliance, device_classes, fleet, gitops, identity, labels, names, overlap, queues, secrets, teams,
    unsupported, waivers,
};
use crate::catalog;
use crate::spec::{Spec, Step, did_you_mean};
use crate::units::DnsLabel;

/// Resolves a spec; `None` when anything was reported.
pub fn build(spec: &Spec, report: &mut Report<'_>) -> Option<Model> {
    unsupported::check(spec, report);
    let name = names::label(&spec.name, &[Step::Key("name")], report);
    let policy = policy(spec, report);
    compliance::check(spec, report);
    let system_namespaces = system_namespaces(spec, report);
    let admins = identity::admins(spec, report);
    let gitops = gitops::check(spec, report);
    let egress = egress(spec, report);
    let backends = secrets::backends(spec, report);
    let clusters = fleet::clusters(spec, report);
    let teams = teams::teams(spec, &clusters, &system_namespaces, report);
    device_classes::check(&clusters, &teams, report);
    queues::check(&clusters, &teams, report);
    overlap::check(&teams, &clusters, report);
    let waivers = waivers::waivers(spec, report);
    waivers::require_for_sharing(spec, &teams, &clusters, &waivers, report);
    if !report.is_empty() {
        return None;
    }
    Some(Model {
        name: name?,
        admins: Admins {
            groups: admins.0,
            users: admins.1,
        },
        gitops,
        repository: spec.gitops.repository.clone(),
        branch: spec.gitops.branch.clone(),
        policy: Policy {
            system_namespaces,
            ..policy?
        },
        egress,
        backends: backends.into_iter().collect::<Option<_>>()?,
        clusters: clusters.into_iter().collect::<Option<_>>()?,
        teams: teams.into_iter().collect::<Option<_>>()?,
        waivers,
        compliance: spec.compliance.clone(),
    })
}

/// The policies; `None` when a time to live is not one.
fn policy(spec: &Spec, report: &mut Report<'_>) -> Option<Policy> {
    let ids: Vec<&str> = catalog::policy_ids();
    let mut modes = BTreeMap::new();
    for (id, mode) in &spec.policy.modes {
        if ids.contains(&id.as_str()) {
            modes.insert(id.clone(), *mode);
        } else {
            let hint = did_you_mean(id, ids.iter().copied()).map_or_else(
                || format!("policies: {}", ids.join(", ")),
                |near| format!("did you mean `{near}`?"),
            );
            let path = [Step::Key("policy"), Step::Key("modes")];
            report.add(
                &path,
                "unknown-policy",
                format!("policy `{}` does not exist", id.escape_debug()),
                Some(hint),
            );
        }
    }
    let secrets = secrets::policy(spec, report);
    Some(Policy {
        engine: spec.policy.engine,
        mode: spec.policy.mode,
        modes,
        pod_security: spec.policy.pod_security,
        system_namespaces: Vec::new(),
        cross_team_sharing: spec.policy.cross_team_sharing,
        secrets: secrets?,
    })
}

/// The namespaces that no policy applies to, sorted, each once.
fn system_namespaces(spec: &Spec, report: &mut Report<'_>) -> Vec<String> {
    let mut system: Vec<String> = catalog::system_namespaces()
        .into_iter()
        .map(str::to_owned)
        .collect();
    for (index, name) in spec.policy.system_namespaces.iter().enumerate() {
        let path = [
            Step::Key("policy"),
            Step::Key("systemNamespaces"),
            Step::Index(index),
        ];
        if let Some(name) = names::label(name, &path, report) {
            system.push(name.to_string());
        }
    }
    system.sort();
    system.dedup();
    system
}

fn egress(spec: &Spec, report: &mut Report<'_>) -> Vec<Egress> {
    for (index, egress) in spec.network.egress.iter().enumerate() {
        let path = [
            Step::Key("network"),
            Step::Key("egress"),
            Step::Index(index),
            Step::Key("cidr"),
        ];
        labels::check_cidr(&egress.cidr, &path, report);
    }
    spec.network
        .egress
        .iter()
        .map(|e| Egress {
            cidr: e.cidr.clone(),
            ports: e.ports.clone(),
        })
        .collect()
}

/// Whether a namespace may belong to a team.
pub(super) fn is_reserved(name: &DnsLabel, system_namespaces: &[String]) -> bool {
    let name = name.as_str();
    name == "default"
        || name == "platform"
        || name.starts_with("kube-")
        || name.starts_with("openshift-")
        || system_namespaces.iter().any(|system| system == name)
}
