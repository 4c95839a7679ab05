//! The processes of a control plane, one file each: how it is started, and how one sees that it is ready.
//!
//! To add one: its line in `binaries.rs` and its wrapper module under `tools/`, a file here with
//! `start(&Cluster)` that builds a `Process` and waits with `run.ready(…)`, a call in `Cluster::start`.

pub(super) mod apiserver;
pub(super) mod controller_manager;
pub(super) mod etcd;
pub(super) mod flux;
pub(super) mod kwok;
pub(super) mod kyverno;
pub(super) mod scheduler;
