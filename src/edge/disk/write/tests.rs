use super::*;

#[test]
fn directories_come_after_their_parents_and_once() {
    let files: Vec<(&str, &[u8])> = vec![("a/b/c/d", b""), ("a/b/e", b""), ("a-b/x", b""), ("top", b"")];
    let found: Vec<&str> = directories(&files).into_iter().collect();
    assert_eq!(
        found,
        ["a", "a-b", "a/b", "a/b/c"],
        "sorted by path, parents first"
    );
}

#[test]
fn a_path_that_is_file_and_directory_is_a_clash() {
    let folder = tempfile::tempdir().unwrap();
    let root_path = folder.path().join("out");
    let root = make_directory(&root_path).unwrap();
    let error = write_files(&root, &root_path, &[("a", b"x"), ("a/b", b"y")]).unwrap_err();
    assert!(
        matches!(&error, DiskError::Clash { path } if path == "a"),
        "{error}"
    );
    assert_eq!(error.fault().exit_code(), 70, "it is the renderer's bug");
}
