//! Why a spec is left as it is.

use super::Place;

/// Why a change was not made; the text stays as it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// The text is not one YAML document that a spec may be.
    #[error("the spec cannot be edited: line {line}, column {column}: {cause}")]
    Syntax {
        /// Line, from 1.
        line: u64,
        /// Column, from 1.
        column: u64,
        /// What is wrong.
        cause: String,
    },
    /// A place is not in the spec.
    #[error("`{place}` is not in the spec")]
    Missing {
        /// The place.
        place: String,
    },
    /// An element was to be added to something else than a list.
    #[error("`{place}` is no list")]
    NotAList {
        /// The place.
        place: String,
    },
    /// A key was to be renamed to one that is there.
    #[error("`{place}` cannot be renamed: `{to}` is there already")]
    KeyTaken {
        /// The key with its old name.
        place: String,
        /// The new name.
        to: String,
    },
    /// What would be written does not hold what was meant, or would lose a comment.
    #[error("the change of `{place}` cannot be made in place: {cause}")]
    NotInPlace {
        /// The place of the change, or nothing for several.
        place: String,
        /// What would go wrong.
        cause: String,
    },
}

impl EditError {
    pub(super) fn missing(place: &Place) -> Self {
        Self::Missing {
            place: place.to_string(),
        }
    }

    /// What the user can do.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Syntax { .. } => "`platform validate` lists everything that is wrong",
            Self::NotInPlace { .. } => "write it out without anchors and aliases there, or change it by hand",
            _ => "`platform explain` lists the keys of a spec",
        }
    }
}
