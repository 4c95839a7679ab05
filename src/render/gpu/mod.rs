//! The two configuration documents of a GPU cluster: MIG layouts per node, and sharing per pool.

pub mod device_plugin;
pub mod mig_parted;
pub(in crate::render) mod svg;
