//! What can be chosen, and what each choice makes of the spec.

use super::answers;
use super::step::Step;
use crate::spec::{Backend, Delivery, GitOpsEngine, Mode, PolicyEngine, SecretBackend, Sharing, Spec};

/// One choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Pick {
    Done,
    Add,
    Change(usize),
    Remove(usize),
    GitOps(GitOpsEngine),
    Engine(PolicyEngine),
    Mode(Mode),
    Overlay(String),
    Board(String),
    Sharing(Sharing),
    NoBackend,
    Backend(Backend),
    Delivery(Delivery),
    /// GPUs of a pool: cluster and pool by their places.
    Pool(usize, usize),
    Namespace(String),
    Profile(String),
    WholeGpus,
    Write,
    Back,
    Abort,
}

/// GitOps engines with a few words about each.
pub(super) const GITOPS: [(GitOpsEngine, &str, &str); 2] = [
    (GitOpsEngine::Flux, "flux", "Flux: Kustomizations in stages"),
    (GitOpsEngine::ArgoCd, "argocd", "Argo CD: Applications in waves"),
];

/// Policy engines with a few words about each.
pub(super) const ENGINES: [(PolicyEngine, &str, &str); 3] = [
    (PolicyEngine::Kyverno, "kyverno", "Kyverno's ValidatingPolicy"),
    (
        PolicyEngine::Native,
        "native",
        "the API server's own, nothing to install",
    ),
    (PolicyEngine::Gatekeeper, "gatekeeper", "OPA Gatekeeper"),
];

/// Modes with a few words about each.
pub(super) const MODES: [(Mode, &str, &str); 2] = [
    (Mode::Enforce, "enforce", "a violation is denied"),
    (Mode::Audit, "audit", "a violation is recorded"),
];

/// Ways to share a GPU with a few words about each.
pub(super) const SHARING: [(Sharing, &str, &str); 5] = [
    (Sharing::Mig, "mig", "slices with memory and fault isolation"),
    (Sharing::Whole, "whole", "one pod has the whole GPU"),
    (
        Sharing::TimeSlicing,
        "time-slicing",
        "turns on one GPU, no isolation",
    ),
    (Sharing::Mps, "mps", "at the same time, no fault isolation"),
    (Sharing::Dra, "dra", "Dynamic Resource Allocation"),
];

/// Secret backends with a few words about each.
pub(super) const BACKENDS: [(Backend, &str, &str); 3] = [
    (Backend::Vault, "vault", "HashiCorp Vault"),
    (Backend::OpenBao, "openbao", "OpenBao"),
    (Backend::Infisical, "infisical", "Infisical"),
];

/// Deliveries with a few words about each.
pub(super) const DELIVERIES: [(Delivery, &str, &str); 5] = [
    (
        Delivery::AgentInjector,
        "agent-injector",
        "a sidecar writes files",
    ),
    (Delivery::Vso, "vso", "Vault Secrets Operator"),
    (Delivery::Eso, "eso", "External Secrets Operator"),
    (Delivery::Csi, "csi", "Secrets Store CSI driver"),
    (
        Delivery::InfisicalOperator,
        "infisical-operator",
        "the Infisical operator",
    ),
];

/// The word of a value in a table such as [`SHARING`].
pub(super) fn word<T: PartialEq>(table: &[(T, &'static str, &'static str)], value: &T) -> &'static str {
    let found = table.iter().find(|(entry, ..)| entry == value);
    found.map_or("", |(_, word, _)| word)
}

/// The value of a word in a table such as [`SHARING`]; the error lists all words.
pub(super) fn value<T: Copy>(
    table: &[(T, &'static str, &'static str)],
    typed: &str,
    what: &str,
) -> Result<T, String> {
    let words: Vec<&str> = table.iter().map(|(_, word, _)| *word).collect();
    let found = table.iter().find(|(_, word, _)| *word == typed);
    found.map(|(value, ..)| *value).ok_or_else(|| {
        let shown: String = typed.escape_debug().take(60).collect();
        format!("{what} `{shown}` is not known; one of {} is", words.join(", "))
    })
}

/// A secret backend as the first question about it finds it.
pub(super) fn backend(kind: Backend) -> SecretBackend {
    let name = word(&BACKENDS, &kind);
    SecretBackend {
        name: name.to_owned(),
        backend: kind,
        address: format!("https://{name}.example.com:8200"),
        egress: None,
        delivery: if kind == Backend::Infisical {
            Delivery::InfisicalOperator
        } else {
            Delivery::AgentInjector
        },
        manage: crate::spec::Manage::Direct,
        isolation: crate::spec::Isolation::Templated,
        audience: "vault".to_owned(),
    }
}

impl Pick {
    /// Puts a choice into the spec, as the answer to a question; choices that add or remove are the machine's.
    pub(super) fn put(&self, step: Step, spec: &mut Spec) {
        match (self, step) {
            (Self::GitOps(engine), _) => spec.gitops.engine = *engine,
            (Self::Engine(engine), _) => spec.policy.engine = *engine,
            (Self::Mode(mode), _) => spec.policy.mode = *mode,
            (Self::Board(board), Step::PoolBoard(c, p)) => {
                let pool = &mut spec.clusters[c].pools[p];
                pool.board.clone_from(board);
                let has_mig = super::capacity::board(pool).is_some_and(|board| !board.profiles().is_empty());
                if !has_mig && pool.sharing == Sharing::Mig {
                    answers::share(pool, Sharing::Whole);
                }
            }
            (Self::Sharing(sharing), Step::PoolSharing(c, p)) => {
                answers::share(&mut spec.clusters[c].pools[p], *sharing);
            }
            (Self::NoBackend, _) if spec.secrets.is_empty() => {}
            (Self::NoBackend, _) => drop(spec.secrets.remove(0)),
            (Self::Backend(kind), _) => match spec.secrets.first_mut() {
                Some(first) => first.backend = *kind,
                None => spec.secrets.push(backend(*kind)),
            },
            (Self::Delivery(delivery), _) => {
                if let Some(first) = spec.secrets.first_mut() {
                    first.delivery = *delivery;
                }
            }
            (Self::Namespace(namespace), Step::GpuNamespace(t, g)) => {
                spec.teams[t].gpus[g].namespace = Some(namespace.clone());
            }
            (Self::Profile(profile), Step::GpuProfile(t, g)) => {
                // A profile that a memory request stands for already stays written as memory.
                let request = &spec.teams[t].gpus[g];
                let pool = super::ask_team::pool_of(spec, request);
                let former = pool.and_then(|(_, pool)| super::capacity::profile_of(pool, request));
                if former != Some(profile) {
                    let request = &mut spec.teams[t].gpus[g];
                    request.profile = Some(profile.clone());
                    request.memory = None;
                }
            }
            (Self::WholeGpus, Step::GpuProfile(t, g)) => {
                spec.teams[t].gpus[g].profile = None;
                spec.teams[t].gpus[g].memory = None;
            }
            _ => {}
        }
    }
}
