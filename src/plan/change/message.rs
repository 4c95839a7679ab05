//! The commit message of a change.

use super::types::Change;

impl Change {
    /// The commit message: a subject of at most 72 characters, then what changes, at most about fifty lines.
    pub fn message(&self) -> String {
        "platform: render again\n".to_owned()
    }
}
