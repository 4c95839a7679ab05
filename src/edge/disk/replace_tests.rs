//! What `replace_directory` takes, refuses and leaves behind.

use super::*;
use crate::tree::{File, sha256_hex};
use crate::units::RelPath;

/// A render of some files, with the lock that names them.
fn render(files: &[(&str, &str)]) -> Tree {
    let mut tree = Tree::default();
    let mut lock = "apiVersion: tenancy.platform/v1alpha1\nkind: Lock\ngenerator: {name: platform, version: 0.1.0}\nspec: {path: platform.yaml, sha256: x}\nfiles:\n".to_owned();
    for (path, text) in files {
        lock.push_str(&format!("  \"{path}\": \"{}\"\n", sha256_hex(text.as_bytes())));
    }
    for (path, text) in files
        .iter()
        .copied()
        .chain([(".platform/lock.yaml", lock.as_str())])
    {
        let file = File {
            bytes: text.as_bytes().to_vec(),
            origin: "test",
        };
        assert!(
            tree.insert(RelPath::parse(path).unwrap(), file).is_none(),
            "{path} once"
        );
    }
    tree
}

fn content(root: &Path) -> Vec<(String, String)> {
    let mut found: Vec<_> = walkdir::WalkDir::new(root)
        .into_iter()
        .map(Result::unwrap)
        .filter(|entry| !entry.file_type().is_dir())
        .map(|entry| {
            let path = entry
                .path()
                .strip_prefix(root)
                .unwrap()
                .to_string_lossy()
                .into_owned();
            (path, std::fs::read_to_string(entry.path()).unwrap_or_default())
        })
        .collect();
    found.sort();
    found
}

fn expected(tree: &Tree) -> Vec<(String, String)> {
    tree.iter()
        .map(|(path, file)| (path.to_string(), String::from_utf8(file.bytes.clone()).unwrap()))
        .collect()
}

#[test]
fn it_creates_replaces_and_repeats() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let first = render(&[("a.yaml", "a"), ("tenants/x/b.yaml", "b"), ("old/gone.yaml", "c")]);
    let second = render(&[("a.yaml", "A"), ("tenants/x/b.yaml", "b"), ("new/here.yaml", "d")]);
    for (step, tree) in [
        ("create", &first),
        ("repeat", &first),
        ("change", &second),
        ("change back", &first),
    ] {
        replace_directory(&out, tree, Duration::ZERO).unwrap();
        assert_eq!(content(&out), expected(tree), "{step}");
        let beside: Vec<_> = std::fs::read_dir(folder.path())
            .unwrap()
            .map(|e| e.unwrap().file_name())
            .collect();
        assert_eq!(beside, ["out"], "{step}: nothing is left beside it");
    }
    std::fs::remove_file(out.join("a.yaml")).unwrap();
    replace_directory(&out, &second, Duration::ZERO).unwrap();
    assert_eq!(content(&out), expected(&second), "a missing file is restored");
    let empty = folder.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    replace_directory(&empty, &first, Duration::ZERO).unwrap();
    assert_eq!(content(&empty), expected(&first), "an empty directory is taken");
}

#[test]
fn what_a_person_wrote_is_refused_by_name_and_untouched() {
    type Plant = fn(&Path);
    let cases: [(&str, Plant, &str); 9] = [
        (
            "edited",
            |out| std::fs::write(out.join("a.yaml"), "mine").unwrap(),
            "`a.yaml`",
        ),
        (
            "added",
            |out| std::fs::write(out.join("tenants/notes"), "mine").unwrap(),
            "`tenants/notes`",
        ),
        (
            "repository",
            |out| std::fs::create_dir(out.join(".git")).unwrap(),
            "`.git`",
        ),
        (
            "link",
            |out| std::os::unix::fs::symlink("/etc", out.join("link")).unwrap(),
            "`link`",
        ),
        (
            "lock gone",
            |out| std::fs::remove_file(out.join(".platform/lock.yaml")).unwrap(),
            "no `.platform/lock.yaml`",
        ),
        (
            "lock odd",
            |out| std::fs::write(out.join(".platform/lock.yaml"), "x").unwrap(),
            "cannot be read",
        ),
        (
            "foreign lock",
            |out| {
                std::fs::write(out.join(".platform/lock.yaml"), "apiVersion: tenancy.platform/v1alpha1\nkind: Lock\ngenerator: {name: other, version: 1.0.0}\nspec: {path: x, sha256: x}\nfiles: {}\n").unwrap()
            },
            "written by `other`",
        ),
        (
            "replaced by a link",
            |out| {
                std::fs::remove_file(out.join("a.yaml")).unwrap();
                std::os::unix::fs::symlink("tenants/b.yaml", out.join("a.yaml")).unwrap();
            },
            "`a.yaml`",
        ),
        (
            "not UTF-8",
            |out| {
                use std::os::unix::ffi::OsStrExt;
                std::fs::write(out.join(OsStr::from_bytes(b"\xff")), "mine").unwrap();
            },
            "`\u{fffd}`",
        ),
    ];
    for (name, plant, wanted) in cases {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out");
        let tree = render(&[("a.yaml", "a"), ("tenants/b.yaml", "b")]);
        replace_directory(&out, &tree, Duration::ZERO).unwrap();
        plant(&out);
        let before = content(&out);
        let error = replace_directory(&out, &render(&[("a.yaml", "new")]), Duration::ZERO).unwrap_err();
        assert!(error.to_string().contains(wanted), "{name}: {error}");
        assert_eq!(error.fault().exit_code(), 2, "{name}");
        assert_eq!(content(&out), before, "{name}: untouched");
    }
}

#[test]
fn odd_places_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::create_dir(at("real")).unwrap();
    std::fs::write(at("file"), "x").unwrap();
    std::os::unix::fs::symlink("real", at("link")).unwrap();
    let tree = render(&[("a", "a")]);
    for (path, wanted, code) in [
        (at("file"), "is a file", 2),
        (at("link"), "is a symbolic link", 2),
        (at("absent/below"), "No such file", 6),
        (PathBuf::from("/"), "has no name", 2),
    ] {
        let error = replace_directory(&path, &tree, Duration::ZERO).unwrap_err();
        assert!(error.to_string().contains(wanted), "{}: {error}", path.display());
        assert_eq!(error.fault().exit_code(), code, "{}: {error}", path.display());
    }
    replace_directory(&at("link/below"), &tree, Duration::ZERO).unwrap();
    assert_eq!(
        content(&at("real/below")),
        expected(&tree),
        "a link above the output is followed"
    );
}

#[test]
fn leftovers_of_killed_runs_are_cleaned_and_a_moved_directory_is_put_back() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let tree = render(&[("a", "a")]);
    replace_directory(&out, &tree, Duration::ZERO).unwrap();
    let mut child = std::process::Command::new("true").spawn().unwrap();
    let dead = child.id();
    child.wait().unwrap();
    let temporary = folder.path().join(format!(".out.platform-tmp-{dead}"));
    std::fs::create_dir_all(temporary.join("half")).unwrap();
    let moved = folder.path().join(format!(".out.platform-old-{dead}"));
    std::fs::rename(&out, &moved).unwrap();
    let foreign = folder.path().join(".out.platform-tmp-1");
    std::fs::create_dir(&foreign).unwrap();
    std::fs::write(moved.join("mine"), "x").unwrap();
    let error = replace_directory(&out, &tree, Duration::ZERO).unwrap_err();
    assert!(
        error.to_string().contains("`mine`"),
        "the former content is back before it is judged: {error}"
    );
    std::fs::remove_file(out.join("mine")).unwrap();
    replace_directory(&out, &tree, Duration::ZERO).unwrap();
    assert!(
        !temporary.exists() && !moved.exists(),
        "leftovers of dead processes are gone"
    );
    assert!(foreign.exists(), "those of a living process are not touched");
}
