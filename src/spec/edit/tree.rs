//! The text of a spec as a tree of byte ranges: where each value, key, dash and comment stands.

use std::ops::Range;

use granit_parser::{Event, Parser, ScalarStyle, Span, StructureStyle};

/// A text with its values and comments.
#[derive(Debug)]
pub(super) struct Tree {
    /// The value of the only document.
    pub(super) root: Node,
    /// All comments from `#` to before the line break, in the order of the text.
    pub(super) comments: Vec<Range<usize>>,
}

/// A value and its bytes.
#[derive(Debug)]
pub(super) struct Node {
    /// Behind what comes before the value: the colon, the dash, or its anchor and tag.
    pub(super) after: usize,
    /// Where its anchor or tag begins, or the value where it has none.
    pub(super) begin: usize,
    /// Where the value itself begins.
    pub(super) start: usize,
    /// Where its last byte ends; trailing blanks, comments and line breaks are not part of it.
    pub(super) end: usize,
    /// What it is.
    pub(super) shape: Shape,
}

/// What a value is.
#[derive(Debug)]
pub(super) enum Shape {
    /// Nothing was written.
    Nothing,
    /// Text, a number, a boolean or null.
    Scalar(ScalarStyle),
    /// `*name`.
    Alias,
    /// A sequence.
    List {
        /// Whether it is written in brackets.
        flow: bool,
        /// Its elements.
        items: Vec<Item>,
    },
    /// A mapping.
    Map {
        /// Whether it is written in braces.
        flow: bool,
        /// Its entries.
        entries: Vec<Item>,
    },
}

/// An element of a list or an entry of a mapping.
#[derive(Debug)]
pub(super) struct Item {
    /// Where it begins: its dash, its key, or in brackets the value.
    pub(super) begin: usize,
    /// The key of an entry: its text and its bytes.
    pub(super) key: Option<(String, Range<usize>)>,
    /// How the key is quoted.
    pub(super) key_style: ScalarStyle,
    /// The value.
    pub(super) value: Node,
}

impl Item {
    /// Where its last byte ends.
    pub(super) fn end(&self) -> usize {
        let key = self.key.as_ref().map_or(self.begin, |(_, range)| range.end);
        self.value.end.max(key)
    }

    /// The text of its key; nothing for an element.
    pub(super) fn name(&self) -> &str {
        self.key.as_ref().map_or("", |(text, _)| text)
    }
}

impl Node {
    /// The items of a list or the entries of a mapping.
    pub(super) fn items(&self) -> &[Item] {
        match &self.shape {
            Shape::List { items, .. } | Shape::Map { entries: items, .. } => items,
            _ => &[],
        }
    }

    /// Whether it is a collection in brackets or braces.
    pub(super) fn is_flow(&self) -> bool {
        matches!(
            self.shape,
            Shape::List { flow: true, .. } | Shape::Map { flow: true, .. }
        )
    }

    /// Whether it is a collection over several lines by indentation.
    pub(super) fn is_block(&self) -> bool {
        matches!(
            self.shape,
            Shape::List { flow: false, .. } | Shape::Map { flow: false, .. }
        )
    }
}

impl Tree {
    /// Reads a text that has been found to be one document of bounded depth; the error says what is odd about it.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut events = Vec::new();
        let mut comments = Vec::new();
        let options = granit_parser::options! {
            emit_comments: true,
            max_buffered_comment_events: usize::MAX,
        };
        for next in Parser::new_from_str_with_options(text, options) {
            let (event, span) = next.map_err(|error| error.to_string())?;
            match event {
                Event::Comment(..) => comments.push(bytes(&span)?),
                Event::StreamStart | Event::DocumentStart(..) | Event::DocumentEnd | Event::StreamEnd => {}
                event => events.push((event, span)),
            }
        }
        comments.sort_by_key(|range| range.start);
        let from = match text.find("---") {
            // Directives and the document's start are behind us when they stand before the first value.
            Some(at)
                if text[..at]
                    .lines()
                    .all(|line| line.is_empty() || line.starts_with(['#', '%'])) =>
            {
                at + 3
            }
            _ => 0,
        };
        let mut events = events.into_iter();
        let mut builder = Builder {
            text,
            events: &mut events,
        };
        let root = builder.next(from)?;
        Ok(Self { root, comments })
    }
}

/// The bytes of a span.
fn bytes(span: &Span) -> Result<Range<usize>, String> {
    span.byte_range().ok_or_else(|| "a place is unknown".to_owned())
}

/// The next byte that is neither blank nor part of a comment, from a place that is not inside a scalar.
pub(super) fn skip(text: &str, from: usize) -> usize {
    let bytes = text.as_bytes();
    let mut at = from;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => at += 1,
            b'#' => at += text[at..].find('\n').unwrap_or(text.len() - at),
            _ => break,
        }
    }
    at
}

struct Builder<'t, 'e> {
    text: &'t str,
    events: &'e mut dyn Iterator<Item = (Event<'t>, Span)>,
}

impl Builder<'_, '_> {
    fn next(&mut self, from: usize) -> Result<Node, String> {
        let (event, span) = self.events.next().ok_or("the document ends early")?;
        self.node(from, &event, &span)
    }

    /// Steps over an anchor and a tag: where they begin and where they end.
    fn properties(&self, from: usize) -> (usize, usize) {
        let (mut begin, mut after) = (None, from);
        loop {
            let at = skip(self.text, after);
            let rest = &self.text[at..];
            if !rest.starts_with(['&', '!']) {
                return (begin.unwrap_or(at), after);
            }
            begin.get_or_insert(at);
            let ends = |c: char| c.is_ascii_whitespace() || matches!(c, ',' | '[' | ']' | '{' | '}');
            after = at + rest.find(ends).unwrap_or(rest.len());
        }
    }

    fn node(&mut self, from: usize, event: &Event<'_>, span: &Span) -> Result<Node, String> {
        let (begin, after) = self.properties(from);
        let range = bytes(span)?;
        let node = |start: usize, end: usize, shape| Node {
            after,
            begin: begin.min(start),
            start,
            end,
            shape,
        };
        Ok(match event {
            Event::Scalar(_, style @ (ScalarStyle::Literal | ScalarStyle::Folded), ..) => {
                let start = skip(self.text, after);
                let header = self.text[start..].lines().next().unwrap_or_default();
                let content = &self.text[..range.end.max(start + header.len())];
                let end = match header.contains('+') {
                    true => content.strip_suffix('\n').unwrap_or(content),
                    false => content.trim_end(),
                };
                node(
                    start,
                    end.trim_end_matches('\r').len().max(start + 1),
                    Shape::Scalar(*style),
                )
            }
            Event::Scalar(_, ScalarStyle::Plain, ..) if range.is_empty() => {
                let mut nothing = node(after, after, Shape::Nothing);
                nothing.begin = if after > from { begin } else { after };
                nothing
            }
            Event::Scalar(_, style, ..) => node(range.start, range.end, Shape::Scalar(*style)),
            Event::Alias(_) => node(range.start, range.end, Shape::Alias),
            Event::SequenceStart(style, ..) => {
                let flow = *style == StructureStyle::Flow;
                let (items, end) = self.items(flow, false, if flow { range.end } else { after })?;
                let start = if flow {
                    range.start
                } else {
                    items.first().map_or(after, |i| i.begin)
                };
                node(start, end, Shape::List { flow, items })
            }
            Event::MappingStart(style, ..) => {
                let flow = *style == StructureStyle::Flow;
                let (entries, end) = self.items(flow, true, if flow { range.end } else { after })?;
                let start = if flow {
                    range.start
                } else {
                    entries.first().map_or(after, |i| i.begin)
                };
                node(start, end, Shape::Map { flow, entries })
            }
            other => return Err(format!("{other:?} is not expected here")),
        })
    }

    /// The items of a collection up to its end, and where that is.
    fn items(&mut self, flow: bool, map: bool, from: usize) -> Result<(Vec<Item>, usize), String> {
        let (mut items, mut at): (Vec<Item>, usize) = (Vec::new(), from);
        loop {
            let (event, span) = self.events.next().ok_or("a collection has no end")?;
            if matches!(event, Event::SequenceEnd | Event::MappingEnd) {
                let end = if flow { bytes(&span)?.end } else { at };
                return Ok((items, end));
            }
            if flow && self.text[skip(self.text, at)..].starts_with(',') {
                at = skip(self.text, at) + 1;
            }
            let item = if map {
                self.entry(at, &event, &span)?
            } else {
                let dash = skip(self.text, at);
                if !flow && !self.text[dash..].starts_with('-') {
                    return Err("an element has no dash".to_owned());
                }
                let value = self.node(if flow { at } else { dash + 1 }, &event, &span)?;
                Item {
                    begin: if flow { value.begin } else { dash },
                    key: None,
                    key_style: ScalarStyle::Plain,
                    value,
                }
            };
            at = item.end();
            items.push(item);
        }
    }

    fn entry(&mut self, from: usize, event: &Event<'_>, span: &Span) -> Result<Item, String> {
        let Event::Scalar(text, key_style, ..) = event else {
            return Err("a key is no plain text".to_owned());
        };
        let key = self.node(from, event, span)?;
        let colon = skip(self.text, key.end);
        let after = match self.text[colon..].starts_with(':') {
            true => colon + 1,
            false => key.end,
        };
        Ok(Item {
            begin: key.begin,
            key: Some((text.clone().into_owned(), key.start..key.end)),
            key_style: *key_style,
            value: self.next(after)?,
        })
    }
}
