use super::*;

fn paths(repository: &Path) -> Result<Vec<String>, String> {
    let read = read_overlays(repository).map_err(|error| error.to_string())?;
    Ok(read.keys().map(ToString::to_string).collect())
}

#[test]
fn only_plain_files_of_the_folder_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    assert_eq!(paths(folder.path()), Ok(vec![]), "no folder");
    std::fs::create_dir_all(at("overlays/a/b")).unwrap();
    for name in [
        "overlays/README.md",
        "overlays/.gitkeep",
        "overlays/x.yaml",
        "overlays/a/b/y.yml",
        "overlays/z.txt",
    ] {
        std::fs::write(at(name), name).unwrap();
    }
    let wanted = ["overlays/a/b/y.yml", "overlays/x.yaml", "overlays/z.txt"];
    assert_eq!(
        paths(folder.path()).unwrap(),
        wanted,
        "Markdown and hidden files are not read"
    );
    let file = read_overlays(folder.path())
        .unwrap()
        .remove(&RelPath::parse("overlays/x.yaml").unwrap());
    assert_eq!(file.as_deref(), Some(&b"overlays/x.yaml"[..]), "exact bytes");
}

#[test]
fn what_cannot_be_read_is_an_error_and_never_left_out() {
    use std::os::unix::ffi::OsStrExt;
    type Make = fn(&Path);
    let cases: [(&str, Make, &str); 5] = [
        (
            "link",
            |dir| std::os::unix::fs::symlink("x", dir.join("l.yaml")).unwrap(),
            "a symbolic link",
        ),
        (
            "large",
            |dir| std::fs::write(dir.join("x.yaml"), vec![b'#'; (1 << 20) + 1]).unwrap(),
            "larger than",
        ),
        (
            "name",
            |dir| std::fs::write(dir.join(std::ffi::OsStr::from_bytes(b"\xff.yaml")), "").unwrap(),
            "is not a file name that every system has",
        ),
        (
            "colon",
            |dir| std::fs::write(dir.join("a:b.yaml"), "").unwrap(),
            "is not a file name",
        ),
        (
            "deep",
            |dir| std::fs::create_dir_all(dir.join("a/".repeat(40))).unwrap(),
            "a directory",
        ),
    ];
    for (name, make, wanted) in cases {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("overlays")).unwrap();
        make(&folder.path().join("overlays"));
        let error = paths(folder.path()).expect_err(name);
        assert!(error.contains(wanted), "{name}: {error}");
    }
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("/", folder.path().join("overlays")).unwrap();
    let error = paths(folder.path()).expect_err("a link in place of the folder");
    assert!(error.contains("a symbolic link"), "{error}");
}
