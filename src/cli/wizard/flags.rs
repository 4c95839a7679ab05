//! The answers as flags: every question has one, and a flag's question is not asked.

use std::collections::BTreeSet;

use clap::Args;

use super::answers::{self, list, whole};
use super::judge::{Refusal, judge};
use super::pick::{self, Pick};
use super::step::Step;
use super::typed;
use crate::overlay;
use crate::spec::Spec;

/// Answers to the questions of `init`.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Answers, each instead of its question")]
pub(in crate::cli) struct AnswerFlags {
    /// Name of the platform. Default: the directory's name.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// A group that may change what the platform owns; may be repeated.
    #[arg(long, value_name = "GROUP")]
    admin_group: Vec<String>,
    /// The GitOps engine: flux or argocd.
    #[arg(long, value_name = "ENGINE")]
    gitops: Option<String>,
    /// URL of the Git repository; `-` for none.
    #[arg(long, value_name = "URL", allow_hyphen_values = true)]
    repository: Option<String>,
    /// The branch that the clusters follow.
    #[arg(long, value_name = "NAME")]
    branch: Option<String>,
    /// The policy engine: kyverno, native or gatekeeper.
    #[arg(long, value_name = "ENGINE")]
    policy_engine: Option<String>,
    /// Whether a violation is denied or recorded: enforce or audit.
    #[arg(long, value_name = "MODE")]
    policy_mode: Option<String>,
    /// A compliance preset: finance, healthcare or automotive; may be repeated; `none` for none.
    #[arg(long, value_name = "NAME")]
    overlay: Vec<String>,
    /// A cluster and its kubeconfig context, if that has another name; may be repeated.
    #[arg(long, value_name = "NAME[=CONTEXT]")]
    cluster: Vec<String>,
    /// A GPU pool, such as fra1/h100=h100-80gb:4x8:mig or fra1/dev=a100-40gb:2x4:time-slicing:4; may be repeated.
    #[arg(long, value_name = "CLUSTER/NAME=BOARD:NODESxGPUS[:SHARING[:REPLICAS]]")]
    pool: Vec<String>,
    /// A team and its groups, such as team-a:oidc:team-a; may be repeated.
    #[arg(long, value_name = "NAME[:GROUP,…]")]
    team: Vec<String>,
    /// Groups that own a team; may be repeated.
    #[arg(long, value_name = "TEAM=GROUP,…")]
    owner: Vec<String>,
    /// The namespaces of a team, where it is not one of its own name; may be repeated.
    #[arg(long, value_name = "TEAM=NAMESPACE,…")]
    team_namespace: Vec<String>,
    /// GPUs of a team, such as team-a=fra1/h100:3g.40gb:4 or team-b=fra1/dev:2; may be repeated.
    #[arg(long, value_name = "TEAM[/NAMESPACE]=CLUSTER/POOL[:PROFILE]:COUNT")]
    gpu: Vec<String>,
    /// The quota of a team, such as team-a=cpu=16,memory=64Gi,pods=50,storage=200Gi; may be repeated.
    #[arg(long, value_name = "TEAM[/NAMESPACE]=KEY=AMOUNT,…")]
    quota: Vec<String>,
    /// The secret backend and its address, such as vault=https://vault.example.com:8200; `none` for none.
    #[arg(long, value_name = "KIND=ADDRESS")]
    secret_backend: Option<String>,
    /// The name that teams refer to it by. Default: its kind.
    #[arg(long, value_name = "NAME")]
    secret_name: Option<String>,
    /// Where pods reach it: an address block, or the namespace it runs in; `-` for what its address says.
    #[arg(long, value_name = "CIDR|NAMESPACE", allow_hyphen_values = true)]
    secret_egress: Option<String>,
    /// How secrets reach the pods: agent-injector, vso, eso, csi or infisical-operator.
    #[arg(long, value_name = "DELIVERY")]
    secret_delivery: Option<String>,
}

/// A flag whose answer is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) struct FlagError {
    /// The flag with its dashes and its value.
    pub(in crate::cli) flag: String,
    /// What is wrong with it.
    pub(in crate::cli) refusal: Refusal,
}

impl AnswerFlags {
    /// The flags with their values, in the order of the questions.
    fn values(&self) -> [(&'static str, &[String]); 19] {
        [
            ("name", self.name.as_slice()),
            ("admin-group", &self.admin_group),
            ("gitops", self.gitops.as_slice()),
            ("repository", self.repository.as_slice()),
            ("branch", self.branch.as_slice()),
            ("policy-engine", self.policy_engine.as_slice()),
            ("policy-mode", self.policy_mode.as_slice()),
            ("overlay", &self.overlay),
            ("cluster", &self.cluster),
            ("pool", &self.pool),
            ("secret-backend", self.secret_backend.as_slice()),
            ("secret-name", self.secret_name.as_slice()),
            ("secret-egress", self.secret_egress.as_slice()),
            ("secret-delivery", self.secret_delivery.as_slice()),
            ("team", &self.team),
            ("owner", &self.owner),
            ("team-namespace", &self.team_namespace),
            ("gpu", &self.gpu),
            ("quota", &self.quota),
        ]
    }

    /// The name that was given.
    pub(in crate::cli) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The flags that were given, without dashes.
    pub(in crate::cli) fn given(&self) -> BTreeSet<&'static str> {
        let given = self.values().into_iter().filter(|(_, values)| !values.is_empty());
        given.map(|(flag, _)| flag).collect()
    }

    /// Puts all answers into a spec, in the order of the questions; the spec holds after each.
    pub(in crate::cli) fn put(&self, spec: &mut Spec, overlays: &overlay::Files) -> Result<(), FlagError> {
        for (flag, values) in self.values() {
            for (nth, value) in values.iter().enumerate() {
                let refused = |refusal| FlagError {
                    flag: format!("--{flag} {}", value.escape_debug()),
                    refusal,
                };
                put(spec, flag, value, nth == 0).map_err(|line| refused(Refusal::new(line)))?;
                judge(spec, overlays).map_err(refused)?;
            }
        }
        Ok(())
    }

    /// The first flag that a spec from flags alone still needs, without dashes.
    pub(in crate::cli) fn missing(spec: &Spec) -> Option<&'static str> {
        match (spec.clusters.is_empty(), spec.teams.is_empty()) {
            (true, _) => Some("cluster"),
            (false, true) => Some("team"),
            (false, false) => None,
        }
    }
}

/// Puts one value of a flag into a spec; `first` is whether it is the flag's first one.
fn put(spec: &mut Spec, flag: &str, value: &str, first: bool) -> Result<(), String> {
    let typed = |spec: &mut Spec, step| typed::put(None, spec, step, value);
    match flag {
        "name" => typed(spec, Step::Name)?,
        "repository" => typed(spec, Step::Repository)?,
        "branch" => typed(spec, Step::Branch)?,
        "admin-group" => collect(&mut spec.admins.groups, value, first),
        "overlay" if value == "none" => spec.overlays.clear(),
        "overlay" => collect(&mut spec.overlays, value, first),
        "gitops" => spec.gitops.engine = pick::value(&pick::GITOPS, value, "GitOps engine")?,
        "policy-engine" => spec.policy.engine = pick::value(&pick::ENGINES, value, "policy engine")?,
        "policy-mode" => spec.policy.mode = pick::value(&pick::MODES, value, "policy mode")?,
        "secret-backend" if value == "none" => Pick::NoBackend.put(Step::Backend, spec),
        "secret-backend" => {
            let (kind, address) = halves(value, '=', "vault=https://vault.example.com:8200")?;
            let kind = pick::value(&pick::BACKENDS, kind, "secret backend")?;
            Pick::Backend(kind).put(Step::Backend, spec);
            typed::put(None, spec, Step::BackendAddress, address)?;
        }
        "secret-name" | "secret-egress" | "secret-delivery" if spec.secrets.is_empty() => {
            return Err("there is no secret backend; `--secret-backend` names one".to_owned());
        }
        "secret-name" => typed(spec, Step::BackendName)?,
        "secret-egress" => typed(spec, Step::BackendEgress)?,
        "secret-delivery" => {
            let delivery = pick::value(&pick::DELIVERIES, value, "delivery")?;
            Pick::Delivery(delivery).put(Step::BackendDelivery, spec);
        }
        _ => fleet(spec, flag, value)?,
    }
    Ok(())
}

/// Puts a value of a flag about clusters or teams into a spec.
fn fleet(spec: &mut Spec, flag: &str, value: &str) -> Result<(), String> {
    match flag {
        "cluster" => {
            let (name, context) = value.split_once('=').unwrap_or((value, ""));
            let at = spec.clusters.iter().position(|cluster| cluster.name == name);
            let at = at.unwrap_or_else(|| {
                spec.clusters.push(answers::cluster(name));
                spec.clusters.len() - 1
            });
            if !context.is_empty() {
                spec.clusters[at].context = Some(context.to_owned());
            }
        }
        "pool" => pool(spec, value)?,
        "team" => {
            let (name, groups) = value.split_once(':').unwrap_or((value, ""));
            let at = spec.teams.iter().position(|team| team.name == name);
            let at = at.unwrap_or_else(|| {
                spec.teams.push(answers::team(name));
                spec.teams.len() - 1
            });
            if !groups.is_empty() {
                spec.teams[at].groups = list(groups);
            }
        }
        "owner" => {
            let (name, groups) = halves(value, '=', "team-a=oidc:team-a-leads")?;
            let at = team(spec, name)?;
            spec.teams[at].owners = list(groups);
        }
        "team-namespace" => {
            let (name, namespaces) = halves(value, '=', "team-a=team-a-dev,team-a-prod")?;
            let at = team(spec, name)?;
            spec.teams[at].namespaces = list(namespaces);
        }
        "gpu" => gpu(spec, value)?,
        "quota" => {
            let (name, quota) = halves(value, '=', "team-a=cpu=16,memory=64Gi")?;
            let (name, namespace) = name.split_once('/').map_or((name, None), |(t, n)| (t, Some(n)));
            let at = team(spec, name)?;
            let all = answers::namespaces(&spec.teams[at]);
            let namespace = match namespace {
                Some(named) => all.iter().find(|known| *known == named),
                None => all.first().filter(|_| all.len() == 1),
            };
            let Some(namespace) = namespace else {
                return Err(format!(
                    "team `{name}` has the namespaces {}; write {name}/{}=…",
                    all.join(", "),
                    all[0]
                ));
            };
            answers::set_quota(&mut spec.teams[at], namespace, answers::parse_quota(quota)?);
        }
        _ => {}
    }
    Ok(())
}

fn collect(all: &mut Vec<String>, value: &str, first: bool) {
    if first {
        all.clear();
    }
    all.push(value.to_owned());
}

/// The two halves of a value; the error shows how one is written.
fn halves<'v>(value: &'v str, separator: char, such_as: &str) -> Result<(&'v str, &'v str), String> {
    value
        .split_once(separator)
        .ok_or_else(|| format!("`{separator}` is missing; write it as {such_as}"))
}

fn team(spec: &Spec, name: &str) -> Result<usize, String> {
    let found = spec.teams.iter().position(|team| team.name == name);
    found.ok_or_else(|| {
        format!(
            "team `{}` is not defined; `--team` names one",
            name.escape_debug()
        )
    })
}

fn cluster(spec: &Spec, name: &str) -> Result<usize, String> {
    let found = spec.clusters.iter().position(|cluster| cluster.name == name);
    found.ok_or_else(|| {
        format!(
            "cluster `{}` is not defined; `--cluster` names one",
            name.escape_debug()
        )
    })
}

/// `CLUSTER/NAME=BOARD:NODESxGPUS[:SHARING[:REPLICAS]]`
fn pool(spec: &mut Spec, value: &str) -> Result<(), String> {
    let such_as = "fra1/h100=h100-80gb:4x8:mig";
    let (place, shape) = halves(value, '=', such_as)?;
    let (at, name) = halves(place, '/', such_as)?;
    let at = cluster(spec, at)?;
    let mut parts = shape.split(':');
    let board = parts.next().unwrap_or_default();
    let mut pool = answers::pool(name, board);
    let (nodes, gpus) = halves(parts.next().unwrap_or_default(), 'x', such_as)?;
    (pool.nodes, pool.gpus_per_node) = (whole(nodes)?, whole(gpus)?);
    if let Some(sharing) = parts.next() {
        answers::share(&mut pool, pick::value(&pick::SHARING, sharing, "sharing")?);
    }
    if let Some(replicas) = parts.next() {
        pool.replicas = Some(whole(replicas)?);
    }
    if parts.next().is_some() {
        return Err(format!("there are too many parts; write it as {such_as}"));
    }
    let pools = &mut spec.clusters[at].pools;
    match pools.iter_mut().find(|known| known.name == pool.name) {
        Some(known) => {
            pool.node_selector = std::mem::take(&mut known.node_selector);
            *known = pool;
        }
        None => pools.push(pool),
    }
    Ok(())
}

/// `TEAM[/NAMESPACE]=CLUSTER/POOL[:PROFILE]:COUNT`
fn gpu(spec: &mut Spec, value: &str) -> Result<(), String> {
    let such_as = "team-a=fra1/h100:3g.40gb:4";
    let (who, what) = halves(value, '=', such_as)?;
    let (name, namespace) = who
        .split_once('/')
        .map_or((who, None), |(t, n)| (t, Some(n.to_owned())));
    let at = team(spec, name)?;
    let (place, rest) = halves(what, ':', such_as)?;
    let (cluster, pool) = halves(place, '/', such_as)?;
    let (profile, count) = rest
        .rsplit_once(':')
        .map_or((None, rest), |(p, c)| (Some(p.to_owned()), c));
    let request = crate::spec::GpuRequest {
        profile,
        count: whole(count)?,
        ..answers::request(namespace, cluster, pool)
    };
    let same = |known: &&mut crate::spec::GpuRequest| {
        (&known.namespace, &known.cluster, &known.pool, &known.profile)
            == (
                &request.namespace,
                &request.cluster,
                &request.pool,
                &request.profile,
            )
    };
    match spec.teams[at].gpus.iter_mut().find(same) {
        Some(known) => known.count = request.count,
        None => spec.teams[at].gpus.push(request),
    }
    Ok(())
}
