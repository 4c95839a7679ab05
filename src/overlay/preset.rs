//! The presets that a spec chooses by `overlays: [finance]`. Data: `overlays/<name>/*.yaml` of the source tree.

use include_dir::{Dir, include_dir};

static PRESETS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/overlays");

/// The names of all presets, in order.
pub fn names() -> Vec<&'static str> {
    let mut names: Vec<&str> = PRESETS
        .dirs()
        .filter_map(|dir| dir.path().file_name()?.to_str())
        .collect();
    names.sort_unstable();
    names
}

/// The files of a preset in the order of their names: how messages name each, and its bytes.
pub(super) fn files(name: &str) -> Option<Vec<(String, &'static [u8])>> {
    let dir = PRESETS
        .dirs()
        .find(|dir| dir.path().to_str().is_some_and(|path| path == name))?;
    let mut files: Vec<(String, &[u8])> = dir
        .files()
        .map(|file| {
            (
                format!("built-in overlays/{}", file.path().display()),
                file.contents(),
            )
        })
        .collect();
    files.sort();
    Some(files)
}
