//! What adding and removing make of the lists of a spec.

use super::answers;
use super::capacity;
use super::machine::Wizard;
use super::pick::Pick;
use super::step::Step;
use crate::catalog::boards;
use crate::spec::{Sharing, Spec};

/// Adds or removes what a choice says; `false` where it does neither.
pub(super) fn change(wizard: &Wizard, spec: &mut Spec, step: Step, pick: &Pick) -> bool {
    match (step, pick) {
        (Step::Clusters, Pick::Add) => add_cluster(spec),
        (Step::Clusters, Pick::Remove(c)) => drop(spec.clusters.remove(*c)),
        (Step::Pools(c), Pick::Add) => add_pool(spec, c),
        (Step::Pools(c), Pick::Remove(p)) => drop(spec.clusters[c].pools.remove(*p)),
        (Step::Teams, Pick::Add) => {
            let letters = ('a'..='z').map(|letter| format!("team-{letter}"));
            let free = letters.chain((2..).map(|n| format!("team-{n}"))).take(200);
            let name = free.into_iter().find(|name| wizard.may_name_team(name));
            spec.teams.push(answers::team(&name.unwrap_or_default()));
        }
        (Step::Teams, Pick::Remove(t)) => drop(spec.teams.remove(*t)),
        (Step::Gpus(t), Pick::Pool(c, p)) => add_request(spec, t, *c, *p),
        (Step::Gpus(t), Pick::Remove(g)) => drop(spec.teams[t].gpus.remove(*g)),
        _ => return false,
    }
    true
}

/// Begins a list that must not be empty with its first element.
pub(super) fn begin(spec: &mut Spec, step: Step) {
    match step {
        Step::ClusterName(_) => add_cluster(spec),
        Step::TeamName(_) => spec.teams.push(answers::team("team-a")),
        _ => {}
    }
}

fn add_cluster(spec: &mut Spec) {
    let taken: Vec<&str> = spec
        .clusters
        .iter()
        .map(|cluster| cluster.name.as_str())
        .collect();
    let name = answers::free_name((1..).map(|n| format!("cluster-{n}")), &taken);
    spec.clusters.push(answers::cluster(&name));
}

fn add_pool(spec: &mut Spec, cluster: usize) {
    let pools = &mut spec.clusters[cluster].pools;
    let taken: Vec<&str> = pools.iter().map(|pool| pool.name.as_str()).collect();
    let row = std::iter::once("gpu".to_owned()).chain((2..).map(|n| format!("gpu-{n}")));
    let name = answers::free_name(row, &taken);
    let ids = boards::ids().unwrap_or_default();
    let board = ids.iter().find(|id| **id == "h100-80gb").or(ids.first());
    let mut pool = answers::pool(&name, board.copied().unwrap_or_default());
    if capacity::board(&pool).is_some_and(|board| !board.profiles().is_empty()) {
        answers::share(&mut pool, Sharing::Mig);
    }
    pools.push(pool);
}

fn add_request(spec: &mut Spec, team: usize, cluster: usize, pool: usize) {
    let (at, pool) = (&spec.clusters[cluster], &spec.clusters[cluster].pools[pool]);
    let namespaces = answers::namespaces(&spec.teams[team]);
    let namespace = namespaces.first().filter(|_| namespaces.len() > 1).cloned();
    let mut request = answers::request(namespace, &at.name, &pool.name);
    if pool.sharing == Sharing::Mig {
        let profiles = capacity::board(pool).map_or(&[][..], |board| board.profiles());
        let fits = |profile: &&boards::Profile| capacity::left(spec, at, pool, Some(&profile.name), None) > 0;
        request.profile = profiles.iter().find(fits).map(|profile| profile.name.clone());
    }
    spec.teams[team].gpus.push(request);
}
