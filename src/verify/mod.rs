//! Proves on the live cluster that each team gets what it was promised and nothing of anybody else's.
//!
//! ```text
//! plan::expectations ── run ──▶ probes (labels, fence, policy, access, pod, capacity, waiver) ──▶ report
//! tree ── expected ──────────────▲   each judges its answer in a pure function beside the question
//! ```

mod access;
mod capacity;
mod claim;
mod compare;
mod expected;
mod fence;
mod labels;
mod pod;
mod policy;
mod report;
mod run;
mod table;
mod waiver;

pub use report::{Report, Status, Verdict};
pub use run::{VerifyError, run};
pub use table::{summary, table};

/// The user that every question is asked as, besides the groups of the team.
const PROBE_USER: &str = "platform:probe";

/// The groups of a request: the team's, and the one that every identity has.
fn member(groups: &[String]) -> Vec<String> {
    let everybody = std::iter::once("system:authenticated".to_owned());
    groups.iter().cloned().chain(everybody).collect()
}
