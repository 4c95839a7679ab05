//! A render over a former one: what cannot have changed is not rendered again.
//!
//! Most of a large repository is the folders of teams, and most changes concern a few of them. A team's folder follows
//! from its tenants, the platform's name, the GPU resources of the cluster and the GitOps engine, and from nothing else.

use std::collections::{BTreeMap, BTreeSet};

use super::{Output, RenderError, generate, lock, overlay, queues, tenant};
use crate::lock::{LOCK_PATH, Lock};
use crate::plan::{ClusterPlan, Plan, Tenant};
use crate::tree::{Tree, sha256_hex};

/// A former render.
#[derive(Debug, Clone, Copy)]
pub struct Former<'a> {
    /// What it was rendered from.
    pub plan: &'a Plan,
    /// Its lock.
    pub lock: &'a Lock,
}

/// What a render brings over a former one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Over {
    /// Files that may have changed, the lock included; every other file is the former one.
    pub tree: Tree,
    /// Paths of the former render that are gone.
    pub removed: Vec<String>,
}

/// Renders what may differ from a former render by this version; together with it, the result is that of [`super::render`].
pub fn render_over(plan: &Plan, spec_bytes: &[u8], former: Former<'_>) -> Result<Over, RenderError> {
    let same = Same::new(plan, former);
    let mut out = generate(plan, &|cluster, tenants| same.holds(cluster, tenants))?;
    if !same.is_confirmed(plan, &out)? {
        out = generate(plan, &|_, _| false)?;
    }
    overlay::lay(plan, &mut out)?;
    let kept = kept(plan, former, &out);
    lock::add(plan, &mut out, spec_bytes, &kept)?;
    let removed = former
        .lock
        .files
        .keys()
        .filter(|path| !kept.contains_key(path.as_str()) && out.tree.get(path).is_none());
    Ok(Over {
        removed: removed.cloned().collect(),
        tree: out.tree,
    })
}

/// The digests of team folders that were not rendered again.
fn kept<'l>(plan: &Plan, former: Former<'l>, out: &Output) -> BTreeMap<&'l str, &'l str> {
    let mut kept = BTreeMap::new();
    for cluster in &plan.clusters {
        for tenants in tenant::by_team(cluster) {
            let folder = tenant::folder(cluster, &tenants);
            if out.tree.get(&format!("{folder}/kustomization.yaml")).is_none() {
                let below = format!("{folder}/");
                let files = former.lock.files.range(below.clone()..);
                let files = files.take_while(|(path, _)| path.starts_with(&below));
                kept.extend(files.map(|(path, digest)| (path.as_str(), digest.as_str())));
            }
        }
    }
    kept
}

/// Which teams of a plan are the same as in a former one.
struct Same<'a> {
    /// The former tenants by cluster and team; empty where nothing may be taken over.
    teams: BTreeMap<(&'a str, &'a str), Vec<&'a Tenant>>,
    lock: &'a Lock,
}

/// One unchanged team in this many is rendered all the same, and compared.
const SAMPLES: usize = 64;

impl<'a> Same<'a> {
    fn new(plan: &Plan, former: Former<'a>) -> Self {
        let comparable = former.lock.generator.version == env!("CARGO_PKG_VERSION")
            && former.plan.model.name == plan.model.name
            && former.plan.gitops().engine == plan.gitops().engine
            // A patch may concern any object.
            && !former.plan.overlays.has_object_patches()
            && !plan.overlays.has_object_patches();
        let mut teams = BTreeMap::new();
        let clusters = former.plan.clusters.iter().filter(|_| comparable);
        for cluster in clusters {
            let same = plan.cluster(cluster.name.as_str()).is_some_and(|now| {
                now.gpu_resources == cluster.gpu_resources
                    && now.class_names() == cluster.class_names()
                    && queues::is_queued(plan, now) == queues::is_queued(former.plan, cluster)
            });
            for tenants in tenant::by_team(cluster).into_iter().filter(|_| same) {
                teams.insert((cluster.name.as_str(), tenants[0].team.as_str()), tenants);
            }
        }
        Self {
            teams,
            lock: former.lock,
        }
    }

    fn holds(&self, cluster: &ClusterPlan, tenants: &[&Tenant]) -> bool {
        let key = (cluster.name.as_str(), tenants[0].team.as_str());
        self.teams.get(&key).is_some_and(|former| former == tenants)
    }

    /// Whether some of the folders that were left out come out as the former lock has them.
    ///
    /// The version says that they must; a build between two versions may not keep to it.
    fn is_confirmed(&self, plan: &Plan, out: &Output) -> Result<bool, RenderError> {
        for cluster in &plan.clusters {
            let teams = tenant::by_team(cluster);
            let left_out: Vec<_> = teams
                .iter()
                .filter(|tenants| {
                    let folder = tenant::folder(cluster, tenants);
                    out.tree.get(&format!("{folder}/kustomization.yaml")).is_none()
                })
                .collect();
            for tenants in left_out.iter().step_by(left_out.len() / SAMPLES + 1) {
                let again = tenant::render(plan, cluster, tenants)?;
                let same = again
                    .tree
                    .iter()
                    .all(|(path, file)| self.lock.files.get(path.as_str()) == Some(&sha256_hex(&file.bytes)));
                if !same {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }
}

/// The whole render that a former one and what was rendered over it make; for tests and for those who need all files.
pub fn whole(former: &Tree, over: &Over) -> Tree {
    let gone: BTreeSet<&str> = over.removed.iter().map(String::as_str).collect();
    let mut tree = Tree::default();
    for (path, file) in former.iter().chain(over.tree.iter()) {
        if !gone.contains(path.as_str()) || path.as_str() == LOCK_PATH {
            let _former = tree.insert(path.clone(), file.clone());
        }
    }
    tree
}
