//! `platform regenerate`: a changed spec becomes a new render, merged into the user's branch.

use std::path::Path;
use std::process::ExitCode;

use super::args::Global;
use super::failure::Failure;

/// What bringing a spec into its repository may do.
#[derive(Debug, Clone, Copy, Default)]
#[expect(dead_code, reason = "its command follows")]
pub(super) struct Bring<'a> {
    /// The new bytes of `platform.yaml`; `None`: as it lies in the work tree.
    pub(super) spec: Option<&'a [u8]>,
    /// Whether controls may be loosened.
    pub(super) allow_loosen: bool,
}

/// Plans, renders and merges the spec of the repository in `dir`; commits unless the merge conflicts (exit 3).
pub(super) fn bring(_global: &Global, _dir: &Path, _bring: &Bring<'_>) -> Result<ExitCode, Failure> {
    Err(Failure::bug("`regenerate` is not built yet"))
}
