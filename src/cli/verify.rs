//! `platform verify`.

use std::process::ExitCode;

use serde_json::json;

use super::args::{Format, Global, VerifyArgs};
use super::failure::Failure;
use super::{live, load, output, progress};
use crate::edge::clock;
use crate::edge::cluster::{Stop, block_on};
use crate::render;
use crate::verify::{self, VerifyError};

pub(super) fn run(global: &Global, args: &VerifyArgs) -> Result<ExitCode, Failure> {
    let loaded = load::load(global)?;
    // Expected objects are rendered from the plan, not read from disk: an edit there must not hide a broken promise.
    let tree = progress::during(global, "rendering", || {
        render::render(&loaded.plan, &loaded.bytes)
    })?;
    let today = clock::today().map_err(|error| Failure::environment(error.to_string()))?;
    let stop = Stop::default();
    let mut reports = Vec::new();
    for (cluster, target) in live::targets(global, &loaded.plan, args.cluster.as_deref())? {
        let step = progress::start(global, format!("verifying {}", cluster.name));
        let notify = |verdict: &verify::Verdict| step.item(|| verdict.subject.clone());
        let work = async {
            live::stop_on_interrupt(&stop);
            let live = live::connect(&target, global.timeout).await?;
            verify::run(&live, &loaded.plan, cluster, &tree, &today, &stop, &notify).await
        };
        let report =
            block_on(work)
                .map_err(|error| live::failure(&error))?
                .map_err(|error| match &error {
                    VerifyError::Cluster(cause) => live::failure(cause),
                    _ => Failure::new(error.exit_code(), error.to_string()),
                })?;
        step.done();
        reports.push(report);
    }
    let document =
        json!({"apiVersion": "tenancy.platform/v1alpha1", "kind": "VerifyResult", "clusters": reports});
    let all = global.verbose > 0 || global.output == Format::Wide;
    output::document(global, &document, || {
        reports
            .iter()
            .map(|report| format!("{}{}\n", verify::table(report, all), verify::summary(report)))
            .collect()
    })?;
    Ok(live::exit(
        reports.iter().map(|report| report.exit_code(args.strict)),
    ))
}
