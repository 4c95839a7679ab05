//! The only reader of environment variables.

use std::env::VarError;

/// A variable whose value is not text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("environment variable `{name}` is not UTF-8")]
pub struct NotText {
    /// The variable's name.
    pub name: String,
}

/// The value of a variable; `None` when it is unset or empty, as `GIT_AUTHOR_NAME=` means to Git too.
pub fn variable(name: &str) -> Result<Option<String>, NotText> {
    match std::env::var(name) {
        Ok(value) if value.is_empty() => Ok(None),
        Ok(value) => Ok(Some(value)),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => Err(NotText {
            name: name.to_owned(),
        }),
    }
}

/// Whether the locale shows more than ASCII: the first of `LC_ALL`, `LC_CTYPE` and `LANG` that is set names UTF-8.
///
/// Source: POSIX.1-2017, XBD §8.2.
pub fn speaks_utf8() -> bool {
    let set = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .find_map(|name| variable(name).ok().flatten());
    set.is_some_and(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.ends_with("utf-8") || locale.ends_with("utf8")
    })
}

/// Who Git should name, as far as the environment says it; each part may be absent.
///
/// Source: `git help git`, section "Git Commits".
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GitNames {
    /// `GIT_AUTHOR_NAME`.
    pub author_name: Option<String>,
    /// `GIT_AUTHOR_EMAIL`.
    pub author_email: Option<String>,
    /// `GIT_COMMITTER_NAME`.
    pub committer_name: Option<String>,
    /// `GIT_COMMITTER_EMAIL`.
    pub committer_email: Option<String>,
}

/// Reads the four `GIT_*` names.
pub fn git_names() -> Result<GitNames, NotText> {
    Ok(GitNames {
        author_name: variable("GIT_AUTHOR_NAME")?,
        author_email: variable("GIT_AUTHOR_EMAIL")?,
        committer_name: variable("GIT_COMMITTER_NAME")?,
        committer_email: variable("GIT_COMMITTER_EMAIL")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_variable_is_none_and_a_present_one_is_its_text() {
        assert_eq!(variable("PLATFORM_SURELY_NOT_SET_ANYWHERE"), Ok(None), "unset");
        let path = std::env::var("PATH").ok();
        assert_eq!(
            variable("PATH"),
            Ok(path),
            "PATH as the standard library reads it"
        );
    }
}
