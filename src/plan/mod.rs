//! All decisions, made from the model and the catalogue alone: no clock, no disk, no network.

mod assess;
mod build;
pub mod change;
mod decide;
mod expect;
mod fixes;
pub mod gpu;
mod infeasible;
mod names;
mod node_plan;
mod plain;
mod pods;
mod pool;
mod rbac;
mod tenant;
mod types;

pub use assess::{Assessed, Assessment, assess};
pub use build::build;
pub use decide::{decide, decide_over, decide_with};
pub use expect::{Ask, Expectation, FenceKind, Refuser, Verb, expectations};
pub use infeasible::{Fix, FixKind, Infeasible};
pub use names::*;
pub use node_plan::{MigGpus, MigNodes, NodePlan, PoolNodes, Taint, layouts};
pub use pods::{Promise, cpu_pod, gpu_pod, workload_pod};
pub use types::*;
