use super::*;
use crate::tree::File;

fn tree(files: &[(&str, &str)]) -> Tree {
    let mut tree = Tree::default();
    for (path, text) in files {
        let file = File {
            bytes: text.as_bytes().to_vec(),
            origin: "test",
        };
        let former = tree.insert(RelPath::parse(path).expect("a path"), file);
        assert!(former.is_none(), "{path} once");
    }
    tree
}

const NAMESPACE: &str = "apiVersion: v1\nkind: Namespace\nmetadata: {name: team-a}\n";

#[test]
fn kustomizations_are_followed_in_their_order() {
    let tree = tree(&[
        (
            "tenants/fra1/kustomization.yaml",
            "resources: [./team-a, ../../shared/b.yaml]",
        ),
        (
            "tenants/fra1/team-a/kustomization.yaml",
            "resources: [objects.yaml]",
        ),
        (
            "tenants/fra1/team-a/objects.yaml",
            "# comment\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: 'no'}\n---\napiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: 'no'}, data: {x: 'on', y: '1_000'}}\n---\n",
        ),
        ("shared/b.yaml", NAMESPACE),
        ("tenants/fra1/not-named.yaml", NAMESPACE),
    ]);
    let stages = stages(&tree, "fra1").expect("stages");
    let names: Vec<(&str, Vec<String>)> = stages
        .iter()
        .map(|stage| (stage.name, stage.objects.iter().map(Object::to_string).collect()))
        .collect();
    let tenants = ["Namespace no", "ConfigMap no/a", "Namespace team-a"]
        .map(str::to_owned)
        .to_vec();
    let expected = [
        ("controllers", vec![]),
        ("policies", vec![]),
        ("gpu", vec![]),
        ("queues", vec![]),
        ("tenants", tenants),
    ];
    assert_eq!(names, expected);
    assert_eq!(
        stages[4].objects[1].value()["data"],
        serde_json::json!({"x": "on", "y": "1_000"}),
        "quoted text stays text"
    );
}

#[test]
fn what_cannot_be_applied_as_it_stands_is_refused() {
    for (kustomization, object, part) in [
        (
            "resources: [../../../etc/passwd]",
            NAMESPACE,
            "is not inside the repository",
        ),
        (
            "resources: [/etc/passwd]",
            NAMESPACE,
            "is not inside the repository",
        ),
        (
            "resources: ['https://example.com/a']",
            NAMESPACE,
            "is not inside the repository",
        ),
        (
            "resources: [../../.git/config]",
            NAMESPACE,
            "not a relative path inside",
        ),
        ("resources: [missing.yaml]", NAMESPACE, "does not exist"),
        ("resources: [a.yaml, ./a.yaml]", NAMESPACE, "is read already"),
        ("resources: [.]", NAMESPACE, "deep"),
        ("resources: [7]", NAMESPACE, "not a path"),
        ("resources: [a.yaml]\npatches: []", NAMESPACE, "has `patches`"),
        ("- a", NAMESPACE, "is not one kustomization"),
        ("", NAMESPACE, "is not one kustomization"),
        (
            "resources: [a.yaml]",
            "apiVersion: v1\nkind: Namespace\nmetadata: {}",
            "no `metadata.name`",
        ),
        ("resources: [a.yaml]", "just text", "no `apiVersion`"),
        ("resources: [a.yaml]", "a: [", "is not YAML"),
        (
            "resources: [a.yaml]",
            &format!("{NAMESPACE}---\n{NAMESPACE}"),
            "repeats the object `Namespace team-a`",
        ),
    ] {
        let tree = tree(&[
            ("policies/fra1/kustomization.yaml", kustomization),
            ("policies/fra1/a.yaml", object),
        ]);
        let error = stages(&tree, "fra1").err().map(|error| error.to_string());
        let refused = error.as_deref().is_some_and(|error| {
            error.contains(part) || (part == "deep" && error.contains("is read already"))
        });
        assert!(refused, "{kustomization:?}: {part:?} in {error:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_directory_never_leads_out_of_the_repository() {
    let directory = tempfile::tempdir().expect("a directory");
    let root = directory.path().join("repository");
    std::fs::create_dir_all(root.join("gpu/fra1")).expect("made");
    std::fs::write(directory.path().join("outside.yaml"), NAMESPACE).expect("written");
    std::fs::write(root.join("gpu/fra1/kustomization.yaml"), "resources: [a.yaml]").expect("written");
    std::fs::write(root.join("gpu/fra1/b.yaml"), NAMESPACE).expect("written");
    std::os::unix::fs::symlink("b.yaml", root.join("gpu/fra1/a.yaml")).expect("linked");
    let files = Directory::open(&root).expect("open");
    let inside = stage(&files, "gpu/fra1").expect("a link inside");
    assert_eq!(inside.len(), 1, "{inside:?}");
    std::fs::remove_file(root.join("gpu/fra1/a.yaml")).expect("removed");
    std::os::unix::fs::symlink("../../../outside.yaml", root.join("gpu/fra1/a.yaml")).expect("linked");
    let error = stage(&files, "gpu/fra1").expect_err("a link outside");
    assert!(
        error.to_string().contains("leads out of the repository"),
        "{error}"
    );
    assert!(Directory::open(&root.join("missing")).is_err(), "missing root");
}
