//! From a tenancy spec to a proven multi-team GPU cluster.

pub mod catalog;
pub mod edge;
pub mod tree;
pub mod units;
