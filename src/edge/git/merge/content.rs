//! Three versions of one file become one, or a file with conflict markers.

use git2::{MergeFileInput, MergeFileOptions, merge_file};

use crate::edge::git::error::GitError;

/// What stands beside the markers, and whether the common version is shown between them.
#[derive(Debug, Clone)]
pub(super) struct Style {
    /// The user's side, as `main`.
    pub(super) ours: String,
    /// `merge.conflictStyle` is `diff3` or `zdiff3`.
    pub(super) with_base: bool,
}

/// A merged file.
pub(super) struct Content {
    pub(super) bytes: Vec<u8>,
    pub(super) is_clean: bool,
}

/// How the side of the renders is called beside the markers.
const THEIRS: &str = "platform/rendered";

/// Merges by lines. Content that is no text is not merged: `None`.
///
/// When only the user's version ends its lines with CR LF, lines are compared without the CR and the result ends all
/// of them as the user's version does: another checkout setting is not an edit.
pub(super) fn merge(
    path: &str,
    base: Option<&[u8]>,
    ours: &[u8],
    theirs: &[u8],
    style: &Style,
) -> Result<Option<Content>, GitError> {
    if [base.unwrap_or_default(), ours, theirs]
        .iter()
        .any(|bytes| bytes.contains(&0))
    {
        return Ok(None);
    }
    let has_cr = |bytes: &[u8]| bytes.windows(2).any(|pair| pair == b"\r\n");
    if has_cr(ours) && !has_cr(theirs) && !base.is_some_and(has_cr) {
        let plain = without_cr(ours);
        let merged = merge_text(path, base, &plain, theirs, style)?;
        return Ok(Some(Content {
            bytes: with_cr(&merged.bytes),
            ..merged
        }));
    }
    merge_text(path, base, ours, theirs, style).map(Some)
}

fn merge_text(
    path: &str,
    base: Option<&[u8]>,
    ours: &[u8],
    theirs: &[u8],
    style: &Style,
) -> Result<Content, GitError> {
    let [mut ancestor, mut our, mut their] = [
        MergeFileInput::new(),
        MergeFileInput::new(),
        MergeFileInput::new(),
    ];
    ancestor.content(base.unwrap_or_default());
    our.content(ours);
    their.content(theirs);
    let mut options = MergeFileOptions::new();
    options
        .our_label(style.ours.replace('\0', ""))
        .their_label(THEIRS)
        .ancestor_label("last render")
        .style_standard(!style.with_base)
        .style_diff3(style.with_base);
    let result = merge_file(&ancestor, &our, &their, Some(&mut options))
        .map_err(|error| GitError::Inconsistent(format!("merging `{path}` failed: {}", error.message())))?;
    Ok(Content {
        bytes: result.content().to_vec(),
        is_clean: result.is_automergeable(),
    })
}

/// Lines that end with LF instead of CR LF.
pub fn without_cr(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    for (index, byte) in bytes.iter().enumerate() {
        if *byte != b'\r' || bytes.get(index + 1) != Some(&b'\n') {
            out.push(*byte);
        }
    }
    out
}

/// Lines that end with CR LF instead of LF.
pub(super) fn with_cr(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + bytes.len() / 32);
    let mut before = 0;
    for byte in bytes {
        if *byte == b'\n' && before != b'\r' {
            out.push(b'\r');
        }
        out.push(*byte);
        before = *byte;
    }
    out
}

#[cfg(test)]
mod tests;
