//! Repositories that a regenerate refuses: each with its own words, in golden files, and nothing is touched.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::place::{Place, words};
use super::snapshot::files;

/// A change of the spec that has to be rendered.
fn change(place: &Place) {
    place.replace(
        "main/platform.yaml",
        "pods: 50, storage: 200Gi",
        "pods: 60, storage: 200Gi",
    );
}

fn git(place: &Place, line: &str) {
    place.git("main", &line.split(' ').collect::<Vec<_>>());
}

/// Two branches that conflict in a file of the user's.
fn divide(place: &Place) {
    place.write("main/mine.md", "base\n");
    commit(place);
    git(place, "switch -q -c other");
    place.write("main/mine.md", "theirs\n");
    commit(place);
    git(place, "switch -q main");
    place.write("main/mine.md", "ours\n");
    commit(place);
}

fn commit(place: &Place) {
    git(place, "add -A");
    git(place, "commit -q -m mine");
}

fn fails(place: &Place, line: &str) {
    let output = place.try_git("main", &line.split(' ').collect::<Vec<_>>());
    assert!(!output.status.success(), "`git {line}` must stop");
}

fn lock(place: &Place, from: &str, to: &str) {
    place.replace("main/.platform/lock.yaml", from, to);
    commit(place);
    change(place);
}

fn add_team(place: &Place) {
    let spec = std::fs::read_to_string(place.path("main/platform.yaml")).unwrap();
    let team = "  - name: team-d\n    groups: [oidc:team-d]\n    quota: {cpu: 8, memory: 32Gi, pods: 50, storage: 100Gi}\n";
    place.write("main/platform.yaml", &(spec + team));
}

type Make = fn(&Place);

const QUOTA: &str = "main/tenants/fra1/team-b/quota.yaml";

/// A name for the golden file, how it comes about, and the exit code.
const STATES: &[(&str, Make, i32)] = &[
    (
        "edited-tracked",
        |p| {
            change(p);
            p.write("main/README.md", "mine\n");
        },
        2,
    ),
    (
        "edited-own",
        |p| {
            p.write("main/mine.md", "mine\n");
            commit(p);
            change(p);
            p.write("main/mine.md", "more\n");
        },
        2,
    ),
    (
        "staged",
        |p| {
            change(p);
            p.write("main/new.md", "mine\n");
            git(p, "add new.md");
        },
        2,
    ),
    (
        "staged-deletion",
        |p| {
            change(p);
            git(p, "rm -q README.md");
        },
        2,
    ),
    (
        "untracked-in-the-way",
        |p| {
            add_team(p);
            p.write("main/tenants/fra1/team-d/quota.yaml", "mine\n");
        },
        2,
    ),
    (
        "ignored-in-the-way",
        |p| {
            p.write("main/.git/info/exclude", "team-d/\n");
            add_team(p);
            p.write("main/tenants/fra1/team-d/quota.yaml", "mine\n");
        },
        2,
    ),
    (
        "untracked-directory-in-the-way",
        |p| {
            add_team(p);
            p.write("main/tenants/fra1/team-d/quota.yaml/x", "mine\n");
        },
        2,
    ),
    (
        "untracked-link-in-the-way",
        |p| {
            add_team(p);
            std::os::unix::fs::symlink("/etc", p.path("main/tenants/fra1/team-d")).unwrap();
        },
        2,
    ),
    (
        "committed-file-in-the-way",
        |p| {
            p.write("main/tenants/fra1/team-d", "mine\n");
            commit(p);
            add_team(p);
        },
        2,
    ),
    (
        "assumed-unchanged",
        |p| {
            git(
                p,
                "update-index --assume-unchanged tenants/fra1/team-b/quota.yaml",
            );
            p.replace(QUOTA, "pods", "# mine\n    pods");
            change(p);
        },
        2,
    ),
    (
        "file-became-directory",
        |p| {
            change(p);
            std::fs::remove_file(p.path(QUOTA)).unwrap();
            p.write(&format!("{QUOTA}/x"), "mine\n");
        },
        2,
    ),
    (
        "file-became-link",
        |p| {
            change(p);
            std::fs::remove_file(p.path(QUOTA)).unwrap();
            std::os::unix::fs::symlink("/etc/hostname", p.path(QUOTA)).unwrap();
        },
        2,
    ),
    (
        "directory-became-link",
        |p| {
            change(p);
            std::fs::rename(p.path("main/tenants"), p.path("elsewhere")).unwrap();
            std::os::unix::fs::symlink(p.path("elsewhere"), p.path("main/tenants")).unwrap();
        },
        2,
    ),
    (
        "spec-is-a-link",
        |p| {
            std::fs::rename(p.path("main/platform.yaml"), p.path("other.yaml")).unwrap();
            std::os::unix::fs::symlink("../other.yaml", p.path("main/platform.yaml")).unwrap();
        },
        2,
    ),
    (
        "merge",
        |p| {
            divide(p);
            fails(p, "merge other");
        },
        2,
    ),
    (
        "rebase",
        |p| {
            divide(p);
            fails(p, "rebase other");
        },
        2,
    ),
    (
        "cherry-pick",
        |p| {
            divide(p);
            fails(p, "cherry-pick other");
        },
        2,
    ),
    (
        "revert",
        |p| {
            divide(p);
            fails(p, "revert --no-edit other");
        },
        2,
    ),
    (
        "bisect",
        |p| {
            git(p, "bisect start");
            change(p);
        },
        2,
    ),
    (
        "detached",
        |p| {
            git(p, "checkout -q --detach");
            change(p);
        },
        2,
    ),
    (
        "unborn",
        |p| {
            git(p, "checkout -q --orphan fresh");
        },
        2,
    ),
    (
        "no-repository",
        |p| {
            std::fs::rename(p.path("main/.git"), p.path("git")).unwrap();
        },
        2,
    ),
    (
        "bare",
        |p| {
            p.git("", &["clone", "-q", "--bare", "main", "bare"]);
            std::fs::rename(p.path("main"), p.path("former")).unwrap();
            std::fs::rename(p.path("bare"), p.path("main")).unwrap();
        },
        2,
    ),
    (
        "sparse",
        |p| {
            git(p, "sparse-checkout set --no-cone /platform.yaml /.platform");
            change(p);
        },
        2,
    ),
    (
        "sparse-index",
        |p| {
            git(p, "sparse-checkout set --cone --sparse-index docs");
            change(p);
        },
        2,
    ),
    (
        "unrelated-rendered",
        |p| {
            git(p, "switch -q --orphan strange");
            p.write("main/strange.md", "x\n");
            commit(p);
            git(p, "branch -q -f platform/rendered strange");
            git(p, "switch -q main");
            change(p);
        },
        2,
    ),
    (
        "rendered-checked-out",
        |p| {
            git(p, "switch -q platform/rendered");
            p.write("main/platform.yaml", super::place::SPEC);
        },
        2,
    ),
    ("lock-edited", |p| lock(p, "\"sha256\": \"", "\"sha256\": \"0"), 2),
    (
        "lock-deleted",
        |p| {
            std::fs::remove_file(p.path("main/.platform/lock.yaml")).unwrap();
            commit(p);
            change(p);
        },
        2,
    ),
    (
        "lock-is-rubbish",
        |p| {
            p.write("main/.platform/lock.yaml", "][");
            commit(p);
            change(p);
        },
        2,
    ),
    (
        "lock-has-markers",
        |p| {
            lock(
                p,
                "  \"kind\"",
                "<<<<<<< main\n=======\n>>>>>>> other\n  \"kind\"",
            )
        },
        2,
    ),
    (
        "lock-of-newer-format",
        |p| lock(p, "tenancy.platform/v1alpha1", "tenancy.platform/v9"),
        2,
    ),
    (
        "lock-of-newer-format-with-more-fields",
        |p| {
            lock(
                p,
                "\"apiVersion\": \"tenancy.platform/v1alpha1\"",
                "\"shape\": {\"x\": 1}, \"apiVersion\": \"tenancy.platform/v9\"",
            )
        },
        2,
    ),
    (
        "lock-of-newer-version",
        |p| {
            lock(
                p,
                concat!("\"version\": \"", env!("CARGO_PKG_VERSION")),
                "\"version\": \"99.0.0",
            )
        },
        2,
    ),
    (
        "lock-of-newer-version-with-more-fields",
        |p| {
            lock(
                p,
                concat!("\"version\": \"", env!("CARGO_PKG_VERSION"), "\""),
                "\"version\": \"99.0.0\", \"build\": 7",
            )
        },
        2,
    ),
    (
        "lock-of-another-program",
        |p| lock(p, "\"name\": \"platform\"", "\"name\": \"other\""),
        2,
    ),
    (
        "names-that-differ-by-case",
        |p| {
            p.write("main/tenants/fra1/TEAM-D/mine.yaml", "mine\n");
            commit(p);
            git(p, "config core.ignoreCase true");
            add_team(p);
        },
        2,
    ),
    (
        "spec-missing",
        |p| std::fs::remove_file(p.path("main/platform.yaml")).unwrap(),
        2,
    ),
    (
        "spec-invalid",
        |p| {
            p.replace(
                "main/platform.yaml",
                "groups: [oidc:team-b]",
                "gruops: [oidc:team-b]",
            )
        },
        2,
    ),
    (
        "spec-does-not-fit",
        |p| p.replace("main/platform.yaml", "count: 4", "count: 99"),
        2,
    ),
    (
        "index-locked",
        |p| {
            change(p);
            p.write("main/.git/index.lock", "");
        },
        6,
    ),
    (
        "journal-is-rubbish",
        |p| {
            change(p);
            p.write("main/.git/platform/regenerate.json", "{");
        },
        2,
    ),
];

#[test]
fn every_refused_state_has_its_words_and_is_left_alone() {
    use rayon::prelude::*;
    let failed: Vec<String> = STATES
        .par_iter()
        .filter_map(|(name, make, code)| {
            let place = Place::with_repository();
            make(&place);
            assert_refused(&place, name, *code, |command| command)
        })
        .collect();
    assert!(
        failed.is_empty(),
        "{}\nUPDATE_GOLDEN=1 accepts words",
        failed.join("\n")
    );
}

/// Runs it; what it says must be as reviewed, and nothing may have been touched.
fn assert_refused(
    place: &Place,
    name: &str,
    code: i32,
    prepare: impl FnOnce(std::process::Command) -> std::process::Command,
) -> Option<String> {
    let before = everything(&place.path("main"));
    let output = prepare(place.platform("main", &["regenerate", "--allow-loosen"]))
        .output()
        .unwrap();
    let root = place.path("").display().to_string();
    let said = words(&output).replace(root.trim_end_matches('/'), "PLACE");
    let said = said.replace(env!("CARGO_PKG_VERSION"), "VERSION");
    if output.status.code() != Some(code) {
        return Some(format!("{name}: exit {:?}: {said}", output.status.code()));
    }
    let after = everything(&place.path("main"));
    let gone = before.iter().filter(|one| !after.contains(one));
    let new = after.iter().filter(|one| !before.contains(one));
    let differ: Vec<_> = gone.chain(new).map(|(path, _)| path).collect();
    if !differ.is_empty() {
        return Some(format!("{name}: left as it was, not {differ:?}: {said}"));
    }
    if !said.contains("hint: ") && !name.starts_with("spec-") {
        return Some(format!("{name}: no next step is named: {said}"));
    }
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/regenerate/words/{name}.txt"));
    crate::support::golden(&golden, &said)
}

/// All files of a repository, Git's own too; the lock that only says who ran last is left out.
fn everything(root: &Path) -> Vec<(String, Vec<u8>)> {
    let mut all: Vec<_> = files(root)
        .into_iter()
        .map(|(path, seen)| (path, seen.bytes))
        .collect();
    if root.join(".git").is_dir() {
        let own = files(&root.join(".git")).into_iter();
        let own = own.filter(|(path, _)| path != "platform.lock");
        all.extend(own.map(|(path, seen)| (format!(".git/{path}"), seen.bytes)));
    }
    all
}

#[test]
fn a_foreign_owner_is_refused() {
    let place = Place::with_repository();
    change(&place);
    let give = |name: &str| std::os::unix::fs::chown(place.path(name), Some(12345), None);
    if give("main/.git").and_then(|()| give("main")).is_err() {
        eprintln!("NOTE: not run as root, a foreign owner cannot be set up here");
        return;
    }
    let failed = assert_refused(&place, "foreign-owner", 2, |command| command);
    assert_eq!(failed, None, "refused, and how to trust it is said");
}

#[test]
fn a_directory_that_cannot_be_written_is_refused() {
    use std::os::unix::process::CommandExt;
    let place = Place::with_repository();
    change(&place);
    let outer = place.path("");
    std::fs::set_permissions(&outer, std::fs::Permissions::from_mode(0o755)).unwrap();
    std::fs::set_permissions(place.path("main/.git"), std::fs::Permissions::from_mode(0o555)).unwrap();
    let is_root = rustix::process::geteuid().is_root();
    if is_root {
        // Root may write everywhere; so it is run as nobody, who owns the repository but may not write into it.
        for entry in walkdir::WalkDir::new(place.path("main")) {
            let entry = entry.unwrap();
            std::os::unix::fs::lchown(entry.path(), Some(65534), Some(65534)).unwrap();
        }
        let binary = place.path("platform");
        std::fs::copy(env!("CARGO_BIN_EXE_platform"), &binary).unwrap();
    }
    let failed = assert_refused(&place, "not-writable", 6, |command| {
        if !is_root {
            return command;
        }
        let mut other = std::process::Command::new(place.path("platform"));
        other
            .args(command.get_args())
            .current_dir(place.path("main"))
            .uid(65534)
            .gid(65534);
        other.env_clear().env("HOME", place.path("home"));
        other
    });
    assert_eq!(failed, None, "refused before anything is written");
}
