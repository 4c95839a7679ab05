//! The rendered repository of the shipped example, file by file, and the same bytes with any number of threads.

#![allow(clippy::unwrap_used, reason = "a test helper that cannot go on has failed")]

mod support;

use std::collections::BTreeSet;
use std::path::Path;

use platform::tree::Tree;
use support::{EXAMPLE, golden, project, tree, updating};

fn rendered(engine: &str) -> Tree {
    let text = match engine {
        "argocd" => EXAMPLE.replace("engine: flux", "engine: argocd").replace(
            "    groups: [oidc:team-b]\n",
            "    groups: [oidc:team-b]\n    sources: [https://git.example.com/team-b/apps.git]\n",
        ),
        "queues" => include_str!("specs/valid/queues.yaml").to_owned(),
        engine => EXAMPLE.replace("engine: kyverno", &format!("engine: {engine}")),
    };
    tree("platform.yaml", text.as_bytes()).unwrap_or_else(|findings| panic!("{engine}: {findings:#?}"))
}

fn on_disk(folder: &Path) -> BTreeSet<String> {
    walkdir::WalkDir::new(folder)
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            entry
                .path()
                .strip_prefix(folder)
                .unwrap()
                .to_string_lossy()
                .into_owned()
        })
        .collect()
}

fn compare(engine: &str) {
    let folder = project(&format!("tests/golden/{engine}"));
    let tree = rendered(engine);
    if updating() {
        let _ = std::fs::remove_dir_all(&folder);
    }
    let mut differences: Vec<String> = tree
        .iter()
        .filter_map(|(path, file)| {
            golden(
                &folder.join(path.as_str()),
                std::str::from_utf8(&file.bytes).unwrap(),
            )
        })
        .collect();
    let wanted: BTreeSet<String> = tree.iter().map(|(path, _)| path.to_string()).collect();
    differences.extend(
        on_disk(&folder)
            .difference(&wanted)
            .map(|path| format!("{path} is not rendered any more")),
    );
    assert!(
        differences.is_empty(),
        "{}\nUPDATE_GOLDEN=1 accepts",
        differences.join("\n")
    );
}

#[test]
fn the_example_with_kyverno_is_as_reviewed() {
    compare("kyverno");
}

#[test]
fn the_example_with_native_policies_is_as_reviewed() {
    compare("native");
}

#[test]
fn the_example_with_argo_cd_is_as_reviewed() {
    compare("argocd");
}

#[test]
fn queues_and_device_classes_are_as_reviewed() {
    compare("queues");
}

#[test]
fn any_number_of_threads_renders_the_same_bytes() {
    let many: String = (0..60)
        .map(|n| format!("  - {{name: t{n}x, groups: [g{n}], gpus: [{{cluster: fra1, pool: h100-mig, profile: 1g.10gb, count: 1}}]}}\n"))
        .collect();
    let text = format!("{EXAMPLE}{many}");
    let render = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| tree("platform.yaml", text.as_bytes()).unwrap_or_else(|f| panic!("{f:#?}")))
    };
    let one = render(1);
    assert!(one.len() > 300, "there is something to divide");
    for threads in [2, 8, 8] {
        assert!(
            render(threads) == one,
            "{threads} threads render other bytes than one"
        );
    }
}
