use super::*;

fn identity() -> Identity {
    Identity {
        platform: "acme".into(),
        cluster: "fra1".into(),
        uid: "u-1".into(),
    }
}

#[test]
fn the_inventory_only_grows_and_follows_the_specification() {
    let object = |group: &str, kind: &str, namespace: &str| {
        let value =
            json!({"apiVersion": group, "kind": kind, "metadata": {"name": "a", "namespace": namespace}});
        Object::new(value).expect("an object")
    };
    let stage = Stage {
        name: "tenants",
        objects: vec![
            object("v1", "ConfigMap", "team-a"),
            object("apps/v1", "Deployment", "team-b"),
        ],
    };
    let first = inventory(&identity(), None, std::slice::from_ref(&stage));
    let annotations = &first["metadata"]["annotations"];
    assert_eq!(annotations[KINDS], "ConfigMap,Deployment.apps");
    assert_eq!(annotations[NAMESPACES], "team-a,team-b");
    // sha256 of `platform-apply.platform-system.ConfigMap.`, computed with another program
    assert_eq!(first["metadata"]["labels"][ID], ID_TEXT);
    let later = Stage {
        name: "tenants",
        objects: vec![object("v1", "Secret", "team-c")],
    };
    let second = inventory(&identity(), Some(&first), &[later]);
    let annotations = &second["metadata"]["annotations"];
    assert_eq!(annotations[KINDS], "ConfigMap,Deployment.apps,Secret");
    assert_eq!(annotations[NAMESPACES], "team-a,team-b,team-c");
    assert_eq!(
        inventory(&identity(), Some(&second), &[stage]),
        second,
        "same set, same bytes"
    );
}

const ID_TEXT: &str = "applyset-S1VMRWoLES3PPjmQ1fvlGGl3mCxMSGIieOZKdP3HoIA-v1";

#[test]
fn another_cluster_or_platform_is_refused() {
    let ours = inventory(&identity(), None, &[]);
    assert_eq!(foreign(&identity(), &ours), None, "our own");
    assert_eq!(foreign(&identity(), &json!({})), None, "an empty ConfigMap");
    for (other, part) in [
        (
            Identity {
                uid: "u-2".into(),
                ..identity()
            },
            "UID `u-1`, not to `u-2`",
        ),
        (
            Identity {
                cluster: "ams1".into(),
                ..identity()
            },
            "the cluster `fra1`, not to `ams1`",
        ),
        (
            Identity {
                platform: "b".into(),
                ..identity()
            },
            "the platform `acme`",
        ),
    ] {
        let why = foreign(&other, &ours).unwrap_or_default();
        assert!(why.contains(part), "{part:?} in {why:?}");
    }
}
