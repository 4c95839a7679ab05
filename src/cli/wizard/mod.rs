//! The wizard of `platform init`: questions whose answers are a spec that holds.
//!
//! The core (`machine` with its questions, `entry`, `layout`) knows no terminal: it takes answers and keys and gives
//! questions and lines. `terminal` and `talk` are the thin rest.

mod answers;
mod ask;
mod ask_team;
mod capacity;
mod edits;
mod entry;
mod flags;
mod judge;
mod layout;
mod list;
mod machine;
mod order;
mod pick;
mod question;
mod step;
mod summary;
mod talk;
mod terminal;
#[cfg(test)]
mod tests;
mod text;
mod typed;

pub(super) use answers::empty;
pub(super) use edits::edited;
pub(super) use flags::{AnswerFlags, FlagError};
pub(super) use machine::Wizard;
pub(super) use talk::{End, converse};
pub(super) use text::text;
