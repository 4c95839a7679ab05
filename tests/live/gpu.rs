//! GPU promises on nodes that schedule and run pods: from the rendered configuration to a running pod.

mod dra;
mod floor;
mod layout;
mod promises;
mod stand_in;
