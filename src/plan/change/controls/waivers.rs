//! Exceptions from controls: for whom, and until when.

use std::collections::{BTreeMap, BTreeSet};

use super::Case;
use super::judge::{Step, keys};
use crate::model::Waiver;
use crate::plan::change::types::Verdict;
use crate::units::DnsLabel;

/// What a waiver is about: the control, and the pool where it names one.
type About<'w> = (&'w str, Option<&'w str>);

/// The waivers about one thing together.
#[derive(Default, PartialEq)]
struct Waived<'w> {
    /// Team, by its new name → last day.
    until: BTreeMap<&'w str, &'w str>,
    /// Who answers, and why.
    answers: BTreeSet<(&'w str, &'w str)>,
}

/// Each team that is excepted now or longer loosens, each that is not or shorter tightens.
pub(super) fn waivers(case: &Case<'_, '_>) -> Vec<Step> {
    let none = BTreeMap::new();
    let was = by_subject(&case.before.model.waivers, &case.pair.renames);
    let is = by_subject(&case.after.model.waivers, &none);
    let nothing = Waived::default();
    let mut steps = Vec::new();
    for about in keys(&was, &is) {
        let (former, now) = (
            was.get(about).unwrap_or(&nothing),
            is.get(about).unwrap_or(&nothing),
        );
        let more = |former: &Waived<'_>, now: &Waived<'_>| {
            let mut teams = now.until.iter();
            teams.any(|(team, day)| former.until.get(team).is_none_or(|before| before < day))
        };
        let subject = match about {
            (control, Some(pool)) => format!("{control} on {pool}"),
            (control, None) => format!("{control} on any pool"),
        };
        let mut add = |verdict, before: Option<String>, after: Option<String>| {
            steps.push(Step::new(verdict, &subject, before.as_deref(), after.as_deref()));
        };
        let (gains, loses) = (more(former, now), more(now, former));
        if gains {
            add(Verdict::Loosened, teams(former), teams(now));
        }
        if loses {
            add(Verdict::Tightened, teams(former), teams(now));
        }
        if !gains && !loses && former != now {
            add(Verdict::Changed, answers(former), answers(now));
        }
    }
    steps
}

fn by_subject<'w>(
    waivers: &'w [Waiver],
    renames: &'w BTreeMap<DnsLabel, DnsLabel>,
) -> BTreeMap<About<'w>, Waived<'w>> {
    let mut found: BTreeMap<About<'_>, Waived<'_>> = BTreeMap::new();
    let new_name = |team: &'w str| {
        let renamed = DnsLabel::parse(team).ok().and_then(|label| renames.get(&label));
        renamed.map_or(team, DnsLabel::as_str)
    };
    for waiver in waivers {
        let waived = found
            .entry((&waiver.control, waiver.pool.as_deref()))
            .or_default();
        for team in &waiver.teams {
            let until = waived.until.entry(new_name(team)).or_default();
            // Days are written `YYYY-MM-DD`, so the later one is the greater text.
            *until = waiver.expires.as_str().max(*until);
        }
        waived.answers.insert((&waiver.owner, &waiver.reason));
    }
    found
}

/// `team-a, team-b until 2027-03-31`; nothing where nobody is excepted.
fn teams(waived: &Waived<'_>) -> Option<String> {
    let mut by_day: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (team, day) in &waived.until {
        by_day.entry(day).or_default().push(team);
    }
    let parts = by_day
        .iter()
        .map(|(day, teams)| format!("{} until {day}", teams.join(", ")));
    let all: Vec<String> = parts.collect();
    (!all.is_empty()).then(|| all.join("; "))
}

/// `owner: reason`; nothing where there is no waiver.
fn answers(waived: &Waived<'_>) -> Option<String> {
    let parts = waived
        .answers
        .iter()
        .map(|(owner, reason)| format!("{owner}: {reason}"));
    let all: Vec<String> = parts.collect();
    (!all.is_empty()).then(|| all.join("; "))
}
