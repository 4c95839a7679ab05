//! From the plan to files: typed documents here, blueprints elsewhere; no decisions.

pub mod gpu;
