//! Read-only view of `blueprints/`, embedded in the binary: boards, policies, components, templates.

pub mod boards;
pub mod components;

use include_dir::{Dir, include_dir};

/// Everything under `blueprints/`, as it was when the binary was built.
pub static BLUEPRINTS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/blueprints");

/// The text of one blueprint, by its path below `blueprints/`; `None` when there is none or it is not UTF-8.
pub fn text(path: &str) -> Option<&'static str> {
    BLUEPRINTS.get_file(path)?.contents_utf8()
}
