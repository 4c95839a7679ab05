//! A repository full of hooks and settings that would run something: nothing is run.

use std::os::unix::fs::PermissionsExt;

use super::place::{Place, words};

/// Settings whose value Git would run.
const SETTINGS: &[&str] = &[
    "core.fsmonitor",
    "core.sshCommand",
    "core.editor",
    "core.pager",
    "core.askPass",
    "core.gitProxy",
    "core.alternateRefsCommand",
    "sequence.editor",
    "gpg.program",
    "gpg.ssh.program",
    "filter.bait.clean",
    "filter.bait.smudge",
    "filter.bait.process",
    "merge.bait.driver",
    "merge.default.driver",
    "diff.external",
    "diff.bait.command",
    "diff.bait.textconv",
    "credential.helper",
    "alias.status",
    "alias.commit",
    "interactive.diffFilter",
    "uploadpack.packObjectsHook",
    "trailer.bait.command",
    "mergetool.bait.cmd",
];

const HOOKS: &[&str] = &[
    "applypatch-msg",
    "pre-applypatch",
    "post-applypatch",
    "pre-commit",
    "pre-merge-commit",
    "prepare-commit-msg",
    "commit-msg",
    "post-commit",
    "pre-rebase",
    "post-checkout",
    "post-merge",
    "pre-push",
    "pre-auto-gc",
    "post-rewrite",
    "post-index-change",
    "reference-transaction",
    "fsmonitor-watchman",
    "push-to-checkout",
    "update",
];

#[test]
fn nothing_in_an_untrusted_repository_is_run() {
    let place = Place::with_repository();
    let attributes = "* filter=bait merge=bait diff=bait ident text=auto eol=lf\n";
    place.write("main/.gitattributes", attributes);
    place.replace(
        "main/tenants/fra1/team-b/quota.yaml",
        "pods: \"50\"",
        "pods: \"55\"",
    );
    place.git("main", &["add", "-A"]);
    place.git("main", &["commit", "-q", "-m", "by hand"]);
    let touch = format!("touch {}", place.path("caught").display());
    for key in SETTINGS {
        place.git("main", &["config", key, &touch]);
    }
    for (key, value) in [
        ("commit.gpgSign", "true"),
        ("merge.tool", "bait"),
        ("merge.renormalize", "true"),
        ("gc.auto", "1"),
        ("core.hooksPath", "hooks"),
        ("rerere.enabled", "true"),
    ] {
        place.git("main", &["config", key, value]);
    }
    for folder in ["main/.git/hooks", "main/hooks"] {
        for hook in HOOKS {
            let name = format!("{folder}/{hook}");
            place.write(&name, &format!("#!/bin/sh\n{touch}\n"));
            let executable = std::fs::Permissions::from_mode(0o755);
            std::fs::set_permissions(place.path(&name), executable).unwrap();
        }
    }
    let spec = |from: &str, to: &str| place.replace("main/platform.yaml", from, to);
    let run = |arguments: &[&str], code: i32| {
        let all: Vec<&str> = ["regenerate"].iter().chain(arguments).copied().collect();
        let output = place.platform("main", &all).output().unwrap();
        assert_eq!(
            output.status.code(),
            Some(code),
            "{arguments:?}: {}",
            words(&output)
        );
        assert!(!place.path("caught").exists(), "{arguments:?} runs nothing");
    };
    spec("pods: 50, storage: 100Gi", "pods: 60, storage: 100Gi");
    for (arguments, code) in [
        (&["--check"][..], 1),
        (&["--diff"], 1),
        (&["--dry-run", "--allow-loosen"], 0),
        (&["--allow-loosen"], 0),
    ] {
        run(arguments, code);
    }
    spec("pods: 50, storage: 200Gi", "pods: 60, storage: 200Gi");
    run(&["--allow-loosen"], 3);
    run(&["--abort"], 0);
    run(&["--allow-loosen"], 3);
    place.write("main/tenants/fra1/team-b/quota.yaml", "kind: Decided\n");
    run(&["--continue"], 0);
    // The bait is one: Git itself takes it.
    place.try_git("main", &["commit", "-q", "--allow-empty", "-m", "x"]);
    assert!(place.path("caught").exists(), "Git runs what we did not");
}
