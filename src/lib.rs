//! From a tenancy spec to a proven multi-team GPU cluster.
//!
//! ```text
//! platform.yaml ── spec ──▶ model ──▶ plan ──▶ render ──▶ tree ──▶ edge ──▶ apply ──▶ verify
//!                             ▲         ▲         ▲
//!                             └──── catalog, engine ────┘
//! ```
//!
//! Left of `edge` everything is pure: no clock, environment, disk, network or hash order.

pub mod apply;
pub mod catalog;
pub mod cli;
pub mod edge;
pub mod engine;
pub mod lock;
pub mod model;
pub mod overlay;
pub mod plan;
pub mod render;
pub mod spec;
pub mod tree;
pub mod units;
pub mod verify;
