//! The words of a history: what a person does, one step after the other, and what must be there then.

use std::collections::BTreeMap;

use serde::Deserialize;

/// What happened in a repository, and what it came to.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct History {
    /// What it shows, in a sentence.
    pub(crate) name: String,
    pub(crate) steps: Vec<Step>,
    /// What must be true at the end.
    pub(crate) then: Expect,
}

/// One thing that a person does; paths are below the present repository, which is `main` at first.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum Step {
    /// A file gets a new content.
    Write { file: String, text: String },
    /// A file gets more lines.
    Append { file: String, text: String },
    /// The first occurrence of a text becomes another.
    Replace { file: String, from: String, to: String },
    /// As `replace`, in `platform.yaml`.
    Spec { from: String, to: String },
    /// A file or directory goes.
    Delete(String),
    /// A file or directory gets another name.
    Rename { from: String, to: String },
    /// A symbolic link takes the place of a file.
    Link { file: String, to: String },
    /// A file becomes executable.
    Executable(String),
    /// The lines of a file end with CR LF.
    Crlf(String),
    /// Everything is added and committed.
    Commit(String),
    /// Git, its arguments parted by blanks and `$PLACE` for where the repositories are; it must succeed.
    Git(String),
    /// Git must not succeed.
    GitFails(String),
    /// Another repository is the present one from here on.
    In(String),
    /// `platform regenerate`.
    Regenerate {
        #[serde(default)]
        args: Vec<String>,
        exit: i32,
        /// Texts that one of both outputs has.
        #[serde(default)]
        says: Vec<String>,
        /// Texts that neither has.
        #[serde(default)]
        hides: Vec<String>,
    },
    /// What must be true now.
    Expect(Expect),
}

/// What must be true of the present repository.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expect {
    #[serde(default)]
    pub(crate) files: BTreeMap<String, Fact>,
    /// All files that conflict in the index, each with its stages, as `123`.
    #[serde(default)]
    pub(crate) conflicts: BTreeMap<String, String>,
    /// All lines of `git status --porcelain`, where they are of interest.
    pub(crate) status: Option<Vec<String>>,
}

/// What is true of one file.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Fact {
    /// `absent`, `executable`, or `rendered`: the very bytes of the last render.
    Word(String),
    /// Texts that are and are not in it.
    Text {
        #[serde(default)]
        contains: Vec<String>,
        #[serde(default)]
        lacks: Vec<String>,
    },
}

/// Reads histories; YAML first becomes JSON, whose enums are plain mappings.
pub(crate) fn read(text: &str) -> Vec<History> {
    let value: serde_json::Value = serde_yaml::from_str(text).unwrap_or_else(|error| panic!("{error}"));
    serde_json::from_value(value).unwrap_or_else(|error| panic!("{error}"))
}
