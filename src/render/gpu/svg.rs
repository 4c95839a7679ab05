//! The picture of a cluster's GPUs as SVG: a bar per GPU, a cell per instance, equal nodes once.

use std::fmt::Write as _;

use crate::plan::view::{Cell, GpuPicture, Owner, Picture, Row};

/// One pool to be drawn.
pub(in crate::render) struct Drawing {
    /// What stands above it.
    pub title: String,
    /// The pool; `None` where it cannot be drawn.
    pub picture: Option<Picture>,
}

/// Fills that people with any colour vision tell apart. Source: Okabe and Ito 2008, lightened.
const FILLS: [&str; 8] = [
    "#f5c26b", "#9fd3f2", "#66c2a5", "#f6ee8e", "#7fb2d9", "#eb9a68", "#e3b4cf", "#cccccc",
];
/// Width of a GPU, in pixels.
const GPU: u32 = 144;
/// Height of a GPU.
const HEIGHT: u32 = 24;
/// Space between GPUs.
const GAP: u32 = 8;
/// Where the GPUs begin, from the left.
const LEFT: u32 = 150;
/// GPUs in one line.
const PER_LINE: usize = 8;
/// Rows of a pool that are drawn; the page names what is left out.
const MAX_ROWS: usize = 60;

/// The picture; `teams`: their names, whose place is their letter.
pub(in crate::render) fn svg(title: &str, drawings: &[Drawing], teams: &[String]) -> String {
    let mut body = String::new();
    let mut y = 16;
    for drawing in drawings {
        y += 14;
        words(&mut body, 12, y, 14, "start", &drawing.title);
        y += 12;
        match &drawing.picture {
            Some(picture) => y = pool(&mut body, picture, y),
            None => {
                y += 14;
                words(
                    &mut body,
                    12,
                    y,
                    12,
                    "start",
                    "too many slots per GPU to be drawn",
                );
                y += 8;
            }
        }
        y += 16;
    }
    y = legend(&mut body, teams, y);
    let most = drawings.iter().filter_map(|drawing| drawing.picture.as_ref());
    let most = most
        .flat_map(|picture| &picture.rows)
        .map(|row| row.gpus.len().min(PER_LINE))
        .max();
    let columns = u32::try_from(most.unwrap_or(1)).unwrap_or(1).max(4);
    let width = LEFT + columns * (GPU + GAP) + 12;
    let name = escape(title);
    let words = "Each bar is a GPU, each cell an instance; the letter says whose share it is.";
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{y}\" viewBox=\"0 0 {width} {y}\" role=\"img\" aria-labelledby=\"title desc\" font-family=\"sans-serif\">\n<title id=\"title\">{name}</title>\n<desc id=\"desc\">{words}</desc>\n<rect width=\"{width}\" height=\"{y}\" fill=\"#ffffff\"/>\n{body}</svg>\n"
    )
}

fn pool(body: &mut String, picture: &Picture, mut y: u32) -> u32 {
    for row in picture.rows.iter().take(MAX_ROWS) {
        words(body, 12, y + 16, 12, "start", &label(row));
        for line in row.gpus.chunks(PER_LINE) {
            let mut x = LEFT;
            for drawn in line {
                gpu(body, drawn, picture.units, x, y);
                x += GPU + GAP;
            }
            y += HEIGHT + GAP;
        }
    }
    let more = picture.rows.len().saturating_sub(MAX_ROWS);
    if more > 0 {
        words(body, 12, y + 14, 12, "start", &format!("… {more} more rows"));
        y += 20;
    }
    y
}

/// `node 3`, `nodes 3–7 (× 5 nodes)` or a name.
fn label(row: &Row) -> String {
    match (&row.name, row.nodes) {
        (Some(name), _) if name.chars().count() > 20 => {
            let end: String = name.chars().skip(name.chars().count() - 19).collect();
            format!("…{end}")
        }
        (Some(name), _) => name.clone(),
        (None, 1) => format!("node {}", row.first),
        (None, nodes) => {
            let last = row.first.saturating_add(nodes - 1);
            format!("{}–{last} (× {nodes} nodes)", row.first)
        }
    }
}

fn gpu(body: &mut String, gpu: &GpuPicture, units: u32, x: u32, y: u32) {
    // Writing to a String cannot fail.
    let _ = writeln!(
        body,
        "<rect x=\"{x}\" y=\"{y}\" width=\"{GPU}\" height=\"{HEIGHT}\" fill=\"#f4f4f4\" stroke=\"#888888\"/>"
    );
    for cell in &gpu.cells {
        let (from, to) = (edge(cell.start, units), edge(cell.start + cell.size, units));
        one(body, cell, x + from, y, to - from);
    }
    if gpu.pinned {
        // Above the cells, which would hide it.
        let _ = writeln!(
            body,
            "<rect x=\"{x}\" y=\"{y}\" width=\"{GPU}\" height=\"{HEIGHT}\" fill=\"none\" stroke=\"#000000\" stroke-width=\"3\"/>"
        );
    }
}

/// Where a unit begins, in pixels from the left of its GPU.
fn edge(unit: u32, units: u32) -> u32 {
    unit.min(units) * GPU / units.max(1)
}

fn one(body: &mut String, cell: &Cell, x: u32, y: u32, width: u32) {
    let (fill, letter) = match cell.owner {
        Owner::Team(team) => (FILLS[team % FILLS.len()], letter(team)),
        Owner::Free => ("#ffffff\" stroke-dasharray=\"3 2", '-'),
    };
    let _ = writeln!(
        body,
        "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{HEIGHT}\" fill=\"{fill}\" stroke=\"#444444\"/>"
    );
    // A character of this font is about six pixels wide.
    let fits = |text: &String| text.chars().count() * 6 < width as usize;
    let slices = cell.what.split('.').next().unwrap_or_default();
    let forms = [format!("{letter} {}", cell.what), format!("{letter} {slices}")];
    let text = forms.into_iter().find(fits).unwrap_or_else(|| letter.to_string());
    words(body, x + width / 2, y + 16, 10, "middle", text.trim_end());
}

fn legend(body: &mut String, teams: &[String], mut y: u32) -> u32 {
    let teams = teams.iter().enumerate();
    let entries = teams.map(|(index, team)| (FILLS[index % FILLS.len()], letter(index), team.as_str()));
    let free = (
        "#ffffff\" stroke-dasharray=\"3 2",
        '-',
        "made, promised to nobody",
    );
    for (column, (fill, letter, what)) in entries.chain([free]).enumerate() {
        let x = 12 + u32::try_from(column % 4).unwrap_or(0) * 190;
        if column > 0 && column % 4 == 0 {
            y += 22;
        }
        let _ = writeln!(
            body,
            "<rect x=\"{x}\" y=\"{y}\" width=\"16\" height=\"16\" fill=\"{fill}\" stroke=\"#444444\"/>"
        );
        words(body, x + 8, y + 12, 10, "middle", &letter.to_string());
        words(body, x + 22, y + 12, 12, "start", what);
    }
    y += 34;
    let note = "Letters show shares in the order of the spec, not where pods run; the driver chooses the places. A thick frame is a pinned GPU.";
    words(body, 12, y, 12, "start", note);
    y + 14
}

fn words(body: &mut String, x: u32, y: u32, size: u32, anchor: &str, text: &str) {
    let _ = writeln!(
        body,
        "<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\" text-anchor=\"{anchor}\">{}</text>",
        escape(text)
    );
}

/// The letter of a team by its index; all beyond the 52nd share one sign.
fn letter(team: usize) -> char {
    ('A'..='Z').chain('a'..='z').nth(team).unwrap_or('+')
}

/// Text in XML; what XML cannot hold at all becomes the replacement character.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_name_stays_text() {
        let drawing = Drawing {
            title: "</text><script>alert(\"1\")</script>&\u{8}".to_owned(),
            picture: None,
        };
        let text = svg("a < b", &[drawing], &["t'<".to_owned()]);
        assert!(!text.contains("<script"), "no element of a name: {text}");
        for wanted in ["&lt;script&gt;", "&amp;\u{fffd}", "t&#39;&lt;", "a &lt; b"] {
            assert!(text.contains(wanted), "{wanted:?} in {text}");
        }
    }
}
