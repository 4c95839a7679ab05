//! The shape of the crate: who may use whom, what the pure core must not touch, and how large a file may be.

#![allow(clippy::unwrap_used, reason = "a test helper that cannot go on has failed")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What each module may use beside itself; `cli` may use everything and nobody uses `cli`.
const ARROWS: &[(&str, &[&str])] = &[
    ("units", &[]),
    ("lock", &["units"]),
    ("spec", &["units"]),
    ("catalog", &["units"]),
    ("overlay", &["spec", "catalog", "units"]),
    ("model", &["spec", "catalog", "units"]),
    ("engine", &["catalog", "units"]),
    (
        "plan",
        &["model", "overlay", "spec", "catalog", "engine", "units"],
    ),
    ("tree", &["units"]),
    (
        "render",
        &[
            "plan", "lock", "overlay", "model", "spec", "catalog", "engine", "tree", "units",
        ],
    ),
    ("edge", &["lock", "tree", "units"]),
    (
        "apply",
        &[
            "edge", "tree", "render", "plan", "model", "spec", "catalog", "engine", "units",
        ],
    ),
    ("evidence", &["plan", "tree", "units"]),
    (
        "verify",
        &[
            "apply", "edge", "evidence", "tree", "render", "plan", "model", "spec", "catalog", "engine",
            "units",
        ],
    ),
];

/// Modules without clock, environment, disk, network, processes or hash order.
const PURE: &[&str] = &[
    "units", "lock", "spec", "catalog", "overlay", "model", "engine", "plan", "tree", "render", "evidence",
];

/// What the pure modules must not name.
const IMPURE: &[&str] = &[
    "std::fs",
    "std::env",
    "std::net::",
    "std::process",
    "std::thread",
    "std::os",
    "std::io::stdin",
    "std::io::stdout",
    "SystemTime",
    "Instant",
    "HashMap",
    "HashSet",
    "thread_local",
    "tokio",
    "git2",
    "kube::",
    "rustix",
    "println!",
];

/// Addresses are data; sockets are not.
const PURE_AFTER_ALL: &[&str] = &["std::net::IpAddr", "std::net::Ipv4Addr", "std::net::Ipv6Addr"];

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let walk = walkdir::WalkDir::new(project().join(folder)).sort_by_file_name();
    walk.into_iter()
        .map(|entry| entry.unwrap().into_path())
        .filter(|path| path.extension().is_some_and(|e| e == extension))
        .collect()
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The module that a source file belongs to, such as `spec`.
fn module(path: &Path) -> String {
    let first = path
        .strip_prefix(project().join("src"))
        .unwrap()
        .iter()
        .next()
        .unwrap();
    first.to_string_lossy().trim_end_matches(".rs").to_owned()
}

/// The code of a file without its unit tests and comments; nothing where the whole file is a test.
fn code(path: &Path) -> String {
    let is_test = |part: &std::ffi::OsStr| part == "tests" || part.to_string_lossy().ends_with("tests.rs");
    if path.strip_prefix(project()).unwrap().iter().any(is_test) {
        return String::new();
    }
    let text = read(path);
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    text.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .map(|line| format!("{line}\n"))
        .collect()
}

/// The modules of this crate that some code names after `crate::`, also in `use crate::{a, b::c}`.
fn used(code: &str) -> Vec<String> {
    let mut used = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        let names: Vec<&str> = match rest.strip_prefix('{') {
            Some(list) => list.split('}').next().unwrap_or_default().split(',').collect(),
            None => vec![rest],
        };
        let first = |name: &str| {
            name.trim()
                .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                .next()
                .map(str::to_owned)
        };
        used.extend(
            names
                .into_iter()
                .filter_map(first)
                .filter(|name| !name.is_empty()),
        );
    }
    used
}

#[test]
fn modules_use_only_what_they_may() {
    let arrows: BTreeMap<&str, &[&str]> = ARROWS.iter().copied().collect();
    let mut wrong = Vec::new();
    for path in files("src", "rs") {
        let own = module(&path);
        if ["cli", "lib", "main"].contains(&own.as_str()) {
            continue;
        }
        let Some(allowed) = arrows.get(own.as_str()) else {
            panic!("module `{own}` has no arrows in this test");
        };
        for other in used(&code(&path)) {
            if other != own && !allowed.contains(&other.as_str()) {
                wrong.push(format!(
                    "{}: `{own}` uses `{other}`; allowed: {}",
                    path.display(),
                    allowed.join(", ")
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_arrows_make_no_circle() {
    // In the order of the list each module uses only earlier ones, but for the three that serve later ones.
    let names: Vec<&str> = ARROWS.iter().map(|(name, _)| *name).collect();
    for (index, (name, allowed)) in ARROWS.iter().enumerate() {
        for other in *allowed {
            let at = names.iter().position(|n| n == other);
            assert!(
                at.is_some_and(|at| at < index),
                "`{name}` may use `{other}`, which does not come before it"
            );
        }
    }
}

#[test]
fn the_core_is_pure() {
    let mut wrong = Vec::new();
    for path in files("src", "rs")
        .into_iter()
        .filter(|path| PURE.contains(&module(path).as_str()))
    {
        let mut code = code(&path);
        for pure in PURE_AFTER_ALL {
            code = code.replace(pure, "");
        }
        for word in IMPURE.iter().filter(|word| code.contains(**word)) {
            wrong.push(format!("{} names `{word}`", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn files_are_small() {
    let count = |path: &PathBuf| read(path).lines().count();
    for path in files("src", "rs").iter().chain(&files("tests", "rs")) {
        assert!(
            count(path) <= 600,
            "{} has {} lines; at most 600",
            path.display(),
            count(path)
        );
    }
    let mut lines: Vec<usize> = files("src", "rs").iter().map(count).collect();
    lines.sort_unstable();
    let median = lines[lines.len() / 2];
    println!(
        "{} files in src, {} lines, median {median}",
        lines.len(),
        lines.iter().sum::<usize>()
    );
    assert!(median <= 120, "the median of src is {median} lines; at most 120");
    assert!(
        count(&project().join("src/main.rs")) <= 20,
        "main.rs only calls the library"
    );
}

#[test]
fn no_test_is_ignored_and_nothing_sleeps() {
    let ignored = concat!("#[", "ignore");
    let sleep = concat!("thread::", "sleep");
    // A lock of the file system can only be asked for again and again; the lab waits for processes.
    let may_sleep = ["src/edge/disk/lock.rs", "tests/lab/", "tests/live/supervisor.rs"];
    for path in files("src", "rs").iter().chain(&files("tests", "rs")) {
        let name = path
            .strip_prefix(project())
            .unwrap()
            .to_string_lossy()
            .into_owned();
        let text = read(path);
        assert!(!text.contains(ignored), "{name} has an ignored test");
        assert!(
            !text.contains(sleep) || may_sleep.iter().any(|may| name.starts_with(may)),
            "{name} sleeps"
        );
    }
}

#[test]
fn every_policy_has_examples_of_both_answers() {
    let mut policies = 0;
    for entry in std::fs::read_dir(project().join("blueprints/policies")).unwrap() {
        let folder = entry.unwrap().path();
        if folder
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with('_'))
        {
            continue;
        }
        policies += 1;
        let tests: Vec<String> = std::fs::read_dir(folder.join("tests"))
            .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        for answer in ["allowed-", "denied-"] {
            let there = tests.iter().any(|name| name.starts_with(answer));
            assert!(there, "{} has no example `{answer}*`", folder.display());
        }
        let odd = tests
            .iter()
            .find(|name| !name.starts_with("allowed-") && !name.starts_with("denied-"));
        assert_eq!(odd, None, "{}: an example says its answer", folder.display());
    }
    assert!(policies >= 5, "only {policies} policies were found");
}

#[test]
fn blueprints_use_the_declared_delimiters_and_escape_everything() {
    let mut seen = 0;
    for folder in ["tenant", "gitops", "docs"] {
        for entry in walkdir::WalkDir::new(project().join("blueprints").join(folder)) {
            let entry = entry.unwrap();
            if !entry.file_type().is_file() {
                continue;
            }
            seen += 1;
            let (name, text) = (entry.path().display().to_string(), read(entry.path()));
            for (open, close) in [("[[", "]]"), ("[%", "%]"), ("[#", "#]")] {
                let (opened, closed) = (text.matches(open).count(), text.matches(close).count());
                assert_eq!(opened, closed, "{name}: `{open}` and `{close}`");
            }
            for foreign in ["{{", "{%", "{#", "| safe", "|safe"] {
                assert!(!text.contains(foreign), "{name} has `{foreign}`");
            }
            // In Markdown every value goes through a filter; in YAML escaping is on for all.
            if name.ends_with(".md") {
                for hole in text
                    .split("[[")
                    .skip(1)
                    .filter_map(|rest| rest.split("]]").next())
                {
                    let number = [
                        "version",
                        "teams",
                        "namespaces",
                        "nodes",
                        "gpus_per_node",
                        "used",
                        "gpus",
                    ];
                    let plain = number.contains(&hole.trim().rsplit('.').next().unwrap_or_default());
                    assert!(plain || hole.contains('|'), "{name}: `[[{hole}]]` has no filter");
                }
            }
        }
    }
    assert!(seen > 8, "only {seen} blueprints were found");
}
