//! The whole of an apply.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::inventory::{self, Identity};
use super::lease::Lease;
use super::load::{Files, LoadError, Stage, stages};
use super::report::{Action, Report, Row};
use super::write::{Context, crd_kind, write};
use super::{Object, node, node_plan, stage};
use crate::edge::cluster::{Cluster, ClusterError, Discovery, Stop};
use crate::plan::PoolNodes;

/// What is applied, and how.
#[derive(Debug, Clone)]
pub struct Options {
    /// `name` of the spec.
    pub platform: String,
    /// Name of the cluster in the spec.
    pub cluster: String,
    /// UID that the cluster had before, when somebody remembers it.
    pub expected_uid: Option<String>,
    /// Who holds the lock meanwhile: user, host, process.
    pub holder: String,
    /// Write nothing.
    pub dry_run: bool,
    /// Take over fields that other managers own.
    pub force_conflicts: bool,
}

/// Why nothing was applied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApplyError {
    /// The repository cannot be read.
    #[error("repository: {0}")]
    Load(#[from] LoadError),
    /// The cluster cannot be asked.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    /// The context leads to another cluster than before.
    #[error("context `{context}` leads to the wrong cluster: {cause}")]
    WrongCluster {
        /// The context.
        context: String,
        /// What differs.
        cause: String,
    },
    /// Another run holds the lock.
    #[error("cluster `{cluster}` is being applied by {holder}")]
    Locked {
        /// Name of the cluster in the spec.
        cluster: String,
        /// Who, and since when.
        holder: String,
    },
    /// The inventory could not be written, so nothing else was.
    #[error("{object}: {cause}")]
    Inventory {
        /// The object.
        object: String,
        /// Why.
        cause: String,
        /// Whether the server said that this identity may not do it.
        denied: bool,
    },
}

impl ApplyError {
    /// The exit code of a command that ends with this error.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Load(_) => 2,
            Self::Cluster(error) => error.exit_code(),
            Self::WrongCluster { .. } => 6,
            Self::Locked { .. } => 5,
            Self::Inventory { denied: true, .. } => 4,
            Self::Inventory { .. } => 1,
        }
    }
}

/// Applies all stages of a cluster and returns what happened; an error means that no object was touched.
///
/// `notify` sees each line as soon as it is known.
pub async fn run(
    cluster: &Cluster,
    files: &dyn Files,
    options: &Options,
    stop: &Stop,
    notify: &dyn Fn(&Row),
) -> Result<Report, ApplyError> {
    let stages = stages(files, &options.cluster)?;
    let nodes = node_plan::read(files, &options.cluster)?;
    let uid = cluster.uid().await?;
    let wrong = |cause: String| ApplyError::WrongCluster {
        context: cluster.context().to_owned(),
        cause,
    };
    if let Some(expected) = options.expected_uid.as_ref().filter(|expected| **expected != uid) {
        return Err(wrong(format!(
            "its UID is `{uid}`, the one that was applied before has `{expected}`"
        )));
    }
    let identity = Identity {
        platform: options.platform.clone(),
        cluster: options.cluster.clone(),
        uid: uid.clone(),
    };
    let former = cluster.find(&inventory::path()).await?;
    if let Some(cause) = former
        .as_ref()
        .and_then(|former| inventory::foreign(&identity, former))
    {
        return Err(wrong(cause));
    }
    let objects = || stages.iter().flat_map(|stage| &stage.objects);
    let planned = objects().filter(|object| object.kind() == "Namespace");
    let context = Context {
        cluster: cluster.clone(),
        stop: stop.clone(),
        dry_run: options.dry_run,
        force_conflicts: options.force_conflicts,
        namespaces: Arc::new(
            planned
                .map(|object| object.name().to_owned())
                .chain([inventory::NAMESPACE.to_owned()])
                .collect::<BTreeSet<_>>(),
        ),
        kinds: Arc::new(objects().filter_map(crd_kind).collect()),
    };
    let mut report = Report {
        api_version: "tenancy.platform/v1alpha1",
        kind: "ApplyReport",
        cluster: options.cluster.clone(),
        cluster_uid: uid,
        dry_run: options.dry_run,
        rows: Vec::new(),
        stopped: None,
        stopped_code: 0,
    };
    own(&context, inventory::namespace(), &mut report, notify).await?;
    let lease = if options.dry_run {
        None
    } else {
        let say = |holder: &str| {
            let row = Row::new("inventory", "lock of the cluster", Action::Warning);
            notify(&row.saying(format!("held by {holder}: waiting until it is free")));
        };
        match Lease::take(cluster, stop, &options.holder, &say).await? {
            Ok(lease) => Some(lease),
            Err(holder) => {
                return Err(ApplyError::Locked {
                    cluster: options.cluster.clone(),
                    holder,
                });
            }
        }
    };
    let inventory = inventory::inventory(&identity, former.as_ref(), &stages);
    let result = match own(&context, inventory, &mut report, notify).await {
        Ok(()) => Ok(all(&context, stages, nodes, &mut report.rows, notify).await),
        Err(error) => Err(error),
    };
    if let Some(lease) = lease {
        lease.release().await;
    }
    if let Err(error) = result? {
        report.stopped_code = error.exit_code();
        report.stopped = Some(error.to_string());
    }
    Ok(report)
}

/// All stages in order; after one with a failure no further one is begun.
async fn all(
    context: &Context,
    stages: Vec<Stage>,
    nodes: Vec<PoolNodes>,
    rows: &mut Vec<Row>,
    notify: &dyn Fn(&Row),
) -> Result<(), ClusterError> {
    let id = inventory::id();
    let mut nodes = Some(nodes);
    for mut next in stages {
        let name = next.name;
        next.objects = next
            .objects
            .iter()
            .map(|object| object.labelled(inventory::PART_OF, &id))
            .collect();
        let before = rows.len();
        stage::run(context, next, rows, notify).await?;
        if name == "gpu"
            && let Some(nodes) = nodes.take()
        {
            node::run(context, nodes, rows, notify).await?;
        }
        if rows[before..].iter().any(|row| row.action == Action::Failed) {
            break;
        }
    }
    Ok(())
}

/// Writes an object of the inventory itself; without it nothing else may be written.
async fn own(
    context: &Context,
    value: serde_json::Value,
    report: &mut Report,
    notify: &dyn Fn(&Row),
) -> Result<(), ApplyError> {
    let bad = |cause: &str| ApplyError::Inventory {
        object: "inventory".to_owned(),
        cause: cause.to_owned(),
        denied: false,
    };
    let object = Object::new(value).map_err(bad)?;
    let discovery = Discovery::learn(&context.cluster, [object.api_version()]).await?;
    let row = write(context, "inventory", &discovery, &object).await?;
    if matches!(row.action, Action::Failed | Action::Needs(_)) {
        return Err(ApplyError::Inventory {
            object: row.object,
            cause: row.message,
            denied: row.denied,
        });
    }
    notify(&row);
    report.rows.push(row);
    Ok(())
}
