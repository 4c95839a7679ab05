//! The documents of a GPU cluster: MIG layouts per node, sharing per pool, device classes of DRA, and Kueue's settings.

mod audit;
pub mod device_class;
pub mod device_plugin;
pub mod kueue;
pub mod mig_parted;
pub(in crate::render) mod svg;

pub use audit::audit;
