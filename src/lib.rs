//! From a tenancy spec to a proven multi-team GPU cluster.

pub mod catalog;
pub mod plan;
pub mod render;
pub mod tree;
pub mod units;
