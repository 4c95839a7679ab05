//! `platform plan`: what the spec comes to, and what is different from the former one.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::{Value, json};

use super::args::{Global, PlanArgs};
use super::failure::Failure;
use super::{change, former, load, notes, output};
use crate::plan::change::{Change, between};
use crate::plan::gpu::Aim;
use crate::plan::{ClusterPlan, Plan, Tenant};

pub(super) fn run(global: &Global, args: &PlanArgs) -> Result<ExitCode, Failure> {
    let stdin = |path: &Option<PathBuf>| path.as_deref() == Some(Path::new("-"));
    if stdin(&args.from) && stdin(&global.file) {
        return Err(Failure::usage("`--from -` and `-f -` both read standard input")
            .hint("name a file for one of the two"));
    }
    let before = before(global, args)?;
    let plan = match &before {
        Some(before) if args.from.is_some() && !args.compact && !has_layouts(global)? => {
            load::load_over(global, &before.layouts())?.plan
        }
        _ => load::load_for(global, super::args::aim(args.compact))?.plan,
    };
    let change = before.map(|before| between(Some(&before), &plan));
    let mut document = json!({
        "apiVersion": "tenancy.platform/v1alpha1",
        "kind": "Plan",
        "name": plan.model.name.as_str(),
        "clusters": plan.clusters.iter().map(|c| cluster(&plan, c)).collect::<Vec<_>>(),
        "notes": notes::documents(&plan.notes),
    });
    notes::say(global, &plan.notes);
    if let Some(change) = &change {
        document["change"] = serde_json::to_value(change).map_err(|error| Failure::bug(error.to_string()))?;
    }
    output::document(global, &document, || {
        let mut text: String = plan.clusters.iter().map(|c| table(&plan, c)).collect();
        text.extend(change.iter().map(|change| change::table(global, change)));
        text
    })?;
    change::refuse_loosening(change.as_ref().unwrap_or(&Change::default()), args.allow_loosen)?;
    Ok(ExitCode::SUCCESS)
}

/// The plan to compare with: of the spec that `--from` names, or of the last render.
fn before(global: &Global, args: &PlanArgs) -> Result<Option<Plan>, Failure> {
    let Some(path) = &args.from else {
        let spec = global.file.as_deref().unwrap_or(Path::new(load::SPEC_FILE));
        return former::former_plan(global, load::folder(spec));
    };
    let bytes = load::read(path)?;
    let before = load::decide(path, &bytes, Aim::default())?.map_err(Failure::findings)?;
    Ok(Some(before))
}

/// Whether layouts lie beside the spec.
fn has_layouts(global: &Global) -> Result<bool, Failure> {
    let spec = global.file.as_deref().unwrap_or(Path::new(load::SPEC_FILE));
    Ok(!load::node_plans(spec)?.is_empty())
}

fn cluster(plan: &Plan, cluster: &ClusterPlan) -> Value {
    let pools: Vec<Value> = cluster
        .pools
        .iter()
        .map(|pool| {
            json!({
                "name": pool.pool.name.as_str(),
                "board": pool.pool.board,
                "sharing": pool.pool.sharing,
                "gpus": pool.pool.gpus(),
                "gpusUsed": pool.gpus_used,
                "promised": pool.promised,
                "burst": pool.burst,
                "capacity": pool.capacity(),
            })
        })
        .collect();
    let policies: Vec<Value> = cluster
        .policies
        .iter()
        .map(|p| json!({"id": p.id, "mode": p.mode}))
        .collect();
    let tenants: Vec<Value> = cluster
        .tenants
        .iter()
        .map(|tenant| {
            let mut document = json!({
                "team": tenant.team.as_str(),
                "namespace": tenant.namespace.as_str(),
                "labels": tenant.labels(&plan.model.name),
                "quota": tenant.hard(cluster),
                "secrets": tenant.secrets.iter().map(|s| &s.path).collect::<Vec<_>>(),
            });
            if let Some(guaranteed) = tenant.guaranteed(cluster) {
                document["guaranteed"] = json!(guaranteed);
            }
            document
        })
        .collect();
    json!({"name": cluster.name.as_str(), "context": cluster.context, "pools": pools, "policies": policies, "tenants": tenants})
}

fn table(plan: &Plan, cluster: &ClusterPlan) -> String {
    let engine = format!("{:?}", plan.engine()).to_lowercase();
    let mut text = format!(
        "cluster {} (context {}, policies by {engine})\n\n",
        cluster.name, cluster.context
    );
    type Counts = std::collections::BTreeMap<String, u64>;
    let counts = |gpus: &Counts, burst: &Counts| {
        let all: Vec<String> = gpus
            .iter()
            .map(|(resource, count)| match burst.get(resource) {
                Some(more) => format!("{count} (+{more}) × {resource}"),
                None => format!("{count} × {resource}"),
            })
            .collect();
        if all.is_empty() {
            "-".to_owned()
        } else {
            all.join(", ")
        }
    };
    let pools: Vec<Vec<String>> = cluster
        .pools
        .iter()
        .map(|p| {
            vec![
                p.pool.name.to_string(),
                p.pool.board.clone(),
                serde_json::to_value(p.pool.sharing)
                    .ok()
                    .and_then(|s| Some(s.as_str()?.to_owned()))
                    .unwrap_or_default(),
                counts(&p.promised, &p.burst),
                format!("{} of {}", p.gpus_used, p.pool.gpus()),
            ]
        })
        .collect();
    if !pools.is_empty() {
        text.push_str(&output::table(
            &["POOL", "BOARD", "SHARING", "PROMISED", "GPUS USED"],
            &pools,
        ));
        text.push('\n');
    }
    let dash = |amount: Option<String>| amount.unwrap_or_else(|| "-".to_owned());
    let row = |t: &Tenant| {
        vec![
            match t.frozen {
                true => format!("{} (frozen)", t.team),
                false => t.team.to_string(),
            },
            t.namespace.to_string(),
            counts(&t.gpus, &t.burst),
            dash(t.quota.cpu.as_ref().map(ToString::to_string)),
            dash(t.quota.memory.as_ref().map(ToString::to_string)),
            dash(t.quota.pods.map(|pods| pods.to_string())),
            t.secrets.len().to_string(),
        ]
    };
    let tenants: Vec<Vec<String>> = cluster.tenants.iter().map(row).collect();
    text.push_str(&output::table(
        &["TEAM", "NAMESPACE", "GPUS", "CPU", "MEMORY", "PODS", "SECRETS"],
        &tenants,
    ));
    text.push('\n');
    text
}
