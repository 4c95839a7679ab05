//! What is wrong with text that is not one YAML document, in words of ours.

use serde_saphyr::Error;

use super::node::MAX_DEPTH;

/// Message and hint for an error of the YAML reader.
///
/// The reader's own words are used only for plain mistakes of syntax, never where they speak of its own settings.
pub(super) fn words(error: &Error) -> (String, &'static str) {
    // The reader appends its own place; ours comes first, so theirs is cut.
    let full = error.to_string();
    let cause = full.lines().next().unwrap_or(&full);
    let cause = cause.split(" at line ").next().unwrap_or(cause).trim();
    match error {
        Error::MultipleDocuments { .. } => (
            "the file holds more than one YAML document".to_owned(),
            "write one document: remove `---` and what follows it",
        ),
        Error::UnknownAnchor { .. } => (
            "an alias names an anchor that is not defined before it".to_owned(),
            "put text that begins with `*` in quotes",
        ),
        Error::NullIntoString { .. } => ("a key is empty".to_owned(), "write the key before the colon"),
        Error::MergeValueNotMapOrSeqOfMaps { .. } => (
            "`<<` merges something that is not a mapping".to_owned(),
            "write the keys out; a spec needs no merging",
        ),
        _ if cause.contains("ecursion") || cause.contains("Depth") => (
            format!("the file is nested more than {MAX_DEPTH} levels deep"),
            "is this really a tenancy spec?",
        ),
        _ if cause.contains("budget") || cause.contains("limit") => (
            "the file is too large once its aliases are written out".to_owned(),
            "write repeated parts out instead of using `*` aliases",
        ),
        _ if cause.contains("expected string scalar") => (
            "a key is not plain text".to_owned(),
            "put text that begins with `[` or `{` in quotes",
        ),
        _ => {
            let cause: String = cause.replace('\'', "`").escape_debug().take(160).collect();
            (
                format!("the file is not YAML: {cause}"),
                "check indentation, quotes and brackets near this place",
            )
        }
    }
}
