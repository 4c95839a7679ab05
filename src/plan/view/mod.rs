//! The GPU plan as people and programs see it: every pool with its proof, its picture, and the way from what is there.
//!
//! `pool` fills the document of one pool, `rollout` says what a change does to which node and in which order, `shares` and
//! `place` decide whose instance is drawn where, `picture` joins them for the terminal and for the pages of the docs.

mod caveats;
mod names;
mod picture;
mod place;
mod pool;
mod rollout;
mod shares;
mod steps;
#[cfg(test)]
mod tests;
mod types;

pub use names::node_names;
pub use picture::{Cell, GpuPicture, Owner, Picture, Row, picture, teams};
pub use pool::{Live, Surroundings, pool_figures, pool_view};
pub use rollout::{NodeRollout, PodInTheWay, Rollout, rollout};
pub use steps::{RolloutStep, StepKind};
pub use types::*;
