//! One rendered object.

use std::fmt;

use serde_json::Value;

/// An object with an apiVersion, a kind and a name.
#[derive(Debug, Clone, PartialEq)]
pub struct Object {
    value: Value,
    api_version: String,
    kind: String,
    namespace: Option<String>,
    name: String,
}

impl Object {
    /// Checks what identifies an object; the error says what is missing.
    pub fn new(value: Value) -> Result<Self, &'static str> {
        let text = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        Ok(Self {
            api_version: text(&value["apiVersion"]).ok_or("it has no `apiVersion`")?,
            kind: text(&value["kind"]).ok_or("it has no `kind`")?,
            name: text(&value["metadata"]["name"]).ok_or("it has no `metadata.name`")?,
            namespace: text(&value["metadata"]["namespace"]),
            value,
        })
    }

    /// The whole object.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// `v1`, `apps/v1` …
    pub fn api_version(&self) -> &str {
        &self.api_version
    }

    /// The API group, empty for core.
    pub fn group(&self) -> &str {
        self.api_version.split_once('/').map_or("", |(group, _)| group)
    }

    /// `Namespace`, `Role` …
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// Its namespace; `None` when it names none.
    pub fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A copy with one more label.
    #[must_use]
    pub fn labelled(&self, key: &str, label: &str) -> Self {
        let mut labelled = self.clone();
        let labels = &mut labelled.value["metadata"]["labels"];
        if !labels.is_object() {
            *labels = Value::Object(serde_json::Map::new());
        }
        labels[key] = Value::from(label);
        labelled
    }
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.kind)?;
        if let Some(namespace) = &self.namespace {
            write!(f, "{namespace}/")?;
        }
        f.write_str(&self.name)
    }
}
