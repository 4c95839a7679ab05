//! The spec as it is written, for commands that edit it.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::super::args::Global;
use super::super::failure::Failure;
use super::super::load::{self, SPEC_FILE};
use crate::plan;
use crate::spec::did_you_mean;
use crate::spec::edit::{self, Place};

/// A spec that is about to be edited.
pub(super) struct Written {
    /// Where it stands; `-` is standard input.
    pub(super) path: PathBuf,
    /// Its text.
    pub(super) text: String,
    /// Its data, whether valid or not.
    pub(super) data: Value,
}

impl Written {
    /// Reads the spec that the flags name.
    pub(super) fn read(global: &Global) -> Result<Self, Failure> {
        let path = global.file.clone().unwrap_or_else(|| PathBuf::from(SPEC_FILE));
        let bytes = load::read_spec(&path)?;
        let shown = path.display().to_string();
        // What is no YAML is reported as `validate` does, with place and hint.
        let invalid = |bytes: &[u8]| match plan::decide(&shown, bytes) {
            Err(findings) => Failure::findings(findings),
            Ok(_) => Failure::bug(format!("`{shown}` is valid and cannot be edited")),
        };
        let text = String::from_utf8(bytes).map_err(|error| invalid(error.as_bytes()))?;
        let data = edit::data(&text).map_err(|_| invalid(text.as_bytes()))?;
        if !data["teams"].is_array() {
            return Err(invalid(text.as_bytes()));
        }
        Ok(Self { path, text, data })
    }

    /// How messages name it.
    pub(super) fn shown(&self) -> String {
        self.path.display().to_string()
    }

    /// Whether it comes from standard input.
    pub(super) fn is_stdin(&self) -> bool {
        self.path == Path::new("-")
    }

    /// The entries of a list at the top, such as `teams`; none where it is not there.
    pub(super) fn list(&self, key: &str) -> &[Value] {
        self.data[key].as_array().map_or(&[], Vec::as_slice)
    }

    /// A team by its name, with its place.
    pub(super) fn find(&self, name: &str) -> Option<(Place, &Value)> {
        let index = self.list("teams").iter().position(|team| team["name"] == name)?;
        Some((
            Place::root().key("teams").index(index),
            &self.list("teams")[index],
        ))
    }

    /// A team by its name, or that there is none.
    pub(super) fn team(&self, name: &str) -> Result<(Place, &Value), Failure> {
        self.find(name).ok_or_else(|| {
            let all: Vec<&str> = names(self.list("teams")).collect();
            let hint = match did_you_mean(name, all.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("teams: {}", all[..all.len().min(20)].join(", ")),
            };
            Failure::usage(format!("team `{}` is not in the spec", name.escape_debug())).hint(hint)
        })
    }
}

/// The names of the entries of a list.
pub(super) fn names(list: &[Value]) -> impl Iterator<Item = &str> {
    list.iter().filter_map(|entry| entry["name"].as_str())
}
