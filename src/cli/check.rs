//! `platform check`: is everything there that the other commands need? Nothing is changed.
//!
//! ```text
//! look at disk, Git, cluster ──▶ judge (pure) ──▶ rows ──▶ ✔ ✗ –
//! ```

mod judge;
mod local;
mod remote;
mod row;

use std::process::ExitCode;

use serde_json::json;

use super::args::{CheckArgs, Global};
use super::failure::Failure;
use super::{live, output, progress};
use crate::edge::cluster::{Deadline, block_on};
use row::{Answer, Row};

pub(super) fn run(global: &Global, args: &CheckArgs) -> Result<ExitCode, Failure> {
    let step = progress::start(global, "checking");
    let (mut rows, spec) = local::look(global);
    for row in &rows {
        step.item(|| row.claim.clone());
    }
    let questions = spec.map(|spec| remote::questions(global, args, &spec));
    match questions.transpose()? {
        None => rows.push(Row::open(
            "clusters",
            "clusters",
            "clusters answer",
            "the spec does not say which",
        )),
        Some(questions) => {
            let deadline = Deadline::after(global.timeout);
            let ask = async {
                let all = async {
                    let mut rows = Vec::new();
                    for question in &questions {
                        rows.extend(remote::ask(question, deadline).await);
                        step.item(|| question.subject.clone());
                    }
                    rows
                };
                // Nothing is under way that would have to be ended well.
                tokio::select! {
                    biased;
                    _ = tokio::signal::ctrl_c() => None,
                    rows = all => Some(rows),
                }
            };
            let found = block_on(ask).map_err(|error| live::failure(&error))?;
            rows.extend(found.ok_or_else(|| Failure::new(130, "interrupted; nothing was changed"))?);
        }
    }
    step.done();
    let count = |answer: Answer| rows.iter().filter(|row| row.answer == answer).count();
    let (ok, failed, skipped) = (count(Answer::Ok), count(Answer::Failed), count(Answer::Skipped));
    let document = json!({
        "apiVersion": "tenancy.platform/v1alpha1",
        "kind": "CheckResult",
        "ok": ok,
        "failed": failed,
        "skipped": skipped,
        "checks": rows,
    });
    output::document(global, &document, || {
        format!(
            "{}\n{ok} ok, {failed} failed, {skipped} not checked\n",
            row::table(&rows)
        )
    })?;
    Ok(ExitCode::from(u8::from(failed > 0)))
}
