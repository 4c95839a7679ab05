//! All decisions, made from the model and the catalogue alone: no clock, no disk, no network.

mod assess;
mod build;
mod capacity;
pub mod change;
mod decide;
mod device_class;
mod expect;
mod fixes;
pub mod gpu;
mod infeasible;
mod names;
mod node_plan;
mod notes;
mod observe;
mod pins;
mod plain;
mod pods;
mod pool;
mod quota;
mod rbac;
mod state;
mod tenant;
mod types;
pub mod view;

pub use assess::{Asked, Assessed, Assessment, assess};
pub use build::build;
pub use decide::{decide, decide_over, decide_with};
pub use device_class::{
    DRA_DRIVER, DRIVER_CLASSES, DeviceClass, WHOLE_GPU_CLASS, class_grant, class_name, class_of,
    class_quota_keys,
};
pub use expect::{Ask, Expectation, FenceKind, Refuser, Verb, expectations};
pub use infeasible::{Fix, FixKind, Infeasible};
pub use names::*;
pub use node_plan::{MigGpus, MigNodes, NodePlan, PoolNodes, Taint, layouts};
pub use observe::{Configs, Observed, SeenNode, observe};
pub use pods::{Promise, burst_pod, claim, claim_pod, claim_template, cpu_pod, gpu_pod, workload_pod};
pub use state::{NODE_PLAN_CODE, NodePlans, decide_from, read_layouts, read_node_plan};
pub use types::*;
