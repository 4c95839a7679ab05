//! The lab: real control planes as plain local processes on loopback, shared by all tests of one binary.
//!
//! ```text
//! binaries ─ build         where etcd, kube-apiserver … come from
//! supervisor ─ supervise.py   starts them, stops them in order, outlives nobody
//! run ─ ports, users       one run directory: logs, free ports, tokens and kubeconfigs
//! components/*             one file per process: its flags, and when it is ready
//! cluster                  what the tests use: kubectl, waits, guards
//! *_stand_in               what plays the part of a controller that the lab does not run
//! ```
//!
//! Every test takes `shared()` or, when it changes cluster-wide policies, `exclusive()`; see README.md.

mod binaries;
mod build;
mod cluster;
mod components;
mod crds;
mod guard;
mod helm_stand_in;
mod kubectl;
mod mig_manager_stand_in;
mod ports;
mod run;
mod source_stand_in;
mod supervisor;
mod users;
mod wait;

use std::any::Any;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;

pub(crate) use binaries::{KUBERNETES, path as binary};
pub(crate) use cluster::Cluster;
pub(crate) use crds::install_argocd;
pub(crate) use helm_stand_in::finish_releases;
pub(crate) use kubectl::Output;
pub(crate) use mig_manager_stand_in::{
    Advertised, Card, MigManagerStandIn, Reconfigured, advertise, cards, decide,
};
pub(crate) use source_stand_in::SourceStandIn;
pub(crate) use supervisor::{Process, Supervisor};
pub(crate) use users::User;
pub(crate) use wait::poll;

/// What a control plane is given besides its own components.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Engine {
    /// Kyverno's admission controller with its webhooks.
    Kyverno,
    /// Kyverno, and Flux's kustomize-controller beside it.
    Flux,
    /// Nothing: the API server's own ValidatingAdmissionPolicy is the engine.
    Native,
    /// Nothing either; a control plane of its own for the kinds of Argo CD, which cost memory.
    ArgoCd,
    /// Nothing either; the scheduler, and kwok as the kubelet of every node, so that pods run.
    Gpu,
}

/// Returns the control plane that Kyverno guards, started at the first call.
pub(crate) fn kyverno() -> &'static Cluster {
    static CLUSTER: OnceLock<Result<Cluster, String>> = OnceLock::new();
    start_once(&CLUSTER, Engine::Kyverno)
}

/// Returns the control plane that Flux brings its objects to, guarded by Kyverno; started at the first call.
pub(crate) fn flux() -> &'static Cluster {
    static CLUSTER: OnceLock<Result<Cluster, String>> = OnceLock::new();
    start_once(&CLUSTER, Engine::Flux)
}

/// Returns the control plane without a policy engine, started at the first call.
pub(crate) fn native() -> &'static Cluster {
    static CLUSTER: OnceLock<Result<Cluster, String>> = OnceLock::new();
    start_once(&CLUSTER, Engine::Native)
}

/// Returns the control plane that gets the kinds of Argo CD, started at the first call; nothing of Argo CD runs there.
pub(crate) fn argocd() -> &'static Cluster {
    static CLUSTER: OnceLock<Result<Cluster, String>> = OnceLock::new();
    start_once(&CLUSTER, Engine::ArgoCd)
}

/// Returns the control plane with a scheduler, on whose nodes pods run; started at the first call.
pub(crate) fn gpu() -> &'static Cluster {
    static CLUSTER: OnceLock<Result<Cluster, String>> = OnceLock::new();
    start_once(&CLUSTER, Engine::Gpu)
}

/// Starts a control plane once and remembers a failure, so that every test after the first fails at once.
fn start_once(cell: &'static OnceLock<Result<Cluster, String>>, engine: Engine) -> &'static Cluster {
    let started = cell.get_or_init(|| {
        catch_unwind(AssertUnwindSafe(|| Cluster::start(engine))).map_err(|panic| panic_text(panic.as_ref()))
    });
    match started {
        Ok(cluster) => cluster,
        Err(cause) => panic!("the {engine:?} lab did not start: {cause}"),
    }
}

/// Returns what a panic said.
pub(crate) fn panic_text(panic: &(dyn Any + Send)) -> String {
    panic
        .downcast_ref::<String>()
        .cloned()
        .or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string))
        .unwrap_or_else(|| "a panic without a message".to_string())
}

/// Tells the person at the terminal something now; `eprintln!` would be held back until the test has failed.
fn say(message: &str) {
    // Nothing sensible is left to do when stderr is closed.
    let _ = writeln!(std::io::stderr(), "lab: {message}");
}
