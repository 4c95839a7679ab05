//! Read-only view of `blueprints/`, embedded in the binary: boards, policies, components, templates.

pub mod boards;
pub mod compliance;
pub mod components;
pub mod policies;

use include_dir::{Dir, include_dir};

/// Everything under `blueprints/`, as it was when the binary was built.
pub static BLUEPRINTS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/blueprints");

/// The text of one blueprint, by its path below `blueprints/`; `None` when there is none or it is not UTF-8.
pub fn text(path: &str) -> Option<&'static str> {
    BLUEPRINTS.get_file(path)?.contents_utf8()
}

/// The path of a folder below `blueprints/`, as a name that lives as long as the program; `None` when there is none.
pub fn folder(path: &str) -> Option<&'static str> {
    BLUEPRINTS.get_dir(path)?.path().to_str()
}

/// The ids of the policies in order: the folders of `blueprints/policies/` that do not begin with `_`.
pub fn policy_ids() -> Vec<&'static str> {
    let folders = BLUEPRINTS.get_dir("policies").into_iter().flat_map(Dir::dirs);
    let mut ids: Vec<&str> = folders
        .filter_map(|dir| dir.path().file_name()?.to_str())
        .filter(|id| !id.starts_with('_'))
        .collect();
    ids.sort_unstable();
    ids
}

/// The namespaces that no tenant policy applies to, in order.
pub fn system_namespaces() -> Vec<&'static str> {
    text("system-namespaces.yaml")
        .unwrap_or_default()
        .lines()
        .filter_map(|line| line.strip_prefix("- "))
        .collect()
}

/// All blueprints, by path below `blueprints/`, in order.
pub fn files() -> Vec<(String, &'static [u8])> {
    fn walk(dir: &Dir<'static>, found: &mut Vec<(String, &'static [u8])>) {
        for file in dir.files() {
            found.push((file.path().to_string_lossy().into_owned(), file.contents()));
        }
        for below in dir.dirs() {
            walk(below, found);
        }
    }
    let mut found = Vec::new();
    walk(&BLUEPRINTS, &mut found);
    found.sort();
    found
}
