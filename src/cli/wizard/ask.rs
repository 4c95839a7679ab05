//! The question of each step, with what the spec so far says as its default.

use super::answers::{self, NONE};
use super::capacity;
use super::machine::Wizard;
use super::pick::{self, Pick};
use super::question::{Item, Kind, Question};
use super::step::Step;
use super::summary;
use crate::catalog::boards;
use crate::overlay;
use crate::spec::{Sharing, Spec};

/// The question of a step.
pub(super) fn question(wizard: &Wizard, step: Step) -> Question {
    let spec = &wizard.spec;
    match step {
        Step::Name => Question::text(step, "Name of the platform", &spec.name),
        Step::AdminGroups => {
            let about =
                "who may change what the platform owns; groups as the API server sees them, with commas";
            Question::text(step, "Admin groups", spec.admins.groups.join(", ")).about([about.to_owned()])
        }
        Step::GitOpsEngine => {
            let items = items(wizard, step, &pick::GITOPS, Pick::GitOps);
            Question::one(step, "GitOps engine", items, &Pick::GitOps(spec.gitops.engine))
        }
        Step::Repository => {
            let default = spec.gitops.repository.clone().unwrap_or_default();
            Question::optional(step, "URL of the Git repository", default)
        }
        Step::Branch => Question::text(step, "Branch that the clusters follow", &spec.gitops.branch),
        Step::PolicyEngine => {
            let items = items(wizard, step, &pick::ENGINES, Pick::Engine);
            Question::one(step, "Policy engine", items, &Pick::Engine(spec.policy.engine))
        }
        Step::PolicyMode => {
            let items = items(wizard, step, &pick::MODES, Pick::Mode);
            Question::one(step, "Policy mode", items, &Pick::Mode(spec.policy.mode))
        }
        Step::Overlays => overlays(wizard, step),
        Step::Clusters => {
            let names = spec.clusters.iter().map(|cluster| cluster.name.as_str());
            hub(step, "Clusters", "cluster", names, "")
        }
        Step::ClusterName(c) => Question::text(step, "Name of the cluster", &spec.clusters[c].name),
        Step::ClusterContext(c) => {
            let cluster = &spec.clusters[c];
            let default = cluster.context.clone().unwrap_or_else(|| cluster.name.clone());
            let about = "the only kubeconfig context that apply and verify may use";
            Question::text(step, format!("Context of `{}`", cluster.name), default).about([about.to_owned()])
        }
        Step::Pools(_)
        | Step::PoolName(..)
        | Step::PoolBoard(..)
        | Step::PoolNodes(..)
        | Step::PoolGpus(..)
        | Step::PoolSharing(..)
        | Step::PoolReplicas(..) => pool(wizard, step),
        Step::Backend => {
            let mut all = vec![Item::new("none", "no secret backend", Pick::NoBackend)];
            all.extend(items(wizard, step, &pick::BACKENDS, Pick::Backend));
            let default = spec
                .secrets
                .first()
                .map_or(Pick::NoBackend, |b| Pick::Backend(b.backend));
            let more = spec.secrets.len().saturating_sub(1);
            let about = (more > 0).then(|| format!("{more} more stay as they are in the spec"));
            Question::one(step, "Secret backend", all, &default).about(about)
        }
        Step::BackendName | Step::BackendAddress | Step::BackendEgress | Step::BackendDelivery => {
            secrets(wizard, step)
        }
        Step::Teams => {
            let names = spec.teams.iter().map(|team| team.name.as_str());
            hub(step, "Teams", "team", names, "")
        }
        Step::Summary => {
            let items = vec![
                Item::new("Write", "", Pick::Write),
                Item::new("Back", "to the question before", Pick::Back),
                Item::new("Abort", "nothing is written", Pick::Abort),
            ];
            Question::one(step, "Write this?", items, &Pick::Write).about(summary::lines(spec))
        }
        _ => super::ask_team::question(wizard, step),
    }
}

/// The lines of a table; what this version does not build is shown and cannot be chosen.
fn items<T: Copy>(
    wizard: &Wizard,
    step: Step,
    table: &[(T, &'static str, &'static str)],
    pick: impl Fn(T) -> Pick,
) -> Vec<Item> {
    let item = |(value, word, about): &(T, &'static str, &'static str)| {
        let item = Item::new(*word, *about, pick(*value));
        let mut tried: Spec = wizard.spec.clone();
        item.pick.put(step, &mut tried);
        if wizard.is_unsupported(&tried) {
            item.unavailable("not available yet")
        } else {
            item
        }
    };
    table.iter().map(item).collect()
}

fn overlays(wizard: &Wizard, step: Step) -> Question {
    let spec = &wizard.spec;
    let presets = overlay::presets();
    let own = spec
        .overlays
        .iter()
        .filter(|name| !presets.contains(&name.as_str()));
    let own = own.map(|name| Item::new(name, "from the spec", Pick::Overlay(name.clone())));
    let known = presets.iter().map(|name| {
        let item = Item::new(*name, "stricter settings", Pick::Overlay((*name).to_owned()));
        let tried = Spec {
            overlays: vec![(*name).to_owned()],
            ..spec.clone()
        };
        if wizard.is_unsupported(&tried) {
            item.unavailable("not available yet")
        } else {
            item
        }
    });
    let items: Vec<Item> = known.chain(own).collect();
    let chosen = items
        .iter()
        .map(|item| spec.overlays.contains(&item.label))
        .collect();
    Question::of(step, "Compliance presets", Kind::Many { items, chosen })
}

/// A question that leads to each element of a list.
fn hub<'n>(
    step: Step,
    prompt: &str,
    what: &str,
    names: impl Iterator<Item = &'n str>,
    about: &str,
) -> Question {
    let names: Vec<&str> = names.collect();
    let done = if names.is_empty() { "None" } else { "Done" };
    let mut items = vec![
        Item::new(done, if names.is_empty() { about } else { "go on" }, Pick::Done),
        Item::new(format!("Add a {what}"), "", Pick::Add),
    ];
    let change = |(i, name): (usize, &&str)| Item::new(format!("Change {name}"), "", Pick::Change(i));
    let remove = |(i, name): (usize, &&str)| Item::new(format!("Remove {name}"), "", Pick::Remove(i));
    items.extend(names.iter().enumerate().map(change));
    items.extend(names.iter().enumerate().map(remove));
    let default = if names.is_empty() { Pick::Add } else { Pick::Done };
    let list = match names.len() {
        0 => None,
        count if count > 10 => Some(format!("{count}: {}, …", names[..10].join(", "))),
        count => Some(format!("{count}: {}", names.join(", "))),
    };
    Question::one(step, prompt, items, &default).about(list)
}

fn pool(wizard: &Wizard, step: Step) -> Question {
    let spec = &wizard.spec;
    let (c, p) = match step {
        Step::Pools(c) => {
            let cluster = &spec.clusters[c];
            let names = cluster.pools.iter().map(|pool| pool.name.as_str());
            let figures = cluster.pools.iter().flat_map(capacity::lines);
            let prompt = format!("GPU pools of `{}`", cluster.name);
            let question = hub(step, &prompt, "pool", names, "a cluster without GPUs");
            return Question {
                about: figures.collect(),
                ..question
            };
        }
        Step::PoolName(c, p)
        | Step::PoolBoard(c, p)
        | Step::PoolNodes(c, p)
        | Step::PoolGpus(c, p)
        | Step::PoolSharing(c, p)
        | Step::PoolReplicas(c, p) => (c, p),
        _ => return Question::text(step, "", ""),
    };
    let pool = &spec.clusters[c].pools[p];
    let name = &pool.name;
    match step {
        Step::PoolName(..) => Question::text(
            step,
            format!("Name of the pool in `{}`", spec.clusters[c].name),
            name,
        ),
        Step::PoolBoard(..) => {
            let boards = boards::boards().unwrap_or_default();
            let items = boards.iter().map(|board| {
                let mig = match (board.profiles(), board.not_ready()) {
                    (_, Some(_)) => "its MIG cannot be planned yet",
                    ([], None) => "no MIG",
                    _ => "MIG",
                };
                Item::new(
                    &board.id,
                    format!("{}, {mig}", board.title),
                    Pick::Board(board.id.clone()),
                )
            });
            let default = Pick::Board(pool.board.clone());
            Question::one(step, format!("Board of `{name}`"), items.collect(), &default)
        }
        Step::PoolNodes(..) => Question::text(step, format!("Nodes in `{name}`"), pool.nodes.to_string()),
        Step::PoolGpus(..) => {
            let default = pool.gpus_per_node.to_string();
            Question::text(step, format!("GPUs in each node of `{name}`"), default)
        }
        Step::PoolSharing(..) => {
            let has_mig = capacity::board(pool).is_some_and(|board| !board.profiles().is_empty());
            let items = items(wizard, step, &pick::SHARING, Pick::Sharing)
                .into_iter()
                .map(|item| {
                    if item.pick == Pick::Sharing(Sharing::Mig) && !has_mig {
                        item.unavailable("this board has no MIG")
                    } else {
                        item
                    }
                });
            let default = Pick::Sharing(pool.sharing);
            let question = Question::one(
                step,
                format!("How GPUs of `{name}` are shared"),
                items.collect(),
                &default,
            );
            question.about(capacity::lines(pool))
        }
        _ => {
            let default = pool.replicas.unwrap_or(4).to_string();
            Question::text(step, format!("Slots per GPU of `{name}`"), default).about(capacity::lines(pool))
        }
    }
}

fn secrets(wizard: &Wizard, step: Step) -> Question {
    let Some(backend) = wizard.spec.secrets.first() else {
        return Question::text(step, "", NONE);
    };
    match step {
        Step::BackendName => Question::text(step, "Name that teams refer to it by", &backend.name),
        Step::BackendAddress => Question::text(step, "Address of its API", &backend.address),
        Step::BackendEgress => {
            let egress = backend.egress.clone().unwrap_or_default();
            let default = egress.cidr.or(egress.namespace).unwrap_or_default();
            let about = "an address block such as 10.30.0.5/32, or the namespace it runs in; without one, what its address says";
            Question::optional(step, "Where pods reach it", default).about([about.to_owned()])
        }
        _ => {
            let items = items(wizard, step, &pick::DELIVERIES, Pick::Delivery);
            Question::one(
                step,
                "How secrets reach the pods",
                items,
                &Pick::Delivery(backend.delivery),
            )
        }
    }
}

/// The default text of a question about a list.
pub(super) fn list_default(names: &[String], otherwise: &str) -> String {
    if names.is_empty() {
        otherwise.to_owned()
    } else {
        names.join(", ")
    }
}

/// The quota that a question offers.
pub(super) fn quota_default(wizard: &Wizard, team: usize, namespace: &str) -> String {
    let text = answers::quota_text(answers::quota(&wizard.spec.teams[team], namespace));
    if text.is_empty() && wizard.is_new_team(team) {
        answers::QUOTA.to_owned()
    } else {
        text
    }
}
