//! All decisions, made from the model and the catalogue alone: no clock, no disk, no network.

mod build;
mod capacity;
pub mod change;
mod decide;
mod expect;
pub mod gpu;
mod names;
mod pods;
mod rbac;
mod tenant;
mod types;

pub use build::build;
pub use decide::{decide, decide_with};
pub use expect::{Ask, Expectation, FenceKind, Refuser, Verb, expectations};
pub use names::*;
pub use pods::{Promise, cpu_pod, gpu_pod, workload_pod};
pub use types::*;
