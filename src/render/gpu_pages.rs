//! `docs/gpu.md` and a picture per cluster: which GPUs the promises need, what lies where, how a change is rolled out.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::gpu::svg::{Drawing, svg};
use super::{Output, RenderError, comment};
use crate::plan::view::{PoolView, picture, pool_figures, teams};
use crate::plan::{Asked, Assessed, ClusterPlan, Plan, PoolPlan};

const ORIGIN: &str = "docs/gpu.md";

pub(super) fn render(plan: &Plan, out: &mut Output) -> Result<(), RenderError> {
    let with_gpus: Vec<&ClusterPlan> = plan.clusters.iter().filter(|c| !c.pools.is_empty()).collect();
    if with_gpus.is_empty() {
        return Ok(());
    }
    let mut clusters = Vec::new();
    for cluster in with_gpus {
        let assessed: Vec<Assessed> = cluster.pools.iter().map(|pool| assessed(cluster, pool)).collect();
        let all = teams(assessed.iter().flat_map(|pool| &pool.asks));
        let drawings: Vec<Drawing> = cluster
            .pools
            .iter()
            .zip(&assessed)
            .map(|(pool, assessed)| Drawing {
                title: format!(
                    "{}: {} × {} of {}",
                    pool.pool.name, pool.pool.nodes, pool.pool.gpus_per_node, pool.pool.board
                ),
                picture: picture(pool, &assessed.asks, &all, &[]),
            })
            .collect();
        let text = svg(&format!("GPUs of cluster {}", cluster.name), &drawings, &all);
        let text = format!("<!-- {} -->\n{text}", comment(ORIGIN));
        out.file(
            format!("docs/gpu/{}.svg", cluster.name),
            ORIGIN,
            text.into_bytes(),
        )?;
        let pools: Vec<Value> = assessed.iter().map(|pool| page(&pool_figures(pool))).collect();
        clusters.push(json!({"name": cluster.name.as_str(), "pools": pools}));
    }
    out.markdown("docs/gpu.md", ORIGIN, &json!({"clusters": clusters}))
}

/// A pool with what the tenants of its cluster are promised of it.
fn assessed(cluster: &ClusterPlan, plan: &PoolPlan) -> Assessed {
    let promises = cluster.tenants.iter().flat_map(|tenant| {
        let own = tenant.promises.iter();
        own.filter(|promise| promise.pool == plan.pool.name)
            .map(move |promise| Asked {
                team: tenant.team.clone(),
                resource: promise.resource.clone(),
                count: promise.count,
                burst: 0,
            })
    });
    Assessed {
        cluster: cluster.name.clone(),
        pool: plan.pool.clone(),
        asks: promises.collect(),
        result: Ok(plan.clone()),
    }
}

/// The values of one pool on the page, as texts.
fn page(view: &PoolView) -> Value {
    let figure = |map: &BTreeMap<String, u64>, name: &String| map.get(name).copied().unwrap_or(0).to_string();
    let mut names: Vec<&String> = view.capacity.keys().chain(view.promised.keys()).collect();
    names.sort();
    names.dedup();
    let resources: Vec<Value> = names
        .into_iter()
        .map(|name| {
            let ratio = view.overcommit.get(name);
            json!({
                "name": name,
                "promised": figure(&view.promised, name),
                "burst": figure(&view.burst, name),
                "made": figure(&view.capacity, name),
                "ratio": ratio.map_or("-".to_owned(), |ratio| format!("{ratio:.2}")),
            })
        })
        .collect();
    let free: Vec<String> = view
        .free
        .iter()
        .map(|(profile, count)| format!("{count} × {profile}"))
        .collect();
    json!({
        "name": view.name,
        "board": view.board,
        "needed": view.gpus_needed.to_string(),
        "available": view.gpus_available.to_string(),
        "bound": format!("{:.2}", view.lp_bound),
        "optimal": view.optimal,
        "empty": view.empty_gpus.to_string(),
        "free": if free.is_empty() { "none".to_owned() } else { free.join(", ") },
        "resources": resources,
        "caveats": view.caveats,
    })
}
