//! The plan that the repository was last rendered from.

use std::path::Path;

use super::args::Global;
use super::failure::Failure;
use crate::plan::Plan;

/// The plan of the last render in the repository around `dir`; `None` where nothing was rendered yet.
pub(super) fn former_plan(_global: &Global, _dir: &Path) -> Result<Option<Plan>, Failure> {
    Ok(None)
}
