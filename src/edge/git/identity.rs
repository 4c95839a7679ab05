//! Who is named in a commit.

use std::path::Path;

use git2::{Config, ConfigLevel, Repository};

use crate::edge::env::{self, GitNames};

/// A name and an address as they stand in a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The name, as `Ada Example`.
    pub name: String,
    /// The e-mail address.
    pub email: String,
}

/// Author and committer, and whether something had to be made up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Who wrote the change.
    pub author: Person,
    /// Who made the commit.
    pub committer: Person,
    /// Whether `platform <platform@localhost>` stands in for a part that nobody configured: tell the user.
    pub is_fallback: bool,
}

/// The configuration around a repository, with the user's file where `GIT_CONFIG_GLOBAL` says it is.
///
/// libgit2 knows that file below the home directory only. Source: `git help git`, section "other".
pub(super) fn configuration(repository: &Repository) -> Result<Config, git2::Error> {
    let mut config = repository.config()?;
    if let Ok(Some(path)) = env::variable("GIT_CONFIG_GLOBAL") {
        config.add_file(Path::new(&path), ConfigLevel::Global, true)?;
    }
    Ok(config)
}

/// Name and address for those who have configured none.
const FALLBACK: (&str, &str) = ("platform", "platform@localhost");

/// Works out author and committer: environment first, then `author.*` or `committer.*`, then `user.*`, then the fallback.
///
/// The configuration is that of the repository, the user and the system, in Git's order.
pub fn identity(config: &Config, names: &GitNames) -> Identity {
    let mut is_fallback = false;
    let mut part = |given: &Option<String>, keys: [&str; 2], fallback: &str| {
        let configured = keys.iter().find_map(|key| config.get_string(key).ok());
        let text = given
            .clone()
            .or(configured)
            .map(|text| clean(&text))
            .filter(|text| !text.is_empty());
        text.unwrap_or_else(|| {
            is_fallback = true;
            fallback.to_owned()
        })
    };
    let author = Person {
        name: part(&names.author_name, ["author.name", "user.name"], FALLBACK.0),
        email: part(&names.author_email, ["author.email", "user.email"], FALLBACK.1),
    };
    let committer = Person {
        name: part(&names.committer_name, ["committer.name", "user.name"], FALLBACK.0),
        email: part(
            &names.committer_email,
            ["committer.email", "user.email"],
            FALLBACK.1,
        ),
    };
    Identity {
        author,
        committer,
        is_fallback,
    }
}

/// Takes out what would end the name or the line in a commit, and what Git trims at both ends.
fn clean(text: &str) -> String {
    let kept: String = text
        .chars()
        .filter(|c| !c.is_control() && !matches!(c, '<' | '>'))
        .collect();
    kept.trim_matches(|c: char| c.is_whitespace() || ".,:;\"\\'".contains(c))
        .to_owned()
}

#[cfg(test)]
mod tests;
