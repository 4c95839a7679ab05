//! Puts a policy together from the files of its folder.

use serde::Deserialize;

use super::{Parameter, Policy, PolicyError, ResourceRule, Severity, SystemNamespaces, rule};
use crate::catalog::{self, BLUEPRINTS};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Header {
    title: String,
    severity: Severity,
    why: String,
    controls: Vec<String>,
    parameters: Vec<Parameter>,
    background: bool,
    system_namespaces: SystemNamespaces,
    #[serde(rename = "match")]
    matches: Match,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Match {
    #[serde(default)]
    include: Vec<String>,
    #[serde(default)]
    rules: Vec<ResourceRule>,
}

pub(super) fn load() -> Result<Vec<Policy>, PolicyError> {
    let root = "policies";
    let folder = BLUEPRINTS.get_dir(root).ok_or_else(|| PolicyError::Missing {
        path: root.to_owned(),
    })?;
    let mut ids: Vec<String> = folder
        .dirs()
        .filter_map(|dir| dir.path().file_name()?.to_str().map(str::to_owned))
        .filter(|name| !name.starts_with('_'))
        .collect();
    ids.sort();
    ids.into_iter().map(read).collect()
}

fn read(id: String) -> Result<Policy, PolicyError> {
    let header: Header = yaml(&format!("policies/{id}/policy.yaml"))?;
    let mut rules = Vec::new();
    for name in &header.matches.include {
        rules.extend(yaml::<Vec<ResourceRule>>(&format!(
            "policies/_shared/{name}.yaml"
        ))?);
    }
    rules.extend(header.matches.rules);
    let parameters: Vec<&str> = header.parameters.iter().map(|p| p.name.as_str()).collect();
    let rule = rule::read(&format!("policies/{id}/rule.cel"), &parameters, &text)?;
    Ok(Policy {
        id,
        title: header.title,
        severity: header.severity,
        why: header.why.trim().to_owned(),
        controls: header.controls,
        parameters: header.parameters,
        background: header.background,
        system_namespaces: header.system_namespaces,
        rules,
        variables: rule.variables,
        validations: rule.validations,
    })
}

/// The text of a file below `blueprints/`.
pub(super) fn text(path: &str) -> Result<&'static str, PolicyError> {
    catalog::text(path).ok_or_else(|| PolicyError::Missing {
        path: path.to_owned(),
    })
}

/// A YAML file below `blueprints/`.
pub(super) fn yaml<T: serde::de::DeserializeOwned>(path: &str) -> Result<T, PolicyError> {
    serde_saphyr::from_str(text(path)?).map_err(|error| PolicyError::Yaml {
        path: path.to_owned(),
        reason: error.to_string(),
    })
}
