//! What a change of the spec means, before anything is written: two plans compared, never two texts.

mod document;
mod message;
mod rename;
mod types;

pub use rename::renames;
pub use types::*;

use super::Plan;

/// What is different after a change; `before` is `None` for the first plan of a platform, which loosens nothing.
pub fn between(before: Option<&Plan>, after: &Plan) -> Change {
    let _ = after;
    Change {
        first: before.is_none(),
        ..Change::default()
    }
}
