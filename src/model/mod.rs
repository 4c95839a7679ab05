//! The spec after validation: every name legal, every reference resolved. Nothing after this re-validates.

mod build;
mod compliance;
mod device_classes;
mod fleet;
mod gitops;
mod identity;
mod instances;
mod labels;
mod names;
mod overlap;
mod queues;
mod quotas;
mod report;
mod requests;
mod secrets;
mod summed;
mod teams;
mod types;
mod unsupported;
mod waivers;

pub use build::build;
pub use queues::{ResourceGroup, resource_groups};
pub use report::Report;
pub use types::*;
