//! What one look at the cluster sees of a delivery.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::STAGES;
use crate::lab::{Cluster, User};

/// One stage, as its Kustomization tells.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Stage {
    pub(super) ready: bool,
    /// How many objects it has applied.
    pub(super) objects: usize,
    /// The revision that it has delivered completely.
    pub(super) revision: String,
    /// The messages of its conditions.
    pub(super) says: String,
}

/// Namespaces, stages and policies at one look.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Moment {
    pub(super) namespaces: BTreeSet<String>,
    pub(super) stages: BTreeMap<String, Stage>,
    /// Each ValidatingPolicy, and whether its engine has compiled it.
    pub(super) policies: BTreeMap<String, bool>,
}

impl Moment {
    /// Looks at the namespaces first: what a stage has delivered can then not be newer than what the stage says.
    pub(super) fn look(cluster: &Cluster) -> Moment {
        let kinds =
            "namespaces,kustomizations.kustomize.toolkit.fluxcd.io,validatingpolicies.policies.kyverno.io";
        let text = cluster.ok(User::Root, &["get", kinds, "-A", "-o", "json"]);
        let list: Value = serde_json::from_str(&text).expect("kubectl prints JSON");
        let mut moment = Moment {
            namespaces: BTreeSet::new(),
            stages: BTreeMap::new(),
            policies: BTreeMap::new(),
        };
        for object in list["items"].as_array().expect("a list of objects") {
            let name = object["metadata"]["name"].as_str().expect("a name").to_string();
            match object["kind"].as_str() {
                Some("Namespace") => drop(moment.namespaces.insert(name)),
                Some("Kustomization") if object["metadata"]["namespace"] == "flux-system" => {
                    moment.stages.insert(name, stage(object));
                }
                Some("ValidatingPolicy") => {
                    let ready = object["status"]["conditionStatus"]["ready"] == true;
                    moment.policies.insert(name, ready);
                }
                _ => {}
            }
        }
        moment
    }

    /// A stage; one that does not exist yet has done nothing.
    pub(super) fn stage(&self, name: &str) -> Stage {
        self.stages.get(name).cloned().unwrap_or_default()
    }

    /// Whether each stage of the example is ready with this revision.
    pub(super) fn all_ready(&self, revision: &str) -> bool {
        STAGES
            .iter()
            .map(|name| self.stage(name))
            .all(|stage| stage.ready && stage.revision == revision)
    }
}

fn stage(object: &Value) -> Stage {
    let status = &object["status"];
    let conditions = || status["conditions"].as_array().into_iter().flatten();
    let says: Vec<&str> = conditions().filter_map(|c| c["message"].as_str()).collect();
    Stage {
        ready: status["observedGeneration"] == object["metadata"]["generation"]
            && conditions().any(|c| c["type"] == "Ready" && c["status"] == "True"),
        objects: status["inventory"]["entries"].as_array().map_or(0, Vec::len),
        revision: status["lastAppliedRevision"]
            .as_str()
            .unwrap_or_default()
            .to_string(),
        says: says.join("; "),
    }
}
