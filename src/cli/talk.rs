//! Standard error: lines for people, or with `--log-format json` one JSON object a line and nothing else.

use std::io::Write;
use std::sync::OnceLock;

use serde_json::{Map, Value};

use super::args::{Global, LogFormat};
use super::color::{self, Stream};
use super::progress;

/// How this process talks; decided once, before a command runs.
#[derive(Debug, Clone, Copy, Default)]
struct Manner {
    json: bool,
    coloured: bool,
    verbose: u8,
}

static MANNER: OnceLock<Manner> = OnceLock::new();

/// Decides how to talk from the arguments.
pub(super) fn begin(global: &Global) {
    decide(
        global.log_format == LogFormat::Json,
        global.no_color,
        global.verbose,
    );
}

/// Decides how to talk when the arguments could not be read: from those that can be told apart.
pub(super) fn begin_without_arguments(json: bool, no_color: bool) {
    decide(json, no_color, 0);
}

fn decide(json: bool, no_color: bool, verbose: u8) {
    MANNER.get_or_init(|| Manner {
        json,
        coloured: color::wanted(Stream::Err, no_color),
        verbose,
    });
}

fn manner() -> Manner {
    MANNER.get().copied().unwrap_or_default()
}

/// Whether lines are JSON.
pub(super) fn is_json() -> bool {
    manner().json
}

/// Writes a line; its first word (`error:`, `warning:`, `hint:`, `note:`) is its level.
pub(super) fn say(line: &str) {
    let manner = manner();
    if manner.json {
        let (level, message) = level(line);
        return object(level, message, Map::new());
    }
    let line = if manner.coloured {
        color::talk(line)
    } else {
        line.to_owned()
    };
    write(&line);
}

/// Writes a JSON object with more fields than level and message; only in JSON mode, see [`is_json`].
pub(super) fn object(level: &str, message: &str, fields: Map<String, Value>) {
    let mut line = Map::new();
    line.insert("level".to_owned(), level.into());
    line.insert("message".to_owned(), message.into());
    line.extend(fields);
    write(&Value::Object(line).to_string());
}

/// Writes a line that only `-v` (1) or `-vv` (2) asks for.
pub(super) fn detail(level: u8, line: impl FnOnce() -> String) {
    if manner().verbose >= level {
        if manner().json {
            object("debug", &line(), Map::new());
        } else {
            say(&line());
        }
    }
}

fn write(line: &str) {
    progress::aside(|| {
        // Nowhere is left to complain when standard error is closed.
        let _ = writeln!(std::io::stderr().lock(), "{line}");
    });
}

/// The level of a line and the line without it.
fn level(line: &str) -> (&'static str, &str) {
    for (word, level) in [
        ("error: ", "error"),
        ("warning: ", "warning"),
        ("hint: ", "hint"),
        ("note: ", "note"),
    ] {
        if let Some(message) = line.strip_prefix(word) {
            return (level, message);
        }
    }
    ("info", line)
}

#[cfg(test)]
mod tests {
    use super::level;

    #[test]
    fn the_first_word_is_the_level() {
        for (line, expected) in [
            ("error: no", ("error", "no")),
            ("note: `a`: b", ("note", "`a`: b")),
            ("cluster a: error: no", ("info", "cluster a: error: no")),
        ] {
            assert_eq!(level(line), expected);
        }
    }
}
