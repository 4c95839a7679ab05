//! What is configured around a repository, for telling a person about it.

use git2::{Config, Repository};

use super::error::GitError;
use super::identity::{Identity, configuration, identity};
use super::open::Checked;
use crate::edge::env::GitNames;

impl Checked {
    /// The names of the remotes, as Git keeps them; names that are not text are left out.
    pub fn remotes(&self) -> Result<Vec<String>, GitError> {
        let remotes = self
            .repository
            .remotes()
            .map_err(self.failed("reading the remotes"))?;
        let names = remotes
            .iter()
            .filter_map(|name| name.ok().flatten().map(str::to_owned));
        Ok(names.collect())
    }
}

/// Who would be named in a commit made in this directory, whether or not there is a repository yet.
///
/// `None` when the configuration cannot be read.
pub fn configured_identity(directory: &std::path::Path, names: &GitNames) -> Option<Identity> {
    let own = Repository::open(directory).and_then(|repository| configuration(&repository));
    let config = own.or_else(|_| Config::open_default()).ok()?;
    Some(identity(&config, names))
}
