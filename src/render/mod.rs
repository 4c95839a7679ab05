//! Plan → Tree: the generated repository, byte for byte the same for the same plan.

mod again;
mod blueprint;
mod docs;
mod explain;
mod gitops;
pub mod gpu;
mod gpu_pages;
mod infrastructure;
mod kustomization;
mod lock;
mod nodes;
mod overlay;
mod policies;
mod priority_class;
mod queues;
mod repository;
mod secrets;
mod tenant;
mod yaml;

use rayon::prelude::*;
use serde_json::Value;

use crate::engine::policy;
use crate::plan::{ClusterPlan, Plan, Tenant};
use crate::spec::{Finding, GitOpsEngine};
use crate::tree::{File, Tree};
use crate::units::RelPath;

pub use again::{Former, Over, render_over, whole};
pub use blueprint::FillError;
pub use explain::{Explained, ExplainedChange, ExplainedObject, explain};
pub use policies::parameters;
pub use repository::seeds;
pub use yaml::{WriteError, read_back};

/// Why a plan could not be rendered; a bug of ours, but for overlays.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// A file does not hold what was meant.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// A blueprint cannot be filled.
    #[error(transparent)]
    Fill(#[from] FillError),
    /// A policy cannot be rendered for the engine.
    #[error(transparent)]
    Policy(#[from] policy::RenderError),
    /// The embedded catalogue is broken.
    #[error("embedded catalogue is broken: {0}")]
    Catalogue(String),
    /// Two parts of the renderer made the same file.
    #[error("`{0}` was rendered twice")]
    Clash(String),
    /// Overlays that match nothing or cannot be applied: the user's error, with the place of each.
    #[error("{} of the overlays cannot be applied; the first: {}", .0.len(), .0.first().map(ToString::to_string).unwrap_or_default())]
    Overlays(Vec<Finding>),
    /// A path that is not one.
    #[error(transparent)]
    Path(#[from] crate::units::Invalid),
}

/// Renders the whole repository: every generated file, the lock included, without what the user owns.
pub fn render(plan: &Plan, spec_bytes: &[u8]) -> Result<Tree, RenderError> {
    let mut out = generate(plan, &|_, _| false)?;
    overlay::lay(plan, &mut out)?;
    lock::add(plan, &mut out, spec_bytes, &std::collections::BTreeMap::new())?;
    Ok(out.tree)
}

/// Which teams of a cluster need not be rendered.
type LeftOut<'f> = &'f (dyn Fn(&ClusterPlan, &[&Tenant]) -> bool + Sync);

/// Every generated file but the lock, before overlays of objects are laid over it.
fn generate(plan: &Plan, left_out: LeftOut<'_>) -> Result<Output, RenderError> {
    let mut out = Output::new(plan.gitops().engine);
    repository::render(plan, &mut out)?;
    docs::render(plan, &mut out)?;
    gpu_pages::render(plan, &mut out)?;
    for cluster in &plan.clusters {
        render_cluster(plan, cluster, left_out, &mut out)?;
    }
    Ok(out)
}

fn render_cluster(
    plan: &Plan,
    cluster: &ClusterPlan,
    left_out: LeftOut<'_>,
    out: &mut Output,
) -> Result<(), RenderError> {
    infrastructure::render(plan, cluster, out)?;
    policies::render(plan, cluster, out)?;
    nodes::render(cluster, out)?;
    secrets::render(cluster, out)?;
    queues::render(plan, cluster, out)?;
    let teams = tenant::by_team(cluster);
    let folders: Vec<&str> = teams.iter().map(|tenants| tenants[0].team.as_str()).collect();
    let folder = format!("tenants/{}", cluster.name);
    kustomization::write(out, &folder, "tenant/kustomization", &folders)?;
    let rendered: Vec<Result<Output, RenderError>> = teams
        .par_iter()
        .filter(|tenants| !left_out(cluster, tenants))
        .map(|tenants| tenant::render(plan, cluster, tenants))
        .collect();
    for team in rendered {
        out.absorb(team?)?;
    }
    gitops::render(plan, cluster, out)
}

/// Collects files and puts each through the writer and its check.
#[derive(Debug)]
struct Output {
    tree: Tree,
    /// Who reads the files in the end.
    engine: GitOpsEngine,
}

/// The comment line that every generated file begins with.
fn comment(origin: &str) -> String {
    format!("Generated from blueprint {origin}; change platform.yaml or overlays/ instead of this file.")
}

impl Output {
    fn new(engine: GitOpsEngine) -> Self {
        Self {
            tree: Tree::default(),
            engine,
        }
    }

    /// Objects of Kubernetes (or documents in their form).
    fn objects(&mut self, path: String, origin: &'static str, objects: &[Value]) -> Result<(), RenderError> {
        yaml::check_objects(&path, objects)?;
        if self.engine == GitOpsEngine::Flux && objects.iter().any(holds_variable) {
            return self.values(
                path,
                origin,
                &objects.iter().map(no_substitution).collect::<Vec<_>>(),
            );
        }
        self.values(path, origin, objects)
    }

    /// YAML that is not an object of Kubernetes.
    fn values<T: serde::Serialize>(
        &mut self,
        path: String,
        origin: &'static str,
        values: &[T],
    ) -> Result<(), RenderError> {
        let bytes = yaml::write(&path, &comment(origin), values)?;
        self.file(path, origin, bytes)
    }

    /// Objects of Kubernetes that a blueprint makes; several texts become one stream.
    fn filled(&mut self, path: String, origin: &'static str, texts: &[String]) -> Result<(), RenderError> {
        let text = format!("# {}\n{}", comment(origin), texts.join("---\n"));
        yaml::check_text(&path, &text)?;
        if self.engine == GitOpsEngine::Flux && text.contains("${") {
            // Such a value is rare; then the objects are marked, at the cost of the blueprint's comments.
            let objects = yaml::read_back(&path, text.as_bytes())?;
            return self.objects(path, origin, &objects);
        }
        self.file(path, origin, text.into_bytes())
    }

    /// A Markdown page that a blueprint makes; the origin stands in an HTML comment.
    fn markdown(&mut self, path: &str, origin: &'static str, values: &Value) -> Result<(), RenderError> {
        let text = blueprint::fill(origin, values)?;
        let bytes = format!("<!-- {} -->\n{}", comment(origin), text.trim_start()).into_bytes();
        self.file(path.to_owned(), origin, bytes)
    }

    /// Any other file.
    fn file(&mut self, path: String, origin: &'static str, bytes: Vec<u8>) -> Result<(), RenderError> {
        match self.tree.insert(RelPath::parse(&path)?, File { bytes, origin }) {
            None => Ok(()),
            Some(_) => Err(RenderError::Clash(path)),
        }
    }

    fn absorb(&mut self, other: Self) -> Result<(), RenderError> {
        match self.tree.absorb(other.tree) {
            None => Ok(()),
            Some(path) => Err(RenderError::Clash(path.to_string())),
        }
    }
}

/// Whether a text anywhere in a value looks like a variable of Flux.
fn holds_variable(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains("${"),
        Value::Array(items) => items.iter().any(holds_variable),
        Value::Object(map) => map
            .iter()
            .any(|(key, value)| key.contains("${") || holds_variable(value)),
        _ => false,
    }
}

/// Marks an object whose text holds `${`, so that Flux never substitutes variables in it.
fn no_substitution(object: &Value) -> Value {
    let mut object = object.clone();
    if object["metadata"].is_object() && holds_variable(&object) {
        object["metadata"]["annotations"]["kustomize.toolkit.fluxcd.io/substitute"] = "disabled".into();
    }
    object
}
