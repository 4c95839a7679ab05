//! Adding, removing and replacing in collections that are written over lines.

use std::ops::Range;

use serde_json::Value;

use super::lines::Lines;
use super::scalar::{Inline, inline, like};
use super::splice::Splice;
use super::style::Style;
use super::tree::{Item, Node, Shape};

/// Adds an element or, with a key, an entry before the item with an index, or behind the last.
pub(super) fn insert(
    lines: &Lines<'_>,
    style: &Style,
    items: &[Item],
    index: usize,
    new: (Option<&str>, &Value),
    pattern: &str,
) -> Option<Vec<Splice>> {
    let column = lines.column(items.first()?.begin);
    let written = match new {
        (None, value) => style.element(value, column, pattern),
        (Some(key), value) => style.entry(key, value, column, pattern),
    };
    let br = lines.line_break();
    let written = written.join(br);
    if index == 0 {
        let first = lines.extent(items[0].begin, items[0].end());
        return lines
            .is_first(items[0].begin)
            .then(|| vec![Splice::insert(first.start, format!("{written}{br}"))]);
    }
    let before = &items[index - 1];
    let separated =
        |item: &Item| lines.is_blank_before(lines.start(lines.extent(item.begin, item.end()).start));
    // Items that stand apart by blank lines go on doing so.
    let apart = match items.get(index) {
        Some(after) => separated(after),
        None => index > 1 && separated(before),
    };
    let gap = if apart { br } else { "" };
    let at = lines.extent(before.begin, before.end()).end;
    Some(vec![Splice::insert(at, format!("{br}{gap}{written}"))])
}

/// Takes an item out of a collection with its comments.
pub(super) fn remove(lines: &Lines<'_>, collection: &Node, index: usize) -> Vec<Splice> {
    let items = collection.items();
    let item = &items[index];
    if items.len() == 1 {
        let empty = match collection.shape {
            Shape::List { .. } => "[]",
            _ => "{}",
        };
        return replace_block(lines, collection, empty);
    }
    let extent = lines.extent(item.begin, item.end());
    if lines.is_first(item.begin) {
        return vec![Splice::delete(whole_lines(
            lines,
            extent,
            index == 0,
            index + 1 == items.len(),
        ))];
    }
    // The first item stands behind the dash of the list above.
    let next = items[index + 1].begin;
    let next_extent = lines.extent(next, items[index + 1].end());
    vec![Splice::delete(
        match next_extent.start == lines.start(next) && lines.next(extent.end) == next_extent.start {
            true => item.begin..next,
            false => lines.text[..item.begin].trim_end_matches(' ').len()..extent.end,
        },
    )]
}

/// An extent with its line break, and with the blank line that kept it apart.
fn whole_lines(lines: &Lines<'_>, extent: Range<usize>, first: bool, last: bool) -> Range<usize> {
    let (mut start, mut end) = (extent.start, lines.next(extent.end));
    if first {
        end = if lines.is_blank(end) { lines.next(end) } else { end };
    } else if lines.is_blank_before(start) && (last || lines.is_blank(end)) {
        start = lines.start(start - 1);
    }
    if end == lines.text.len() && !lines.text.ends_with('\n') && start > 0 {
        // The file ends without a line break; it goes on doing so.
        start = lines.text[..start].trim_end_matches(['\n', '\r']).len();
    }
    start..end
}

/// Puts a value on one line in the place of a block.
fn replace_block(lines: &Lines<'_>, block: &Node, written: &str) -> Vec<Splice> {
    let (Some(first), Some(last)) = (block.items().first(), block.items().last()) else {
        return Vec::new();
    };
    let extent = lines.extent(first.begin, last.end());
    if !lines.is_first(first.begin) {
        return vec![Splice::replace(first.begin..extent.end, written)];
    }
    let end = extent.end;
    // From the end of the line above, so that what is left keeps its line break.
    let above = extent.start.saturating_sub(1);
    let above = lines.text[..above].strip_suffix('\r').map_or(above, str::len);
    if above < block.after {
        return vec![Splice::replace(extent, written)];
    }
    vec![
        Splice::insert(block.after, format!(" {written}")),
        Splice::delete(above..end),
    ]
}

/// Puts a value in the place of another in a block collection; `column` is where its key or dash stands.
pub(super) fn replace(
    lines: &Lines<'_>,
    style: &Style,
    item: &Item,
    value: &Value,
    pattern: &str,
) -> Vec<Splice> {
    let old = &item.value;
    let column = lines.column(item.begin);
    let over_lines = style.is_block(value, pattern)
        && !matches!(old.shape, Shape::Scalar(_) | Shape::Alias if item.key.is_none());
    let over_lines = over_lines || (old.is_flow() && old.items().is_empty() && is_deep(value));
    if over_lines {
        let indent = if item.key.is_some() {
            style.indent(value)
        } else {
            2
        };
        let br = lines.line_break();
        let written: String = style
            .block(value, column + indent, pattern)
            .iter()
            .map(|line| format!("{br}{line}"))
            .collect();
        if old.is_block() {
            let extent = lines.extent(old.start, old.end);
            return vec![Splice::replace(
                before_line(lines, extent.start)..extent.end,
                written,
            )];
        }
        let mut splices = vec![Splice::insert(lines.end(old.end), written)];
        if old.end > old.after {
            splices.push(Splice::delete(old.after..old.end));
        }
        return splices;
    }
    match &old.shape {
        Shape::Nothing => vec![Splice::insert(
            old.after,
            format!(" {}", inline(value, Inline::Block)),
        )],
        Shape::Scalar(quotes) => vec![Splice::replace(
            old.start..old.end,
            like(value, *quotes, Inline::Block),
        )],
        _ if old.is_block() => replace_block(lines, old, &inline(value, Inline::Block)),
        _ => vec![Splice::replace(old.start..old.end, inline(value, Inline::Block))],
    }
}

/// The end of the line above the one that begins here.
fn before_line(lines: &Lines<'_>, start: usize) -> usize {
    let above = start.saturating_sub(1);
    lines.text[..above].strip_suffix('\r').map_or(above, str::len)
}

/// Whether a value is a collection of collections.
fn is_deep(value: &Value) -> bool {
    let deep = |value: &Value| value.is_array() || value.is_object();
    match value {
        Value::Array(items) => items.iter().any(deep),
        Value::Object(map) => map.values().any(deep),
        _ => false,
    }
}
