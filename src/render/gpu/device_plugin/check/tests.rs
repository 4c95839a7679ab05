use serde_json::json;

use super::*;

#[test]
fn every_kind_of_mistake_is_found() {
    let good = json!({"version": "v1", "flags": {"migStrategy": "mixed"}, "sharing": {"timeSlicing": {
        "renameByDefault": true, "failRequestsGreaterThanOne": true,
        "resources": [{"name": "nvidia.com/gpu", "replicas": 4}],
    }}});
    assert_eq!(
        check(&good, false),
        Vec::<String>::new(),
        "the document itself is sound"
    );
    let entry = "/sharing/timeSlicing/resources/0";
    for (pointer, key, value, problem) in [
        ("", "version", json!("v2"), "version is not `v1`"),
        (
            "",
            "renameByDefault",
            json!(true),
            "unknown key `renameByDefault`",
        ),
        (
            "/flags",
            "renameByDefault",
            json!(true),
            "unknown key `renameByDefault`",
        ),
        ("/flags", "migStrategy", json!("single"), "is not `mixed`"),
        ("/sharing", "mps", json!({}), "exactly one"),
        (
            "/sharing/timeSlicing",
            "renameByDefault",
            json!(false),
            "`renameByDefault` is not true",
        ),
        (
            "/sharing/timeSlicing",
            "failRequestsGreaterThanOne",
            Value::Null,
            "is not true",
        ),
        (
            "/sharing/timeSlicing",
            "resources",
            json!([]),
            "is not a list with entries",
        ),
        (entry, "devices", json!([0]), "unknown key `devices`"),
        (entry, "rename", json!("x"), "unknown key `rename`"),
        (entry, "replicas", json!(1), "replicas from 2"),
        (entry, "replicas", json!(2_147_483_648_u64), "replicas from 2"),
        (
            entry,
            "name",
            json!(format!("nvidia.com/{}", "x".repeat(60))),
            "at most 63",
        ),
    ] {
        let mut document = good.clone();
        document.pointer_mut(pointer).expect("the place is there")[key] = value;
        let problems = check(&document, false);
        assert!(
            problems.iter().any(|found| found.contains(problem)),
            "expected `{problem}` in {problems:?}"
        );
    }
    let mut mps = good;
    mps["sharing"] = json!({"mps": mps["sharing"]["timeSlicing"]});
    assert_eq!(check(&mps, false), Vec::<String>::new(), "MPS without MIG");
    assert_eq!(check(&mps, true).len(), 1, "MPS with MIG");
}
