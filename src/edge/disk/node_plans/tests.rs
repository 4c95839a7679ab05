use super::*;

fn read(repository: &Path) -> Result<Vec<String>, String> {
    let read = read_node_plans(repository).map_err(|error| error.to_string())?;
    Ok(read.keys().map(ToString::to_string).collect())
}

#[test]
fn only_node_plans_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    assert_eq!(read(folder.path()), Ok(vec![]), "no folder");
    for name in [
        "gpu/fra1/node-plan.yaml",
        "gpu/fra1/mig-parted-config.yaml",
        "gpu/own/notes.md",
        "gpu/a/b/node-plan.yaml",
    ] {
        std::fs::create_dir_all(at(name).parent().unwrap()).unwrap();
        std::fs::write(at(name), name).unwrap();
    }
    std::fs::write(at("gpu/README.md"), "").unwrap();
    std::os::unix::fs::symlink("/nowhere", at("gpu/link")).unwrap();
    let wanted = vec!["gpu/fra1/node-plan.yaml".to_owned()];
    assert_eq!(
        read(folder.path()),
        Ok(wanted),
        "what is somebody else's is left alone"
    );
    for (path, is) in [
        ("gpu/fra1/node-plan.yaml", true),
        ("gpu/node-plan.yaml", false),
        ("gpu/a/b/node-plan.yaml", false),
        ("x/gpu/fra1/node-plan.yaml", false),
        ("gpu/fra1/node-plan.yml", false),
    ] {
        assert_eq!(is_node_plan(path), is, "{path}");
    }
}

#[test]
fn links_and_large_files_are_errors() {
    type Make = fn(&Path);
    let cases: [(&str, Make, &str); 5] = [
        (
            "a linked folder",
            |dir| std::os::unix::fs::symlink(dir, dir.join("gpu")).unwrap(),
            "a symbolic link",
        ),
        (
            "a linked cluster",
            |dir| {
                std::fs::create_dir_all(dir.join("gpu")).unwrap();
                std::fs::create_dir(dir.join("other")).unwrap();
                std::fs::write(dir.join("other/node-plan.yaml"), "").unwrap();
                std::os::unix::fs::symlink(dir.join("other"), dir.join("gpu/fra1")).unwrap();
            },
            "a symbolic link",
        ),
        (
            "a linked file",
            |dir| {
                std::fs::create_dir_all(dir.join("gpu/fra1")).unwrap();
                std::os::unix::fs::symlink("/etc/hostname", dir.join("gpu/fra1/node-plan.yaml")).unwrap();
            },
            "a symbolic link",
        ),
        (
            "a directory",
            |dir| std::fs::create_dir_all(dir.join("gpu/fra1/node-plan.yaml")).unwrap(),
            "a directory",
        ),
        (
            "a large file",
            |dir| {
                std::fs::create_dir_all(dir.join("gpu/fra1")).unwrap();
                let file = std::fs::File::create(dir.join("gpu/fra1/node-plan.yaml")).unwrap();
                file.set_len(FILE_BYTES + 1).unwrap();
            },
            "larger than",
        ),
    ];
    for (name, make, wanted) in cases {
        let folder = tempfile::tempdir().unwrap();
        make(folder.path());
        let error = read(folder.path()).expect_err(name);
        assert!(error.contains(wanted), "{name}: {error}");
    }
}
