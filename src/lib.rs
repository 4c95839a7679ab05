//! From a tenancy spec to a proven multi-team GPU cluster.

pub mod catalog;
pub mod model;
pub mod spec;
pub mod tree;
pub mod units;
