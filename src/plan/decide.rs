//! The whole way from the bytes of a spec to its plan.

use std::collections::BTreeMap;

use super::gpu::{Aim, Layouts};
use super::{Assessment, Plan, build, notes};
use crate::model::{self, Report};
use crate::overlay;
use crate::spec::Step::{Index, Key};
use crate::spec::{self, Finding, Findings, Spec, Step};

/// Bytes → Plan, or everything that is wrong with them, by place; `file` is how messages name the spec.
pub fn decide(file: &str, bytes: &[u8]) -> Result<Plan, Vec<Finding>> {
    decide_with(file, bytes, &overlay::Files::new())
}

/// As [`decide`], with the user's own overlays laid over the spec and kept in the plan for the render.
pub fn decide_with(file: &str, bytes: &[u8], overlays: &overlay::Files) -> Result<Plan, Vec<Finding>> {
    decide_over(file, bytes, overlays, &Layouts::new(), Aim::default())
}

/// As [`decide_with`], over the GPU layouts that are there.
///
/// A plan over the layouts of a plan for the same spec is that plan again.
pub fn decide_over(
    file: &str,
    bytes: &[u8],
    overlays: &overlay::Files,
    present: &Layouts,
    aim: Aim,
) -> Result<Plan, Vec<Finding>> {
    let assessment = assess(file, bytes, overlays, present, aim)?;
    assessment.plan.ok_or(assessment.findings)
}

pub(super) fn assess(
    file: &str,
    bytes: &[u8],
    overlays: &overlay::Files,
    present: &Layouts,
    aim: Aim,
) -> Result<Assessment, Vec<Finding>> {
    let mut parsed = spec::parse(file, bytes);
    let mut found = Findings::default();
    let mut overlays = overlay::load(parsed.root.as_ref(), file, overlays, &mut found);
    if let Some(root) = &mut parsed.root {
        overlays.patch_spec(root, &mut found);
    }
    let checked = spec::check(parsed, &overlays.files);
    if let Some(spec) = &checked.spec {
        let clusters: Vec<&str> = spec
            .clusters
            .iter()
            .map(|cluster| cluster.name.as_str())
            .collect();
        let teams: Vec<&str> = spec.teams.iter().map(|team| team.name.as_str()).collect();
        overlays.check_scope(&clusters, &teams, &mut found);
    }
    let mut report = Report::new(&checked);
    let model = checked
        .spec
        .as_ref()
        .and_then(|spec| model::build(spec, &mut report));
    let built = model.map(|model| {
        let clusters = model.clusters.iter();
        let clusters: Vec<_> = clusters
            .map(|cluster| (cluster.name.clone(), cluster.context.clone()))
            .collect();
        (model.name.clone(), clusters, build(model, present, aim))
    });
    let places = checked
        .spec
        .as_ref()
        .map(|spec| places(spec, &report))
        .unwrap_or_default();
    let is_sound = checked.findings.is_empty() && found.is_empty() && report.is_empty();
    let all = |report: Report<'_>| {
        let mut findings: Vec<Finding> = checked.findings.iter().cloned().collect();
        findings.extend(found.into_sorted());
        findings.extend(report.into_findings().into_sorted());
        findings.sort();
        findings.dedup();
        findings
    };
    let Some((name, clusters, (pools, plan))) = built else {
        return Err(all(report));
    };
    for infeasible in pools.iter().filter_map(|pool| pool.result.as_ref().err()) {
        infeasible.report(&mut report);
    }
    if let Some(plan) = &plan {
        notes::note(plan, &mut report);
    }
    let mut notes: Vec<Finding> = report.notes().cloned().collect();
    notes.sort();
    notes.dedup();
    let findings = all(report);
    if !is_sound {
        return Err(findings);
    }
    let plan = plan.map(|plan| Plan {
        overlays,
        places: places.clone(),
        notes: notes.clone(),
        ..plan
    });
    Ok(Assessment {
        name,
        clusters,
        places,
        notes,
        pools,
        plan,
        findings,
    })
}

/// Where the spec speaks of what a rendered file is about.
fn places(spec: &Spec, report: &Report<'_>) -> BTreeMap<String, String> {
    let mut places = BTreeMap::new();
    let mut add = |name: String, path: &[Step]| {
        places.insert(name, report.place(path));
    };
    for (name, key) in [("platform", "name"), ("policy", "policy"), ("waivers", "waivers")] {
        add(name.to_owned(), &[Key(key)]);
    }
    for (index, team) in spec.teams.iter().enumerate() {
        add(format!("team {}", team.name), &[Key("teams"), Index(index)]);
    }
    for (index, backend) in spec.secrets.iter().enumerate() {
        add(
            format!("secret backend {}", backend.name),
            &[Key("secrets"), Index(index)],
        );
    }
    for (index, cluster) in spec.clusters.iter().enumerate() {
        add(
            format!("cluster {}", cluster.name),
            &[Key("clusters"), Index(index)],
        );
        for (pool_index, pool) in cluster.pools.iter().enumerate() {
            let path = [Key("clusters"), Index(index), Key("pools"), Index(pool_index)];
            add(format!("cluster {} pool {}", cluster.name, pool.name), &path);
        }
    }
    places
}
