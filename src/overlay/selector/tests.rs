use super::*;

#[test]
fn selectors_select_as_kubectl_does() {
    let labels = serde_json::json!({"app": "x", "tier": "back", "a.b/c": ""});
    for (text, expected) in [
        ("app=x", Some(true)),
        ("app==x", Some(true)),
        ("app=y", Some(false)),
        ("app!=y", Some(true)),
        ("missing!=y", Some(true)),
        ("app", Some(true)),
        ("missing", Some(false)),
        ("!missing", Some(true)),
        ("!app", Some(false)),
        ("app in (y, x)", Some(true)),
        ("app in (y),tier", Some(false)),
        ("tier notin (front),app=x", Some(true)),
        ("missing notin (x)", Some(true)),
        ("a.b/c=", Some(true)),
        ("", None),
        ("app=x,", None),
        ("app in x", None),
        ("app (x)", None),
        ("=x", None),
        ("app=a b", None),
        ("app in (x", None),
    ] {
        let found = Selector::parse(text)
            .ok()
            .map(|selector| selector.matches(Some(&labels)));
        assert_eq!(found, expected, "{text:?}");
    }
    assert!(
        Selector::parse("!app").unwrap().matches(None),
        "an object without labels"
    );
}
