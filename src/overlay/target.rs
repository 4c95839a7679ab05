//! Which objects a patch is about.

use regex::{Regex, RegexBuilder};
use serde_json::Value;

use super::document;
use super::selector::Selector;

/// The kind of the spec itself.
const TENANCY: &str = "Tenancy";

/// A target, ready to be compared with objects.
#[derive(Debug, Clone)]
pub(super) struct Target {
    group: Option<String>,
    version: Option<String>,
    pub(super) kind: Option<String>,
    pub(super) name: Option<Regex>,
    namespace: Option<Regex>,
    labels: Option<Selector>,
    annotations: Option<Selector>,
}

impl Target {
    /// Compiles a target; the error names the key that cannot be used, and says why.
    pub(super) fn new(written: &document::Target) -> Result<Self, (&'static str, String)> {
        let pattern =
            |key, text: &Option<String>| text.as_deref().map(|text| whole(text).map_err(|e| (key, e)));
        let selector = |key, text: &Option<String>| {
            text.as_deref()
                .map(|text| Selector::parse(text).map_err(|e| (key, e)))
        };
        Ok(Self {
            group: written.group.clone(),
            version: written.version.clone(),
            kind: written.kind.clone(),
            name: pattern("name", &written.name).transpose()?,
            namespace: pattern("namespace", &written.namespace).transpose()?,
            labels: selector("labelSelector", &written.label_selector).transpose()?,
            annotations: selector("annotationSelector", &written.annotation_selector).transpose()?,
        })
    }

    /// Whether it is the spec itself.
    pub(super) fn is_spec(&self) -> bool {
        self.kind.as_deref() == Some(TENANCY)
    }

    /// Whether a text could hold an object that it matches; a quick look before anything is parsed.
    pub(super) fn may_be_in(&self, text: &str) -> bool {
        self.kind.as_deref().is_none_or(|kind| text.contains(kind))
    }

    /// Whether an object is meant.
    pub(super) fn matches(&self, object: &Value) -> bool {
        let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
        let api_version = text(object.get("apiVersion"));
        let (group, version) = api_version.split_once('/').unwrap_or(("", &api_version));
        let metadata = object.get("metadata");
        let of = |key: &str| metadata.and_then(|metadata| metadata.get(key));
        let is =
            |wanted: &Option<String>, found: &str| wanted.as_deref().is_none_or(|wanted| wanted == found);
        let fits =
            |wanted: &Option<Regex>, key: &str| wanted.as_ref().is_none_or(|re| re.is_match(&text(of(key))));
        is(&self.group, group)
            && is(&self.version, version)
            && is(&self.kind, &text(object.get("kind")))
            && fits(&self.name, "name")
            && fits(&self.namespace, "namespace")
            && self
                .labels
                .as_ref()
                .is_none_or(|wanted| wanted.matches(of("labels")))
            && self
                .annotations
                .as_ref()
                .is_none_or(|wanted| wanted.matches(of("annotations")))
    }
}

/// A regular expression that must match the whole text; it is matched in linear time, whatever it is.
fn whole(text: &str) -> Result<Regex, String> {
    let regex = RegexBuilder::new(&format!("^(?:{text})$"))
        .size_limit(1 << 18)
        .build();
    regex.map_err(|_| {
        let shown: String = text.escape_debug().take(60).collect();
        format!("`{shown}` is not a regular expression")
    })
}
