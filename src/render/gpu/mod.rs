//! The documents of a GPU cluster: MIG layouts per node, sharing per pool, and device classes of DRA.

pub mod device_class;
pub mod device_plugin;
pub mod mig_parted;
