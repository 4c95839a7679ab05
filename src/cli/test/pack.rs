//! The policy pack on its own examples, on the pods that the plan promises, and the full post-condition of a render.

use std::process::ExitCode;

use serde_json::{Value, json};

use super::super::args::Global;
use super::super::failure::Failure;
use super::super::load::Loaded;
use super::super::{output, progress};
use super::pod::Judge;
use crate::catalog::policies;
use crate::engine::policy::{Parameters, run_cases};
use crate::plan;
use crate::render;

/// One line of the answer.
struct Row {
    suite: String,
    total: usize,
    failures: Vec<String>,
}

pub(super) fn run(global: &Global, loaded: &Loaded) -> Result<ExitCode, Failure> {
    let mut rows = progress::during(global, "testing policies", cases)?;
    rows.push(progress::during(global, "testing promised pods", || {
        promises(loaded)
    })?);
    rows.push(progress::during(global, "reading back", || read_back(loaded))?);
    rows.push(configurations(loaded)?);
    let failed: usize = rows.iter().map(|row| row.failures.len()).sum();
    let total: usize = rows.iter().map(|row| row.total).sum();
    let suites: Vec<Value> = rows
        .iter()
        .map(|row| json!({"name": row.suite, "total": row.total, "failed": row.failures.len(), "failures": row.failures}))
        .collect();
    let document = json!({
        "apiVersion": "tenancy.platform/v1alpha1",
        "kind": "TestReport",
        "passed": total - failed,
        "failed": failed,
        "suites": suites,
    });
    output::document(global, &document, || {
        let lines: Vec<Vec<String>> = rows
            .iter()
            .map(|row| {
                let mark = if row.failures.is_empty() { "✔" } else { "✘" };
                vec![
                    mark.to_owned(),
                    row.suite.clone(),
                    format!("{} of {}", row.total - row.failures.len(), row.total),
                ]
            })
            .collect();
        let mut text = output::table(&["", "SUITE", "PASSED"], &lines);
        for failure in rows.iter().flat_map(|row| &row.failures) {
            text.push_str(&format!("\n✘ {failure}\n"));
        }
        text.push_str(&format!("\n{} passed, {failed} failed\n", total - failed));
        text
    })?;
    Ok(ExitCode::from(u8::from(failed > 0)))
}

/// Each policy on its `tests/{allowed,denied}-*.yaml`.
fn cases() -> Result<Vec<Row>, Failure> {
    let all = policies::policies().map_err(|error| Failure::bug(error.to_string()))?;
    let results = run_cases(all, &Parameters::example()).map_err(|error| Failure::bug(error.to_string()))?;
    let row = |policy: &policies::Policy| {
        let own: Vec<_> = results
            .iter()
            .filter(|result| result.policy == policy.id)
            .collect();
        let failures = own
            .iter()
            .filter(|result| !result.passed())
            .map(|r| {
                format!(
                    "{}/{}: expected {:?}, found {:?}",
                    r.policy, r.case, r.expected, r.verdict
                )
            })
            .collect();
        Row {
            suite: format!("policy {}", policy.id),
            total: own.len(),
            failures,
        }
    };
    Ok(all.iter().map(row).collect())
}

/// Each tenant's example pod and each promise is admitted in its own namespace; of a frozen team none is.
fn promises(loaded: &Loaded) -> Result<Row, Failure> {
    let judge = Judge::new(&loaded.plan)?;
    let mut row = Row {
        suite: "promised pods".to_owned(),
        total: 0,
        failures: Vec::new(),
    };
    for cluster in &loaded.plan.clusters {
        for tenant in &cluster.tenants {
            let promised = tenant
                .promises
                .iter()
                .map(|promise| plan::gpu_pod(&tenant.namespace, "example", promise));
            let beyond = tenant
                .promises
                .iter()
                .filter(|promise| promise.burst > 0 && tenant.uses_burst_class(cluster))
                .map(|promise| plan::burst_pod(&tenant.namespace, "example", promise));
            for pod in promised.chain(beyond).chain([
                plan::workload_pod(tenant),
                plan::cpu_pod(&tenant.namespace, "example"),
            ]) {
                row.total += 1;
                let wrong = match judge.refusal(cluster, tenant, &pod) {
                    None if tenant.frozen => "admitted, though its team is frozen".to_owned(),
                    Some(refusal) if !tenant.frozen => refusal,
                    _ => continue,
                };
                row.failures.push(format!(
                    "namespace {} of {}: {wrong}",
                    tenant.namespace, cluster.name
                ));
            }
        }
    }
    Ok(row)
}

/// What NVIDIA's components read, which ignore their users' mistakes or find them on the card only.
fn configurations(loaded: &Loaded) -> Result<Row, Failure> {
    let tree = render::render(&loaded.plan, &loaded.bytes)?;
    let mut row = Row {
        suite: "GPU configurations".to_owned(),
        total: 0,
        failures: Vec::new(),
    };
    for cluster in &loaded.plan.clusters {
        let (total, failures) = render::gpu::audit(cluster, &tree);
        // One document may have several mistakes.
        row.total += total.max(failures.len());
        row.failures.extend(failures);
    }
    Ok(row)
}

/// Every rendered YAML file, read by two independent readers to the same data.
fn read_back(loaded: &Loaded) -> Result<Row, Failure> {
    let tree = render::render(&loaded.plan, &loaded.bytes)?;
    let mut row = Row {
        suite: "rendered files read back".to_owned(),
        total: 0,
        failures: Vec::new(),
    };
    for (path, file) in tree.iter().filter(|(path, _)| path.as_str().ends_with(".yaml")) {
        row.total += 1;
        let second = render::read_back(path.as_str(), &file.bytes);
        let text = String::from_utf8_lossy(&file.bytes);
        let first: Result<Vec<Value>, _> = serde_saphyr::from_multiple(&text);
        match (first, second) {
            (Ok(first), Ok(second)) if first == second => {}
            (Ok(_), Ok(_)) => row.failures.push(format!("{path}: two readers disagree")),
            (Err(error), _) => row.failures.push(format!("{path}: {error}")),
            (_, Err(error)) => row.failures.push(error.to_string()),
        }
    }
    Ok(row)
}
