//! What apply, check and verify share: the clusters that are meant, the one context of each, deadline, interruption.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use super::args::Global;
use super::failure::Failure;
use super::{load, output};
use crate::edge::cluster::{Cluster, ClusterError, Deadline, Kubeconfigs, Stop, Target};
use crate::edge::env;
use crate::plan::{ClusterPlan, Plan};

/// The clusters that a command is about, each with its context.
pub(super) fn targets<'p>(
    global: &Global,
    plan: &'p Plan,
    named: Option<&str>,
) -> Result<Vec<(&'p ClusterPlan, Target)>, Failure> {
    let clusters = load::clusters(plan, named)?;
    if global.context.is_some() && clusters.len() > 1 {
        return Err(
            Failure::usage("`--context` means one cluster, and the spec has several")
                .hint("name the cluster with --cluster"),
        );
    }
    let kubeconfigs = kubeconfigs(global.kubeconfig.clone())?;
    let target = |cluster: &'p ClusterPlan| {
        let context = global.context.as_deref().unwrap_or(&cluster.context);
        let target = kubeconfigs.find(context).map_err(|error| failure(&error))?;
        if context != cluster.context {
            let line = format!(
                "note: context `{context}` is used instead of `{}` of the spec",
                cluster.context
            );
            output::note(global, &line);
        }
        output::note(
            global,
            &format!(
                "cluster {}: context {}, server {}",
                cluster.name, target.context, target.server
            ),
        );
        Ok((cluster, target))
    };
    clusters.into_iter().map(target).collect()
}

/// Where kubeconfig files may lie; `flag` is `--kubeconfig`.
pub(super) fn kubeconfigs(flag: Option<PathBuf>) -> Result<Kubeconfigs, Failure> {
    let variable = |name| env::variable(name).map_err(|error| Failure::environment(error.to_string()));
    let list = variable("KUBECONFIG")?.unwrap_or_default();
    Ok(Kubeconfigs {
        flag,
        environment: std::env::split_paths(&list)
            .filter(|path| !path.as_os_str().is_empty())
            .collect(),
        home: variable("HOME")?.map(PathBuf::from),
    })
}

/// Connects within the command's deadline.
pub(super) async fn connect(target: &Target, timeout: Duration) -> Result<Cluster, ClusterError> {
    Cluster::connect(target, Deadline::after(timeout)).await
}

/// A failure of the cluster's side, with the next step.
pub(super) fn failure(error: &ClusterError) -> Failure {
    let failure = Failure::new(error.exit_code(), error.to_string());
    match error.exit_code() {
        4 => failure
            .hint("use an identity that the spec's `admins` name; `kubectl auth whoami` says who you are"),
        5 => failure.hint("give it longer with --timeout; a second run goes on where this one stopped"),
        6 => failure.hint("check `kubectl --context <context> version`, the kubeconfig and the network"),
        _ => failure,
    }
}

/// Lets Ctrl-C set the flag; the second Ctrl-C ends the process at once. Belongs inside the runtime that does the work.
pub(super) fn stop_on_interrupt(stop: &Stop) {
    stop.on_interrupt(|| {
        output::say("warning: interrupted: finishing the current object; press again to end at once")
    });
}

/// The first code that is not zero: clusters are reported in the order of the spec.
pub(super) fn exit(codes: impl IntoIterator<Item = u8>) -> ExitCode {
    ExitCode::from(codes.into_iter().find(|code| *code != 0).unwrap_or(0))
}
