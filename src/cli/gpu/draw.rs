//! The picture of a pool on a terminal: a row per run of equal nodes, a bar per GPU, a cell per instance.

use std::fmt::Write as _;

use crate::plan::view::{Cell, GpuPicture, Owner, Picture, Row};

/// How something may be drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Style {
    /// Columns of the terminal.
    pub(super) width: usize,
    /// Whether colours are wanted.
    pub(super) colour: bool,
    /// Whether the locale shows more than ASCII.
    pub(super) utf8: bool,
    /// Whether everything is shown, however long.
    pub(super) all: bool,
}

/// Rows beyond these are left out unless everything is wanted.
const MAX_ROWS: usize = 40;
/// The longest name of a node in the margin, in characters.
const MAX_NAME: usize = 24;
/// Backgrounds that people with any colour vision tell apart (Okabe and Ito), as near as 256 colours come.
const COLOURS: [u8; 8] = [214, 117, 36, 227, 68, 166, 175, 250];

impl Style {
    fn wall(self) -> char {
        if self.utf8 { '│' } else { '|' }
    }

    fn nothing(self) -> char {
        if self.utf8 { '·' } else { '.' }
    }

    /// A text with our own signs as the locale can show them.
    pub(super) fn plain(self, text: &str) -> String {
        if self.utf8 {
            return text.to_owned();
        }
        text.replace('→', "->")
            .replace('×', "x")
            .replace('…', "...")
            .replace('·', ".")
            .replace('≥', ">=")
    }

    fn paint(self, owner: Owner, text: &str) -> String {
        match owner {
            Owner::Team(team) if self.colour => {
                let background = COLOURS[team % COLOURS.len()];
                format!("\u{1b}[30;48;5;{background}m{text}\u{1b}[0m")
            }
            _ => text.to_owned(),
        }
    }
}

/// The letter of a team by its index; all beyond the 52nd share one sign.
pub(super) fn letter(team: usize) -> char {
    let letters = ('A'..='Z').chain('a'..='z');
    letters.into_iter().nth(team).unwrap_or('+')
}

/// The picture, indented by two columns.
pub(super) fn picture(picture: &Picture, style: Style) -> String {
    let shown = if style.all { usize::MAX } else { MAX_ROWS };
    let names: Vec<String> = picture.rows.iter().map(|row| margin(row, style)).collect();
    let name_width = names.iter().take(shown).map(|name| name.chars().count());
    let name_width = name_width.chain([4]).max().unwrap_or(4);
    let most = picture.rows.iter().map(|row| row.gpus.len()).max().unwrap_or(0);
    let range_width = range(0, most)
        .len()
        .max(range(most.saturating_sub(1), most).len())
        .max(4);
    let left = 2 + name_width + 2 + range_width + 1;
    let room = style.width.saturating_sub(left);
    let unit = [4, 3]
        .into_iter()
        .find(|unit| most * (bar_width(picture.units, *unit) + 1) <= room);
    let unit = unit.unwrap_or(2);
    let per_line = (room / (bar_width(picture.units, unit) + 1)).max(1);
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(text, "  {:name_width$}  GPU", "NODE");
    for (row, name) in picture.rows.iter().zip(&names).take(shown) {
        for (line, gpus) in row.gpus.chunks(per_line).enumerate() {
            let first = line * per_line;
            let label = if line == 0 { name.as_str() } else { "" };
            let bars: String = gpus
                .iter()
                .map(|gpu| bar(gpu, picture.units, unit, style))
                .collect();
            let range = range(first, first + gpus.len());
            let _ = writeln!(
                text,
                "  {label:name_width$}  {range:range_width$} {}",
                bars.trim_end()
            );
        }
    }
    let more = picture.rows.len().saturating_sub(shown);
    if more > 0 {
        let _ = writeln!(
            text,
            "{}",
            style.plain(&format!("  … {more} more rows; -o wide shows them"))
        );
    }
    text
}

/// The nodes of a row: `3`, `3-7` or a name.
fn margin(row: &Row, style: Style) -> String {
    match &row.name {
        Some(name) if name.chars().count() > MAX_NAME => {
            let end: String = name.chars().skip(name.chars().count() - (MAX_NAME - 3)).collect();
            style.plain(&format!("…{end}"))
        }
        Some(name) => name.clone(),
        None => range(row.first as usize, row.first as usize + row.nodes as usize),
    }
}

/// `3` or `3-7`, from the first to before the end.
fn range(first: usize, end: usize) -> String {
    match end.saturating_sub(first) {
        0 | 1 => first.to_string(),
        _ => format!("{first}-{}", end - 1),
    }
}

fn bar_width(units: u32, unit: usize) -> usize {
    units as usize * unit + 1
}

/// One GPU and the blank or mark behind it.
fn bar(gpu: &GpuPicture, units: u32, unit: usize, style: Style) -> String {
    let wall = style.wall();
    let mut text = String::from(wall);
    let mut at = 0;
    let gap = |from: u32, to: u32| {
        let dots = (from..to).map(|_| format!("{:unit$}", style.nothing()));
        let dots: String = dots.collect();
        dots.chars()
            .take(((to - from) as usize * unit).saturating_sub(1))
            .collect::<String>()
    };
    for cell in &gpu.cells {
        if cell.start > at {
            text.push_str(&gap(at, cell.start));
            text.push(wall);
        }
        let width = (cell.size as usize * unit).saturating_sub(1);
        text.push_str(&style.paint(cell.owner, &content(cell, width)));
        text.push(wall);
        at = cell.start + cell.size;
    }
    if at < units {
        text.push_str(&gap(at, units));
        text.push(wall);
    }
    text.push(if gpu.pinned { '*' } else { ' ' });
    text
}

/// The letter of the owner and as much of what it is as there is room for, never a part of it.
fn content(cell: &Cell, width: usize) -> String {
    let letter = match cell.owner {
        Owner::Team(team) => letter(team),
        Owner::Free => '-',
    };
    let slices = match cell.what.split_once('.') {
        Some((slices, rest)) => {
            let variant = rest.find(['+', '-']).map_or("", |at| &rest[at..]);
            format!("{slices}{variant}")
        }
        None => cell.what.clone(),
    };
    let forms = [
        format!("{letter} {}", cell.what),
        format!("{letter} {slices}"),
        format!("{letter}{slices}"),
    ];
    let fitting = forms.into_iter().find(|form| form.chars().count() <= width);
    let text = fitting.unwrap_or_else(|| letter.to_string());
    format!("{text:width$}")
}
