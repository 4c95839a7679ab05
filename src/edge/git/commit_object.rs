//! The bytes of a commit, and the trailer that ties it to a render.

use super::TRAILER;
use super::identity::{Identity, Person};
use super::pack::{Id, hex};

/// What a commit says; the two commits of a render differ in tree and parents only.
pub(super) struct CommitText<'a> {
    pub(super) identity: &'a Identity,
    /// Seconds since 1970; written in UTC.
    pub(super) time: i64,
    pub(super) message: &'a str,
    /// The tree of the render.
    pub(super) render: Id,
}

impl CommitText<'_> {
    /// A message with the trailer of its render.
    pub(super) fn message(message: &str, render: Id) -> String {
        with_trailer(message, &hex(&render))
    }

    /// The bytes of a commit object. Source: `git help hash-object` and Git's `Documentation/gitformat-*`.
    pub(super) fn bytes(&self, tree: Id, parents: &[Id]) -> Vec<u8> {
        let mut text = format!("tree {}\n", hex(&tree));
        for parent in parents {
            text.push_str(&format!("parent {}\n", hex(parent)));
        }
        for (role, Person { name, email }) in [
            ("author", &self.identity.author),
            ("committer", &self.identity.committer),
        ] {
            text.push_str(&format!("{role} {name} <{email}> {} +0000\n", self.time));
        }
        text.push('\n');
        text.push_str(&with_trailer(self.message, &hex(&self.render)));
        text.into_bytes()
    }
}

/// The message, then a block of trailers with ours at its end.
fn with_trailer(message: &str, render: &str) -> String {
    let message = message.replace('\0', "");
    let body = message.trim();
    let last = body.rsplit("\n\n").next().filter(|last| last.len() < body.len());
    let joins = last.is_some_and(|block| block.lines().all(is_trailer));
    let gap = if joins { "\n" } else { "\n\n" };
    format!("{body}{gap}{TRAILER}: {render}\n")
}

fn is_trailer(line: &str) -> bool {
    line.split_once(": ")
        .is_some_and(|(key, _)| !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_trailer_stands_in_the_last_block() {
        for (message, wanted) in [
            ("render", "render\n\nPlatform-Render: x\n"),
            ("render: two\n", "render: two\n\nPlatform-Render: x\n"),
            ("a\n\nb c", "a\n\nb c\n\nPlatform-Render: x\n"),
            (
                "a\n\nSpec-Digest: 1\n",
                "a\n\nSpec-Digest: 1\nPlatform-Render: x\n",
            ),
            (
                "a\n\nwhy: because\nof that",
                "a\n\nwhy: because\nof that\n\nPlatform-Render: x\n",
            ),
            ("a\0b", "ab\n\nPlatform-Render: x\n"),
        ] {
            assert_eq!(with_trailer(message, "x"), wanted, "{message:?}");
        }
    }
}
