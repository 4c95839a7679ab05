//! Changes of a spec and what they mean: each file of `changes/` edits the shipped example before and after, and says what
//! is to be found.

#![allow(clippy::unwrap_used, reason = "a test helper that cannot go on has failed")]

mod support;

use std::collections::BTreeMap;

use platform::lock::{LOCK_PATH, Lock};
use platform::plan::Plan;
use platform::plan::change::{Change, Verdict, between};
use platform::plan::gpu::Layouts;
use platform::render;
use platform::tree::Tree;
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::Value;
use support::{EXAMPLE, decide, files};

/// JSON pointer → what stands there; null takes it away, an index at the end of a list adds to it.
type Edits = BTreeMap<String, Value>;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// What the case shows.
    about: String,
    /// How the former spec differs from the example.
    #[serde(default)]
    before: Edits,
    /// How the new spec differs from the example.
    #[serde(default)]
    after: Edits,
    /// The exit code of `platform plan --from`.
    exit: i32,
    /// The first line of the commit message.
    subject: String,
    /// All controls with their verdicts, in order.
    #[serde(default)]
    controls: Vec<String>,
    /// What the commit message says besides.
    #[serde(default)]
    says: Vec<String>,
}

/// The example with edits; those at the end of a list come first, so that an index means what it meant.
fn edited(edits: &Edits) -> String {
    let mut document: Value = serde_yaml::from_str(EXAMPLE).unwrap();
    for (pointer, value) in edits.iter().rev() {
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        if document.pointer(parent).is_none() {
            let (grandparent, parent) = parent.rsplit_once('/').unwrap();
            document.pointer_mut(grandparent).unwrap()[parent] = serde_json::json!({});
        }
        match (document.pointer_mut(parent).unwrap(), value) {
            (Value::Array(items), Value::Null) => drop(items.remove(key.parse().unwrap())),
            (Value::Array(items), value) if key.parse::<usize>().unwrap() == items.len() => {
                items.push(value.clone());
            }
            (Value::Object(map), Value::Null) => drop(map.remove(key)),
            (place, _) if place.is_object() => place[key] = value.clone(),
            (place, _) => place[key.parse::<usize>().unwrap()] = value.clone(),
        }
    }
    serde_json::to_string(&document).unwrap()
}

fn plan(spec: &str) -> Plan {
    decide("x", spec.as_bytes()).unwrap_or_else(|findings| panic!("{findings:#?}\n{spec}"))
}

/// The plan over layouts that are there.
fn plan_over(spec: &str, present: &Layouts) -> Plan {
    let none = Default::default();
    let plan = platform::plan::decide_over("x", spec.as_bytes(), &none, present, Default::default());
    plan.unwrap_or_else(|findings| panic!("{findings:#?}\n{spec}"))
}

fn controls(change: &Change) -> Vec<String> {
    let verdict = |verdict| match verdict {
        Verdict::Loosened => "loosened",
        Verdict::Tightened => "tightened",
        Verdict::Changed => "changed",
    };
    let all = change.controls.iter();
    all.map(|control| format!("{} {control}", verdict(control.verdict)))
        .collect()
}

/// Both ways of each pair: what is rendered over a former render must make the same files as a render of everything.
#[test]
fn a_render_over_a_former_one_gives_what_a_whole_one_gives() {
    let (mut left_out, mut pairs) = (0, 0);
    for path in files("tests/changes", "yaml") {
        let text = std::fs::read_to_string(&path).unwrap();
        let case: Case = serde_yaml::from_str(&text).unwrap();
        let specs = [edited(&case.before), edited(&case.after)];
        for (before, after) in [
            (&specs[0], &specs[1]),
            (&specs[1], &specs[0]),
            (&specs[0], &specs[0]),
        ] {
            let (former_plan, after_plan) = (plan(before), plan(after));
            let former = render::render(&former_plan, before.as_bytes()).unwrap();
            let lock = Lock::parse(&former.get(LOCK_PATH).unwrap().bytes).unwrap();
            let from = render::Former {
                plan: &former_plan,
                lock: &lock,
            };
            let over = render::render_over(&after_plan, after.as_bytes(), from).unwrap();
            let wanted = render::render(&after_plan, after.as_bytes()).unwrap();
            let got = render::whole(&former, &over);
            let names = |tree: &Tree| tree.iter().map(|(path, _)| path.to_string()).collect::<Vec<_>>();
            assert_eq!(names(&got), names(&wanted), "{}: the same files", path.display());
            for (file, wanted) in wanted.iter() {
                assert_eq!(got.get(file.as_str()), Some(wanted), "{}: {file}", path.display());
            }
            left_out += wanted.len() - over.tree.len();
            pairs += 1;
        }
    }
    assert!(
        left_out > 3 * pairs,
        "teams that do not change are left out, only {left_out} files were"
    );
}

#[test]
fn every_change_means_what_its_file_says() {
    let paths = files("tests/changes", "yaml");
    assert!(paths.len() >= 34, "only {} changes are left", paths.len());
    let mut wrong = Vec::new();
    for path in paths {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let case: Case = serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let (before, after) = (edited(&case.before), edited(&case.after));
        let former = plan(&before);
        let change = between(Some(&former), &plan_over(&after, &former.layouts()));
        let message = change.message();
        let mut miss = |what: &str, found: &dyn std::fmt::Debug| {
            wrong.push(format!(
                "{name} ({}): {what}\n  {found:#?}\n{message}",
                case.about
            ));
        };
        if message.lines().next() != Some(&case.subject) {
            miss("another subject", &message.lines().next());
        }
        if controls(&change) != case.controls {
            miss("other controls", &controls(&change));
        }
        for said in case.says.iter().filter(|said| !message.contains(*said)) {
            miss("it does not say", said);
        }
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("before.yaml"), &before).unwrap();
        std::fs::write(folder.path().join("platform.yaml"), &after).unwrap();
        let run = |arguments: &[&str]| {
            let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_platform"));
            let command = command.current_dir(folder.path()).env_clear().args(arguments);
            command.output().unwrap()
        };
        let found = run(&["plan", "--from", "before.yaml"]);
        if found.status.code() != Some(case.exit) {
            miss("another exit code", &found);
        }
        let stderr = String::from_utf8(found.stderr).unwrap();
        let loosened = change.loosens().next();
        if loosened.is_some_and(|control| !stderr.contains(control.control))
            || loosened.is_none() != stderr.is_empty()
        {
            miss("standard error names what is loosened, and nothing else", &stderr);
        }
        let allowed = run(&["plan", "--from", "before.yaml", "--allow-loosen"]);
        if allowed.status.code() != Some(0) || !allowed.stderr.is_empty() {
            miss("--allow-loosen is silent", &allowed);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_first_plan_loosens_nothing_and_gains_everything() {
    let spec = edited(&Edits::from([("/policy/mode".to_owned(), "audit".into())]));
    let change = between(None, &plan(&spec));
    assert_eq!(change.loosens().count(), 0, "nothing was there to loosen");
    let message = change.message();
    let subject = message.lines().next();
    assert_eq!(
        subject,
        Some("platform: begin with 3 teams on 1 cluster"),
        "{message}"
    );
    for said in [
        "  pool h100-mig added: 4 nodes × 8 GPUs of h100-80gb, mig\n",
        "  team-a added; namespaces: team-a\n",
        "    + member oidc:team-a\n",
    ] {
        assert!(message.contains(said), "{said:?} in\n{message}");
    }
}

/// A platform of many teams, the given ones with another quota.
fn many(teams: usize, others: usize) -> Plan {
    let team = |index: usize| {
        let cpu = if index < others { 8 } else { 4 };
        serde_json::json!({
            "name": format!("team-{index}"),
            "groups": [format!("oidc:{index}")],
            "quota": {"cpu": cpu, "memory": "8Gi", "pods": 9, "storage": "1Ti"},
        })
    };
    let all: Vec<Value> = (0..teams).map(team).collect();
    plan(&edited(&Edits::from([("/teams".to_owned(), Value::from(all))])))
}

#[test]
fn a_long_change_is_cut_with_the_number_of_what_is_left_out() {
    let change = between(Some(&many(120, 0)), &many(120, 100));
    let message = change.message();
    let lines: Vec<&str> = message.lines().collect();
    assert_eq!(lines[0], "platform: change 100 teams", "{message}");
    assert_eq!(
        lines.len(),
        53,
        "subject, empty line, fifty lines, the rest:\n{message}"
    );
    // The cluster, and two lines for each team.
    assert_eq!(lines[52], "and 151 more", "{message}");
}

#[test]
fn one_changed_team_of_many_is_all_that_is_said() {
    let change = between(Some(&many(2000, 0)), &many(2000, 1));
    assert_eq!(
        change.message(),
        "platform: change team team-0\n\nCluster fra1\n  team team-0\n    cpu: 4 → 8\n"
    );
}

/// Edits that go together in any combination.
const EDITS: &[(&str, &str)] = &[
    ("/policy/mode", "audit"),
    (
        "/policy/modes",
        "{gpu-isolation: audit, gpu-entitlement: enforce}",
    ),
    ("/policy/podSecurity", "restricted"),
    ("/policy/engine", "native"),
    ("/policy/systemNamespaces", "[storage]"),
    ("/admins/groups", "[x, y]"),
    ("/admins/users", "[ann]"),
    (
        "/network",
        "{egress: [{cidr: 10.0.0.0/8, ports: [1, 2]}, {cidr: 10.1.0.0/16}]}",
    ),
    ("/secrets/0/egress", "{cidr: 10.30.0.0/16}"),
    ("/secrets/0/audience", "other"),
    ("/clusters/0/context", "other"),
    ("/clusters/0/pools/0/reserve", "3"),
    ("/clusters/0/pools/1/replicas", "6"),
    ("/clusters/0/pools/1/sharing", "mps"),
    ("/teams/0/gpus/0/count", "7"),
    ("/teams/0/quota", "{cpu: 1}"),
    ("/teams/0/secrets", "[]"),
    ("/teams/0/owners", "[]"),
    ("/teams/1/name", "team-z"),
    ("/teams/1/quota/cpu", "999"),
    ("/teams/2/groups", "[x]"),
    ("/teams/2/frozen", "true"),
    (
        "/teams/2/gpus",
        "[{cluster: fra1, pool: h100-mig, profile: 1g.10gb, count: 3}]",
    ),
    (
        "/teams/3",
        "{name: team-d, groups: [d], gpus: [{cluster: fra1, pool: h100-mig, profile: 3g.40gb, count: 1}]}",
    ),
    (
        "/waivers",
        "[{control: gpu.cross-team-sharing, teams: [team-a], owner: a, reason: b, expires: 2027-01-31}]",
    ),
];

fn chosen(choice: &[bool]) -> Plan {
    let chosen = EDITS.iter().zip(choice).filter(|(_, chosen)| **chosen);
    let edits =
        chosen.map(|((pointer, value), _)| ((*pointer).to_owned(), serde_yaml::from_str(value).unwrap()));
    plan(&edited(&edits.collect()))
}

/// The items of a change, or of its mirror image, as texts.
fn items(change: &Change, mirrored: bool) -> Vec<String> {
    let swap = |word: &str| {
        match (mirrored, word) {
            (true, "loosened") => "tightened",
            (true, "tightened") => "loosened",
            (true, "gained") => "lost",
            (true, "lost") => "gained",
            (true, "added") => "removed",
            (true, "removed") => "added",
            (true, "frozen") => "unfrozen",
            (true, "unfrozen") => "frozen",
            (_, other) => other,
        }
        .to_owned()
    };
    let sides = |before: &Value, after: &Value| {
        if mirrored {
            format!("{after} {before}")
        } else {
            format!("{before} {after}")
        }
    };
    let document = serde_json::to_value(change).unwrap();
    let mut found = Vec::new();
    let list = |section: &str| document[section].as_array().unwrap().clone();
    for item in list("controls") {
        let verdict = swap(item["verdict"].as_str().unwrap());
        found.push(format!(
            "{verdict} {} {} {}",
            item["control"],
            item["subject"],
            sides(&item["before"], &item["after"])
        ));
    }
    for section in ["grants", "secrets", "quotas"] {
        for item in list(section) {
            let direction = swap(item["direction"].as_str().unwrap());
            // A renamed team goes by its new name, which is the other one in the mirror.
            let place = format!("{} {}", item["cluster"], item["namespace"]);
            let name = [&item["kind"], &item["name"], &item["path"], &item["what"]].map(ToString::to_string);
            found.push(format!(
                "{direction} {place} {} {}",
                name.join(" "),
                sides(&item["before"], &item["after"])
            ));
        }
    }
    for item in list("teams") {
        let formerly = item["formerly"].as_str().unwrap_or_default();
        let names = std::collections::BTreeSet::from([formerly, item["team"].as_str().unwrap()]);
        found.push(format!("{names:?} {}", swap(item["what"].as_str().unwrap())));
    }
    for item in list("pools") {
        let mut moves: Vec<String> = item["moves"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| {
                format!(
                    "{} {} {}",
                    one["resource"],
                    one["count"],
                    sides(&one["from"], &one["to"])
                )
            })
            .collect();
        moves.sort();
        let what = swap(item["what"].as_str().unwrap());
        found.push(format!(
            "{} {what} {} {}",
            item["pool"], item["gpusRebuilt"], item["nodesAffected"]
        ));
        // By which names they are paired depends on who is called what now.
        found.push(format!("{} {}", item["pool"], moves.len()));
    }
    found.sort();
    found
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn a_change_and_its_way_back_are_mirror_images(
        one in prop::collection::vec(any::<bool>(), EDITS.len()),
        other in prop::collection::vec(any::<bool>(), EDITS.len()),
    ) {
        let (a, b) = (chosen(&one), chosen(&other));
        for plan in [&a, &b] {
            let none = between(Some(plan), plan);
            prop_assert!(none.is_empty(), "a plan does not differ from itself: {:#?}", none);
        }
        let (there, back) = (between(Some(&a), &b), between(Some(&b), &a));
        prop_assert_eq!(items(&there, false), items(&back, true));
        prop_assert_eq!(one == other, there.is_empty(), "other edits are another plan");
        prop_assert_eq!(&there, &between(Some(&a), &b), "the same every time");
        for message in [there.message(), back.message()] {
            let subject = message.lines().next().unwrap();
            prop_assert!(subject.chars().count() <= 72, "{}", subject);
            prop_assert!(message.lines().count() <= 53, "{}", message);
        }
    }

    #[test]
    fn whatever_a_name_is_the_message_keeps_its_lines(name in "\\PC{1,40}") {
        let spec = |group: &str| edited(&Edits::from([
            ("/admins/groups".to_owned(), vec![group].into()),
            ("/teams/0/groups".to_owned(), vec![group].into()),
            ("/teams/1/owners".to_owned(), vec![group].into()),
            ("/clusters/0/context".to_owned(), group.into()),
        ]));
        let plain = plan(&spec("plain"));
        // Names that the spec refuses are not our question.
        if let Ok(hostile) = decide("x", spec(&name).as_bytes()) {
            let lines = |plan: &Plan| between(Some(&plan_of_example()), plan).message().split(['\n', '\u{2028}', '\u{2029}', '\u{85}']).count();
            prop_assert_eq!(lines(&hostile), lines(&plain), "{:?}", name);
        }
    }
}

fn plan_of_example() -> Plan {
    plan(EXAMPLE)
}
