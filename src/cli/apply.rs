//! `platform apply`.

use std::fmt::Write;
use std::path::Path;
use std::process::ExitCode;

use serde_json::json;

use super::args::{ApplyArgs, Format, Global};
use super::failure::Failure;
use super::live;
use super::load::{self, Loaded};
use super::{output, progress};
use crate::apply::{self, Action, ApplyError, Directory, Options, Report};
use crate::edge::cluster::{Stop, block_on};
use crate::edge::{disk, env};
use crate::lock::{LOCK_PATH, Lock};
use crate::tree::sha256_hex;

pub(super) fn run(global: &Global, args: &ApplyArgs) -> Result<ExitCode, Failure> {
    let loaded = load::load(global)?;
    let directory = repository(&loaded)?;
    let stop = Stop::default();
    let mut reports = Vec::new();
    for (cluster, target) in live::targets(global, &loaded.plan, args.cluster.as_deref())? {
        let options = Options {
            platform: loaded.plan.model.name.to_string(),
            cluster: cluster.name.to_string(),
            expected_uid: disk::recall(Path::new("."), &memory(cluster.name.as_str())),
            holder: holder(),
            dry_run: global.dry_run,
            force_conflicts: args.force_conflicts,
        };
        let step = progress::start(global, format!("applying {}", cluster.name));
        let notify = |row: &apply::Row| step.item(|| format!("{} {}", row.action, row.object));
        let work = async {
            live::stop_on_interrupt(&stop);
            let cluster = live::connect(&target, global.timeout).await?;
            apply::run(&cluster, &directory, &options, &stop, &notify).await
        };
        let report = block_on(work)
            .map_err(|error| live::failure(&error))?
            .map_err(failure)?;
        if report.exit_code() == 0 {
            step.done();
        }
        if !global.dry_run {
            disk::remember(Path::new("."), &memory(&report.cluster), &report.cluster_uid)?;
        }
        reports.push(report);
    }
    let document =
        json!({"apiVersion": "tenancy.platform/v1alpha1", "kind": "ApplyResult", "clusters": reports});
    output::document(global, &document, || {
        reports.iter().map(|report| table(global, report)).collect()
    })?;
    for report in &reports {
        if let Some(why) = &report.stopped {
            output::say(&format!("error: cluster {}: {why}", report.cluster));
        }
    }
    Ok(live::exit(reports.iter().map(Report::exit_code)))
}

/// Where this clone remembers which cluster a name meant at the first apply.
pub(super) fn memory(cluster: &str) -> String {
    format!("cluster-{cluster}.uid")
}

/// The repository around the spec; it must have been rendered from this very spec.
fn repository(loaded: &Loaded) -> Result<Directory, Failure> {
    let read = disk::read_bounded(Path::new(LOCK_PATH), 64 << 20).map_err(|error| {
        Failure::usage(error.to_string())
            .hint("apply works in a rendered repository: enter it, or name it with -C")
    })?;
    let lock = Lock::parse(&read).map_err(|error| Failure::usage(error.to_string()))?;
    if lock.spec.sha256 != sha256_hex(&loaded.bytes) {
        return Err(
            Failure::usage("the spec changed since the repository was rendered")
                .hint("render it again first, so that what is applied is what was reviewed"),
        );
    }
    Directory::open(Path::new(".")).map_err(|error| Failure::environment(error.to_string()))
}

/// Who holds the lock on the cluster meanwhile.
fn holder() -> String {
    let variable = |name| env::variable(name).ok().flatten();
    let user = variable("USER")
        .or_else(|| variable("LOGNAME"))
        .unwrap_or_else(|| "somebody".to_owned());
    let host = variable("HOSTNAME").unwrap_or_else(|| "somewhere".to_owned());
    format!("{user}@{host}, process {}", std::process::id())
}

fn failure(error: ApplyError) -> Failure {
    match &error {
        ApplyError::Cluster(cause) => live::failure(cause),
        ApplyError::WrongCluster { .. } => Failure::new(error.exit_code(), error.to_string()).hint(
            "nothing was touched; if the cluster was built anew, delete its inventory after you made sure",
        ),
        ApplyError::Locked { .. } => Failure::new(error.exit_code(), error.to_string())
            .hint("wait for the other run to end, and try again"),
        _ => Failure::new(error.exit_code(), error.to_string()),
    }
}

/// What was done; what is as rendered is only counted, unless more is asked for.
fn table(global: &Global, report: &Report) -> String {
    let all = global.verbose > 0 || global.output == Format::Wide;
    let shown = report
        .rows
        .iter()
        .filter(|row| all || row.action != Action::Unchanged);
    let rows: Vec<Vec<String>> = shown
        .map(|row| {
            vec![
                row.stage.clone(),
                row.object.clone(),
                row.action.to_string(),
                row.message.clone(),
            ]
        })
        .collect();
    let mut text = format!(
        "cluster {}{}\n",
        report.cluster,
        if report.dry_run { " (dry run)" } else { "" }
    );
    if !rows.is_empty() {
        text.push_str(&output::table(&["STAGE", "OBJECT", "ACTION", "MESSAGE"], &rows));
    }
    let count = |action: Action| report.count(|a| *a == action);
    let needs = report.count(|action| matches!(action, Action::Needs(_)));
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "{} created, {} changed, {} unchanged, {} failed, {needs} not served",
        count(Action::Created) + count(Action::WouldCreate),
        count(Action::Changed) + count(Action::WouldChange),
        count(Action::Unchanged),
        count(Action::Failed),
    );
    text
}
