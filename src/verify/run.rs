//! Asks everything that the plan expects, and judges the answers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use super::expected::{self, Expected};
use super::report::{Finding, Report, Status, Verdict};
use super::{access, capacity, claim, fence, labels, pod, policy, waiver};
use crate::apply::{Files, LoadError};
use crate::edge::cluster::{Cluster, ClusterError, Discovery, Stop, bounded};
use crate::plan::{Ask, ClusterPlan, Expectation, FenceKind, Plan, expectations};

/// Why nothing was verified.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// The rendered objects cannot be read.
    #[error("rendered repository: {0}")]
    Load(#[from] LoadError),
    /// The cluster cannot be asked.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
}

impl VerifyError {
    /// The exit code of a command that ends with this error.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Load(_) => 2,
            Self::Cluster(error) => error.exit_code(),
        }
    }
}

/// What was read once and is judged many times.
struct Snapshot {
    expected: Expected,
    discovery: Discovery,
    /// By name.
    namespaces: Result<BTreeMap<String, Value>, ClusterError>,
    /// By kind, then namespace.
    fences: BTreeMap<&'static str, Result<BTreeMap<String, Vec<Value>>, ClusterError>>,
    /// Ids of all policies of the plan.
    policies: Vec<String>,
    today: String,
}

/// Verifies one cluster against the plan; `files` are those that were rendered from it, `today` is `YYYY-MM-DD` in UTC.
///
/// `notify` sees each verdict as soon as it is known.
pub async fn run(
    cluster: &Cluster,
    plan: &Plan,
    of: &ClusterPlan,
    files: &dyn Files,
    today: &str,
    stop: &Stop,
    notify: &dyn Fn(&Verdict),
) -> Result<Report, VerifyError> {
    let expected = Expected::read(files, of.name.as_str())?;
    let uid = cluster.uid().await?;
    let all = expectations(plan, of);
    let snapshot = Arc::new(look(cluster, expected, &all, today).await?);
    let job = |expectation: Expectation| {
        let (cluster, snapshot, stop) = (cluster.clone(), snapshot.clone(), stop.clone());
        async move {
            let answer = match stop.check("verifying") {
                Ok(()) => finding(&cluster, &snapshot, &expectation.ask).await,
                Err(error) => Err(error),
            };
            match answer {
                Ok(finding) => (Verdict::new(&expectation, finding), None),
                Err(error) => {
                    let finding = Finding::not_assessed(format!("the question could not be asked: {error}"));
                    (Verdict::new(&expectation, finding), Some(error))
                }
            }
        }
    };
    let results = bounded(all.clone(), job, |(verdict, _)| notify(verdict)).await;
    let mut verdicts = Vec::with_capacity(all.len());
    let mut first_error = None;
    for (expectation, result) in all.iter().zip(results) {
        let (verdict, error) = result.unwrap_or_else(|| {
            let finding = Finding::not_assessed("the program failed: this is a bug");
            (Verdict::new(expectation, finding), None)
        });
        verdicts.push(verdict);
        first_error = first_error.or(error);
    }
    let blocked = blocked(&all, &verdicts, first_error.as_ref());
    Ok(Report::new(of.name.as_str(), uid, today, verdicts, blocked))
}

/// The exit code when nothing could be asked of the cluster, or when the end came early; 0 otherwise.
fn blocked(all: &[Expectation], verdicts: &[Verdict], error: Option<&ClusterError>) -> u8 {
    let live = |expectation: &Expectation| {
        !matches!(expectation.ask, Ask::Waiver { .. } | Ask::SecretBackend { .. })
    };
    let mut asked = all
        .iter()
        .zip(verdicts)
        .filter(|(expectation, _)| live(expectation))
        .peekable();
    let nothing = asked.peek().is_some() && asked.all(|(_, verdict)| verdict.status == Status::NotAssessed);
    match error {
        Some(error) if error.is_fatal() || nothing => error.exit_code(),
        _ => 0,
    }
}

/// Reads what many expectations share, each list once.
async fn look(
    cluster: &Cluster,
    expected: Expected,
    all: &[Expectation],
    today: &str,
) -> Result<Snapshot, ClusterError> {
    let kept = |result: Result<Vec<Value>, ClusterError>| match result {
        Err(error) if error.is_fatal() => Err(error),
        other => Ok(other),
    };
    let namespaces = kept(cluster.list("/api/v1/namespaces", None).await)?;
    let namespaces = namespaces.map(|list| {
        let named = |value: Value| Some((value["metadata"]["name"].as_str()?.to_owned(), value));
        list.into_iter().filter_map(named).collect()
    });
    let mut fences = BTreeMap::new();
    for kind in expected::ALL {
        let list = kept(cluster.list(expected::collection(kind), None).await)?;
        fences.insert(expected::name(kind), list.map(by_namespace));
    }
    let policies = all.iter().filter_map(|expectation| match &expectation.ask {
        Ask::Policy { id, .. } => Some(id.clone()),
        _ => None,
    });
    let policies: Vec<String> = policies.collect();
    let versions: BTreeSet<String> = policies
        .iter()
        .flat_map(|id| expected.policy(id))
        .map(|object| object.api_version().to_owned())
        .collect();
    let discovery = Discovery::learn(cluster, versions.iter().map(String::as_str)).await?;
    Ok(Snapshot {
        expected,
        discovery,
        namespaces,
        fences,
        policies,
        today: today.to_owned(),
    })
}

fn by_namespace(list: Vec<Value>) -> BTreeMap<String, Vec<Value>> {
    let mut map: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for value in list {
        if let Some(namespace) = value["metadata"]["namespace"].as_str() {
            map.entry(namespace.to_owned()).or_default().push(value);
        }
    }
    map
}

async fn finding(cluster: &Cluster, snapshot: &Snapshot, ask: &Ask) -> Result<Finding, ClusterError> {
    Ok(match ask {
        Ask::Labels { namespace, labels } => {
            let namespaces = snapshot.namespaces.as_ref().map_err(Clone::clone)?;
            labels::judge(namespace, labels, namespaces.get(namespace))
        }
        Ask::Fence { namespace, kind } => fence(snapshot, namespace, *kind)?,
        Ask::Policy { id, mode } => {
            let pairs = policy::ask(cluster, &snapshot.discovery, snapshot.expected.policy(id)).await?;
            policy::judge(id, *mode, &pairs)
        }
        Ask::Access {
            groups,
            request,
            allowed,
        } => access::judge(*allowed, &access::ask(cluster, groups, request).await?),
        Ask::Pod {
            groups,
            namespace,
            pod,
            denied_by,
        } => pod::judge(
            denied_by.as_ref(),
            &snapshot.policies,
            &pod::ask(cluster, groups, namespace, pod).await?,
        ),
        Ask::Claim {
            groups,
            namespace,
            claim,
            denied_by,
        } => pod::judge(
            denied_by.as_ref(),
            &snapshot.policies,
            &pod::ask_claim(cluster, groups, namespace, claim).await?,
        ),
        Ask::Devices {
            pool,
            node_selector,
            promised,
        } => {
            let nodes = cluster
                .list("/api/v1/nodes", Some(&selector(node_selector)))
                .await?;
            let slices = cluster
                .list("/apis/resource.k8s.io/v1/resourceslices", None)
                .await?;
            claim::judge(pool, promised, &nodes, &slices)
        }
        Ask::Capacity {
            pool,
            node_selector,
            promised,
        } => {
            let selector = selector(node_selector);
            let nodes = cluster.list("/api/v1/nodes", Some(&selector)).await?;
            capacity::judge(pool, &selector, promised, &nodes)
        }
        Ask::SecretBackend { .. } => Finding::not_assessed("secret backends are not probed by this version"),
        Ask::Waiver { expires } => waiver::judge(expires, &snapshot.today),
    })
}

fn selector(labels: &BTreeMap<String, String>) -> String {
    let parts: Vec<String> = labels
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    parts.join(",")
}

fn fence(snapshot: &Snapshot, namespace: &str, kind: FenceKind) -> Result<Finding, ClusterError> {
    let namespaces = snapshot.namespaces.as_ref().map_err(Clone::clone)?;
    let name = expected::name(kind);
    let all = match snapshot.fences.get(name) {
        Some(all) => all.as_ref().map_err(Clone::clone)?,
        None => return Ok(Finding::not_assessed(format!("{name} was not read"))),
    };
    let live: Vec<&Value> = all.get(namespace).into_iter().flatten().collect();
    let exists = namespaces.contains_key(namespace);
    Ok(fence::judge(
        name,
        namespace,
        exists,
        snapshot.expected.fence(kind, namespace),
        &live,
    ))
}
