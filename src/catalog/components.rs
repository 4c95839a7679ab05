//! What is installed beside our own objects: Helm charts with pinned versions and values.
//! Data: `blueprints/components/<id>.yaml`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value;

use super::BLUEPRINTS;
use crate::units::DnsLabel;

/// One component of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Component {
    /// Unique, and the stem of its file.
    pub id: String,
    /// The name a person reads.
    pub title: String,
    /// The choices in a spec that need it, as `<key>: <value>`.
    pub needed_by: Vec<String>,
    /// Where it comes from.
    pub chart: Chart,
    /// The namespace it lives in.
    pub namespace: String,
    /// Other namespaces that it brings objects to.
    #[serde(default)]
    pub other_namespaces: Vec<String>,
    /// Labels of that namespace.
    pub namespace_labels: BTreeMap<String, String>,
    /// What the chart brings, with these values.
    pub kinds: Kinds,
    /// Values of the chart, beyond its defaults.
    pub values: Value,
}

/// The kinds of objects that a chart brings; where a GitOps engine keeps closed lists, nothing else may come with it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Kinds {
    /// Those of the cluster.
    pub cluster: Vec<Kind>,
    /// Those of namespaces.
    pub namespaced: Vec<Kind>,
}

/// A kind of an API group.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Kind {
    /// The group; empty for the core.
    pub group: String,
    /// The kind.
    pub kind: String,
}

/// A Helm chart at a version.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Chart {
    /// Name in the repository.
    pub name: String,
    /// Address of the Helm repository: `https://…`, or `oci://<registry>/<path>` without the name of the chart.
    pub repository: String,
    /// Exact version of the chart.
    pub version: String,
    /// Version of what the chart installs.
    pub app_version: String,
}

impl Chart {
    /// The registry and path of a chart that is kept in an OCI registry, without `oci://`.
    pub fn registry(&self) -> Option<&str> {
        self.repository.strip_prefix("oci://")
    }
}

/// Why a component cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("component file `{path}` cannot be used: {message}")]
pub struct ComponentError {
    /// Path below `blueprints/`.
    pub path: String,
    /// What is wrong.
    pub message: String,
}

static COMPONENTS: LazyLock<Result<Vec<Component>, ComponentError>> = LazyLock::new(embedded);

/// All components of the catalogue in the order of their ids.
pub fn components() -> Result<&'static [Component], ComponentError> {
    COMPONENTS
        .as_ref()
        .map(Vec::as_slice)
        .map_err(ComponentError::clone)
}

/// The component of an id; `None` when the catalogue has none.
pub fn component(id: &str) -> Result<Option<&'static Component>, ComponentError> {
    Ok(components()?.iter().find(|component| component.id == id))
}

/// Reads a component; `path` is for messages, and its stem must be the id.
pub fn parse(path: &str, text: &str) -> Result<Component, ComponentError> {
    let wrong = |message: String| ComponentError {
        path: path.to_owned(),
        message,
    };
    let component: Component = serde_saphyr::from_str(text).map_err(|error| wrong(error.to_string()))?;
    if path.rsplit('/').next() != Some(&format!("{}.yaml", component.id)) {
        return Err(wrong(format!(
            "id `{}` is not the name of the file",
            component.id.escape_debug()
        )));
    }
    for name in [&component.id, &component.namespace] {
        DnsLabel::parse(name).map_err(|error| wrong(error.to_string()))?;
    }
    if !component.chart.repository.starts_with("https://") && component.chart.registry().is_none() {
        return Err(wrong(format!(
            "repository `{}` is not an https or oci address",
            component.chart.repository
        )));
    }
    let digits = component.chart.version.trim_start_matches('v').split('.').take(3);
    if digits.filter(|part| part.parse::<u32>().is_ok()).count() != 3 {
        return Err(wrong(format!(
            "version `{}` is not one exact version",
            component.chart.version
        )));
    }
    let kinds = component.kinds.cluster.iter().chain(&component.kinds.namespaced);
    for Kind { group, kind } in kinds {
        if kind.is_empty() || group.contains('*') || kind.contains('*') {
            return Err(wrong(format!("kind `{group}/{kind}` is not one kind")));
        }
    }
    if !component.values.is_object() {
        return Err(wrong("values are not a map".to_owned()));
    }
    Ok(component)
}

fn embedded() -> Result<Vec<Component>, ComponentError> {
    let mut components = Vec::new();
    for file in BLUEPRINTS
        .get_dir("components")
        .map_or(&[][..], |dir| dir.entries())
    {
        let Some(file) = file.as_file() else { continue };
        let path = file.path().to_string_lossy();
        let text = file.contents_utf8().ok_or_else(|| ComponentError {
            path: path.to_string(),
            message: "it is not UTF-8 text".to_owned(),
        })?;
        components.push(parse(&path, text)?);
    }
    components.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(components)
}

#[cfg(test)]
mod tests;
