//! `.platform/lock.yaml`: which generator made which bytes from which spec.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Where the lock lies.
pub const LOCK_PATH: &str = ".platform/lock.yaml";

/// The content of the lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Lock {
    /// Format of the lock.
    pub api_version: String,
    /// Always `Lock`.
    pub kind: String,
    /// What made the files.
    pub generator: Generator,
    /// What they were made from.
    pub spec: Source,
    /// SHA-256 of the user's own overlays, by path.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub overlays: BTreeMap<String, String>,
    /// SHA-256 of every generated file but the lock, by path.
    pub files: BTreeMap<String, String>,
}

/// What made the files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Generator {
    /// Always `platform`.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// What the files were made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Source {
    /// The spec's path in the repository.
    pub path: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
}

/// Why a lock cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{LOCK_PATH}` cannot be read: {0}")]
pub struct LockError(String);

/// What every format of the lock has had so far, for naming one that is not known.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    api_version: String,
    kind: String,
    generator: Maker,
}

/// As [`Generator`], whatever else a newer version says of itself.
#[derive(Debug, Deserialize)]
struct Maker {
    name: String,
    version: String,
}

impl LockError {
    /// Names the version that wrote the lock, where that is not this one.
    fn by(self, head: &Head) -> Self {
        match head.generator.version == env!("CARGO_PKG_VERSION") {
            true => self,
            false => Self(format!(
                "it was written by platform {}, this is {}: {}",
                head.generator.version.escape_debug(),
                env!("CARGO_PKG_VERSION"),
                self.0
            )),
        }
    }
}

/// Whether a merge of Git has left its markers.
fn has_markers(bytes: &[u8]) -> bool {
    let mut lines = bytes.split(|byte| *byte == b'\n');
    lines.any(|line| line.starts_with(b"<<<<<<< ")) && lines.any(|line| line.starts_with(b">>>>>>> "))
}

const API_VERSION: &str = "tenancy.platform/v1alpha1";

const COMMENT: &str =
    "# What was generated, by what, from what. Written by platform at every render; never edit it.\n";

impl Lock {
    /// A lock of this format, made by this version.
    pub fn new(spec: Source, overlays: BTreeMap<String, String>, files: BTreeMap<String, String>) -> Self {
        Self {
            api_version: API_VERSION.to_owned(),
            kind: "Lock".to_owned(),
            generator: Generator {
                name: "platform".to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
            },
            spec,
            overlays,
            files,
        }
    }

    /// The lock as YAML, in the form of JSON with one file per line: a lock of ten thousand teams is read in
    /// milliseconds, and Git still shows what differs.
    pub fn to_text(&self) -> Result<String, LockError> {
        let json = serde_json::to_string_pretty(self).map_err(|error| LockError(error.to_string()))?;
        Ok(format!("{COMMENT}{json}\n"))
    }

    /// Reads a lock; unknown fields and other formats are errors.
    pub fn parse(bytes: &[u8]) -> Result<Self, LockError> {
        let lock: Self = match read(bytes) {
            Ok(lock) => lock,
            // A newer format may have more fields: its version says more than their names.
            Err(error) => match read::<Head>(bytes) {
                Ok(head) => return Err(require_known(&head).err().unwrap_or_else(|| error.by(&head))),
                Err(_) if has_markers(bytes) => return Err(LockError("it has conflict markers".to_owned())),
                Err(_) => return Err(error),
            },
        };
        require_known(&Head {
            api_version: lock.api_version.clone(),
            kind: lock.kind.clone(),
            generator: Maker {
                name: lock.generator.name.clone(),
                version: lock.generator.version.clone(),
            },
        })?;
        Ok(lock)
    }
}

fn require_known(head: &Head) -> Result<(), LockError> {
    if head.generator.name != "platform" {
        return Err(LockError(format!(
            "it was written by `{}`",
            head.generator.name.escape_debug()
        )));
    }
    if head.api_version != API_VERSION || head.kind != "Lock" {
        return Err(LockError(format!(
            "it is a `{}` of `{}`, written by platform {}",
            head.kind.escape_debug(),
            head.api_version.escape_debug(),
            head.generator.version.escape_debug()
        )));
    }
    Ok(())
}

/// Reads JSON below comment lines, as we write it, or any other YAML.
fn read<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Result<T, LockError> {
    let mut json = bytes;
    while json.first() == Some(&b'#') {
        let end = json
            .iter()
            .position(|byte| *byte == b'\n')
            .map_or(json.len(), |end| end + 1);
        json = json.get(end..).unwrap_or_default();
    }
    match serde_json::from_slice(json) {
        Ok(value) => Ok(value),
        Err(_) => serde_saphyr::from_slice(bytes).map_err(|error| {
            // The place and what is wrong; the lines after that show the text.
            let text = error.to_string();
            let first = text.lines().next().unwrap_or_default();
            LockError(first.strip_prefix("error: ").unwrap_or(first).to_owned())
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back_and_other_formats_are_named() {
        let lock = Lock::new(
            Source {
                path: "platform.yaml".to_owned(),
                sha256: "0".repeat(64),
            },
            BTreeMap::new(),
            BTreeMap::from([
                ("no".to_owned(), "1".repeat(64)),
                ("a b: c".to_owned(), "2".repeat(64)),
            ]),
        );
        let text = lock.to_text().unwrap();
        assert_eq!(Lock::parse(text.as_bytes()), Ok(lock.clone()), "what was written");
        let as_yaml: serde_yaml::Value = serde_yaml::from_str(&text).unwrap();
        let as_json = serde_json::to_value(&lock).unwrap();
        assert_eq!(
            serde_json::to_value(as_yaml).unwrap(),
            as_json,
            "another reader sees the same YAML"
        );
        let head = |api: &str, name: &str, more: &str| {
            format!(
                "apiVersion: {api}\nkind: Lock\ngenerator: {{name: {name}, version: 9.9.0}}\nspec: {{path: x, sha256: x}}\nfiles: {{}}\n{more}"
            )
        };
        for (text, wanted) in [
            (
                head("tenancy.platform/v2", "platform", "more: 1\n"),
                "a `Lock` of `tenancy.platform/v2`, written by platform 9.9.0",
            ),
            (
                head("tenancy.platform/v1alpha1", "other", ""),
                "written by `other`",
            ),
            (head("tenancy.platform/v1alpha1", "platform", "more: 1\n"), "more"),
            ("<<<<<<< main\n".to_owned(), "cannot be read"),
        ] {
            let error = Lock::parse(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(wanted), "{text}: {error}");
        }
    }
}
