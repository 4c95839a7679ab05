//! The questions about a team: who it is, and which GPUs it is promised.

use super::answers;
use super::ask::{list_default, quota_default};
use super::capacity;
use super::machine::Wizard;
use super::pick::Pick;
use super::question::{Item, Question};
use super::step::Step;
use crate::spec::{Cluster, GpuRequest, Pool, Sharing, Spec};

/// Cluster and pool of a request, with their places.
pub(super) fn pool_of<'s>(spec: &'s Spec, request: &GpuRequest) -> Option<(&'s Cluster, &'s Pool)> {
    let cluster = spec
        .clusters
        .iter()
        .find(|cluster| cluster.name == request.cluster)?;
    let pool = cluster.pools.iter().find(|pool| pool.name == request.pool)?;
    Some((cluster, pool))
}

/// A request in words: `4 × 3g.40gb of fra1/h100`.
pub(super) fn request_words(spec: &Spec, request: &GpuRequest) -> String {
    let unit = pool_of(spec, request).map_or_else(String::new, |(_, pool)| {
        capacity::unit(pool, capacity::profile_of(pool, request))
    });
    let namespace = request.namespace.as_ref();
    let place = namespace.map(|name| format!(" for {name}")).unwrap_or_default();
    format!(
        "{} {unit} of {}/{}{place}",
        request.count, request.cluster, request.pool
    )
}

/// The question of a step that is about a team.
pub(super) fn question(wizard: &Wizard, step: Step) -> Question {
    let spec = &wizard.spec;
    match step {
        Step::TeamName(t) => Question::text(step, "Name of the team", &spec.teams[t].name),
        Step::TeamGroups(t) => {
            let team = &spec.teams[t];
            let suggested = if wizard.is_new_team(t) {
                format!("oidc:{}", team.name)
            } else {
                String::new()
            };
            let about = "who works in its namespaces; groups as the API server sees them, with commas";
            Question::optional(
                step,
                format!("Groups of `{}`", team.name),
                list_default(&team.groups, &suggested),
            )
            .about([about.to_owned()])
        }
        Step::TeamOwners(t) => {
            let team = &spec.teams[t];
            let about = "groups that own the team; they may read more";
            Question::optional(
                step,
                format!("Owners of `{}`", team.name),
                list_default(&team.owners, ""),
            )
            .about([about.to_owned()])
        }
        Step::TeamNamespaces(t) => {
            let team = &spec.teams[t];
            let default = answers::namespaces(team).join(", ");
            Question::text(step, format!("Namespaces of `{}`", team.name), default)
        }
        Step::Gpus(t) => gpus(wizard, step, t),
        Step::GpuNamespace(t, g) => {
            let namespaces = answers::namespaces(&spec.teams[t]).into_iter();
            let items: Vec<Item> = namespaces
                .map(|name| Item::new(&name, "", Pick::Namespace(name.clone())))
                .collect();
            let default = spec.teams[t].gpus[g].namespace.clone().unwrap_or_default();
            Question::one(step, "For which namespace", items, &Pick::Namespace(default))
        }
        Step::GpuProfile(t, g) => profile(spec, step, t, g),
        Step::GpuCount(t, g) => count(spec, step, t, g),
        Step::TeamQuota(t, n) => {
            let team = &spec.teams[t];
            let namespaces = answers::namespaces(team);
            let namespace = namespaces.get(n).unwrap_or(&team.name);
            let what = if namespaces.len() > 1 {
                namespace
            } else {
                &team.name
            };
            let about = "requests and limits alike, beside GPUs; leave out what is not limited";
            Question::optional(
                step,
                format!("Quota of `{what}`"),
                quota_default(wizard, t, namespace),
            )
            .about([about.to_owned()])
        }
        _ => Question::text(step, "", ""),
    }
}

fn gpus(wizard: &Wizard, step: Step, t: usize) -> Question {
    let spec = &wizard.spec;
    let team = &spec.teams[t];
    let mut items = vec![Item::new(
        if team.gpus.is_empty() { "None" } else { "Done" },
        if team.gpus.is_empty() {
            "a team without GPUs"
        } else {
            "go on"
        },
        Pick::Done,
    )];
    let works = |cluster: &Cluster| team.clusters.is_empty() || team.clusters.contains(&cluster.name);
    let mut first = None;
    for (c, cluster) in spec
        .clusters
        .iter()
        .enumerate()
        .filter(|(_, cluster)| works(cluster))
    {
        for (p, pool) in cluster.pools.iter().enumerate() {
            let item = Item::new(
                format!("Add from {}/{}", cluster.name, pool.name),
                "",
                Pick::Pool(c, p),
            );
            match capacity::left_line(spec, cluster, pool) {
                Some(left) => {
                    first.get_or_insert(Pick::Pool(c, p));
                    items.push(Item { about: left, ..item });
                }
                None => items.push(item.unavailable("nothing is left")),
            }
        }
    }
    for (g, request) in team.gpus.iter().enumerate() {
        items.push(Item::new(
            format!("Change {}", request_words(spec, request)),
            "",
            Pick::Change(g),
        ));
    }
    for (g, request) in team.gpus.iter().enumerate() {
        items.push(Item::new(
            format!("Remove {}", request_words(spec, request)),
            "",
            Pick::Remove(g),
        ));
    }
    let wants_some = team.gpus.is_empty() && wizard.is_new_team(t);
    let default = first.filter(|_| wants_some).unwrap_or(Pick::Done);
    let promised = team.gpus.iter().map(|request| request_words(spec, request));
    Question::one(step, format!("GPUs of `{}`", team.name), items, &default).about(promised)
}

fn profile(spec: &Spec, step: Step, t: usize, g: usize) -> Question {
    let request = &spec.teams[t].gpus[g];
    let Some((cluster, pool)) = pool_of(spec, request) else {
        return Question::text(step, "MIG profile", "");
    };
    let mut items = Vec::new();
    for profile in capacity::board(pool).map_or(&[][..], |board| board.profiles()) {
        let left = capacity::left(spec, cluster, pool, Some(&profile.name), Some((t, g)));
        let about = format!("{} GB of memory, {left} left", profile.memory_gb);
        let item = Item::new(&profile.name, about, Pick::Profile(profile.name.clone()));
        items.push(if left == 0 {
            item.unavailable("nothing is left")
        } else {
            item
        });
    }
    if pool.whole_gpus > 0 && pool.sharing == Sharing::Mig {
        let left = capacity::left(spec, cluster, pool, None, Some((t, g)));
        let item = Item::new("whole GPUs", format!("{left} left"), Pick::WholeGpus);
        items.push(if left == 0 {
            item.unavailable("nothing is left")
        } else {
            item
        });
    }
    let default =
        capacity::profile_of(pool, request).map_or(Pick::WholeGpus, |name| Pick::Profile(name.to_owned()));
    let prompt = format!("MIG profile from {}/{}", cluster.name, pool.name);
    Question::one(step, prompt, items, &default)
}

fn count(spec: &Spec, step: Step, t: usize, g: usize) -> Question {
    let request = &spec.teams[t].gpus[g];
    let question = Question::text(
        step,
        format!("How many for `{}`", spec.teams[t].name),
        request.count.to_string(),
    );
    question.about(left_of(spec, t, g))
}

/// What a request may ask for at most, in words.
pub(super) fn left_of(spec: &Spec, t: usize, g: usize) -> Option<String> {
    let request = spec.teams.get(t)?.gpus.get(g)?;
    let (cluster, pool) = pool_of(spec, request)?;
    let profile = capacity::profile_of(pool, request);
    let left = capacity::left(spec, cluster, pool, profile, Some((t, g)));
    Some(format!(
        "{left} {} left in {}/{} for this team",
        capacity::unit(pool, profile),
        cluster.name,
        pool.name
    ))
}
