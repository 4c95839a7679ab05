//! The GitOps engine: where the repository is, where the teams' own applications may come from, and what Argo CD
//! cannot represent.

use super::labels;
use super::report::Report;
use super::types::GitOps;
use crate::spec::{GitOpsEngine, Path, Spec, Step};

/// Names of AppProjects that are the platform's own.
const PROJECTS: [&str; 4] = ["default", "platform", "platform-charts", "platform-tenants"];

/// Checks `gitops`: branch, repository, and what Argo CD asks of both.
pub(super) fn check(spec: &Spec, report: &mut Report<'_>) -> GitOps {
    branch_and_repository(spec, report);
    if spec.gitops.engine == GitOpsEngine::ArgoCd {
        argo_repository(spec, report);
        argo_admins(spec, report);
    }
    GitOps {
        engine: spec.gitops.engine,
        groups_prefix: spec.gitops.groups_prefix.clone(),
    }
}

fn branch_and_repository(spec: &Spec, report: &mut Report<'_>) {
    let branch = &spec.gitops.branch;
    if !labels::is_branch(branch) || branch == "platform/rendered" {
        let message = format!(
            "`gitops.branch` is `{}`, which cannot be a working branch",
            branch.escape_debug()
        );
        let hint = "letters, digits, `.`, `_`, `-` and `/`, as `git check-ref-format` allows; `platform/rendered` is taken";
        report.add(
            &[Step::Key("gitops"), Step::Key("branch")],
            "bad-branch",
            message,
            Some(hint.to_owned()),
        );
    }
    let Some(url) = &spec.gitops.repository else {
        return;
    };
    if !labels::is_repository(url) {
        let message = format!(
            "`gitops.repository` is `{}`, which is not a repository URL",
            url.escape_debug()
        );
        let hint = "such as https://git.example.com/platform/gpu.git or ssh://git@git.example.com/platform/gpu.git; letters, digits and `-._~:/@%+[]`";
        report.add(
            &[Step::Key("gitops"), Step::Key("repository")],
            "bad-url",
            message,
            Some(hint.to_owned()),
        );
    }
}

/// Argo CD names the repository in every Application, and reads it as a pattern in every AppProject.
fn argo_repository(spec: &Spec, report: &mut Report<'_>) {
    let path = [Step::Key("gitops"), Step::Key("repository")];
    match &spec.gitops.repository {
        None if report.was_refused(&path) => {}
        None => {
            let message = "`gitops.repository` is missing: Argo CD names it in every Application".to_owned();
            let hint = "add the URL that Argo CD reads the repository from";
            report.add(&path, "missing-key", message, Some(hint.to_owned()));
        }
        Some(url) if url.contains(['[', ']']) => {
            let message = format!(
                "`{}` has brackets, which Argo CD reads as a pattern",
                url.escape_debug()
            );
            let hint = "name the host instead of its IPv6 address";
            report.add(&path, "bad-url", message, Some(hint.to_owned()));
        }
        Some(_) => {}
    }
}

fn argo_admins(spec: &Spec, report: &mut Report<'_>) {
    for (key, names) in [("groups", &spec.admins.groups), ("users", &spec.admins.users)] {
        for (index, name) in names.iter().enumerate() {
            argo_subject(
                name,
                &[Step::Key("admins"), Step::Key(key), Step::Index(index)],
                report,
            );
        }
    }
}

/// Checks what a team has to do with the engine: its repositories, its name, its groups.
pub(super) fn team(spec: &Spec, index: usize, report: &mut Report<'_>) {
    let team = &spec.teams[index];
    let at = |key| vec![Step::Key("teams"), Step::Index(index), Step::Key(key)];
    let below = |key, entry| [at(key), vec![Step::Index(entry)]].concat();
    for (entry, source) in team.sources.iter().enumerate() {
        check_source(spec, source, &below("sources", entry), report);
    }
    let all: Vec<&str> = team.sources.iter().map(String::as_str).collect();
    super::names::unique("source", &all, |entry| below("sources", entry), report);
    if spec.gitops.engine != GitOpsEngine::ArgoCd {
        return;
    }
    if PROJECTS.contains(&team.name.as_str()) {
        let message = format!(
            "`{}` is the name of a project of Argo CD or of the platform",
            team.name
        );
        let hint = format!("choose another name, such as `{}-team`", team.name);
        report.add(&at("name"), "reserved-name", message, Some(hint));
    }
    for (key, groups) in [("groups", &team.groups), ("owners", &team.owners)] {
        for (entry, group) in groups.iter().enumerate() {
            argo_subject(group, &below(key, entry), report);
        }
    }
}

fn check_source(spec: &Spec, source: &str, path: &Path, report: &mut Report<'_>) {
    let shown: String = source.escape_debug().take(80).collect();
    if !labels::is_source(source) {
        let message = format!("`{shown}` is not the URL of one repository");
        let hint = "such as https://git.example.com/team-a/apps.git, ssh://git@git.example.com/team-a/apps.git or \
                    oci://registry.example.com/team-a/charts; no password, no wildcard";
        report.add(path, "bad-url", message, Some(hint.to_owned()));
    } else if spec
        .gitops
        .repository
        .as_deref()
        .is_some_and(|own| same_repository(own, source))
    {
        let message = format!("`{shown}` is the platform's own repository");
        let hint =
            "give the team a repository of its own: whoever writes the platform's decides for all teams";
        report.add(path, "not-applicable", message, Some(hint.to_owned()));
    }
}

/// Whether two URLs name one repository, as Argo CD compares them: case, `.git` and a closing slash do not count.
///
/// Source: argo-cd v3.5.0, `util/git/git.go`, `NormalizeGitURL`.
fn same_repository(one: &str, other: &str) -> bool {
    let plain = |url: &str| {
        let url = url.trim().to_lowercase();
        let url = url.trim_end_matches('/');
        let url = url.strip_suffix(".git").unwrap_or(url);
        let url = url.split_once("://").map_or(url, |(_, rest)| rest);
        let url = url.split_once('@').map_or(url, |(_, rest)| rest);
        url.replacen(':', "/", 1)
    };
    plain(one) == plain(other)
}

/// Argo CD keeps groups and users in CSV lines of its own.
///
/// Source: argo-cd v3.5.0, `validateGroupName`.
fn argo_subject(name: &str, path: &Path, report: &mut Report<'_>) {
    if name.contains('"') || name.trim() != name {
        let message = format!("`{}` cannot be a subject of Argo CD", name.escape_debug());
        let hint = "a name without quotes and without blanks at its ends";
        report.add(path, "bad-name", message, Some(hint.to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use super::same_repository;

    #[test]
    fn one_repository_has_many_spellings() {
        let own = "https://git.example.com/platform/gpu.git";
        for (other, same) in [
            ("https://git.example.com/platform/gpu", true),
            ("https://GIT.example.com/platform/gpu.git/", true),
            ("git@git.example.com:platform/gpu.git", true),
            ("ssh://git@git.example.com/platform/gpu.git", true),
            ("https://git.example.com/platform/gpu2.git", false),
            ("https://git.example.org/platform/gpu.git", false),
        ] {
            assert_eq!(same_repository(own, other), same, "{other}");
        }
    }
}
