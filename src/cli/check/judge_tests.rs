use serde_json::json;

use super::super::row::Answer;
use super::*;
use crate::edge::git::Person;

#[test]
fn each_judge_says_yes_and_no_for_its_own_reason() {
    let who = |is_fallback| {
        let person = Person {
            name: "A".into(),
            email: "a@b".into(),
        };
        Identity {
            author: person.clone(),
            committer: person,
            is_fallback,
        }
    };
    let texts = |list: &[&str]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
    let kinds = |list: &[(&str, &str)]| {
        list.iter()
            .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()))
            .collect::<Vec<_>>()
    };
    let version_of =
        |major: &str, minor: &str| version("c", &json!({"major": major, "minor": minor, "gitVersion": "v1"}));
    let late = ClusterError::Deadline {
        doing: "GET".into(),
        seconds: 1,
    };
    let edited = Files {
        total: 3,
        edited: 1,
        missing: 1,
    };
    let unserved = kinds(&[
        ("helm.toolkit.fluxcd.io/v2", "HelmRelease"),
        ("x.example/v1", "X"),
    ]);
    for (row, answer, part) in [
        (identity(Some(&who(false))), Answer::Ok, "A <a@b>"),
        (
            identity(Some(&who(true))),
            Answer::Failed,
            "no name or no address",
        ),
        (identity(None), Answer::Failed, "no name or no address"),
        (clean(&[]), Answer::Ok, ""),
        (clean(&texts(&["a", "b", "c"])), Answer::Failed, "`a` and 2 more"),
        (rendered(Some("0123456789abcdef")), Answer::Ok, "tree 0123456789"),
        (rendered(None), Answer::Failed, "it does not"),
        (remote(&texts(&["origin"])), Answer::Ok, "origin"),
        (remote(&[]), Answer::Failed, "there is none"),
        (
            files(Files {
                total: 3,
                ..Files::default()
            }),
            Answer::Ok,
            "3 files",
        ),
        (files(edited), Answer::Failed, "1 of 3 edited by hand, 1 deleted"),
        (version_of("1", "36"), Answer::Ok, "v1"),
        (version_of("1", "31+"), Answer::Ok, "v1"),
        (
            version_of("1", "29"),
            Answer::Failed,
            "supported are 1.30 to 1.36",
        ),
        (version_of("2", "36"), Answer::Failed, "supported are"),
        (version("c", &json!({})), Answer::Failed, "it is unknown"),
        (served("kinds", "c", "served", 4, &[]), Answer::Ok, "4 kinds"),
        (
            served("kinds", "c", "served", 4, &unserved),
            Answer::Failed,
            "HelmRelease (flux brings it); X (x.example/v1 brings it)",
        ),
        (permissions("c", 9, &[]), Answer::Ok, "9 questions"),
        (
            permissions("c", 9, &texts(&["get a", "get b", "c", "d", "e", "f", "g"])),
            Answer::Failed,
            "7 of 9 denied: get a, get b, c, d, e, f and 1 more",
        ),
        (
            same_cluster("c", None, Ok("u")),
            Answer::Ok,
            "nothing was applied",
        ),
        (same_cluster("c", Some("u"), Ok("u")), Answer::Ok, "UID u"),
        (
            same_cluster("c", Some("u"), Ok("v")),
            Answer::Failed,
            "its UID is `v`",
        ),
        (
            same_cluster("c", Some("u"), Err(&late)),
            Answer::Skipped,
            "deadline",
        ),
    ] {
        assert_eq!(row.answer, answer, "{row:?}");
        assert!(row.found.contains(part), "{part:?} in {row:?}");
    }
}
