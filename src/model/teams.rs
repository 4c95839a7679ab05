//! Teams, their namespaces, and what each namespace is promised.

use super::build::is_reserved;
use super::fleet::{find_cluster, unknown};
use super::report::Report;
use super::types::{Cluster, Namespace, Quota, Team};
use super::{gitops, identity, names, secrets};
use crate::spec::{self, Spec, Step};
use crate::units::DnsLabel;

/// The teams in the order of the spec; `None` where one is not usable.
pub(super) fn teams(
    spec: &Spec,
    clusters: &[Option<Cluster>],
    system_namespaces: &[String],
    report: &mut Report<'_>,
) -> Vec<Option<Team>> {
    let all: Vec<&str> = spec.teams.iter().map(|t| t.name.as_str()).collect();
    let path = |index| vec![Step::Key("teams"), Step::Index(index), Step::Key("name")];
    names::unique("team", &all, path, report);
    names::distinct("team", &all, path, report);
    let teams: Vec<Option<Team>> = (0..spec.teams.len())
        .map(|index| {
            Builder {
                spec,
                clusters,
                system_namespaces,
                index,
            }
            .team(report)
        })
        .collect();
    one_owner_per_namespace(&teams, report);
    teams
}

/// A namespace belongs to one team: its labels say which.
fn one_owner_per_namespace(teams: &[Option<Team>], report: &mut Report<'_>) {
    let mut owners: std::collections::BTreeMap<&str, &str> = std::collections::BTreeMap::new();
    for (index, team) in teams.iter().enumerate() {
        let Some(team) = team else { continue };
        for namespace in &team.namespaces {
            match owners.get(namespace.name.as_str()) {
                Some(owner) if *owner != team.name.as_str() => {
                    let message = format!(
                        "namespace `{}` belongs to team `{owner}` and to team `{}`",
                        namespace.name, team.name
                    );
                    let path = [Step::Key("teams"), Step::Index(index), Step::Key("namespaces")];
                    report.add(
                        &path,
                        "duplicate-name",
                        message,
                        Some("give each team its own namespaces".to_owned()),
                    );
                }
                _ => {
                    owners.insert(namespace.name.as_str(), team.name.as_str());
                }
            }
        }
    }
}

/// Makes one team of what was typed.
pub(super) struct Builder<'a> {
    pub(super) spec: &'a Spec,
    pub(super) clusters: &'a [Option<Cluster>],
    system_namespaces: &'a [String],
    pub(super) index: usize,
}

impl Builder<'_> {
    pub(super) fn path(&self, more: &[Step]) -> Vec<Step> {
        [Step::Key("teams"), Step::Index(self.index)]
            .iter()
            .chain(more)
            .cloned()
            .collect()
    }

    pub(super) fn written(&self) -> &spec::Team {
        &self.spec.teams[self.index]
    }

    fn team(&self, report: &mut Report<'_>) -> Option<Team> {
        let written = self.written();
        let name = names::label(&written.name, &self.path(&[Step::Key("name")]), report);
        identity::team_groups(
            &written.groups,
            |i| self.path(&[Step::Key("groups"), Step::Index(i)]),
            report,
        );
        identity::team_groups(
            &written.owners,
            |i| self.path(&[Step::Key("owners"), Step::Index(i)]),
            report,
        );
        let clusters = self.team_clusters(report);
        let namespaces = self.namespaces(name.as_ref(), report);
        let requests = self.requests(&clusters, report);
        let quotas = self.quotas(&namespaces, report);
        let secrets = secrets::access(self.spec, self.index, report);
        gitops::team(self.spec, self.index, report);
        let name = name?;
        let mut namespaces: Vec<Namespace> = namespaces
            .into_iter()
            .map(|name| Namespace {
                name,
                gpus: Vec::new(),
                quota: Quota::default(),
            })
            .collect();
        for (namespace, request) in requests {
            let index = request.origin.1;
            if let Some(place) = self.place(&mut namespaces, namespace.as_deref(), "gpus", index, report) {
                place.gpus.push(request);
            }
        }
        for (index, (namespace, quota)) in quotas.into_iter().enumerate() {
            if let Some(place) = self.place(&mut namespaces, namespace.as_deref(), "quota", index, report) {
                place.quota = quota;
            }
        }
        let groups = written.groups.clone();
        Some(Team {
            name,
            groups,
            owners: written.owners.clone(),
            namespaces,
            clusters,
            secrets: secrets?,
            frozen: written.frozen,
            weight: written.weight,
            sources: written.sources.clone(),
        })
    }

    fn team_clusters(&self, report: &mut Report<'_>) -> Vec<usize> {
        let written = self.written();
        if written.clusters.is_empty() {
            return (0..self.spec.clusters.len()).collect();
        }
        let all: Vec<&str> = written.clusters.iter().map(String::as_str).collect();
        names::unique(
            "cluster",
            &all,
            |i| self.path(&[Step::Key("clusters"), Step::Index(i)]),
            report,
        );
        all.iter()
            .enumerate()
            .filter_map(|(i, name)| {
                let path = self.path(&[Step::Key("clusters"), Step::Index(i)]);
                find_cluster(self.spec, name, &path, report)
            })
            .collect()
    }

    fn namespaces(&self, team: Option<&DnsLabel>, report: &mut Report<'_>) -> Vec<DnsLabel> {
        let written = self.written();
        let named_here = !written.namespaces.is_empty();
        let all: Vec<&str> = if named_here {
            written.namespaces.iter().map(String::as_str).collect()
        } else {
            team.map(DnsLabel::as_str).into_iter().collect()
        };
        let path = |index| {
            if named_here {
                self.path(&[Step::Key("namespaces"), Step::Index(index)])
            } else {
                self.path(&[Step::Key("name")])
            }
        };
        names::unique("namespace", &all, path, report);
        let mut legal = Vec::new();
        for (index, name) in all.iter().enumerate() {
            let label = if named_here {
                names::label(name, &path(index), report)
            } else {
                team.cloned()
            };
            let Some(label) = label else { continue };
            if is_reserved(&label, self.system_namespaces) {
                let message = format!("`{label}` is reserved for the cluster or the platform");
                let hint = format!("choose another name, such as `{label}-team`");
                report.add(&path(index), "reserved-name", message, Some(hint));
            }
            legal.push(label);
        }
        legal
    }

    /// The namespace that an entry belongs to.
    fn place<'n>(
        &self,
        namespaces: &'n mut [Namespace],
        named: Option<&str>,
        list: &'static str,
        index: usize,
        report: &mut Report<'_>,
    ) -> Option<&'n mut Namespace> {
        let path = self.path(&[Step::Key(list), Step::Index(index), Step::Key("namespace")]);
        match named {
            None if namespaces.len() == 1 => namespaces.first_mut(),
            None if namespaces.is_empty() || report.was_refused(&path) => None,
            None => {
                let message = format!(
                    "team `{}` has several namespaces; this entry of `{list}` does not say which",
                    self.written().name
                );
                report.add(
                    &path,
                    "missing-key",
                    message,
                    Some("add `namespace: <one of them>`".to_owned()),
                );
                None
            }
            Some(name) => {
                let all: Vec<String> = namespaces.iter().map(|n| n.name.to_string()).collect();
                let found = namespaces.iter_mut().find(|n| n.name.as_str() == name);
                if found.is_none() {
                    let all: Vec<&str> = all.iter().map(String::as_str).collect();
                    unknown(
                        "namespace",
                        &format!(" of team `{}`", self.written().name.escape_debug()),
                        name,
                        &all,
                        &path,
                        report,
                    );
                }
                found
            }
        }
    }
}
