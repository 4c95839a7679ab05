//! Adding, removing and replacing in collections that are written in brackets and braces.

use serde_json::Value;

use super::lines::Lines;
use super::scalar::{Inline, inline, like, string};
use super::splice::Splice;
use super::style::Style;
use super::tree::{Item, Node, Shape, skip};

/// Adds an element or, with a key, an entry before the item with an index, or behind the last.
pub(super) fn insert(
    lines: &Lines<'_>,
    style: &Style,
    collection: &Node,
    index: usize,
    new: (Option<&str>, &Value),
) -> Vec<Splice> {
    let how = inline_style(style);
    let written = match new {
        (None, value) => inline(value, how),
        (Some(key), value) => format!("{}: {}", string(key, how), inline(value, how)),
    };
    let items = collection.items();
    let br = lines.line_break();
    if let Some(item) = items.get(index) {
        // Before an item that begins its line a line is put in, above its comments.
        if lines.is_first(item.begin) {
            let column = " ".repeat(lines.column(item.begin));
            let at = lines.extent(item.begin, item.end()).start;
            return vec![Splice::insert(at, format!("{column}{written},{br}"))];
        }
        return vec![Splice::insert(item.begin, format!("{written}, "))];
    }
    let Some(last) = items.last() else {
        return vec![Splice::insert(collection.start + 1, written)];
    };
    let comma = comma(lines, last.end());
    if lines.is_first(last.begin) {
        let column = " ".repeat(lines.column(last.begin));
        return match comma {
            Some(comma) => vec![Splice::insert(
                lines.end(comma),
                format!("{br}{column}{written},"),
            )],
            None if lines.end(last.end()) < collection.end => vec![
                Splice::insert(last.end(), ","),
                Splice::insert(lines.end(last.end()), format!("{br}{column}{written}")),
            ],
            None => vec![Splice::insert(last.end(), format!(",{br}{column}{written}"))],
        };
    }
    match comma {
        Some(comma) => vec![Splice::insert(comma + 1, format!(" {written},"))],
        None => vec![Splice::insert(last.end(), format!(", {written}"))],
    }
}

/// Takes an item out of a collection with its comma, and with its comments where it has its lines for itself.
pub(super) fn remove(lines: &Lines<'_>, collection: &Node, index: usize) -> Vec<Splice> {
    let items = collection.items();
    let item = &items[index];
    let own_comma = comma(lines, item.end());
    let end = own_comma.map_or(item.end(), |comma| comma + 1);
    let rest = lines.text[end..lines.end(end)].trim_start();
    let mut splices = Vec::new();
    if own_comma.is_none() && index > 0 {
        let before = items[index - 1].end();
        if let Some(comma) = comma(lines, before) {
            splices.push(Splice::delete(comma..comma + 1));
        }
    }
    if lines.is_first(item.begin)
        && (rest.is_empty() || rest.starts_with('#'))
        && lines.end(end) < collection.end
    {
        let first = lines.extent(item.begin, item.end()).start;
        splices.push(Splice::delete(first..lines.next(end)));
        return splices;
    }
    let after = &lines.text[end..];
    let blanks = after.len() - after.trim_start_matches(' ').len();
    match own_comma {
        // What follows in the line moves up.
        Some(_) if !rest.is_empty() && !rest.starts_with('#') => {
            splices.push(Splice::delete(item.begin..end + blanks));
        }
        Some(_) => splices.push(Splice::delete(item.begin..end)),
        None => {
            let before = lines.text[..item.begin].trim_end_matches(' ').len();
            let from = if index > 0 { before } else { item.begin };
            splices.retain(|comma| comma.range.start < from.saturating_sub(1) || comma.range.end != from);
            let from = match lines.text[..from].ends_with(',') && index > 0 {
                true => from - 1,
                false => from,
            };
            splices.push(Splice::delete(from..item.end()));
        }
    }
    splices
}

/// Puts a value in the place of another inside brackets.
pub(super) fn replace(style: &Style, item: &Item, value: &Value) -> Vec<Splice> {
    let old = &item.value;
    let how = inline_style(style);
    match &old.shape {
        Shape::Nothing => {
            let colon = item.key.as_ref().is_some_and(|(_, key)| old.after == key.end);
            let colon = if colon { ":" } else { "" };
            vec![Splice::insert(
                old.after,
                format!("{colon} {}", inline(value, how)),
            )]
        }
        Shape::Scalar(quotes) => vec![Splice::replace(old.start..old.end, like(value, *quotes, how))],
        _ => vec![Splice::replace(old.start..old.end, inline(value, how))],
    }
}

fn inline_style(style: &Style) -> Inline {
    if style.json { Inline::Json } else { Inline::Flow }
}

/// Where the comma behind an item stands.
fn comma(lines: &Lines<'_>, end: usize) -> Option<usize> {
    let at = skip(lines.text, end);
    lines.text[at..].starts_with(',').then_some(at)
}
