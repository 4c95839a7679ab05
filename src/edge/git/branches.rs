//! Names of branches: which are allowed, and that `platform/rendered` can stand beside them.

use super::error::GitError;
use super::open::Checked;
use super::{RENDERED, references};

/// The full reference name of a branch, checked by Git's rules.
pub(super) fn full_name(branch: &str) -> Result<String, GitError> {
    let name = format!("refs/heads/{branch}");
    match git2::Reference::is_valid_name(&name) && !branch.starts_with('-') && branch != "HEAD" {
        true if name == RENDERED => Err(GitError::RenderedCheckedOut),
        true if branch == "platform" => Err(GitError::NoRoomForRendered),
        true => Ok(name),
        false => Err(GitError::BranchName(branch.to_owned())),
    }
}

/// That the checked-out branch is not the rendered one, and that no branch `platform` is in the way.
pub(super) fn require_room(checked: &Checked) -> Result<(), GitError> {
    if checked.branch == RENDERED {
        return Err(GitError::RenderedCheckedOut);
    }
    if checked.branch == "refs/heads/platform"
        || references::target(checked, "refs/heads/platform")?.is_some()
    {
        return Err(GitError::NoRoomForRendered);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn branch_names_follow_git() {
        for (name, good) in [
            ("main", true),
            ("feature/x", true),
            ("platform2", true),
            ("", false),
            ("-f", false),
            ("HEAD", false),
            ("a..b", false),
            ("a b", false),
            ("a.lock", false),
            ("/a", false),
            ("platform", false),
            ("platform/rendered", false),
        ] {
            assert_eq!(full_name(name).is_ok(), good, "{name:?}");
        }
    }
}
