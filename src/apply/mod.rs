//! Brings the rendered objects onto a cluster, stage by stage, and writes only what differs.
//!
//! ```text
//! files ── load ──▶ stages ── order ──▶ waves ── write ──▶ rows ──▶ report
//!                      │                  │ differ
//!                  inventory            health: CRDs established, policies ready
//! ```

mod components;
mod differ;
mod health;
mod inventory;
mod lease;
mod load;
mod needs;
mod node;
mod node_plan;
mod object;
mod order;
mod placement;
mod report;
mod run;
mod stage;
mod write;

pub use components::component;
pub(crate) use health::ready as policy_ready;
pub use load::{Directory, Files, LoadError, Stage, stage, stages};
pub use needs::{Right, kinds, rights};
pub use object::Object;
pub use placement::{Placement, SeenNode, place};
pub use report::{Action, Report, Row};
pub use run::{ApplyError, Options, run};

/// The field manager of everything that this program writes.
pub const FIELD_MANAGER: &str = "platform";
