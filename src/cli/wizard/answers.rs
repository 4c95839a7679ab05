//! What the wizard knows: a spec that holds after every answer, and the small parts that answers are made of.

use crate::spec::{
    Admins, Amount, ApiVersion, Cluster, GitOps, GpuRequest, Kind, Network, Policy, Pool, Queueing, Quota,
    Quotas, Reserve, Sharing, Spec, Team,
};

/// The quota that a new team is offered.
pub(super) const QUOTA: &str = "cpu=16,memory=64Gi,pods=50,storage=200Gi";

/// The word for no answer, where none is allowed.
pub(super) const NONE: &str = "-";

/// A spec without clusters and teams; everything else has its default.
pub(in crate::cli) fn empty(name: &str) -> Spec {
    Spec {
        api_version: ApiVersion::V1Alpha1,
        kind: Kind::Tenancy,
        name: name.to_owned(),
        admins: Admins::default(),
        gitops: GitOps::default(),
        policy: Policy::default(),
        overlays: Vec::new(),
        compliance: Vec::new(),
        network: Network::default(),
        secrets: Vec::new(),
        clusters: Vec::new(),
        teams: Vec::new(),
        waivers: Vec::new(),
    }
}

/// A cluster without pools.
pub(super) fn cluster(name: &str) -> Cluster {
    Cluster {
        name: name.to_owned(),
        context: None,
        queueing: Queueing::None,
        pools: Vec::new(),
    }
}

/// A pool as the first question about it finds it.
pub(super) fn pool(name: &str, board: &str) -> Pool {
    Pool {
        name: name.to_owned(),
        board: board.to_owned(),
        nodes: 1,
        node_selector: std::collections::BTreeMap::new(),
        gpus_per_node: 8,
        sharing: Sharing::Whole,
        replicas: None,
        whole_gpus: 0,
        reserve: Reserve::default(),
        pinned: Vec::new(),
    }
}

/// A team without GPUs.
pub(super) fn team(name: &str) -> Team {
    Team {
        name: name.to_owned(),
        groups: Vec::new(),
        owners: Vec::new(),
        namespaces: Vec::new(),
        clusters: Vec::new(),
        frozen: false,
        weight: 1,
        sources: Vec::new(),
        gpus: Vec::new(),
        quota: Quotas::default(),
        secrets: Vec::new(),
    }
}

/// One GPU, slot or instance of a pool.
pub(super) fn request(namespace: Option<String>, cluster: &str, pool: &str) -> GpuRequest {
    GpuRequest {
        namespace,
        cluster: cluster.to_owned(),
        pool: pool.to_owned(),
        profile: None,
        memory: None,
        count: 1,
        burst: 0,
    }
}

/// The namespaces of a team, its default written out.
pub(super) fn namespaces(team: &Team) -> Vec<String> {
    if team.namespaces.is_empty() {
        vec![team.name.clone()]
    } else {
        team.namespaces.clone()
    }
}

/// The parts of a list that was typed with commas.
pub(super) fn list(text: &str) -> Vec<String> {
    let parts = text.split(',').map(str::trim);
    parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// Sets whether GPUs are shared, and what follows from it.
pub(super) fn share(pool: &mut Pool, sharing: Sharing) {
    pool.sharing = sharing;
    let slots = is_shared(sharing);
    pool.replicas = slots.then(|| pool.replicas.unwrap_or(4));
    if sharing != Sharing::Mig {
        pool.whole_gpus = 0;
    }
}

/// Whether several pods take turns on one GPU.
pub(super) fn is_shared(sharing: Sharing) -> bool {
    matches!(sharing, Sharing::TimeSlicing | Sharing::Mps)
}

/// The quota of one namespace of a team; `None` where there is none.
pub(super) fn quota<'t>(team: &'t Team, namespace: &str) -> Option<&'t Quota> {
    let (all, _) = team.quota.as_list();
    let named = all.iter().find(|q| q.namespace.as_deref() == Some(namespace));
    named.or_else(|| all.first().filter(|q| q.namespace.is_none()))
}

/// Gives a namespace of a team its quota, in the form that the team's quotas have.
pub(super) fn set_quota(team: &mut Team, namespace: &str, mut quota: Quota) {
    let one = namespaces(team).len() == 1;
    if one && team.quota.as_list().0.len() <= 1 {
        quota.namespace = team.quota.as_list().0.first().and_then(|q| q.namespace.clone());
        let listed = matches!(&team.quota, Quotas::Many(all) if !all.is_empty());
        team.quota = match (listed, is_unlimited(&quota)) {
            (_, true) => Quotas::default(),
            (true, false) => Quotas::Many(vec![quota]),
            (false, false) => Quotas::One(quota),
        };
        return;
    }
    let mut all = team.quota.as_list().0.to_vec();
    let limited = !is_unlimited(&quota);
    quota.namespace = Some(namespace.to_owned());
    let at = all.iter().position(|q| q.namespace.as_deref() == Some(namespace));
    match (at, limited) {
        (Some(at), true) => all[at] = quota,
        (Some(at), false) => drop(all.remove(at)),
        (None, true) => all.push(quota),
        (None, false) => {}
    }
    team.quota = Quotas::Many(all);
}

fn is_unlimited(quota: &Quota) -> bool {
    quota.cpu.is_none() && quota.memory.is_none() && quota.pods.is_none() && quota.storage.is_none()
}

/// A quota as it is typed: `cpu=16,memory=64Gi,pods=50,storage=200Gi`.
pub(super) fn quota_text(quota: Option<&Quota>) -> String {
    let Some(quota) = quota else {
        return String::new();
    };
    let amount = |amount: &Option<Amount>| amount.as_ref().map(|a| a.0.clone());
    let parts = [
        ("cpu", amount(&quota.cpu)),
        ("memory", amount(&quota.memory)),
        ("pods", quota.pods.map(|pods| pods.to_string())),
        ("storage", amount(&quota.storage)),
    ];
    let parts = parts
        .into_iter()
        .filter_map(|(key, value)| Some(format!("{key}={}", value?)));
    parts.collect::<Vec<_>>().join(",")
}

/// Reads a quota as it is typed; the error names the part that is none.
pub(super) fn parse_quota(text: &str) -> Result<Quota, String> {
    let mut quota = Quota::default();
    for part in list(text) {
        let (key, value) = part.split_once('=').unwrap_or((part.as_str(), ""));
        let (key, value) = (key.trim(), value.trim());
        if value.is_empty() {
            return Err(format!(
                "`{}` is no part of a quota; write it as `{QUOTA}`",
                part.escape_debug()
            ));
        }
        let amount = Some(Amount(value.to_owned()));
        match key {
            "cpu" => quota.cpu = amount,
            "memory" => quota.memory = amount,
            "storage" => quota.storage = amount,
            "pods" => quota.pods = Some(whole(value)?),
            _ => {
                let shown = key.escape_debug();
                return Err(format!(
                    "`{shown}` is not limited by a quota; cpu, memory, pods and storage are"
                ));
            }
        }
    }
    Ok(quota)
}

/// A whole number as it is typed.
pub(super) fn whole(text: &str) -> Result<u32, String> {
    let text = text.trim();
    text.parse().map_err(|_| {
        format!(
            "`{}` is not a whole number",
            text.escape_debug().take(40).collect::<String>()
        )
    })
}

/// The first name of a row (`team-a`, `team-b`, … or `gpu`, `gpu-2`, …) that `taken` does not hold.
pub(super) fn free_name(row: impl Iterator<Item = String>, taken: &[&str]) -> String {
    let mut row = row;
    row.find(|name| !taken.contains(&name.as_str()))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotas_are_read_as_they_are_shown() {
        for (text, shown) in [
            (QUOTA, Ok(QUOTA)),
            (" pods = 5 , cpu=500m", Ok("cpu=500m,pods=5")),
            ("", Ok("")),
            ("pods=many", Err("`many` is not a whole number")),
            ("gpu=4", Err("`gpu` is not limited")),
            ("16", Err("`16` is no part")),
        ] {
            match (parse_quota(text), shown) {
                (Ok(quota), Ok(shown)) => assert_eq!(quota_text(Some(&quota)), shown, "{text}"),
                (Err(error), Err(begin)) => assert!(error.starts_with(begin), "{text}: {error}"),
                (found, _) => panic!("{text}: {found:?}"),
            }
        }
    }

    #[test]
    fn a_quota_keeps_the_form_of_its_team() {
        let mut one = team("a");
        set_quota(&mut one, "a", parse_quota("cpu=1").unwrap());
        assert!(matches!(one.quota, Quotas::One(_)), "one namespace: {one:?}");
        set_quota(&mut one, "a", Quota::default());
        assert!(one.quota.as_list().0.is_empty(), "no limit is no quota: {one:?}");
        let mut two = team("b");
        two.namespaces = vec!["x".to_owned(), "y".to_owned()];
        set_quota(&mut two, "y", parse_quota("cpu=1").unwrap());
        set_quota(&mut two, "y", parse_quota("cpu=2").unwrap());
        assert_eq!(two.quota.as_list().0.len(), 1, "one of each namespace: {two:?}");
        assert_eq!(quota_text(quota(&two, "y")), "cpu=2", "the last one");
        assert_eq!(quota_text(quota(&two, "x")), "", "the other has none");
    }
}
