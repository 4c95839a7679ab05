//! The format of an overlay; its JSON Schema checks every overlay, so that unknown keys are errors with their place.

use std::sync::LazyLock;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::spec::{ApiVersion, schema_of};

/// Patches that belong together, and where they hold.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Document {
    /// The version of this format.
    #[expect(dead_code, reason = "the schema has checked it")]
    pub(super) api_version: ApiVersion,
    /// What this document is.
    #[expect(dead_code, reason = "the schema has checked it")]
    pub(super) kind: Kind,
    /// What it is for, in a few words.
    #[serde(default)]
    #[schemars(extend("type" = "string"))]
    #[expect(dead_code, reason = "for those who read the file")]
    pub(super) title: Option<String>,
    /// Why it is needed.
    #[serde(default)]
    #[schemars(extend("type" = "string"))]
    #[expect(dead_code, reason = "for those who read the file")]
    pub(super) description: Option<String>,
    /// Only objects of these clusters; empty means all.
    #[serde(default)]
    pub(super) clusters: Vec<String>,
    /// Only objects of these teams; empty means all, and what belongs to no team.
    #[serde(default)]
    pub(super) teams: Vec<String>,
    /// What is changed, from top to bottom.
    #[schemars(length(min = 1))]
    pub(super) patches: Vec<Patch>,
}

/// The kind of document.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[schemars(inline)]
pub(super) enum Kind {
    /// An overlay.
    Overlay,
}

/// One patch of all objects that its target matches.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Patch {
    /// Which objects.
    pub(super) target: Target,
    /// What changes: a mapping is merged strategically, a list is a JSON Patch (RFC 6902).
    pub(super) patch: Body,
}

/// Which objects; `kind: Tenancy` is the spec itself. Every key that is given must match.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Target {
    /// API group; empty for the core group.
    #[serde(default)]
    #[schemars(extend("type" = "string"))]
    pub(super) group: Option<String>,
    /// API version.
    #[serde(default)]
    #[schemars(extend("type" = "string"))]
    pub(super) version: Option<String>,
    /// Kind.
    #[serde(default)]
    #[schemars(extend("type" = "string"))]
    pub(super) kind: Option<String>,
    /// Name, a regular expression that must match all of it.
    #[serde(default)]
    #[schemars(extend("type" = "string"))]
    pub(super) name: Option<String>,
    /// Namespace, a regular expression that must match all of it.
    #[serde(default)]
    #[schemars(extend("type" = "string"))]
    pub(super) namespace: Option<String>,
    /// Labels, as kubectl selects by them.
    #[serde(default)]
    #[schemars(extend("type" = "string"))]
    pub(super) label_selector: Option<String>,
    /// Annotations, in the same form.
    #[serde(default)]
    #[schemars(extend("type" = "string"))]
    pub(super) annotation_selector: Option<String>,
}

/// What changes.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(inline)]
pub(super) enum Body {
    /// A strategic merge.
    Merge(#[expect(dead_code, reason = "read from the tree, which has places")] Map<String, Value>),
    /// A JSON Patch.
    Operations(Vec<Operation>),
}

/// One operation of a JSON Patch.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Operation {
    /// What to do.
    pub(super) op: Verb,
    /// Where, a JSON Pointer such as `/metadata/labels/app`.
    pub(super) path: String,
    /// Where from, for `move` and `copy`.
    #[serde(default)]
    #[schemars(extend("type" = "string"))]
    pub(super) from: Option<String>,
    /// The value, for `add`, `replace` and `test`.
    #[serde(default)]
    #[schemars(extend("additionalProperties" = true))]
    #[expect(dead_code, reason = "read from the tree, which has places")]
    pub(super) value: Value,
}

/// The operations of RFC 6902.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub(super) enum Verb {
    /// Puts a value into a mapping, or inserts it into a list; `-` is the end of a list.
    Add,
    /// Takes a value away.
    Remove,
    /// Puts a value in place of one that is there.
    Replace,
    /// Takes a value away and adds it elsewhere.
    Move,
    /// Adds a value that stands elsewhere.
    Copy,
    /// Fails unless a value is as given.
    Test,
}

static SCHEMA: LazyLock<Value> = LazyLock::new(schema_of::<Document>);

/// The JSON Schema of an overlay (draft 2020-12), the same on every call.
pub fn schema() -> &'static Value {
    &SCHEMA
}
