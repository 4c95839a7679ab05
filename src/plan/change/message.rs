//! The commit message of a change: a subject, then what changes by cluster and team.

use std::collections::BTreeMap;

use super::subject::subject;
use super::types::{Change, Existence, Place, TeamChange, TeamEvent, Verdict};
use super::words::one_line;

/// The most lines below the subject.
const LINES: usize = 50;

/// Lines up to the limit, and how many more there would be.
#[derive(Default)]
struct Body {
    lines: Vec<String>,
    more: usize,
}

impl Body {
    fn add(&mut self, line: impl FnOnce() -> String) {
        if self.lines.len() < LINES {
            self.lines.push(line());
        } else {
            self.more += 1;
        }
    }
}

impl Change {
    /// The commit message: a subject of at most 72 characters, an empty line, then what changes in at most fifty lines
    /// and the number of those left out. Ends with a line end.
    pub fn message(&self) -> String {
        let mut body = Body::default();
        self.controls(&mut body);
        self.teams(&mut body);
        self.places(&mut body);
        let mut text = subject(self) + "\n";
        if !body.lines.is_empty() {
            text.push('\n');
        }
        for line in &body.lines {
            text.push_str(line);
            text.push('\n');
        }
        if body.more > 0 {
            text.push_str(&format!("and {} more\n", body.more));
        }
        text
    }

    fn controls(&self, body: &mut Body) {
        if !self.controls.is_empty() {
            body.add(|| "Controls".to_owned());
        }
        for control in &self.controls {
            let verdict = match control.verdict {
                Verdict::Loosened => "loosened",
                Verdict::Tightened => "tightened",
                Verdict::Changed => "changed",
            };
            body.add(|| format!("  {verdict}: {control}"));
        }
    }

    fn teams(&self, body: &mut Body) {
        let said = |team: &&TeamChange| team.what != TeamEvent::Touched || !team.details.is_empty();
        let mut teams = self.teams.iter().filter(said).peekable();
        if teams.peek().is_some() {
            body.add(|| "Teams".to_owned());
        }
        for team in teams {
            body.add(|| format!("  {}", team.line()));
        }
    }

    /// What changes in each cluster: itself, its pools, its tenant namespaces.
    fn places(&self, body: &mut Body) {
        let mut clusters: BTreeMap<&str, Vec<Line<'_>>> = BTreeMap::new();
        for cluster in &self.clusters {
            let line = move || format!("  {}: {}", existence(cluster.what), cluster.details.join("; "));
            clusters.entry(&cluster.cluster).or_default().push(Box::new(line));
        }
        for pool in &self.pools {
            clusters.entry(&pool.cluster).or_default().push(Box::new(move || {
                let mut parts = pool.details.clone();
                parts.extend(pool.effect());
                parts.extend(pool.moves.iter().map(ToString::to_string));
                format!(
                    "  pool {} {}: {}",
                    pool.pool,
                    existence(pool.what),
                    parts.join("; ")
                )
            }));
        }
        let mut tenants: BTreeMap<&Place, Vec<Line<'_>>> = BTreeMap::new();
        for grant in &self.grants {
            tenants
                .entry(&grant.place)
                .or_default()
                .push(Box::new(move || format!("    {grant}")));
        }
        for quota in &self.quotas {
            tenants
                .entry(&quota.place)
                .or_default()
                .push(Box::new(move || format!("    {quota}")));
        }
        for secret in &self.secrets {
            tenants
                .entry(&secret.place)
                .or_default()
                .push(Box::new(move || format!("    {secret}")));
        }
        for (place, items) in tenants {
            let lines = clusters.entry(&place.cluster).or_default();
            lines.push(Box::new(move || place.title()));
            lines.extend(items);
        }
        for (cluster, lines) in clusters {
            body.add(|| format!("Cluster {cluster}"));
            for line in lines {
                body.add(line);
            }
        }
    }
}

/// A line that is written only when there is room.
type Line<'c> = Box<dyn FnOnce() -> String + 'c>;

fn existence(what: Existence) -> &'static str {
    match what {
        Existence::Added => "added",
        Existence::Removed => "removed",
        Existence::Changed => "changed",
    }
}

impl Place {
    fn title(&self) -> String {
        if self.team == self.namespace {
            return format!("  team {}", self.team);
        }
        format!("  team {}, namespace {}", self.team, self.namespace)
    }
}

impl TeamChange {
    fn line(&self) -> String {
        let what = match (self.what, &self.formerly) {
            (TeamEvent::Renamed, Some(old)) => format!("renamed from {old}"),
            (what, _) => super::words::word(what),
        };
        let details: Vec<String> = self.details.iter().map(|detail| one_line(detail)).collect();
        let details = if details.is_empty() {
            String::new()
        } else {
            format!("; {}", details.join("; "))
        };
        format!("{} {what}{details}", self.team)
    }
}
