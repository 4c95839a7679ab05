//! Which MIG instances lie on which GPU of which node.
//!
//! `pattern` lists what one GPU can hold, `facets` finds the inequalities that say the same, and `space` prepares both
//! for one board. `bound` proves by them how many GPUs a demand needs at least, `cover` finds as few by an integer
//! programme, `trim` makes exactly the demand of it, `pack` joins them, and `shortage` words a refusal. `nodes` spreads
//! the result over nodes, `present` is what is there before, and `settle` is the whole way for one pool.
//!
//! Where something is there, `ground` says which nodes stay, `question` counts what they hold, `least` proves how many
//! GPUs have to be rebuilt, `keep` and `nodes_touched` choose them by a `programme`, `stay` and `place` lay the rest,
//! and `compare` says what differs.

mod bound;
mod compare;
mod cover;
mod facets;
mod ground;
mod keep;
mod least;
mod nodes;
mod nodes_touched;
mod pack;
mod pattern;
mod place;
mod present;
mod programme;
mod question;
mod settle;
mod sharing;
mod shortage;
mod space;
mod stay;
#[cfg(test)]
mod tests;
mod trim;

use std::collections::BTreeMap;

pub use bound::Bound;
pub use compare::{ChangedGpu, ChangedNodes, Comparison, compare};
pub use nodes::{Distribution, GpuState, MAX_GPUS_PER_NODE, NodeGroup, NodesError, PoolShape, distribute};
pub use pack::{MAX_GPUS, PackError, Packer, Packing, Used, pack};
pub use pattern::{Pattern, fits, patterns};
pub use present::{Layouts, Present, PresentGroup};
pub use settle::{Aim, Pin, Proof, Rebuild, SettleError, Settled, Task, settle};
pub use sharing::Sharing;
pub use shortage::DoesNotFit;
pub(super) use shortage::in_words;

/// What one GPU holds: profile name → number of instances, without zeros.
pub type Layout = BTreeMap<String, u32>;
