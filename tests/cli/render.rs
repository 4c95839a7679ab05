//! `platform render --out`: all or nothing, and never over what somebody else wrote.

use super::sandbox::Sandbox;

#[test]
fn a_former_render_is_replaced_and_nothing_else() {
    let sandbox = Sandbox::with_example();
    let example = sandbox.read("platform.yaml");
    let render = || sandbox.run(&["render", "--out", "out"]);
    assert_eq!(render().code, 0, "a new directory");
    let first = sandbox.files("out");
    assert_eq!(render().code, 0, "the same again");
    assert!(sandbox.files("out") == first, "the same bytes");

    sandbox.write("platform.yaml", &example.replace("team-c", "team-d"));
    assert_eq!(render().code, 0, "another spec");
    assert!(
        sandbox.path("out/tenants/fra1/team-d").is_dir(),
        "the new team is there"
    );
    assert!(
        !sandbox.path("out/tenants/fra1/team-c").exists(),
        "the former team is gone"
    );

    // Edited, added, foreign: each is refused with its name, and stays.
    let edits: [(&str, &str); 2] = [
        ("README.md", "mine\n"),
        ("tenants/fra1/team-a/extra.yaml", "a: b\n"),
    ];
    for (name, text) in edits {
        let path = format!("out/{name}");
        let former = std::fs::read(sandbox.path(&path)).ok();
        sandbox.write(&path, text);
        let run = render();
        assert_eq!(run.code, 2, "{name}: {run:?}");
        assert!(run.stderr.contains(name), "{name} is named: {run:?}");
        assert_eq!(sandbox.read(&path), text, "{name} is as it was left");
        match former {
            Some(bytes) => std::fs::write(sandbox.path(&path), bytes).unwrap(),
            None => std::fs::remove_file(sandbox.path(&path)).unwrap(),
        }
    }
    assert_eq!(render().code, 0, "after the edits are undone");
}

#[test]
fn what_is_no_render_is_left_alone() {
    let sandbox = Sandbox::with_example();
    sandbox.write("foreign/note.txt", "mine");
    sandbox.write("file", "mine");
    std::fs::create_dir(sandbox.path("empty")).unwrap();
    std::os::unix::fs::symlink("empty", sandbox.path("link")).unwrap();
    for (out, code, wanted) in [
        ("foreign", 2, "foreign"),
        ("file", 2, "file"),
        ("link", 2, "link"),
        (".", 2, "is not empty and not a former render"),
        ("empty", 0, ""),
    ] {
        let run = sandbox.run(&["render", "--out", out]);
        assert_eq!(run.code, code, "{out}: {run:?}");
        assert!(run.stderr.contains(wanted), "{out}: {run:?}");
    }
    assert_eq!(sandbox.read("foreign/note.txt"), "mine", "the foreign file");
    assert_eq!(sandbox.read("file"), "mine", "the file");
}

#[test]
fn an_invalid_spec_leaves_the_former_render() {
    let sandbox = Sandbox::with_example();
    assert_eq!(sandbox.run(&["render", "--out", "out"]).code, 0, "a valid spec");
    let first = sandbox.files("out");
    sandbox.write("platform.yaml", "kind: Tenancy\n");
    let run = sandbox.run(&["render", "--out", "out"]);
    assert_eq!(run.code, 2, "{run:?}");
    assert!(sandbox.files("out") == first, "the former render is untouched");
}
