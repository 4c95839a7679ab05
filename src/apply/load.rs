//! Reads the objects of a stage through its kustomizations, from a directory or from a rendered tree.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::Object;
use crate::tree::Tree;
use crate::units::RelPath;

/// The largest file that is read.
const LARGEST: u64 = 64 << 20;
/// The deepest chain of kustomizations.
const DEEPEST: usize = 16;

/// The stages of a cluster: name, and directory above the cluster's own.
const STAGES: [(&str, &str); 5] = [
    ("controllers", "infrastructure"),
    ("policies", "policies"),
    ("gpu", "gpu"),
    ("queues", "queues"),
    ("tenants", "tenants"),
];

/// Why the repository cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{path}` {cause}")]
pub struct LoadError {
    /// The file, relative to the repository.
    pub path: String,
    /// What is wrong with it.
    pub cause: String,
}

/// Files of a repository by path.
pub trait Files {
    /// The bytes of a file; `None` when there is none at the path.
    fn read(&self, path: &RelPath) -> Result<Option<Vec<u8>>, LoadError>;
}

impl Files for Tree {
    fn read(&self, path: &RelPath) -> Result<Option<Vec<u8>>, LoadError> {
        Ok(self.get(path.as_str()).map(|file| file.bytes.clone()))
    }
}

/// A repository on disk; symbolic links that lead out of it are refused.
#[derive(Debug, Clone)]
pub struct Directory {
    root: PathBuf,
}

impl Directory {
    /// Opens a repository by the path of its root.
    pub fn open(root: &Path) -> Result<Self, LoadError> {
        let root = root.canonicalize().map_err(|cause| LoadError {
            path: root.display().to_string(),
            cause: format!("cannot be opened: {cause}"),
        })?;
        Ok(Self { root })
    }
}

impl Files for Directory {
    fn read(&self, path: &RelPath) -> Result<Option<Vec<u8>>, LoadError> {
        let bad = |cause: String| LoadError {
            path: path.to_string(),
            cause,
        };
        let full = match self.root.join(path.as_str()).canonicalize() {
            Ok(full) => full,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) if error.kind() == std::io::ErrorKind::NotADirectory => return Ok(None),
            Err(error) => return Err(bad(format!("cannot be read: {error}"))),
        };
        if !full.starts_with(&self.root) {
            return Err(bad("is a link that leads out of the repository".to_owned()));
        }
        let metadata = full
            .metadata()
            .map_err(|error| bad(format!("cannot be read: {error}")))?;
        if metadata.is_dir() {
            return Ok(None);
        }
        if !metadata.is_file() || metadata.len() > LARGEST {
            return Err(bad(format!("is not a file of at most {} MiB", LARGEST >> 20)));
        }
        std::fs::read(&full)
            .map(Some)
            .map_err(|error| bad(format!("cannot be read: {error}")))
    }
}

/// The objects of one stage.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    /// Its name: `controllers`, `policies`, `gpu`, `queues`, `tenants`.
    pub name: &'static str,
    /// Its objects in the order of the files.
    pub objects: Vec<Object>,
}

/// All stages of a cluster in order; a directory that does not exist is a stage without objects.
pub fn stages(files: &dyn Files, cluster: &str) -> Result<Vec<Stage>, LoadError> {
    let load = |(name, above): (&'static str, &str)| {
        let objects = stage(files, &format!("{above}/{cluster}"))?;
        Ok(Stage { name, objects })
    };
    STAGES.into_iter().map(load).collect()
}

/// The objects of a directory with a `kustomization.yaml`, and of those that it names.
pub fn stage(files: &dyn Files, directory: &str) -> Result<Vec<Object>, LoadError> {
    let mut loader = Loader {
        files,
        objects: Vec::new(),
        seen: BTreeSet::new(),
        names: BTreeSet::new(),
    };
    let start = format!("{directory}/kustomization.yaml");
    if let Some(bytes) = files.read(&rel(&start, &start)?)? {
        loader.kustomization(directory, &start, &bytes, 0)?;
    }
    Ok(loader.objects)
}

/// All documents of a YAML file; empty ones are left out.
pub(super) fn documents(path: &str, bytes: &[u8]) -> Result<Vec<Value>, LoadError> {
    let bad = |cause: String| LoadError {
        path: path.to_owned(),
        cause: format!("is not YAML: {cause}"),
    };
    let text = std::str::from_utf8(bytes).map_err(|error| bad(error.to_string()))?;
    let documents: Vec<Value> = serde_saphyr::from_multiple(text).map_err(|error| bad(error.to_string()))?;
    Ok(documents
        .into_iter()
        .filter(|document| !document.is_null())
        .collect())
}

fn rel(path: &str, named_in: &str) -> Result<RelPath, LoadError> {
    RelPath::parse(path).map_err(|error| LoadError {
        path: named_in.to_owned(),
        cause: format!("names a resource that cannot be read: {error}"),
    })
}

/// Joins a directory and a `resources` entry; `None` when it leads out of the repository.
fn join(directory: &str, entry: &str) -> Option<String> {
    if entry.starts_with('/') || entry.contains("://") {
        return None;
    }
    let mut parts: Vec<&str> = directory.split('/').collect();
    for part in entry.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

struct Loader<'a> {
    files: &'a dyn Files,
    objects: Vec<Object>,
    /// Files that were read: a second mention would apply the same objects twice.
    seen: BTreeSet<String>,
    names: BTreeSet<(String, String)>,
}

impl Loader<'_> {
    fn kustomization(
        &mut self,
        directory: &str,
        path: &str,
        bytes: &[u8],
        depth: usize,
    ) -> Result<(), LoadError> {
        let bad = |cause: String| LoadError {
            path: path.to_owned(),
            cause,
        };
        if depth > DEEPEST {
            return Err(bad(format!("is more than {DEEPEST} kustomizations deep")));
        }
        let mut documents = documents(path, bytes)?;
        let document = match (documents.pop(), documents.is_empty()) {
            (Some(Value::Object(document)), true) => document,
            _ => return Err(bad("is not one kustomization".to_owned())),
        };
        let known = ["apiVersion", "kind", "metadata", "resources"];
        if let Some(key) = document.keys().find(|key| !known.contains(&key.as_str())) {
            // To leave it out silently would apply something else than what the repository says.
            return Err(bad(format!(
                "has `{key}`, which only kustomize can build; allowed are {}",
                known.join(", ")
            )));
        }
        for entry in document
            .get("resources")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            let entry = entry
                .as_str()
                .ok_or_else(|| bad("has a resource that is not a path".to_owned()))?;
            let target = join(directory, entry)
                .ok_or_else(|| bad(format!("names `{entry}`, which is not inside the repository")))?;
            self.resource(&target, path, entry, depth)?;
        }
        Ok(())
    }

    fn resource(&mut self, target: &str, named_in: &str, entry: &str, depth: usize) -> Result<(), LoadError> {
        if !self.seen.insert(target.to_owned()) {
            return Err(LoadError {
                path: named_in.to_owned(),
                cause: format!("names `{entry}`, which is read already"),
            });
        }
        if let Some(bytes) = self.files.read(&rel(target, named_in)?)? {
            return self.file(target, &bytes);
        }
        let inner = format!("{target}/kustomization.yaml");
        match self.files.read(&rel(&inner, named_in)?)? {
            Some(bytes) => self.kustomization(target, &inner, &bytes, depth + 1),
            None => Err(LoadError {
                path: named_in.to_owned(),
                cause: format!("names `{entry}`, which does not exist"),
            }),
        }
    }

    fn file(&mut self, path: &str, bytes: &[u8]) -> Result<(), LoadError> {
        for document in documents(path, bytes)? {
            if document["kind"] == "List"
                && let Some(items) = document["items"].as_array()
            {
                for item in items {
                    self.object(path, item.clone())?;
                }
            } else {
                self.object(path, document)?;
            }
        }
        Ok(())
    }

    fn object(&mut self, path: &str, value: Value) -> Result<(), LoadError> {
        let bad = |cause: String| LoadError {
            path: path.to_owned(),
            cause,
        };
        let object = Object::new(value)
            .map_err(|cause| bad(format!("has an object that cannot be applied: {cause}")))?;
        let identity = (object.group().to_owned(), object.to_string());
        if !self.names.insert(identity) {
            return Err(bad(format!("repeats the object `{object}`")));
        }
        self.objects.push(object);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
