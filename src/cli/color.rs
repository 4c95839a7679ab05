//! Whether a stream is coloured, and what is: the words of a verdict and nothing else.
//!
//! First that applies: `--no-color` or `NO_COLOR`, then `FORCE_COLOR` or `CLICOLOR_FORCE`, then `CLICOLOR=0` and
//! `TERM=dumb`, then whether the stream is a terminal. Sources: no-color.org, force-color.org, bixense.com/clicolors.

use std::io::IsTerminal;

use crate::edge::env;

/// One of the two streams that a command writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stream {
    /// Standard output.
    Out,
    /// Standard error.
    Err,
}

/// What the decision depends on.
#[derive(Debug, Clone, Copy, Default)]
struct Surroundings {
    /// `--no-color`, or `NO_COLOR` with any value.
    refused: bool,
    /// `FORCE_COLOR` or `CLICOLOR_FORCE` with any value but `0` or `false`.
    forced: bool,
    /// `CLICOLOR=0` or `TERM=dumb`.
    poor: bool,
    /// Whether somebody looks.
    terminal: bool,
}

impl Surroundings {
    fn coloured(self) -> bool {
        !self.refused && (self.forced || (self.terminal && !self.poor))
    }
}

/// Whether a stream of this process is coloured; `flag` is `--no-color`.
pub(super) fn wanted(stream: Stream, flag: bool) -> bool {
    let surroundings = Surroundings {
        refused: flag || is_set("NO_COLOR"),
        forced: is_on("FORCE_COLOR") || is_on("CLICOLOR_FORCE"),
        poor: text("CLICOLOR").as_deref() == Some("0") || is_dumb(),
        terminal: is_terminal(stream),
    };
    surroundings.coloured()
}

/// Whether a stream leads to a terminal.
pub(super) fn is_terminal(stream: Stream) -> bool {
    match stream {
        Stream::Out => std::io::stdout().is_terminal(),
        Stream::Err => std::io::stderr().is_terminal(),
    }
}

/// Whether the terminal says that it cannot move its cursor.
pub(super) fn is_dumb() -> bool {
    text("TERM").as_deref() == Some("dumb")
}

fn text(name: &str) -> Option<String> {
    env::variable(name).ok().flatten()
}

fn is_set(name: &str) -> bool {
    // A value that is not text is a value.
    !matches!(env::variable(name), Ok(None))
}

fn is_on(name: &str) -> bool {
    is_set(name) && !matches!(text(name).as_deref(), Some("0" | "false"))
}

const RED: &str = "31";
const GREEN: &str = "32";
const YELLOW: &str = "33";
const CYAN: &str = "36";

fn paint(code: &str, text: &str) -> String {
    format!("\u{1b}[{code}m{text}\u{1b}[0m")
}

/// An answer with its verdicts coloured: the mark that a line begins with, and the counts of a summary.
pub(super) fn verdicts(text: &str) -> String {
    text.split_inclusive('\n').map(verdict).collect()
}

fn verdict(line: &str) -> String {
    let body = line.trim_start();
    let indent = &line[..line.len() - body.len()];
    for (mark, code) in [("✔", GREEN), ("✗", RED), ("✘", RED), ("–", YELLOW)] {
        if let Some(rest) = body.strip_prefix(mark).filter(|rest| rest.starts_with(' ')) {
            return format!("{indent}{}{rest}", paint(code, mark));
        }
    }
    let Some((subject, counts)) = line
        .rsplit_once(": ")
        .filter(|(_, counts)| counts.contains(" satisfied, "))
    else {
        return line.to_owned();
    };
    let counts: Vec<String> = counts.split(", ").map(count).collect();
    format!("{subject}: {}", counts.join(", "))
}

/// `3 not satisfied` in the colour of its verdict; a count of zero stays plain.
fn count(part: &str) -> String {
    let text = part.trim_end();
    let code = match text.split_once(' ') {
        None | Some(("0", _)) => return part.to_owned(),
        Some((_, "satisfied")) => GREEN,
        Some((_, "not satisfied")) => RED,
        Some(_) => YELLOW,
    };
    format!("{}{}", paint(code, text), &part[text.len()..])
}

/// A line of talk with its first word coloured: `error:`, `warning:`, `hint:` or `note:`.
pub(super) fn talk(line: &str) -> String {
    for (word, code) in [
        ("error:", RED),
        ("warning:", YELLOW),
        ("hint:", CYAN),
        ("note:", CYAN),
    ] {
        if let Some(rest) = line.strip_prefix(word) {
            return format!("{}{rest}", paint(code, word));
        }
    }
    verdict(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_wins_over_force_over_the_terminal() {
        // refused, forced, poor, terminal
        for (surroundings, expected) in [
            ((false, false, false, true), true),
            ((false, false, false, false), false),
            ((false, false, true, true), false),
            ((false, true, false, false), true),
            ((false, true, true, false), true),
            ((true, true, false, true), false),
            ((true, false, false, true), false),
        ] {
            let (refused, forced, poor, terminal) = surroundings;
            let coloured = Surroundings {
                refused,
                forced,
                poor,
                terminal,
            }
            .coloured();
            assert_eq!(coloured, expected, "{surroundings:?}");
        }
    }

    #[test]
    fn only_verdicts_are_coloured() {
        for (text, expected) in [
            ("✔ fine\n", "\u{1b}[32m✔\u{1b}[0m fine\n"),
            ("  ✗ not fine\n", "  \u{1b}[31m✗\u{1b}[0m not fine\n"),
            ("a – b\n", "a – b\n"),
            ("✔✔\n", "✔✔\n"),
            (
                "cluster a: 2 satisfied, 0 not satisfied, 1 not assessed\n",
                "cluster a: \u{1b}[32m2 satisfied\u{1b}[0m, 0 not satisfied, \u{1b}[33m1 not assessed\u{1b}[0m\n",
            ),
        ] {
            assert_eq!(verdicts(text), expected, "{text:?}");
        }
        assert_eq!(talk("error: no"), "\u{1b}[31merror:\u{1b}[0m no");
        assert_eq!(talk("an error: no"), "an error: no");
    }
}
