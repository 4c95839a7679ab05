//! A change on a terminal, and the refusal of one that loosens a control.

use std::collections::BTreeMap;

use super::args::{Format, Global};
use super::failure::Failure;
use super::output;
use crate::edge::env;
use crate::plan::change::{Change, ControlChange, Existence, Place, TeamChange, TeamEvent, Verdict};

/// The most items that one cell or one message names.
const NAMED: usize = 5;

/// Refuses a change that loosens controls unless that is allowed: exit 1, with the controls.
pub(super) fn refuse_loosening(change: &Change, allowed: bool) -> Result<(), Failure> {
    let loosened: Vec<String> = change.loosens().map(ToString::to_string).collect();
    if allowed || loosened.is_empty() {
        return Ok(());
    }
    let controls = match loosened.len() {
        1 => "1 control".to_owned(),
        more => format!("{more} controls"),
    };
    let message = format!("the change loosens {controls}: {}", some(&loosened, "; "));
    Err(Failure::new(1, Signs::of_terminal().plain(&message)).hint("pass --allow-loosen if that is meant"))
}

/// The change in sections, or `no change`.
pub(super) fn table(global: &Global, change: &Change) -> String {
    let signs = Signs::of_terminal();
    if change.is_empty() {
        return "no change\n".to_owned();
    }
    let wide = global.output == Format::Wide;
    let mut text = String::new();
    for (title, header, rows) in [
        ("Teams", &["TEAM", "CHANGE", "DETAILS"][..], teams(change)),
        (
            "Controls",
            &["CHANGE", "CONTROL", "BEFORE", "AFTER"],
            controls(change, signs),
        ),
        (
            "Grants",
            PLACES,
            places(
                wide,
                change.grants.iter().map(|item| (&item.place, item.to_string())),
            ),
        ),
        (
            "Quotas",
            PLACES,
            places(
                wide,
                change.quotas.iter().map(|item| (&item.place, item.to_string())),
            ),
        ),
        (
            "Secrets",
            PLACES,
            places(
                wide,
                change.secrets.iter().map(|item| (&item.place, item.to_string())),
            ),
        ),
        ("GPUs", &["CLUSTER", "POOL", "CHANGE", "DETAILS"], gpus(change)),
    ] {
        if rows.is_empty() {
            continue;
        }
        let rows: Vec<Vec<String>> = rows
            .into_iter()
            .map(|row| row.iter().map(|cell| signs.plain(cell)).collect())
            .collect();
        let gap = if text.is_empty() { "" } else { "\n" };
        text.push_str(&format!("{gap}{title}\n{}", output::table(header, &rows)));
    }
    text
}

const PLACES: &[&str] = &["CLUSTER", "TEAM", "NAMESPACE", "CHANGE"];

fn teams(change: &Change) -> Vec<Vec<String>> {
    let row = |team: &TeamChange| {
        let what = match (team.what, &team.formerly) {
            (TeamEvent::Renamed, Some(old)) => format!("renamed from {old}"),
            (TeamEvent::Renamed, None) => "renamed".to_owned(),
            (TeamEvent::Added, _) => "added".to_owned(),
            (TeamEvent::Removed, _) => "removed".to_owned(),
            (TeamEvent::Frozen, _) => "frozen".to_owned(),
            (TeamEvent::Unfrozen, _) => "unfrozen".to_owned(),
            (TeamEvent::Touched, _) => "touched".to_owned(),
        };
        vec![team.team.clone(), what, some(&team.details, "; ")]
    };
    change.teams.iter().map(row).collect()
}

fn controls(change: &Change, signs: Signs) -> Vec<Vec<String>> {
    let row = |control: &ControlChange| {
        let verdict = match control.verdict {
            Verdict::Loosened => format!("{} loosened", signs.down),
            Verdict::Tightened => format!("{} tightened", signs.up),
            Verdict::Changed => format!("{} changed", signs.other),
        };
        let (before, after) = control.states();
        vec![verdict, control.name(), before, after]
    };
    change.controls.iter().map(row).collect()
}

/// One row per namespace, or per item where there is room.
fn places<'c>(wide: bool, items: impl Iterator<Item = (&'c Place, String)>) -> Vec<Vec<String>> {
    let row = |place: &Place, item: String| {
        vec![
            place.cluster.clone(),
            place.team.clone(),
            place.namespace.clone(),
            item,
        ]
    };
    if wide {
        return items.map(|(place, item)| row(place, item)).collect();
    }
    let mut namespaces: BTreeMap<&Place, Vec<String>> = BTreeMap::new();
    for (place, item) in items {
        namespaces.entry(place).or_default().push(item);
    }
    let joined = |(place, items): (&Place, Vec<String>)| row(place, some(&items, ", "));
    namespaces.into_iter().map(joined).collect()
}

/// Pools, and clusters as such with an empty pool.
fn gpus(change: &Change) -> Vec<Vec<String>> {
    let what = |what| match what {
        Existence::Added => "added".to_owned(),
        Existence::Removed => "removed".to_owned(),
        Existence::Changed => "changed".to_owned(),
    };
    let clusters = change.clusters.iter();
    let clusters = clusters.map(|c| {
        vec![
            c.cluster.clone(),
            "-".to_owned(),
            what(c.what),
            c.details.join("; "),
        ]
    });
    let pools = change.pools.iter().map(|pool| {
        let mut parts = pool.details.clone();
        parts.extend(pool.effect());
        parts.extend(pool.moves.iter().map(ToString::to_string));
        vec![
            pool.cluster.clone(),
            pool.pool.clone(),
            what(pool.what),
            parts.join("; "),
        ]
    });
    clusters.chain(pools).collect()
}

/// The first of the items, and how many more there are.
fn some(items: &[String], separator: &str) -> String {
    let shown = items
        .iter()
        .take(NAMED)
        .cloned()
        .collect::<Vec<_>>()
        .join(separator);
    match items.len().saturating_sub(NAMED) {
        0 => shown,
        more => format!("{shown}{separator}{more} more"),
    }
}

/// The signs of a terminal.
#[derive(Clone, Copy)]
struct Signs {
    up: char,
    down: char,
    other: char,
    ascii: bool,
}

impl Signs {
    /// The signs that the locale can show.
    fn of_terminal() -> Self {
        if env::speaks_utf8() {
            Self {
                up: '▲',
                down: '▼',
                other: '●',
                ascii: false,
            }
        } else {
            Self {
                up: '^',
                down: 'v',
                other: '*',
                ascii: true,
            }
        }
    }

    /// Our own signs in a text as the locale can show them; names are left as they are.
    fn plain(self, text: &str) -> String {
        if !self.ascii {
            return text.to_owned();
        }
        text.replace('→', "->").replace('×', "x").replace('…', "...")
    }
}
