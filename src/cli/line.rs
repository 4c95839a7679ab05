//! A command line that is still being typed: only what says which files are meant.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use crate::edge::env;

/// The files that a half-typed line means; flags before environment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Line {
    /// `-C`.
    pub(super) directory: Option<PathBuf>,
    /// `-f`.
    pub(super) file: Option<PathBuf>,
    /// `--kubeconfig`.
    pub(super) kubeconfig: Option<PathBuf>,
}

impl Line {
    /// The line that a shell asks this process about: its words stand after `--`.
    pub(super) fn of_this_process() -> Self {
        let words = std::env::args_os().skip_while(|word| word != "--").skip(2);
        let mut line = Self::parse(words);
        let variable = |name| env::variable(name).ok().flatten().map(PathBuf::from);
        line.directory = line.directory.or_else(|| variable("PLATFORM_DIRECTORY"));
        line.file = line.file.or_else(|| variable("PLATFORM_FILE"));
        line.kubeconfig = line.kubeconfig.or_else(|| variable("PLATFORM_KUBECONFIG"));
        line
    }

    fn parse(words: impl IntoIterator<Item = OsString>) -> Self {
        let mut line = Self::default();
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            let Some(text) = word.to_str() else { continue };
            let (flag, value) = split(text);
            let slot = match flag {
                "-C" | "--directory" => &mut line.directory,
                "-f" | "--file" => &mut line.file,
                "--kubeconfig" => &mut line.kubeconfig,
                _ => continue,
            };
            let value = value.map(OsString::from).or_else(|| words.next());
            *slot = value
                .filter(|value| !value.is_empty())
                .map(|value| unquoted(&value));
        }
        line
    }

    /// A path as it would be read after moving into `-C`.
    pub(super) fn resolved(&self, path: &Path) -> PathBuf {
        self.directory
            .as_ref()
            .map_or_else(|| path.to_owned(), |dir| dir.join(path))
    }
}

/// A flag and the value that is glued to it.
fn split(word: &str) -> (&str, Option<&str>) {
    if word.starts_with("--") {
        return word
            .split_once('=')
            .map_or((word, None), |(flag, value)| (flag, Some(value)));
    }
    match word.get(..2) {
        Some(flag @ ("-C" | "-f")) if word.len() > 2 => {
            let value = &word[2..];
            (flag, Some(value.strip_prefix('=').unwrap_or(value)))
        }
        _ => (word, None),
    }
}

/// A path as the shell will hand it over: bash passes words with their quotes and the tilde.
fn unquoted(value: &OsStr) -> PathBuf {
    let Some(text) = value.to_str() else {
        return PathBuf::from(value);
    };
    let inner = ['"', '\'']
        .into_iter()
        .find_map(|quote| text.strip_prefix(quote)?.strip_suffix(quote));
    if let (None, Some(below)) = (inner, text.strip_prefix("~/"))
        && let Ok(Some(home)) = env::variable("HOME")
    {
        return Path::new(&home).join(below);
    }
    PathBuf::from(inner.unwrap_or(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_found_however_they_are_written() {
        for (words, directory, file) in [
            (&["plan", "-C", "demo"][..], Some("demo"), None),
            (
                &["-Cdemo", "--file=spec.yaml", "plan"],
                Some("demo"),
                Some("spec.yaml"),
            ),
            (
                &["--directory", "'a b'", "-f", "-", "test"],
                Some("a b"),
                Some("-"),
            ),
            (&["-f", "one", "-f", "two"], None, Some("two")),
            (&["plan", "-C"], None, None),
            (&["plan", "-C", ""], None, None),
        ] {
            let line = Line::parse(words.iter().map(OsString::from));
            assert_eq!(line.directory.as_deref(), directory.map(Path::new), "{words:?}");
            assert_eq!(line.file.as_deref(), file.map(Path::new), "{words:?}");
        }
    }
}
