//! Reading a board from its file.

use super::{Board, check};
use crate::catalog::BLUEPRINTS;

/// Why a board cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BoardError {
    /// The file is not UTF-8.
    #[error("board file `{path}` is not UTF-8 text")]
    NotText {
        /// Path below `blueprints/`.
        path: String,
    },
    /// The file is not YAML of a board.
    #[error("board file `{path}` cannot be read: {message}")]
    Syntax {
        /// Path below `blueprints/`.
        path: String,
        /// What the YAML reader says, with line and column.
        message: String,
    },
    /// A figure contradicts another one.
    #[error("board file `{path}` contradicts itself: {message}")]
    Contradiction {
        /// Path below `blueprints/`.
        path: String,
        /// What does not hold.
        message: String,
    },
}

/// Reads a board and checks its figures against each other; `path` is for messages, and its stem must be the id.
pub fn parse(path: &str, text: &str) -> Result<Board, BoardError> {
    let board: Board = serde_saphyr::from_str(text).map_err(|error| BoardError::Syntax {
        path: path.to_owned(),
        message: error.to_string(),
    })?;
    let stem = path
        .rsplit('/')
        .next()
        .and_then(|name| name.strip_suffix(".yaml"));
    let verdict = if stem == Some(board.id.as_str()) {
        check::check(&board)
    } else {
        Err(format!(
            "id `{}` is not the name of the file",
            board.id.escape_debug()
        ))
    };
    verdict.map_err(|message| BoardError::Contradiction {
        path: path.to_owned(),
        message,
    })?;
    Ok(board)
}

/// Reads all embedded boards in the order of their ids.
pub(super) fn embedded() -> Result<Vec<Board>, BoardError> {
    let mut boards = Vec::new();
    for file in BLUEPRINTS.get_dir("boards").map_or(&[][..], |dir| dir.entries()) {
        let Some(file) = file.as_file() else { continue };
        let path = file.path().to_string_lossy();
        let text = file.contents_utf8().ok_or_else(|| BoardError::NotText {
            path: path.to_string(),
        })?;
        boards.push(parse(&path, text)?);
    }
    boards.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(boards)
}
