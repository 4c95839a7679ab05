//! One document per pool, exactly as the device plugin reads it.

use serde_json::json;

use super::*;
use crate::catalog::boards;

fn pool(name: &str) -> DnsLabel {
    DnsLabel::parse(name).unwrap()
}

#[test]
fn documents_by_sharing() {
    let plain = json!({"version": "v1", "flags": {"migStrategy": "mixed"}});
    let replicated = |replicas: u32| {
        json!({
            "renameByDefault": true,
            "failRequestsGreaterThanOne": true,
            "resources": [{"name": "nvidia.com/gpu", "replicas": replicas}],
        })
    };
    let with = |sharing: serde_json::Value| json!({"version": "v1", "flags": {"migStrategy": "mixed"}, "sharing": sharing});
    for (sharing, expected) in [
        (Sharing::Whole, plain.clone()),
        (Sharing::Mig, plain.clone()),
        (
            Sharing::TimeSlicing { replicas: 4 },
            with(json!({"timeSlicing": replicated(4)})),
        ),
        (Sharing::Mps { replicas: 2 }, with(json!({"mps": replicated(2)}))),
    ] {
        let configs = configs([(&pool("a100-dev"), sharing)]).unwrap();
        let keys: Vec<&str> = configs.keys().map(String::as_str).collect();
        assert_eq!(keys, ["a100-dev", "default"], "keys for {sharing:?}");
        assert_eq!(
            configs["a100-dev"].to_value().unwrap(),
            expected,
            "document for {sharing:?}"
        );
        assert_eq!(
            configs["default"].to_value().unwrap(),
            plain,
            "nothing is shared by default"
        );
    }
}

#[test]
fn what_cannot_be_is_refused() {
    let (dev, default) = (pool("dev"), pool("default"));
    for (pools, sentence) in [
        (
            vec![(&dev, Sharing::Mps { replicas: 1 })],
            "pool `dev` has 1 replicas per GPU; allowed are 2 and more",
        ),
        (
            vec![(&dev, Sharing::TimeSlicing { replicas: 0 })],
            "pool `dev` has 0 replicas per GPU; allowed are 2 and more",
        ),
        (
            vec![(&default, Sharing::Mig)],
            "pool `default` cannot be configured: the name is kept for nodes outside all pools",
        ),
        (
            vec![(&dev, Sharing::Mig), (&dev, Sharing::Whole)],
            "pool `dev` has two configurations",
        ),
    ] {
        assert_eq!(configs(pools).expect_err(sentence).to_string(), sentence);
    }
}

#[test]
fn names_that_tenants_ask_for() {
    let board = boards::board("h100-80gb").unwrap().unwrap();
    let profile = board.profile("1g.10gb+me");
    assert!(profile.is_some(), "the profile is there");
    for (sharing, profile, expected) in [
        (Sharing::Whole, None, Some("nvidia.com/gpu")),
        (Sharing::Mig, None, Some("nvidia.com/gpu")),
        (Sharing::Mig, profile, Some("nvidia.com/mig-1g.10gb.me")),
        (
            Sharing::TimeSlicing { replicas: 2 },
            None,
            Some("nvidia.com/gpu.shared"),
        ),
        (Sharing::Mps { replicas: 2 }, None, Some("nvidia.com/gpu.shared")),
        (Sharing::Mps { replicas: 2 }, profile, None),
        (Sharing::Whole, profile, None),
    ] {
        let name = sharing.resource(profile);
        assert_eq!(
            name.as_deref(),
            expected,
            "{sharing:?} with {:?}",
            profile.map(|p| &p.name)
        );
        if let Some(name) = name {
            assert!(
                board.resources().contains(&name),
                "`{name}` is among the resources of the board"
            );
        }
    }
}
