//! `platform team add NAME`.

use std::process::ExitCode;

use clap::Args;
use serde_json::{Map, Value, json};

use super::super::args::Global;
use super::super::failure::Failure;
use super::edited::Edited;
use super::written::{Written, names};
use crate::spec::edit::{Change, Place};
use crate::spec::{self, did_you_mean};

#[derive(Debug, Args)]
pub(super) struct AddArgs {
    /// The team.
    #[arg(value_name = "NAME")]
    name: String,
    /// A group whose members work in the team's namespaces.
    #[arg(long = "group", value_name = "GROUP")]
    groups: Vec<String>,
    /// A group whose members own the team.
    #[arg(long = "owner", value_name = "GROUP")]
    owners: Vec<String>,
    /// A namespace of the team. Default: one, named as the team.
    #[arg(long = "namespace", short = 'n', value_name = "NAME")]
    namespaces: Vec<String>,
    /// A cluster that the team works on. Default: all.
    #[arg(long = "cluster", value_name = "NAME")]
    clusters: Vec<String>,
    /// GPUs: [CLUSTER/]POOL[:PROFILE]=COUNT, with @NAMESPACE behind it where the team has several.
    #[arg(long = "gpu", value_name = "POOL[:PROFILE]=COUNT")]
    gpus: Vec<String>,
    /// CPU quota of each namespace, such as 64 or 500m.
    #[arg(long, value_name = "AMOUNT")]
    cpu: Option<String>,
    /// Memory quota of each namespace, such as 256Gi.
    #[arg(long, value_name = "AMOUNT")]
    memory: Option<String>,
    /// How many pods each namespace may have.
    #[arg(long, value_name = "COUNT")]
    pods: Option<u32>,
    /// Storage quota of each namespace, such as 1Ti.
    #[arg(long, value_name = "AMOUNT")]
    storage: Option<String>,
    /// A secret: BACKEND:PATH=NAME.
    #[arg(long = "secret", value_name = "BACKEND:PATH=NAME")]
    secrets: Vec<String>,
}

pub(super) fn run(global: &Global, args: &AddArgs, allow_loosen: bool) -> Result<ExitCode, Failure> {
    let written = Written::read(global)?;
    let team = team(&written, args)?;
    let name = &args.name;
    let mut changes = Vec::new();
    match written.find(name) {
        None => changes.push(Change::Append(Place::root().key("teams"), team)),
        Some((_, there)) => {
            let differing = differing(there, &team);
            if !differing.is_empty() {
                return Err(Failure::usage(format!(
                    "team `{name}` is there, with other {}",
                    differing.join(", ")
                ))
                .hint(
                    "change it in the spec; `team add` only adds, so that nothing a person wrote is replaced",
                ));
            }
        }
    }
    let mut edited = Edited::new(&written, "add", name, &changes)?;
    if changes.is_empty() {
        edited.notes.push(format!("team `{name}` is there exactly so"));
    }
    edited.finish(global, &written, allow_loosen)
}

/// The entry of the spec; empty lists are left out.
fn team(written: &Written, args: &AddArgs) -> Result<Value, Failure> {
    let mut team = Map::new();
    team.insert("name".to_owned(), json!(args.name));
    let gpus: Vec<Value> = args
        .gpus
        .iter()
        .map(|text| gpu(written, &args.clusters, text))
        .collect::<Result<_, _>>()?;
    let secrets: Vec<Value> = args
        .secrets
        .iter()
        .map(|text| secret(text))
        .collect::<Result<_, _>>()?;
    let mut list = |key: &str, values: Vec<Value>| {
        if !values.is_empty() {
            team.insert(key.to_owned(), Value::Array(values));
        }
    };
    let texts = |values: &[String]| values.iter().map(|value| json!(value)).collect();
    list("groups", texts(&args.groups));
    list("owners", texts(&args.owners));
    list("namespaces", texts(&args.namespaces));
    list("clusters", texts(&args.clusters));
    list("gpus", gpus);
    if let Some(quota) = quota(args) {
        team.insert("quota".to_owned(), quota);
    }
    if !secrets.is_empty() {
        team.insert("secrets".to_owned(), Value::Array(secrets));
    }
    Ok(Value::Object(team))
}

/// The quota, once for each namespace where there are several.
fn quota(args: &AddArgs) -> Option<Value> {
    let mut quota = Map::new();
    // `64` is written as a number, as a person would.
    let amount = |text: &String| {
        text.parse::<u64>()
            .map_or_else(|_| json!(text), |number| json!(number))
    };
    let entries = [
        ("cpu", args.cpu.as_ref().map(amount)),
        ("memory", args.memory.as_ref().map(amount)),
        ("pods", args.pods.map(|pods| json!(pods))),
        ("storage", args.storage.as_ref().map(amount)),
    ];
    for (key, value) in entries {
        if let Some(value) = value {
            quota.insert(key.to_owned(), value);
        }
    }
    if quota.is_empty() {
        return None;
    }
    if args.namespaces.len() < 2 {
        return Some(Value::Object(quota));
    }
    let each = |namespace: &String| {
        let mut entry = Map::new();
        entry.insert("namespace".to_owned(), json!(namespace));
        entry.extend(quota.clone());
        Value::Object(entry)
    };
    Some(args.namespaces.iter().map(each).collect())
}

/// `[CLUSTER/]POOL[:PROFILE]=COUNT[@NAMESPACE]`; the cluster may be left out where only one has such a pool.
fn gpu(written: &Written, clusters: &[String], text: &str) -> Result<Value, Failure> {
    let wrong = || {
        Failure::usage(format!(
            "`--gpu {}` is not [CLUSTER/]POOL[:PROFILE]=COUNT",
            text.escape_debug()
        ))
        .hint("such as --gpu h100-mig:3g.40gb=2 or --gpu fra1/a100-dev=1")
    };
    let (what, count) = text.rsplit_once('=').ok_or_else(wrong)?;
    let (count, namespace) = match count.split_once('@') {
        Some((count, namespace)) => (count, Some(namespace)),
        None => (count, None),
    };
    let count: u32 = count.parse().map_err(|_| wrong())?;
    let (place, profile) = match what.split_once(':') {
        Some((place, profile)) => (place, Some(profile)),
        None => (what, None),
    };
    let (cluster, pool) = match place.split_once('/') {
        Some((cluster, pool)) => (cluster.to_owned(), pool),
        None => (cluster_of(written, clusters, place)?, place),
    };
    if pool.is_empty() || cluster.is_empty() || profile == Some("") || namespace == Some("") {
        return Err(wrong());
    }
    let mut entry = Map::new();
    let mut put = |key: &str, value: Value| entry.insert(key.to_owned(), value);
    if let Some(namespace) = namespace {
        put("namespace", json!(namespace));
    }
    put("cluster", json!(cluster));
    put("pool", json!(pool));
    match profile {
        Some(memory) if memory.ends_with("Gi") => drop(put("memory", json!(memory))),
        Some(profile) => drop(put("profile", json!(profile))),
        None => {}
    }
    put("count", json!(count));
    Ok(Value::Object(entry))
}

/// The only cluster of the team that has the pool.
fn cluster_of(written: &Written, clusters: &[String], pool: &str) -> Result<String, Failure> {
    let of_team =
        |cluster: &&Value| clusters.is_empty() || clusters.iter().any(|name| cluster["name"] == **name);
    let all: Vec<&Value> = written.list("clusters").iter().filter(of_team).collect();
    let pools = |cluster: &Value| cluster["pools"].as_array().cloned().unwrap_or_default();
    let having: Vec<&str> = all
        .iter()
        .filter(|cluster| names(&pools(cluster)).any(|name| name == pool))
        .filter_map(|cluster| cluster["name"].as_str())
        .collect();
    match having.as_slice() {
        [one] => Ok((*one).to_owned()),
        [] => {
            let pools: Vec<Value> = all.iter().flat_map(|cluster| pools(cluster)).collect();
            let names: Vec<&str> = names(&pools).collect();
            let hint = match did_you_mean(pool, names.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("pools: {}", names.join(", ")),
            };
            Err(Failure::usage(format!(
                "pool `{}` is on no cluster of the team",
                pool.escape_debug()
            ))
            .hint(hint))
        }
        several => {
            let hint = format!("write CLUSTER/{pool}: {}", several.join(", "));
            Err(Failure::usage(format!("pool `{pool}` is on several clusters")).hint(hint))
        }
    }
}

/// `BACKEND:PATH=NAME`.
fn secret(text: &str) -> Result<Value, Failure> {
    let parts = text
        .split_once(':')
        .and_then(|(from, rest)| rest.rsplit_once('=').map(|(path, name)| (from, path, name)))
        .filter(|(from, path, name)| ![from, path, name].iter().any(|part| part.is_empty()));
    match parts {
        Some((from, path, name)) => Ok(json!({"from": from, "path": path, "as": name})),
        // The text is not repeated: somebody may have pasted a secret.
        None => Err(Failure::usage("`--secret` is not BACKEND:PATH=NAME")
            .hint("such as --secret vault-prod:ml/api-key=api; the secret itself stays in the backend")),
    }
}

/// The keys in which two teams differ, with defaults filled in.
fn differing(there: &Value, new: &Value) -> Vec<String> {
    let whole = |team: &Value| match serde_json::from_value::<spec::Team>(team.clone()) {
        Ok(team) => serde_json::to_value(team).unwrap_or_default(),
        Err(_) => team.clone(),
    };
    let (there, new) = (whole(there), whole(new));
    let keys = new.as_object().into_iter().flat_map(Map::keys);
    let extra = there.as_object().into_iter().flat_map(Map::keys);
    let mut differing: Vec<String> = keys
        .chain(extra)
        .filter(|key| there.get(key.as_str()) != new.get(key.as_str()))
        .map(|key| format!("`{key}`"))
        .collect();
    differing.sort();
    differing.dedup();
    differing
}
