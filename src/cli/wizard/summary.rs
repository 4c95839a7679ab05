//! What is about to be written, for a last look.

use super::ask_team::request_words;
use super::capacity;
use super::pick::{self, word};
use super::{answers, ask};
use crate::spec::Spec;

/// The spec in a few lines; of long lists only the beginning.
pub(super) fn lines(spec: &Spec) -> Vec<String> {
    let admins = ask::list_default(
        &[spec.admins.groups.clone(), spec.admins.users.clone()].concat(),
        "platform-admins",
    );
    let mut lines = vec![
        format!("platform {}, admins {admins}", spec.name),
        format!(
            "GitOps by {} from branch {}{}",
            word(&pick::GITOPS, &spec.gitops.engine),
            spec.gitops.branch,
            spec.gitops
                .repository
                .as_ref()
                .map(|url| format!(" of {url}"))
                .unwrap_or_default()
        ),
        format!(
            "policies by {}, mode {}",
            word(&pick::ENGINES, &spec.policy.engine),
            word(&pick::MODES, &spec.policy.mode)
        ),
    ];
    if !spec.overlays.is_empty() {
        lines.push(format!("presets {}", spec.overlays.join(", ")));
    }
    for backend in &spec.secrets {
        let kind = word(&pick::BACKENDS, &backend.backend);
        lines.push(format!(
            "secrets from {kind} {} at {}",
            backend.name, backend.address
        ));
    }
    for cluster in spec.clusters.iter().take(MOST) {
        let context = cluster.context.as_ref().unwrap_or(&cluster.name);
        lines.push(format!("cluster {}, context {context}", cluster.name));
        for pool in cluster.pools.iter().take(MOST) {
            let (board, sharing) = (&pool.board, word(&pick::SHARING, &pool.sharing));
            let figures = capacity::lines(pool).into_iter().next().unwrap_or_default();
            lines.push(format!("  pool {figures}, {board}, {sharing}"));
        }
    }
    more(spec.clusters.len(), "clusters", &mut lines);
    for team in spec.teams.iter().take(MOST) {
        let groups = ask::list_default(&team.groups, "no groups");
        lines.push(format!("team {}: {groups}", team.name));
        let promised: Vec<String> = team
            .gpus
            .iter()
            .map(|request| request_words(spec, request))
            .collect();
        lines.push(format!("  {}", ask::list_default(&promised, "no GPUs")));
        for namespace in answers::namespaces(team) {
            let quota = answers::quota_text(answers::quota(team, &namespace));
            let quota = if quota.is_empty() {
                "no quota beside GPUs".to_owned()
            } else {
                quota.replace(',', ", ")
            };
            lines.push(format!("  namespace {namespace}: {quota}"));
        }
    }
    more(spec.teams.len(), "teams", &mut lines);
    lines
}

/// The longest list that is shown.
const MOST: usize = 10;

fn more(count: usize, what: &str, lines: &mut Vec<String>) {
    if count > MOST {
        lines.push(format!("and {} more {what}", count - MOST));
    }
}
