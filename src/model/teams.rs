//! Teams, their namespaces, and what each namespace is promised.

use super::build::is_reserved;
use super::fleet::{find_cluster, unknown};
use super::report::Report;
use super::types::{Cluster, GpuRequest, Namespace, Quota, Share, Team};
use super::{identity, names, secrets};
use crate::catalog::boards;
use crate::spec::{self, Amount, Sharing, Spec, Step, did_you_mean};
use crate::units::{DnsLabel, Quantity};

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

struct Builder<'a> {
    spec: &'a Spec,
    clusters: &'a [Option<Cluster>],
    system_namespaces: &'a [String],
    index: usize,
}

impl Builder<'_> {
    fn path(&self, more: &[Step]) -> Vec<Step> {
        [Step::Key("teams"), Step::Index(self.index)]
            .iter()
            .chain(more)
            .cloned()
            .collect()
    }

    fn written(&self) -> &spec::Team {
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

    fn requests(&self, clusters: &[usize], report: &mut Report<'_>) -> Vec<(Option<String>, GpuRequest)> {
        let requests = self.written().gpus.iter().enumerate();
        requests
            .filter_map(|(index, r)| Some((r.namespace.clone(), self.request(index, r, clusters, report)?)))
            .collect()
    }

    fn request(
        &self,
        index: usize,
        request: &spec::GpuRequest,
        clusters: &[usize],
        report: &mut Report<'_>,
    ) -> Option<GpuRequest> {
        let at = |key| self.path(&[Step::Key("gpus"), Step::Index(index), Step::Key(key)]);
        let cluster = find_cluster(self.spec, &request.cluster, &at("cluster"), report)?;
        if !clusters.contains(&cluster) {
            let message = format!(
                "team `{}` does not work on cluster `{}`",
                self.written().name,
                request.cluster
            );
            let hint = "add it to the team's `clusters`, or ask for GPUs elsewhere";
            report.add(
                &at("cluster"),
                "unknown-reference",
                message,
                Some(hint.to_owned()),
            );
            return None;
        }
        let pools = &self.spec.clusters[cluster].pools;
        let Some(pool_index) = pools.iter().position(|pool| pool.name == request.pool) else {
            let all: Vec<&str> = pools.iter().map(|p| p.name.as_str()).collect();
            unknown(
                "pool",
                &format!(" of cluster `{}`", request.cluster),
                &request.pool,
                &all,
                &at("pool"),
                report,
            );
            return None;
        };
        // A pool that was refused has been reported; what is asked of it cannot be judged.
        if let Some(cluster) = &self.clusters[cluster] {
            let _ = cluster.pools.get(pool_index)?;
        }
        let share = self.share(&pools[pool_index], request, &at, report)?;
        Some(GpuRequest {
            cluster,
            pool: pool_index,
            share,
            count: request.count,
            origin: (self.index, index),
        })
    }

    fn share(
        &self,
        pool: &spec::Pool,
        request: &spec::GpuRequest,
        at: &dyn Fn(&'static str) -> Vec<Step>,
        report: &mut Report<'_>,
    ) -> Option<Share> {
        if pool.sharing == Sharing::Dra {
            return None; // not supported yet, which has been reported
        }
        if pool.sharing != Sharing::Mig {
            for (key, given) in [
                ("profile", request.profile.is_some()),
                ("memory", request.memory.is_some()),
            ] {
                if given {
                    let message = format!(
                        "pool `{}` has no MIG instances, so `{key}` means nothing here",
                        pool.name
                    );
                    let hint = format!("remove `{key}`: `count` alone says how many slots or GPUs");
                    report.add(&at(key), "not-applicable", message, Some(hint));
                    return None;
                }
            }
            let shared = matches!(pool.sharing, Sharing::TimeSlicing | Sharing::Mps);
            return Some(if shared { Share::Slot } else { Share::Whole });
        }
        let board = boards::board(&pool.board)
            .ok()
            .flatten()
            .filter(|board| !board.profiles().is_empty())?;
        match (&request.profile, &request.memory) {
            (Some(profile), None) => {
                if board.profile(profile).is_some() {
                    return Some(Share::Profile(profile.clone()));
                }
                let all: Vec<&str> = board.profiles().iter().map(|p| p.name.as_str()).collect();
                let shown: String = profile.escape_debug().take(80).collect();
                let message = format!(
                    "board `{}` has no profile `{shown}`; it has: {}",
                    board.id,
                    all.join(", ")
                );
                let hint =
                    did_you_mean(profile, all.iter().copied()).map(|near| format!("did you mean `{near}`?"));
                report.add(&at("profile"), "unknown-profile", message, hint);
                None
            }
            (None, Some(memory)) => {
                let Ok(need) = Quantity::parse(memory) else {
                    let message = format!("`{}` is not an amount of memory", memory.escape_debug());
                    report.add(
                        &at("memory"),
                        "bad-quantity",
                        message,
                        Some("such as `40Gi`".to_owned()),
                    );
                    return None;
                };
                let gib = u32::try_from(
                    (need.milli() / 1000).div_euclid(1 << 30) + i128::from(need.milli() % (1000 << 30) != 0),
                );
                let found = gib.ok().and_then(|gib| board.profile_for_memory(gib));
                if found.is_none() {
                    let largest = board.profiles().iter().map(|p| p.memory_gb).max().unwrap_or(0);
                    let message = format!(
                        "no MIG profile of board `{}` has {memory}; the largest has {largest} GB",
                        board.id
                    );
                    let hint = "ask for less, or for whole GPUs (`wholeGpus` of the pool)";
                    report.add(&at("memory"), "unknown-profile", message, Some(hint.to_owned()));
                }
                found.map(|profile| Share::Profile(profile.name.clone()))
            }
            (None, None) if pool.whole_gpus > 0 => Some(Share::Whole),
            (None, None) if report.was_refused(&at("profile")) || report.was_refused(&at("memory")) => None,
            (None, None) => {
                let all: Vec<&str> = board.profiles().iter().map(|p| p.name.as_str()).collect();
                let message = format!(
                    "a request on MIG pool `{}` needs a `profile` or a `memory`",
                    pool.name
                );
                let hint = format!("profiles of `{}`: {}", board.id, all.join(", "));
                report.add(&at("pool"), "missing-key", message, Some(hint));
                None
            }
            (Some(_), Some(_)) => {
                let message = "`profile` and `memory` are two ways to say the same".to_owned();
                report.add(
                    &at("memory"),
                    "not-applicable",
                    message,
                    Some("keep one of the two".to_owned()),
                );
                None
            }
        }
    }

    fn quotas(&self, namespaces: &[DnsLabel], report: &mut Report<'_>) -> Vec<(Option<String>, Quota)> {
        let (written, as_list) = self.written().quota.as_list();
        let mut seen: Vec<Option<&str>> = Vec::new();
        let mut quotas = Vec::new();
        for (index, quota) in written.iter().enumerate() {
            let at = |key| {
                let mut path = self.path(&[Step::Key("quota")]);
                path.extend(as_list.then_some(Step::Index(index)));
                path.push(Step::Key(key));
                path
            };
            let which = quota.namespace.as_deref().or(namespaces
                .first()
                .filter(|_| namespaces.len() == 1)
                .map(DnsLabel::as_str));
            if which.is_some() && seen.contains(&which) {
                let message = format!("namespace `{}` has two quotas", which.unwrap_or_default());
                report.add(
                    &at("namespace"),
                    "duplicate-name",
                    message,
                    Some("keep one of the two".to_owned()),
                );
            }
            seen.push(which);
            let mut amount = |key: &'static str, amount: &Option<Amount>| {
                let amount = amount.as_ref()?;
                Quantity::parse(&amount.0)
                    .map_err(|error| {
                        let hint = "such as 64, 500m, 256Gi or 1Ti".to_owned();
                        report.add(
                            &at(key),
                            "bad-quantity",
                            format!("`quota.{key}`: {error}"),
                            Some(hint),
                        );
                    })
                    .ok()
            };
            let (cpu, memory, storage) = (
                amount("cpu", &quota.cpu),
                amount("memory", &quota.memory),
                amount("storage", &quota.storage),
            );
            quotas.push((
                quota.namespace.clone(),
                Quota {
                    cpu,
                    memory,
                    pods: quota.pods,
                    storage,
                },
            ));
        }
        quotas
    }
}
