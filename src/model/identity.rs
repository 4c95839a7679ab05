//! Groups and users.

use super::names;
use super::report::Report;
use crate::spec::{Path, Spec, Step};

/// Groups that hold everybody; entitling one of them entitles all tenants.
const EVERYBODY: [&str; 3] = [
    "system:authenticated",
    "system:unauthenticated",
    "system:serviceaccounts",
];

/// The admins' groups and users.
pub(super) fn admins(spec: &Spec, report: &mut Report<'_>) -> (Vec<String>, Vec<String>) {
    let admins = &spec.admins;
    for (index, group) in admins.groups.iter().enumerate() {
        let path = [Step::Key("admins"), Step::Key("groups"), Step::Index(index)];
        check(group, "an admin group", &EVERYBODY, &path, report);
    }
    for (index, user) in admins.users.iter().enumerate() {
        let path = [Step::Key("admins"), Step::Key("users"), Step::Index(index)];
        check(user, "an admin user", &["system:anonymous"], &path, report);
    }
    let mut groups = admins.groups.clone();
    if groups.is_empty() && admins.users.is_empty() {
        groups.push("platform-admins".to_owned());
    }
    (groups, admins.users.clone())
}

/// Checks the groups of a team; `system:` groups are never a team's.
pub(super) fn team_groups(groups: &[String], path: impl Fn(usize) -> Vec<Step>, report: &mut Report<'_>) {
    for (index, group) in groups.iter().enumerate() {
        let path = path(index);
        if group.starts_with("system:") {
            let message = format!("group `{group}` belongs to Kubernetes, not to a team");
            let hint = "name a group of your identity provider, such as oidc:team-a";
            report.add(&path, "system-group", message, Some(hint.to_owned()));
        } else {
            check(group, "a group", &[], &path, report);
        }
    }
}

fn check(name: &str, what: &str, refused: &[&str], path: &Path, report: &mut Report<'_>) {
    if name.trim().is_empty() {
        report.add(
            path,
            "empty-text",
            format!("{what} is empty"),
            Some("remove it, or name it".to_owned()),
        );
    } else if refused.contains(&name) {
        let message = format!("`{name}` as {what} would let everybody change the fence");
        report.add(
            path,
            "system-group",
            message,
            Some("name a group of your identity provider".to_owned()),
        );
    }
    names::bounded(what, name, path, report);
}
