//! What only a cluster can answer.

use std::collections::BTreeSet;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Value, json};

use super::judge;
use super::row::Row;
use crate::apply::{self, Right};
use crate::cli::args::{CheckArgs, Global};
use crate::cli::failure::Failure;
use crate::cli::load::{self, Loaded};
use crate::cli::{apply as apply_command, live};
use crate::edge::cluster::{Call, Cluster, ClusterError, Deadline, Discovery, Target, bounded};
use crate::edge::disk;
use crate::render;
use crate::tree::Tree;

/// Everything that one cluster is asked about.
pub(super) struct Question {
    /// `cluster fra1`.
    pub(super) subject: String,
    /// Where it is; the reason why it is not to be asked otherwise.
    target: Result<Target, NotAsked>,
    /// What the stages need.
    kinds: BTreeSet<(String, String)>,
    /// What the GitOps engine is given.
    gitops: BTreeSet<(String, String)>,
    rights: Vec<Right>,
    /// The UID at the first apply.
    remembered: Option<String>,
}

enum NotAsked {
    Offline,
    NoContext(String),
}

/// The questions to the clusters of the spec.
pub(super) fn questions(global: &Global, args: &CheckArgs, spec: &Loaded) -> Result<Vec<Question>, Failure> {
    let tree = render::render(&spec.plan, &spec.bytes)?;
    let clusters = load::clusters(&spec.plan, args.cluster.as_deref())?;
    if global.context.is_some() && clusters.len() > 1 {
        return Err(
            Failure::usage("`--context` means one cluster, and the spec has several")
                .hint("name the cluster with --cluster"),
        );
    }
    let kubeconfigs = live::kubeconfigs(global.kubeconfig.clone())?;
    let question = |cluster: &crate::plan::ClusterPlan| {
        let name = cluster.name.as_str();
        let stages = apply::stages(&tree, name).map_err(|error| Failure::bug(error.to_string()))?;
        let context = global.context.as_deref().unwrap_or(&cluster.context);
        let target = if args.offline {
            Err(NotAsked::Offline)
        } else {
            kubeconfigs
                .find(context)
                .map_err(|error| NotAsked::NoContext(error.to_string()))
        };
        Ok(Question {
            subject: format!("cluster {name}"),
            target,
            kinds: apply::kinds(&stages),
            gitops: gitops(&tree, name),
            rights: apply::rights(&stages),
            remembered: disk::recall(Path::new("."), &apply_command::memory(name)),
        })
    };
    clusters.into_iter().map(question).collect()
}

/// The kinds below `clusters/<name>/`, which only the GitOps engine reads.
fn gitops(tree: &Tree, cluster: &str) -> BTreeSet<(String, String)> {
    let folder = format!("clusters/{cluster}/");
    let mut kinds = BTreeSet::new();
    for (_, file) in tree.iter().filter(|(path, _)| path.as_str().starts_with(&folder)) {
        let text = String::from_utf8_lossy(&file.bytes);
        for document in serde_yaml::Deserializer::from_str(&text) {
            let object = Value::deserialize(document).unwrap_or(Value::Null);
            if let (Some(version), Some(kind)) = (object["apiVersion"].as_str(), object["kind"].as_str())
                && !version.starts_with("kustomize.config.k8s.io/")
            {
                kinds.insert((version.to_owned(), kind.to_owned()));
            }
        }
    }
    kinds
}

const CHECKS: [(&str, &str); 7] = [
    ("context", "its context is in the kubeconfig"),
    ("reachable", "the server answers"),
    ("version", "its version is supported"),
    ("kinds", "the kinds of the render are served"),
    ("gitops", "the kinds of the GitOps engine are served"),
    ("permissions", "you may do what apply does"),
    ("same-cluster", "it is the cluster of the first apply"),
];

/// The rows of one cluster; when it does not answer, the rest is left open.
pub(super) async fn ask(question: &Question, deadline: Deadline) -> Vec<Row> {
    let subject = question.subject.as_str();
    let mut rows = Vec::new();
    match &question.target {
        Err(NotAsked::Offline) => return rest(rows, subject, "--offline"),
        Err(NotAsked::NoContext(why)) => {
            rows.push(
                Row::failed("context", subject, CHECKS[0].1, why.as_str())
                    .hint("`kubectl config get-contexts` lists them; the spec's `context` names one"),
            );
            return rest(rows, subject, "no context");
        }
        Ok(target) => {
            let found = format!("{}, server {}", target.context, target.server);
            rows.push(Row::ok("context", subject, CHECKS[0].1, found));
            let answered = match Cluster::connect(target, deadline).await {
                Ok(cluster) => {
                    let version = cluster.call(&Call::get("/version")).await;
                    version.map(|version| (cluster, version))
                }
                Err(error) => Err(error),
            };
            match answered {
                Err(error) => {
                    rows.push(
                        Row::failed("reachable", subject, CHECKS[1].1, error.to_string())
                            .hint("look at the network, the server's address and the credentials"),
                    );
                    return rest(rows, subject, "the server does not answer");
                }
                Ok((cluster, version)) => {
                    rows.push(Row::ok("reachable", subject, CHECKS[1].1, ""));
                    rows.push(judge::version(subject, &version));
                    inside(question, &cluster, &mut rows).await;
                }
            }
        }
    }
    rows
}

/// What a server that answers is asked.
async fn inside(question: &Question, cluster: &Cluster, rows: &mut Vec<Row>) {
    let subject = question.subject.as_str();
    let all = question.kinds.iter().chain(&question.gitops);
    let rights = question.rights.iter().map(|right| right.api_version.as_str());
    let versions: BTreeSet<&str> = all.map(|(version, _)| version.as_str()).chain(rights).collect();
    match Discovery::learn(cluster, versions).await {
        Err(error) => {
            for (id, claim) in &CHECKS[3..6] {
                rows.push(Row::failed(id, subject, claim, error.to_string()));
            }
        }
        Ok(discovery) => {
            for ((id, claim), kinds) in CHECKS[3..5].iter().zip([&question.kinds, &question.gitops]) {
                let served =
                    |(version, kind): &&(String, String)| discovery.resource(version, kind).is_none();
                let missing: Vec<_> = kinds.iter().filter(served).cloned().collect();
                rows.push(judge::served(id, subject, claim, kinds.len(), &missing));
            }
            rows.push(match permissions(question, cluster, &discovery).await {
                Ok((total, denied)) => judge::permissions(subject, total, &denied),
                Err(error) => Row::failed("permissions", subject, CHECKS[5].1, error.to_string()),
            });
        }
    }
    let uid = cluster.uid().await;
    let remembered = question.remembered.as_deref();
    rows.push(judge::same_cluster(subject, remembered, uid.as_deref()));
}

/// How many rights were asked for, and which the server denies; kinds that are not served are not asked about.
async fn permissions(
    question: &Question,
    cluster: &Cluster,
    discovery: &Discovery,
) -> Result<(usize, Vec<String>), ClusterError> {
    let mut asked: Vec<(String, String, &'static str)> = Vec::new();
    for right in &question.rights {
        let Some(resource) = discovery.resource(&right.api_version, &right.kind) else {
            continue;
        };
        let group = right.api_version.split_once('/').map_or("", |(group, _)| group);
        let verbs = right.verbs.iter();
        asked.extend(verbs.map(|verb| (group.to_owned(), resource.plural.clone(), *verb)));
    }
    let ask = |(group, resource, verb): (String, String, &'static str)| {
        let cluster = cluster.clone();
        async move {
            let attributes = json!({"group": group, "resource": resource, "verb": verb});
            let review = json!({
                "apiVersion": "authorization.k8s.io/v1",
                "kind": "SelfSubjectAccessReview",
                "spec": {"resourceAttributes": attributes},
            });
            let path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
            let answer = cluster.call(&Call::post(path, review)).await?;
            let name = if group.is_empty() {
                resource
            } else {
                format!("{resource}.{group}")
            };
            Ok((answer["status"]["allowed"] != true).then(|| format!("{verb} {name}")))
        }
    };
    let total = asked.len();
    let mut denied = Vec::new();
    for answer in bounded(asked, ask, |_| {}).await {
        // A question that got lost is not a yes.
        denied.extend(answer.unwrap_or_else(|| Ok(Some("a question that got no answer".to_owned())))?);
    }
    Ok((total, denied))
}

/// The checks that come after those that are there, left open.
fn rest(mut rows: Vec<Row>, subject: &str, why: &str) -> Vec<Row> {
    for (id, claim) in &CHECKS[rows.len()..] {
        rows.push(Row::open(id, subject, claim, why));
    }
    rows
}
