//! The first line of the commit message: what matters most, in at most 72 characters.

use super::types::{
    Change, ClusterChange, ControlChange, Existence, PoolChange, TeamChange, TeamEvent, Verdict,
};
use super::words::count;

/// The most characters of the line.
const WIDTH: usize = 72;

/// What changes, in the long form and in the short one.
type Phrase = (String, String);

/// The subject, without a line end.
pub(super) fn subject(change: &Change) -> String {
    let phrases = phrases(change);
    if phrases.is_empty() {
        return "platform: render again; nothing means anything else".to_owned();
    }
    for kept in (1..=phrases.len()).rev() {
        let rest = phrases.len() - kept;
        let more = if rest > 0 {
            format!(", {rest} more")
        } else {
            String::new()
        };
        // Names give way to numbers from the least important phrase on.
        for long in (0..=kept).rev() {
            let words = phrases[..kept].iter().enumerate();
            let words: Vec<&str> = words
                .map(|(at, (full, short))| if at < long { full.as_str() } else { short.as_str() })
                .collect();
            let line = format!("platform: {}{more}", words.join(", "));
            if line.chars().count() <= WIDTH {
                return line;
            }
        }
    }
    format!("platform: {} changes", phrases.len())
}

/// The phrases, what loosens first.
fn phrases(change: &Change) -> Vec<Phrase> {
    if change.first {
        let teams = count(change.teams.len(), "team");
        let clusters = count(change.clusters.len(), "cluster");
        let phrase = format!("begin with {teams} on {clusters}");
        return vec![(phrase.clone(), phrase)];
    }
    let mut found = Vec::new();
    let controls = |verdict| {
        change
            .controls
            .iter()
            .filter(move |c: &&ControlChange| c.verdict == verdict)
    };
    let control = |change: &ControlChange| change.control.to_owned();
    phrase(
        &mut found,
        "loosen",
        "control",
        controls(Verdict::Loosened).map(control).collect(),
    );
    let teams = |what| {
        change
            .teams
            .iter()
            .filter(move |team: &&TeamChange| team.what == what)
    };
    for (what, verb) in [
        (TeamEvent::Added, "add"),
        (TeamEvent::Removed, "remove"),
        (TeamEvent::Renamed, "rename"),
        (TeamEvent::Frozen, "freeze"),
        (TeamEvent::Unfrozen, "unfreeze"),
    ] {
        let name = |team: &TeamChange| match &team.formerly {
            Some(old) => format!("{old} to {}", team.team),
            None => team.team.clone(),
        };
        phrase(&mut found, verb, "team", teams(what).map(name).collect());
    }
    phrase(
        &mut found,
        "tighten",
        "control",
        controls(Verdict::Tightened).map(control).collect(),
    );
    phrase(
        &mut found,
        "change",
        "control",
        controls(Verdict::Changed).map(control).collect(),
    );
    for (what, verb) in [
        (Existence::Added, "add"),
        (Existence::Removed, "remove"),
        (Existence::Changed, "change"),
    ] {
        let clusters = change.clusters.iter().filter(|cluster| cluster.what == what);
        phrase(
            &mut found,
            verb,
            "cluster",
            clusters.map(|c: &ClusterChange| c.cluster.clone()).collect(),
        );
        let pools = change.pools.iter().filter(|pool| pool.what == what);
        let name = |pool: &PoolChange| format!("{}/{}", pool.cluster, pool.pool);
        phrase(&mut found, verb, "pool", pools.map(name).collect());
    }
    let touched = teams(TeamEvent::Touched).map(|team| team.team.clone());
    phrase(&mut found, "change", "team", touched.collect());
    found
}

/// Adds a phrase where there is something to say: one thing by its name, several by their number.
fn phrase(found: &mut Vec<Phrase>, verb: &str, noun: &str, mut names: Vec<String>) {
    let several = names.len();
    names.dedup();
    let short = format!("{verb} {}", count(several, noun));
    match names.as_slice() {
        [] => {}
        // A control's name says that it is one.
        [name] if noun == "control" => found.push((format!("{verb} {name}"), short)),
        [name] => found.push((format!("{verb} {noun} {name}"), short)),
        _ => found.push((short.clone(), short)),
    }
}
