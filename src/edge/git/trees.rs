//! Git trees for a list of files, alone or laid over the tree of a commit.

use std::collections::BTreeMap;

use git2::{Repository, Tree};

use super::error::GitError;
use super::pack::{Id, Kind, object_id};

/// One file with the id of its content.
#[derive(Debug, Clone, Copy)]
pub(super) struct Leaf<'a> {
    pub(super) path: &'a str,
    pub(super) id: Id,
}

/// The trees that a list of files makes: the top one's id, and the bytes of each, the lower ones first.
#[derive(Debug, Default)]
pub(super) struct Trees {
    pub(super) root: Id,
    pub(super) objects: Vec<(Id, Vec<u8>)>,
}

/// The mode of a regular file, of an executable one, and of a directory.
pub(super) const FILE_MODE: i32 = 0o100_644;
const DIRECTORY_MODE: i32 = 0o040_000;

/// Builds the trees of files given in path order; entries of `below` at other names are kept as they are.
///
/// A name that is a file here and a directory there is an error: the caller has refused it before.
pub(super) fn build(
    repository: &Repository,
    leaves: &[Leaf<'_>],
    below: Option<&Tree<'_>>,
) -> Result<Trees, GitError> {
    let mut trees = Trees::default();
    trees.root = level(repository, leaves, 0, below, &mut trees.objects)?;
    Ok(trees)
}

/// One directory; `skip` is the length of its own path with the slash, common to all leaves.
fn level(
    repository: &Repository,
    leaves: &[Leaf<'_>],
    skip: usize,
    below: Option<&Tree<'_>>,
    objects: &mut Vec<(Id, Vec<u8>)>,
) -> Result<Id, GitError> {
    // Keyed as Git sorts: a directory as if its name ended with a slash.
    let mut entries: BTreeMap<Vec<u8>, (i32, Id)> = BTreeMap::new();
    for entry in below.iter().flat_map(|tree| tree.iter()) {
        let id = entry
            .id()
            .as_bytes()
            .try_into()
            .map_err(|_| inconsistent("an id is not 20 bytes"))?;
        entries.insert(
            sort_key(entry.name_bytes(), entry.filemode_raw()),
            (entry.filemode_raw(), id),
        );
    }
    for group in leaves.chunk_by(|a, b| name(a, skip) == name(b, skip)) {
        let Some(first) = group.first() else { continue };
        let name = name(first, skip);
        let rest = skip + name.len();
        let (mode, id) = if first.path.len() == rest {
            (FILE_MODE, first.id)
        } else {
            let sub = below
                .and_then(|tree| tree.get_name(name))
                .filter(|entry| entry.filemode_raw() == DIRECTORY_MODE);
            let sub = sub
                .map(|entry| repository.find_tree(entry.id()))
                .transpose()
                .map_err(|e| inconsistent(e.message()))?;
            (
                DIRECTORY_MODE,
                level(repository, group, rest + 1, sub.as_ref(), objects)?,
            )
        };
        let other = if mode == DIRECTORY_MODE {
            FILE_MODE
        } else {
            DIRECTORY_MODE
        };
        if group.len() > 1 && mode == FILE_MODE || entries.contains_key(&sort_key(name.as_bytes(), other)) {
            return Err(inconsistent(&format!(
                "`{}` is both a file and a directory",
                first.path
            )));
        }
        entries.insert(sort_key(name.as_bytes(), mode), (mode, id));
    }
    let mut bytes = Vec::with_capacity(entries.len() * 40);
    for (key, (mode, id)) in &entries {
        bytes.extend_from_slice(format!("{mode:o} ").as_bytes());
        bytes.extend_from_slice(key.strip_suffix(b"/").unwrap_or(key));
        bytes.push(0);
        bytes.extend_from_slice(id);
    }
    let id = object_id(Kind::Tree, &bytes);
    objects.push((id, bytes));
    Ok(id)
}

/// The first part of a leaf's path below a directory.
fn name<'a>(leaf: &Leaf<'a>, skip: usize) -> &'a str {
    let rest = leaf.path.get(skip..).unwrap_or_default();
    rest.split('/').next().unwrap_or_default()
}

fn sort_key(name: &[u8], mode: i32) -> Vec<u8> {
    let mut key = name.to_vec();
    if mode == DIRECTORY_MODE {
        key.push(b'/');
    }
    key
}

fn inconsistent(what: &str) -> GitError {
    GitError::Inconsistent(what.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ours(repository: &Repository, paths: &[&str], below: Option<&Tree<'_>>) -> Result<String, GitError> {
        let mut sorted = paths.to_vec();
        sorted.sort_unstable();
        let leaves: Vec<Leaf<'_>> = sorted
            .iter()
            .map(|path| Leaf {
                path,
                id: object_id(Kind::Blob, path.as_bytes()),
            })
            .collect();
        let trees = build(repository, &leaves, below)?;
        let odb = repository.odb().unwrap();
        for (id, bytes) in &trees.objects {
            let written = odb.write(git2::ObjectType::Tree, bytes).unwrap();
            assert_eq!(
                written.as_bytes(),
                id,
                "{paths:?}: libgit2 takes the bytes and gives the same id"
            );
        }
        Ok(super::super::pack::hex(&trees.root))
    }

    fn theirs(repository: &Repository, paths: &[&str]) -> String {
        let mut index = git2::Index::new().unwrap();
        for path in paths {
            let id = repository.blob(path.as_bytes()).unwrap();
            index.add(&entry(path, id)).unwrap();
        }
        index.write_tree_to(repository).unwrap().to_string()
    }

    fn entry(path: &str, id: git2::Oid) -> git2::IndexEntry {
        let zero = git2::IndexTime::new(0, 0);
        git2::IndexEntry {
            ctime: zero,
            mtime: zero,
            dev: 0,
            ino: 0,
            mode: FILE_MODE as u32,
            uid: 0,
            gid: 0,
            file_size: 0,
            id,
            flags: 0,
            flags_extended: 0,
            path: path.as_bytes().to_vec(),
        }
    }

    #[test]
    fn trees_are_those_that_libgit2_makes() {
        let folder = tempfile::tempdir().unwrap();
        let repository = Repository::init(folder.path()).unwrap();
        let cases: [&[&str]; 5] = [
            &[],
            &["a"],
            &["a-b", "a/x", "a0", "a.b"],
            &["a/b/c/d", "a/b/c.d", "a/b-c", "z", "Z", "é/ü"],
            &[
                ".platform/lock.yaml",
                "tenants/x/one",
                "tenants/y/one",
                "tenants.yaml",
                "tenants-old/x",
            ],
        ];
        for paths in cases {
            assert_eq!(
                ours(&repository, paths, None).unwrap(),
                theirs(&repository, paths),
                "{paths:?}"
            );
            for (split, _) in paths.iter().enumerate() {
                let (base, over) = paths.split_at(split);
                let base = git2::Oid::from_str(&theirs(&repository, base)).unwrap();
                let base = repository.find_tree(base).unwrap();
                let got = ours(&repository, over, Some(&base)).unwrap();
                assert_eq!(got, theirs(&repository, paths), "{over:?} over the rest");
            }
        }
    }

    #[test]
    fn file_against_directory_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let repository = Repository::init(folder.path()).unwrap();
        assert!(ours(&repository, &["a", "a/b"], None).is_err(), "in one list");
        for (base, over) in [("a", "a/b"), ("a/b", "a")] {
            let base = git2::Oid::from_str(&theirs(&repository, &[base])).unwrap();
            let base = repository.find_tree(base).unwrap();
            assert!(
                ours(&repository, &[over], Some(&base)).is_err(),
                "{over} over the other"
            );
        }
    }
}
