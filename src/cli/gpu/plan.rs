//! `platform gpu plan`: every pool with its proof, its picture, and the way from what is there.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use super::super::args::{Format, Global};
use super::super::failure::Failure;
use super::super::load::{self, SPEC_FILE};
use super::super::{former, output, progress};
use super::document::{self, Document, From, Sight};
use super::{live, table};
use crate::plan::gpu::{Aim, Layouts, Present};
use crate::plan::{self, Assessment, Plan};

#[derive(Debug, Args)]
pub(super) struct GpuPlanArgs {
    /// Start from what the nodes of the clusters carry now; only the spec's contexts are asked, and nothing is changed.
    #[arg(long, conflicts_with = "from")]
    from_cluster: bool,
    /// Start from the layout of another spec. Default: the node plans that the last render left beside the spec.
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// Use the fewest GPUs, whatever has to be rebuilt for it.
    #[arg(long)]
    compact: bool,
    /// Only this cluster.
    #[arg(long, value_name = "NAME")]
    cluster: Option<String>,
}

pub(super) fn run(global: &Global, args: &GpuPlanArgs) -> Result<ExitCode, Failure> {
    let path = global.file.clone().unwrap_or_else(|| PathBuf::from(SPEC_FILE));
    if [&args.from, &global.file]
        .iter()
        .all(|file| file.as_deref() == Some(Path::new("-")))
    {
        return Err(Failure::usage("`--from -` and `-f -` both read standard input")
            .hint("name a file for one of the two"));
    }
    let bytes = load::read_spec(&path)?;
    let overlays = load::overlays(&path)?;
    let aim = if args.compact {
        Aim::FewestGpus
    } else {
        Aim::default()
    };
    let assess = |present: &Layouts| {
        progress::during(global, "planning GPUs", || {
            plan::assess(&path.display().to_string(), &bytes, &overlays, present, aim)
        })
    };
    let structured = matches!(global.output, Format::Json | Format::Yaml);
    let invalid = |findings: Vec<crate::spec::Finding>| {
        if structured {
            output::document(global, &Document::invalid(&findings), String::new)?;
        }
        Err(Failure::findings(findings))
    };
    let sight = match sight(global, args, &path, &assess)? {
        Ok(sight) => sight,
        Err(findings) => return invalid(findings),
    };
    let assessment = match assess(&sight.layouts) {
        Ok(assessment) => assessment,
        Err(findings) => return invalid(findings),
    };
    named(&assessment, args.cluster.as_deref())?;
    let document = document::document(&assessment, &sight, args.cluster.as_deref());
    let findings = document.findings.clone();
    let page = table::Page::of_terminal(global);
    output::document(global, &document, || {
        table::text(&document, &assessment, &sight, &page)
    })?;
    match findings.is_empty() {
        true => Ok(ExitCode::SUCCESS),
        false => Err(Failure::findings(findings)),
    }
}

type Assess<'a> = dyn Fn(&Layouts) -> Result<Assessment, Vec<crate::spec::Finding>> + 'a;

/// What is there before the change; the inner error is what is wrong with the spec itself.
fn sight(
    global: &Global,
    args: &GpuPlanArgs,
    path: &Path,
    assess: &Assess<'_>,
) -> Result<Result<Sight, Vec<crate::spec::Finding>>, Failure> {
    if let Some(file) = &args.from {
        let bytes = load::read(file)?;
        let overlays = load::overlays(file)?;
        let former = plan::decide_with(&file.display().to_string(), &bytes, &overlays);
        let former = former.map_err(Failure::findings)?;
        return Ok(Ok(Sight {
            from: From::File,
            layouts: layouts_of(&former),
            former: Some(former),
            ..Sight::default()
        }));
    }
    if args.from_cluster {
        let assessment = match assess(&Layouts::new()) {
            Ok(assessment) => assessment,
            Err(findings) => return Ok(Err(findings)),
        };
        named(&assessment, args.cluster.as_deref())?;
        let mut sight = live::sight(global, &assessment, args.cluster.as_deref())?;
        sight.former = before(global, path)?;
        return Ok(Ok(sight));
    }
    let layouts = match plan::read_layouts(&path.display().to_string(), &load::node_plans(path)?) {
        Ok(layouts) => layouts,
        Err(findings) => return Ok(Err(findings)),
    };
    let known = !layouts.is_empty();
    Ok(Ok(Sight {
        from: if known { From::Commit } else { From::Nothing },
        former: if known { before(global, path)? } else { None },
        layouts,
        ..Sight::default()
    }))
}

/// The plan that the repository around the spec was last rendered from.
fn before(global: &Global, spec: &Path) -> Result<Option<Plan>, Failure> {
    if spec.as_os_str() == "-" {
        return Ok(None);
    }
    let folder = spec.parent().filter(|folder| !folder.as_os_str().is_empty());
    former::former_plan(global, folder.unwrap_or(Path::new(".")))
}

/// What a plan leaves behind once it is realised.
fn layouts_of(plan: &Plan) -> Layouts {
    let mut layouts = Layouts::new();
    for cluster in &plan.clusters {
        for pool in &cluster.pools {
            if let Some(layout) = pool.layout() {
                let key = (cluster.name.to_string(), pool.pool.name.to_string());
                layouts.insert(key, Present::of(&pool.pool.board, layout));
            }
        }
    }
    layouts
}

/// That `--cluster` names a cluster of the spec.
fn named(assessment: &Assessment, name: Option<&str>) -> Result<(), Failure> {
    let Some(name) = name else { return Ok(()) };
    let all: Vec<&str> = assessment
        .clusters
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    match all.contains(&name) {
        true => Ok(()),
        false => Err(
            Failure::usage(format!("cluster `{}` is not in the spec", name.escape_debug()))
                .hint(format!("clusters: {}", all.join(", "))),
        ),
    }
}
