//! From the repository's state to everything that a merge needs.

use std::collections::BTreeMap;
use std::path::Path;

use super::Bring;
use crate::cli::args::Global;
use crate::cli::failure::Failure;
use crate::cli::former::plan_of;
use crate::cli::output;
use crate::edge::env::GitNames;
use crate::edge::git::{Found, LastRender, MergeRequest, Session, Sources, without_cr};
use crate::edge::{clock, env};
use crate::lock::LOCK_PATH;
use crate::plan::Plan;
use crate::plan::change::{self, Change};
use crate::plan::gpu::Aim;
use crate::render;
use crate::tree::{Tree, sha256_hex};

/// Everything that is known before the merge.
pub(super) struct Work {
    pub(super) last: LastRender,
    pub(super) change: Change,
    former: Option<Plan>,
    spec_before: Vec<u8>,
    sources: Sources,
    rebuilt: Option<Tree>,
    tree: Tree,
    removed: Option<Vec<String>>,
    renames: Vec<(String, String)>,
}

impl Work {
    /// Finds the last render, plans both specs and renders the new one; `bring.spec` replaces the one of the work tree.
    ///
    /// The layouts that are there are those of the branch, beside the spec; of the last render they are its own.
    pub(super) fn prepare(
        global: &Global,
        dir: &Path,
        session: &Session,
        bring: &Bring<'_>,
    ) -> Result<Self, Failure> {
        let mut last = session.last_render()?;
        require_version(&last)?;
        let spec_before = super::spec_of(dir)?;
        let present = super::sources_of(dir, spec_before.clone())?;
        let sources = Sources {
            spec: bring.spec.map_or_else(|| spec_before.clone(), without_cr),
            ..present.clone()
        };
        // A merge that a person committed may have left its spec uncommitted.
        if last.sources.is_none() && is_made_from(&last, &present) {
            last.sources = Some(Sources {
                node_plans: last.node_plans.clone(),
                ..present
            });
        }
        let same = bring.aim == Aim::default() && last.sources.as_ref() == Some(&sources);
        let (former, plan) = rayon::join(
            || {
                let former = last.sources.as_ref().filter(|_| !same);
                former.map(|sources| plan_of(sources, Aim::default()))
            },
            || plan_of(&sources, bring.aim),
        );
        let plan = plan.map_err(Failure::findings)?;
        let former = if same { Some(Ok(plan.clone())) } else { former };
        let former = match former {
            Some(Ok(former)) => Some(former),
            Some(Err(findings)) => {
                let first = findings.first().map(ToString::to_string).unwrap_or_default();
                output::note(
                    global,
                    &format!("note: the spec of the last render is not valid for this version: {first}"),
                );
                None
            }
            None => None,
        };
        let (tree, removed) = match former.as_ref().filter(|_| last.found != Found::Missing) {
            Some(former) => {
                let lock = &last.lock;
                let over = render::render_over(&plan, &sources.spec, render::Former { plan: former, lock })?;
                (over.tree, Some(over.removed))
            }
            None => (render::render(&plan, &sources.spec)?, None),
        };
        let rebuilt = match last.found {
            Found::Missing => Some(rebuild(&last, former.as_ref())?),
            _ => None,
        };
        say_found(global, &last.found);
        let change = change::between(former.as_ref(), &plan);
        let renames = former
            .as_ref()
            .map(|former| renames(former, &plan))
            .unwrap_or_default();
        Ok(Self {
            last,
            change,
            former,
            spec_before,
            sources,
            rebuilt,
            tree,
            removed,
            renames,
        })
    }

    /// That no control is loosened without leave.
    pub(super) fn require_allowed(&self, allow_loosen: bool) -> Result<(), Failure> {
        if allow_loosen {
            return Ok(());
        }
        if self.former.is_none() {
            return Err(Failure::new(
                1,
                "the spec of the last render is not in this clone, so it cannot be told which controls are loosened",
            )
            .hint("fetch the whole history (`git fetch --unshallow`), or pass --allow-loosen"));
        }
        crate::cli::change::refuse_loosening(&self.change, false)
    }

    pub(super) fn message(&self) -> String {
        self.change.message()
    }

    /// The request that is made of this work.
    pub(super) fn request<'a>(&'a self, message: &'a str) -> Result<Request<'a>, Failure> {
        let environment = |error: String| Failure::environment(error);
        let epoch = env::variable("SOURCE_DATE_EPOCH").map_err(|e| environment(e.to_string()))?;
        Ok(Request {
            work: self,
            message,
            time: clock::document_time(epoch.as_deref()).map_err(|e| environment(e.to_string()))?,
            names: env::git_names().map_err(|e| environment(e.to_string()))?,
        })
    }
}

/// A request with the values that it borrows.
pub(super) struct Request<'a> {
    work: &'a Work,
    message: &'a str,
    time: i64,
    names: GitNames,
}

impl Request<'_> {
    pub(super) fn borrow(&self) -> MergeRequest<'_> {
        MergeRequest {
            last: &self.work.last,
            rebuilt: self.work.rebuilt.as_ref(),
            render: &self.work.tree,
            removed: self.work.removed.as_deref(),
            spec_before: &self.work.spec_before,
            sources: &self.work.sources,
            renames: &self.work.renames,
            message: self.message,
            time: self.time,
            names: &self.names,
        }
    }
}

/// Whether the lock names these sources; node plans are no part of that, for they are what was made.
fn is_made_from(last: &LastRender, sources: &Sources) -> bool {
    let digest = |(path, bytes): (&crate::units::RelPath, &Vec<u8>)| (path.to_string(), sha256_hex(bytes));
    let overlays: BTreeMap<String, String> = sources.overlays.iter().map(digest).collect();
    last.lock.spec.sha256 == sha256_hex(&sources.spec) && last.lock.overlays == overlays
}

/// That the last render was not made by a newer version, which may render what this one does not know.
fn require_version(last: &LastRender) -> Result<(), Failure> {
    let numbers = |version: &str| -> Vec<u64> {
        let plain = version.split(['-', '+']).next().unwrap_or_default();
        plain.split('.').map(|part| part.parse().unwrap_or(0)).collect()
    };
    let (theirs, ours) = (last.lock.generator.version.as_str(), env!("CARGO_PKG_VERSION"));
    match numbers(theirs) > numbers(ours) {
        false => Ok(()),
        true => Err(Failure::usage(format!(
            "the last render was made by platform {}, this is {ours}",
            theirs.escape_debug()
        ))
        .hint("use that version or a newer one; nothing was touched")),
    }
}

/// Renders the last render again from its sources; it must come out exactly as its lock says.
fn rebuild(last: &LastRender, former: Option<&Plan>) -> Result<Tree, Failure> {
    let lost = || {
        Failure::usage("no render has the committed `.platform/lock.yaml`, and it cannot be rendered again from its sources")
            .hint("was it edited? `git checkout <commit of the last regenerate> -- .platform/lock.yaml` and commit; in a clone of one branch: `git fetch origin platform/rendered:platform/rendered`")
    };
    let (Some(former), Some(sources)) = (former, &last.sources) else {
        return Err(lost());
    };
    let tree = render::render(former, &sources.spec)?;
    let digests: BTreeMap<String, String> = tree
        .iter()
        .filter(|(path, _)| path.as_str() != LOCK_PATH)
        .map(|(path, file)| (path.to_string(), sha256_hex(&file.bytes)))
        .collect();
    match digests == last.lock.files {
        true => Ok(tree),
        false => Err(lost()),
    }
}

fn say_found(global: &Global, found: &Found) {
    let text = match found {
        Found::Branch => return,
        Found::Remote(name) => format!("the last render was found on `{name}`"),
        Found::History => "the last render was found among the ancestors of this branch".to_owned(),
        Found::Missing => "the last render was rendered again from its sources".to_owned(),
    };
    output::note(
        global,
        &format!("note: {text}; the branch `platform/rendered` continues from it"),
    );
}

/// Where the files of renamed teams were and are.
fn renames(former: &Plan, plan: &Plan) -> Vec<(String, String)> {
    let mut moved = Vec::new();
    for (old, new) in change::renames(former, plan) {
        for cluster in &former.clusters {
            if plan.cluster(cluster.name.as_str()).is_some() {
                let name = &cluster.name;
                moved.push((format!("tenants/{name}/{old}"), format!("tenants/{name}/{new}")));
                moved.push((
                    format!("docs/examples/{name}/{old}.yaml"),
                    format!("docs/examples/{name}/{new}.yaml"),
                ));
            }
        }
    }
    moved
}
