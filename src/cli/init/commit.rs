//! A spec and its render become commits; what was done is said.

use std::path::Path;
use std::process::ExitCode;

use serde_json::json;

use crate::cli::args::Global;
use crate::cli::failure::Failure;
use crate::cli::load::{self, SPEC_FILE};
use crate::cli::output;
use crate::cli::render::WAIT;
use crate::cli::validate::plural;
use crate::edge::git::{Outcome, Request, commit_render};
use crate::edge::{clock, env};
use crate::lock::LOCK_PATH;
use crate::overlay;
use crate::plan::gpu::Aim;
use crate::plan::{self, NodePlans, Plan};
use crate::render;
use crate::units::RelPath;

/// Renders a spec and commits both in a directory; `file` is how findings name the spec.
pub(super) fn commit(
    global: &Global,
    dir: &Path,
    file: &str,
    bytes: Vec<u8>,
    overlays: &overlay::Files,
) -> Result<ExitCode, Failure> {
    let node_plans = layouts_of_render(dir)?;
    let plan = plan::decide_from(file, &bytes, overlays, &node_plans, Aim::default());
    let plan = plan.map_err(Failure::findings)?;
    let tree = render::render(&plan, &bytes)?;
    let message = message(&plan);
    let spec_file = RelPath::parse(SPEC_FILE).map_err(|error| Failure::bug(error.to_string()))?;
    let mut seeded = vec![(spec_file, bytes)];
    seeded.extend(render::seeds()?);
    let files = tree.len() + seeded.len();
    if global.dry_run {
        return report(global, dir, files, None);
    }
    let epoch = env::variable("SOURCE_DATE_EPOCH").map_err(|e| Failure::environment(e.to_string()))?;
    let time = clock::document_time(epoch.as_deref()).map_err(|e| Failure::environment(e.to_string()))?;
    let names = env::git_names().map_err(|e| Failure::environment(e.to_string()))?;
    let outcome = commit_render(&Request {
        dir,
        branch: &plan.model.branch,
        tree: &tree,
        seeded: &seeded,
        message: &message,
        time,
        names: &names,
        wait: WAIT,
    })?;
    report(global, dir, files, Some(&outcome))
}

/// The node plans of the render that the directory holds already, which is the same again then; a first render has
/// none, whatever lies there.
fn layouts_of_render(dir: &Path) -> Result<NodePlans, Failure> {
    match dir.join(LOCK_PATH).exists() {
        true => load::node_plans(&dir.join(SPEC_FILE)),
        false => Ok(NodePlans::new()),
    }
}

/// What the commit says, in words.
fn message(plan: &Plan) -> String {
    let model = &plan.model;
    let (clusters, teams) = (plan.clusters.len(), model.teams.len());
    let mut text = format!(
        "platform: {} for {clusters} {} and {teams} {}\n",
        model.name,
        plural("cluster", clusters),
        plural("team", teams)
    );
    for cluster in &plan.clusters {
        text.push_str(&format!("\nCluster {}:\n", cluster.name));
        for pool in &cluster.pools {
            text.push_str(&format!(
                "- pool {} ({}): {} of {} GPUs used\n",
                pool.pool.name,
                pool.pool.board,
                pool.gpus_used,
                pool.pool.gpus()
            ));
        }
        // A list of thousands helps nobody; the spec in the same commit has them all.
        for tenant in cluster.tenants.iter().take(50) {
            let gpus: Vec<String> = tenant
                .gpus
                .iter()
                .map(|(resource, count)| format!("{count} × {resource}"))
                .collect();
            let gpus = if gpus.is_empty() {
                "no GPU".to_owned()
            } else {
                gpus.join(", ")
            };
            text.push_str(&format!(
                "- namespace {} of team {}: {gpus}\n",
                tenant.namespace, tenant.team
            ));
        }
        if cluster.tenants.len() > 50 {
            text.push_str(&format!("- and {} more namespaces\n", cluster.tenants.len() - 50));
        }
    }
    text
}

/// Says what was done, or without an outcome what would be done.
fn report(global: &Global, dir: &Path, files: usize, outcome: Option<&Outcome>) -> Result<ExitCode, Failure> {
    let commits = match outcome {
        Some(Outcome::Committed(commits)) => Some(commits),
        Some(Outcome::NothingChanged) | None => None,
    };
    let document = json!({
        "apiVersion": "tenancy.platform/v1alpha1",
        "kind": "InitResult",
        "directory": dir,
        "files": files,
        "written": outcome.is_some(),
        "changed": commits.is_some(),
        "branch": commits.map(|c| c.branch_name.clone()),
        "commit": commits.map(|c| c.branch.clone()),
        "rendered": commits.map(|c| c.rendered.clone()),
    });
    output::document(global, &document, || match commits {
        None if outcome.is_none() => format!("would write {files} files to {}\n", dir.display()),
        None => format!("{}: nothing changed\n", dir.display()),
        Some(commits) => format!(
            "wrote {files} files to {}\ncommitted {} on {} ({} on platform/rendered)\n",
            dir.display(),
            short(&commits.branch),
            commits.branch_name,
            short(&commits.rendered)
        ),
    })?;
    if let Some(commits) = commits {
        if commits.identity.is_fallback {
            output::note(
                global,
                "note: Git knows no name or address; committed as platform <platform@localhost>",
            );
            output::note(
                global,
                "hint: git config --global user.name and user.email set yours",
            );
        }
        for kept in &commits.kept {
            output::note(
                global,
                &format!("note: `{kept}` was yours already and was left as it is"),
            );
        }
        output::note(
            global,
            &format!(
                "next: platform -C {} test, then plan, apply --dry-run, apply, verify",
                dir.display()
            ),
        );
    }
    Ok(ExitCode::SUCCESS)
}

fn short(id: &str) -> &str {
    id.get(..10).unwrap_or(id)
}
