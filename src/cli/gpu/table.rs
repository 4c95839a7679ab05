//! The GPU plan for people: a paragraph of numbers, a picture, and what is to be done.

use std::fmt::Write as _;

use super::super::args::{Format, Global};
use super::super::color::{self, Stream};
use super::super::output;
use super::document::{Document, From, Sight};
use super::draw::{self, Style};
use crate::edge::env;
use crate::plan::view::{ChangeView, NodeRollout, PoolView, StateView, picture, teams};
use crate::plan::{Assessed, Assessment};
use crate::spec::Sharing;

/// Where the text is shown.
pub(super) struct Page {
    pub(super) style: Style,
}

/// Columns where neither a terminal nor `COLUMNS` says how many there are.
const DEFAULT_WIDTH: usize = 100;
/// Lines of a list that are shown unless everything is wanted.
const LISTED: usize = 12;

impl Page {
    /// The page that standard output is.
    pub(super) fn of_terminal(global: &Global) -> Self {
        let terminal = console::Term::stdout().size_checked();
        let columns = || env::variable("COLUMNS").ok().flatten()?.parse().ok();
        let width = match terminal {
            Some((_, columns)) => usize::from(columns),
            None => columns().unwrap_or(DEFAULT_WIDTH),
        };
        Self {
            style: Style {
                width: width.clamp(40, 1000),
                colour: color::wanted(Stream::Out, global.no_color),
                utf8: env::speaks_utf8(),
                all: global.output == Format::Wide,
            },
        }
    }
}

/// Everything, pool by pool.
pub(super) fn text(document: &Document, assessment: &Assessment, sight: &Sight, page: &Page) -> String {
    let style = page.style;
    let all = teams(assessment.pools.iter().flat_map(|pool| &pool.asks));
    let mut text = String::new();
    let mut drawn = false;
    for cluster in &document.clusters {
        for view in &cluster.pools {
            let key = (cluster.name.clone(), view.name.clone());
            let assessed = assessment
                .pools
                .iter()
                .find(|pool| pool.cluster.as_str() == key.0 && pool.pool.name.as_str() == key.1);
            let names = sight.live.get(&key).map_or(&[][..], |live| live.names.as_slice());
            numbers(&mut text, &cluster.name, view, style);
            drawn |= draw_pool(&mut text, assessed, &all, names, style);
            changes(&mut text, view, document.from, style);
            rollout(&mut text, view, style);
            for moved in &view.moves {
                let line = format!(
                    "moves: {} × {} from {} (tightens) to {} (loosens)",
                    moved.count, moved.resource, moved.from, moved.to
                );
                paragraph(&mut text, &line, style);
            }
            for caveat in &view.caveats {
                paragraph(&mut text, &format!("caveat: {caveat}"), style);
            }
            text.push('\n');
        }
    }
    if drawn {
        legend(&mut text, &all, style);
    }
    for note in document.notes() {
        paragraph(&mut text, &format!("note: {}", note.message), style);
    }
    text
}

/// A sentence, wrapped, indented by two columns.
fn paragraph(text: &mut String, sentence: &str, style: Style) {
    let options = textwrap::Options::new(style.width)
        .initial_indent("  ")
        .subsequent_indent("    ");
    for line in textwrap::wrap(&style.plain(sentence), options) {
        text.push_str(&line);
        text.push('\n');
    }
}

fn numbers(text: &mut String, cluster: &str, view: &PoolView, style: Style) {
    let verdict = match (&view.infeasible, view.optimal) {
        (Some(_), _) => "does not fit",
        (None, true) => "proven optimal",
        (None, false) => "not proven optimal",
    };
    let head = format!(
        "pool {} on {cluster}: {} of {} GPUs needed (bound {}, {verdict})",
        view.name,
        view.gpus_needed,
        view.gpus_available,
        decimal(view.lp_bound),
    );
    let options = textwrap::Options::new(style.width).subsequent_indent("  ");
    for line in textwrap::wrap(&head, options) {
        let _ = writeln!(text, "{line}");
    }
    let sharing = serde_json::to_value(view.sharing).ok();
    let sharing = sharing
        .as_ref()
        .and_then(|word| word.as_str())
        .unwrap_or_default();
    let shape = format!(
        "{}, {sharing}, {} {} × {} {}; {} used, {} empty",
        view.board,
        view.nodes,
        if view.nodes == 1 { "node" } else { "nodes" },
        view.gpus_per_node,
        if view.gpus_per_node == 1 { "GPU" } else { "GPUs" },
        view.gpus_used,
        view.empty_gpus,
    );
    paragraph(text, &shape, style);
    if let Some(why) = &view.infeasible {
        paragraph(text, &why.sentence, style);
        for fix in &why.fixes {
            paragraph(text, &format!("fix: {fix}"), style);
        }
    }
    let resources: Vec<&String> = view.capacity.keys().chain(view.promised.keys()).collect();
    let mut resources: Vec<&String> = resources.into_iter().chain(view.burst.keys()).collect();
    resources.sort();
    resources.dedup();
    let figure =
        |map: &std::collections::BTreeMap<String, u64>, name: &String| map.get(name).copied().unwrap_or(0);
    let row = |name: &&String| {
        vec![
            (*name).clone(),
            figure(&view.promised, name).to_string(),
            figure(&view.burst, name).to_string(),
            figure(&view.capacity, name).to_string(),
            view.overcommit
                .get(*name)
                .map_or("-".to_owned(), |ratio| decimal(*ratio)),
        ]
    };
    let rows: Vec<Vec<String>> = resources.iter().map(row).collect();
    if !rows.is_empty() {
        let table = output::table(&["RESOURCE", "PROMISED", "BURST", "MADE", "USE"], &rows);
        for line in table.lines() {
            let _ = writeln!(text, "  {line}");
        }
    }
}

/// A number with at most two decimals; a bound is never rounded below what it proves.
fn decimal(number: f64) -> String {
    let text = format!("{number:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Draws the pool; `false` where there is nothing to draw.
fn draw_pool(
    text: &mut String,
    assessed: Option<&Assessed>,
    all: &[String],
    names: &[String],
    style: Style,
) -> bool {
    let Some((assessed, plan)) = assessed.and_then(|pool| Some((pool, pool.result.as_ref().ok()?))) else {
        return false;
    };
    let Some(drawn) = picture(plan, &assessed.asks, all, names) else {
        if matches!(plan.pool.sharing, Sharing::TimeSlicing | Sharing::Mps) {
            paragraph(text, "slots are too many to be drawn", style);
        }
        return false;
    };
    text.push('\n');
    text.push_str(&draw::picture(&drawn, style));
    true
}

fn legend(text: &mut String, all: &[String], style: Style) {
    let mut parts: Vec<String> = all
        .iter()
        .enumerate()
        .map(|(index, team)| format!("{}\u{a0}{team}", draw::letter(index)))
        .collect();
    parts.push("-\u{a0}made,\u{a0}promised\u{a0}to\u{a0}nobody".to_owned());
    parts.push(format!("{}\u{a0}nothing", if style.utf8 { '·' } else { '.' }));
    parts.push("*\u{a0}pinned".to_owned());
    let options = textwrap::Options::new(style.width).subsequent_indent("  ");
    let parts = parts.join("  ");
    let lines = textwrap::wrap(&parts, options);
    let lines = lines.into_iter().map(|line| line.replace('\u{a0}', " "));
    for line in lines {
        let _ = writeln!(text, "{line}");
    }
    let sentence = "Letters show shares in the order of the spec, not where pods run; the driver chooses the places on a GPU.";
    for line in textwrap::wrap(sentence, style.width) {
        let _ = writeln!(text, "{line}");
    }
}

fn changes(text: &mut String, view: &PoolView, from: From, style: Style) {
    if view.infeasible.is_some() || view.layouts.is_empty() {
        return;
    }
    let what = match from {
        From::Nothing => return,
        From::Commit => "the last render",
        From::File => "the other spec",
        From::Cluster => "the cluster",
    };
    text.push('\n');
    if view.changes.is_empty() {
        paragraph(text, &format!("no GPU of {what} is rebuilt"), style);
        return;
    }
    let line = format!(
        "from {what}: {} {} rebuilt on {} {} (no plan rebuilds fewer than {})",
        view.gpus_rebuilt,
        if view.gpus_rebuilt == 1 { "GPU" } else { "GPUs" },
        view.nodes_paused,
        if view.nodes_paused == 1 { "node" } else { "nodes" },
        view.gpus_rebuilt_at_least,
    );
    paragraph(text, &line, style);
    let line = |change: &ChangeView| {
        let from = change.from.as_ref().map_or("unknown".to_owned(), state);
        let node = label(change.node, change.node_name.as_deref());
        format!("  {node} GPU {}: {from} → {}", change.gpu, state(&change.to))
    };
    listed(text, view.changes.iter().map(line), style);
}

fn state(state: &StateView) -> String {
    match state {
        StateView::Whole { .. } => "whole".to_owned(),
        StateView::Profiles { profiles } if profiles.is_empty() => "empty".to_owned(),
        StateView::Profiles { profiles } => {
            let parts: Vec<String> = profiles
                .iter()
                .map(|(name, count)| format!("{count} × {name}"))
                .collect();
            parts.join(" + ")
        }
    }
}

fn label(node: u32, name: Option<&str>) -> String {
    name.map_or_else(|| format!("node {node}"), |name| format!("node {name}"))
}

/// The first lines of a list and how many more there are.
fn listed(text: &mut String, lines: impl ExactSizeIterator<Item = String>, style: Style) {
    let most = if style.all { usize::MAX } else { LISTED };
    let more = lines.len().saturating_sub(most);
    for line in lines.take(most) {
        paragraph(text, &line, style);
    }
    if more > 0 {
        paragraph(text, &format!("  … {more} more; -o wide shows them"), style);
    }
}

fn rollout(text: &mut String, view: &PoolView, style: Style) {
    if view.rollout.is_empty() {
        return;
    }
    let (new, there): (Vec<&NodeRollout>, Vec<&NodeRollout>) =
        view.rollout.iter().partition(|node| node.is_new);
    let head = match (new.len(), there.len()) {
        (new, 0) => format!(
            "rollout: {new} new {} set up",
            if new == 1 { "node is" } else { "nodes are" }
        ),
        (0, there) => format!(
            "rollout: {there} {} rebuilt, one after the other",
            if there == 1 { "node is" } else { "nodes are" }
        ),
        (new, there) => format!("rollout: {new} new and {there} other nodes are set up, one after the other"),
    };
    paragraph(text, &head, style);
    let shown: Vec<&NodeRollout> = if style.all {
        view.rollout.iter().collect()
    } else {
        there
    };
    let most = if style.all { usize::MAX } else { LISTED };
    for node in shown.iter().take(most) {
        one(text, node, style);
    }
    if let Some(more) = shown.len().checked_sub(most).filter(|more| *more > 0) {
        paragraph(text, &format!("  … {more} more; -o wide shows them"), style);
    }
}

fn one(text: &mut String, node: &NodeRollout, style: Style) {
    let gpus: Vec<String> = node.gpus.iter().map(u32::to_string).collect();
    let mut line = format!(
        "  {} → {} (GPU {})",
        label(node.node, node.node_name.as_deref()),
        node.config,
        gpus.join(" ")
    );
    if node.mode_change != "none" {
        let _ = write!(line, "; MIG mode changes: {}", node.mode_change);
    }
    match &node.pods {
        Some(pods) if pods.is_empty() => line.push_str("; no pod with a GPU is on it"),
        Some(pods) => {
            let pods: Vec<String> = pods
                .iter()
                .map(|pod| {
                    format!(
                        "{}/{} ({} × {})",
                        pod.namespace, pod.name, pod.count, pod.resource
                    )
                })
                .collect();
            let _ = write!(line, "; in the way: {}", pods.join(", "));
        }
        None if node.is_new || node.teams.is_empty() => {}
        None => {
            let _ = write!(line, "; pods of {} may be in the way", node.teams.join(", "));
        }
    }
    paragraph(text, &line, style);
    if style.all {
        for (index, step) in node.steps.iter().enumerate() {
            paragraph(text, &format!("    {}. {}", index + 1, step.text), style);
            let _ = writeln!(text, "       {}", step.command);
        }
    }
}
