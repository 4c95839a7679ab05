//! What a repository looks like from outside, for telling what a run has touched.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::place::Place;

/// A file of the work tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Content, or where a link leads.
    pub(crate) bytes: Vec<u8>,
    pub(crate) mode: u32,
    inode: u64,
    modified: (i64, i64),
}

/// The work tree, the index and the references.
#[derive(Debug, Clone)]
pub(crate) struct Snapshot {
    pub(crate) files: BTreeMap<String, Seen>,
    pub(crate) index: String,
    pub(crate) references: String,
}

impl Snapshot {
    pub(crate) fn take(place: &Place, directory: &str) -> Self {
        Self {
            files: files(&place.path(directory)),
            index: text(place, directory, &["ls-files", "-s"]),
            references: format!(
                "{}{}",
                text(
                    place,
                    directory,
                    &["for-each-ref", "--format=%(refname) %(objectname)"]
                ),
                text(place, directory, &["rev-parse", "HEAD"])
            ),
        }
    }

    /// Path → content and mode.
    pub(crate) fn contents(&self) -> BTreeMap<&str, (Vec<u8>, u32)> {
        let content = |seen: &'_ Seen| -> (Vec<u8>, u32) { (seen.bytes.clone(), seen.mode) };
        self.files
            .iter()
            .map(|(path, seen)| (path.as_str(), content(seen)))
            .collect()
    }

    /// Files that hold what they held before, but were written again.
    pub(crate) fn touched_in_vain(&self, before: &Self) -> Vec<String> {
        let same = self.files.iter().filter(|(path, now)| {
            before.files.get(*path).is_some_and(|then| {
                (&then.bytes, then.mode) == (&now.bytes, now.mode)
                    && (then.inode, then.modified) != (now.inode, now.modified)
            })
        });
        same.map(|(path, _)| path.clone()).collect()
    }
}

fn text(place: &Place, directory: &str, arguments: &[&str]) -> String {
    String::from_utf8_lossy(&place.try_git(directory, arguments).stdout).into_owned()
}

/// Every file of a directory, `.git` left out.
pub(crate) fn files(root: &Path) -> BTreeMap<String, Seen> {
    let entries = walkdir::WalkDir::new(root)
        .into_iter()
        .filter_entry(|entry| entry.file_name() != ".git")
        .map(Result::unwrap)
        .filter(|entry| !entry.file_type().is_dir());
    entries
        .map(|entry| {
            let data = entry.path().symlink_metadata().unwrap();
            let bytes = match data.is_symlink() {
                true => std::fs::read_link(entry.path())
                    .unwrap()
                    .into_os_string()
                    .into_encoded_bytes(),
                false => std::fs::read(entry.path()).unwrap(),
            };
            let name = entry
                .path()
                .strip_prefix(root)
                .unwrap()
                .to_string_lossy()
                .into_owned();
            let seen = Seen {
                bytes,
                mode: data.mode(),
                inode: data.ino(),
                modified: (data.mtime(), data.mtime_nsec()),
            };
            (name, seen)
        })
        .collect()
}
