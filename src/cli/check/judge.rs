//! The judges: from what was seen to a row. They look at nothing themselves.

use std::collections::BTreeMap;

use serde_json::Value;

use super::row::Row;
use crate::apply::component;
use crate::edge::cluster::ClusterError;
use crate::edge::git::Identity;

/// Minor versions of Kubernetes 1 that are supported: ValidatingAdmissionPolicy is stable from the first on, the last
/// one is what the live tests run.
const MINORS: std::ops::RangeInclusive<u32> = 30..=36;

const REPOSITORY: &str = "repository";

/// Whether commits would name somebody.
pub(super) fn identity(identity: Option<&Identity>) -> Row {
    let (id, claim) = ("git-identity", "Git knows who commits");
    match identity {
        Some(known) if !known.is_fallback => {
            let committer = &known.committer;
            Row::ok(
                id,
                REPOSITORY,
                claim,
                format!("{} <{}>", committer.name, committer.email),
            )
        }
        _ => Row::failed(id, REPOSITORY, claim, "no name or no address is configured")
            .hint("git config --global user.name and user.email set them"),
    }
}

/// Whether the work tree has no changes of its own.
pub(super) fn clean(changed: &[String]) -> Row {
    let (id, claim) = ("work-tree-clean", "everything is committed");
    match changed {
        [] => Row::ok(id, REPOSITORY, claim, ""),
        [first, rest @ ..] => {
            let more = if rest.is_empty() {
                String::new()
            } else {
                format!(" and {} more", rest.len())
            };
            Row::failed(id, REPOSITORY, claim, format!("not so: `{first}`{more}"))
                .hint("git status shows them; commit or stash them")
        }
    }
}

/// Whether the branch of renders is there.
pub(super) fn rendered(tree: Option<&str>) -> Row {
    let (id, claim) = ("rendered-branch", "branch `platform/rendered` exists");
    match tree {
        Some(tree) => {
            let short: String = tree.chars().take(10).collect();
            Row::ok(id, REPOSITORY, claim, format!("tree {short}"))
        }
        None => Row::failed(id, REPOSITORY, claim, "it does not")
            .hint("git fetch origin platform/rendered:platform/rendered, or `platform init`"),
    }
}

/// Whether the repository can be pushed anywhere.
pub(super) fn remote(names: &[String]) -> Row {
    let (id, claim) = ("remote", "a remote is set");
    if names.is_empty() {
        Row::failed(id, REPOSITORY, claim, "there is none")
            .hint("git remote add origin URL, with the URL of `gitops.repository`")
    } else {
        Row::ok(id, REPOSITORY, claim, names.join(", "))
    }
}

/// What the files that the lock names are like now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Files {
    /// Files that the lock names.
    pub(super) total: usize,
    /// Those with other bytes.
    pub(super) edited: usize,
    /// Those that are gone.
    pub(super) missing: usize,
}

/// Whether the generated files are as they were rendered.
pub(super) fn files(files: Files) -> Row {
    let (id, claim) = ("generated-files", "generated files are as rendered");
    let Files {
        total,
        edited,
        missing,
    } = files;
    if edited + missing == 0 {
        return Row::ok(id, REPOSITORY, claim, format!("{total} files"));
    }
    Row::failed(
        id,
        REPOSITORY,
        claim,
        format!("{edited} of {total} edited by hand, {missing} deleted"),
    )
    .hint("git diff platform/rendered shows them; what is applied is what lies there")
}

/// Whether the server's version is supported; `found` is its `/version`.
pub(super) fn version(subject: &str, found: &Value) -> Row {
    let (id, claim) = ("version", "its version is supported");
    let number = |key: &str| {
        let digits: String = found[key]
            .as_str()?
            .chars()
            .take_while(char::is_ascii_digit)
            .collect();
        digits.parse::<u32>().ok()
    };
    let name: String = found["gitVersion"]
        .as_str()
        .unwrap_or("unknown")
        .escape_debug()
        .take(60)
        .collect();
    match (number("major"), number("minor")) {
        (Some(1), Some(minor)) if MINORS.contains(&minor) => Row::ok(id, subject, claim, name),
        _ => Row::failed(
            id,
            subject,
            claim,
            format!(
                "it is {name}; supported are 1.{} to 1.{}",
                MINORS.start(),
                MINORS.end()
            ),
        ),
    }
}

/// Whether kinds are served; `missing` are those that are not, as API version and kind.
pub(super) fn served(
    id: &'static str,
    subject: &str,
    claim: &str,
    total: usize,
    missing: &[(String, String)],
) -> Row {
    if missing.is_empty() {
        return Row::ok(id, subject, claim, format!("{total} kinds"));
    }
    let mut by_component: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (api_version, kind) in missing {
        by_component.entry(component(api_version)).or_default().push(kind);
    }
    let lists: Vec<String> = by_component
        .iter()
        .map(|(component, kinds)| format!("{} ({component} brings it)", kinds.join(", ")))
        .collect();
    let components: Vec<&str> = by_component.keys().map(String::as_str).collect();
    Row::failed(id, subject, claim, format!("not served: {}", lists.join("; ")))
        .hint(format!("install first: {}", components.join(", ")))
}

/// Whether this identity may do what apply does; `denied` are verb and resource.
pub(super) fn permissions(subject: &str, total: usize, denied: &[String]) -> Row {
    let (id, claim) = ("permissions", "you may do what apply does");
    if denied.is_empty() {
        return Row::ok(id, subject, claim, format!("{total} questions"));
    }
    let shown: Vec<&str> = denied.iter().take(6).map(String::as_str).collect();
    let more = match denied.len() - shown.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    Row::failed(
        id,
        subject,
        claim,
        format!("{} of {total} denied: {}{more}", denied.len(), shown.join(", ")),
    )
    .hint("use an identity that the spec's `admins` name; `kubectl auth whoami` says who you are")
}

/// Whether the context still leads to the cluster of the first apply.
pub(super) fn same_cluster(subject: &str, remembered: Option<&str>, uid: Result<&str, &ClusterError>) -> Row {
    let (id, claim) = ("same-cluster", "it is the cluster of the first apply");
    match (remembered, uid) {
        (_, Err(error)) => Row::open(id, subject, claim, error.to_string()),
        (None, Ok(_)) => Row::ok(id, subject, claim, "nothing was applied from this clone yet"),
        (Some(before), Ok(now)) if before == now => Row::ok(id, subject, claim, format!("UID {now}")),
        (Some(before), Ok(now)) => Row::failed(
            id,
            subject,
            claim,
            format!("its UID is `{now}`, the first apply met `{before}`"),
        )
        .hint("look at the kubeconfig: the context leads to another cluster now"),
    }
}

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;
