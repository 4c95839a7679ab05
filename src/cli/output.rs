//! Standard output for answers, standard error for talk; a closed pipe is not an error.

use std::io::Write;

use serde::Serialize;

use super::args::{Format, Global};
use super::color::{self, Stream};
use super::failure::Failure;
use super::talk;

/// Writes a line of talk to standard error.
pub(super) fn say(line: &str) {
    talk::say(line);
}

/// Writes a line of talk unless `--quiet`.
pub(super) fn note(global: &Global, line: &str) {
    if !global.quiet {
        say(line);
    }
}

/// Writes an answer to standard output; a reader that went away (`| head`) ends the answer, not the command.
pub(super) fn answer(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(Failure::environment(format!(
            "standard output cannot be written: {error}"
        ))),
        _ => Ok(()),
    }
}

/// Writes a document as JSON or YAML, or the table that `table` makes.
pub(super) fn document<T: Serialize>(
    global: &Global,
    document: &T,
    table: impl FnOnce() -> String,
) -> Result<(), Failure> {
    let text = match global.output {
        Format::Table | Format::Wide if color::wanted(Stream::Out, global.no_color) => {
            color::verdicts(&table())
        }
        Format::Table | Format::Wide => table(),
        Format::Json => {
            let json =
                serde_json::to_string_pretty(document).map_err(|error| Failure::bug(error.to_string()))?;
            json + "\n"
        }
        Format::Yaml => serde_saphyr::to_string(document).map_err(|error| Failure::bug(error.to_string()))?,
    };
    answer(&text)
}

/// Lays rows out in columns, two blanks apart, the header first.
pub(super) fn table(header: &[&str], rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([header[column].chars().count()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..header.len()).map(width).collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let padded: Vec<String> = cells
            .zip(&widths)
            .map(|(cell, width)| format!("{cell}{}", " ".repeat(width.saturating_sub(cell.chars().count()))))
            .collect();
        format!("{}\n", padded.join("  ").trim_end())
    };
    let mut text = line(&mut header.iter().copied());
    for row in rows {
        text.push_str(&line(&mut row.iter().map(String::as_str)));
    }
    text
}
