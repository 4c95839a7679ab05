//! Live tests: the real API server and the real policy engines, as local processes; see `tests/lab/README.md`.

#[path = "support/delivery.rs"]
mod delivery;
#[path = "hostile/strings.rs"]
mod hostile_strings;
mod lab;

mod live {
    mod admission;
    mod applied;
    mod argocd;
    mod burst;
    mod check;
    mod clusters;
    mod documents;
    mod dra;
    mod drift;
    mod flux;
    mod gpu;
    mod gpu_plan;
    mod hostile;
    mod members;
    mod merges;
    mod nvidia;
    mod pack;
    mod pods;
    mod queues;
    mod supervisor;
    mod tenancy;
}
