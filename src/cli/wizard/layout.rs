//! A question as lines of a terminal of some width and height.

use console::measure_text_width;

use super::entry::Entry;
use super::judge::Refusal;
use super::question::{Answer, Item, Kind, Question};

/// How a line looks where colours are allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    Plain,
    Strong,
    Dim,
    Marked,
    Good,
    Bad,
}

/// One line, short enough for the terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) look: Look,
    pub(super) text: String,
}

/// Lines of a question, and where the cursor stands: line and column from 0.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Block {
    pub(super) lines: Vec<Line>,
    pub(super) cursor: Option<(usize, usize)>,
}

impl Block {
    fn push(&mut self, look: Look, texts: impl IntoIterator<Item = String>) {
        self.lines
            .extend(texts.into_iter().map(|text| Line { look, text }));
    }
}

/// Words wrapped to a width, further lines indented.
pub(super) fn wrap(text: &str, width: usize, indent: &str) -> Vec<String> {
    let own: String = text.chars().take_while(|c| *c == ' ').collect();
    let further = format!("{own}{indent}");
    let options = textwrap::Options::new(width.max(20)).subsequent_indent(&further);
    broken(text, options)
}

/// Text broken into lines; a no-break space holds its words together and is shown as a space.
fn broken(text: &str, options: textwrap::Options<'_>) -> Vec<String> {
    let lines = textwrap::wrap(text, options).into_iter();
    lines.map(|line| line.replace('\u{a0}', " ")).collect()
}

/// The lines of a question with what is typed or marked so far.
pub(super) fn block(
    question: &Question,
    entry: &Entry,
    refusal: Option<&Refusal>,
    width: usize,
    height: usize,
) -> Block {
    let width = width.saturating_sub(1).max(20);
    let mut block = Block::default();
    block.push(
        Look::Strong,
        wrap(
            &format!("? {}{}", question.prompt, default(&question.kind)),
            width,
            "  ",
        ),
    );
    for line in &question.about {
        block.push(Look::Plain, wrap(&format!("  {line}"), width, "  "));
    }
    let refused = refusal
        .map(|refusal| refusal.lines.as_slice())
        .unwrap_or_default();
    let refused = refused.iter().enumerate().flat_map(|(n, line)| {
        let mark = if n == 0 { "✘" } else { " " };
        wrap(&format!("{mark} {line}"), width, "  ")
    });
    let refused: Vec<String> = refused.collect();
    let help = wrap(&format!("  {}", help(&question.kind)), width, "");
    match (entry, &question.kind) {
        (Entry::Text(typed, at), _) => {
            block.push(Look::Dim, help);
            block.push(Look::Bad, refused);
            input(&mut block, typed, *at, width);
        }
        (Entry::One(marked), Kind::One { items, .. }) => {
            let room = height.saturating_sub(block.lines.len() + refused.len() + help.len() + 1);
            window(&mut block, items, *marked, |_| "", width, room);
            block.push(Look::Bad, refused);
            block.push(Look::Dim, help);
        }
        (Entry::Many(marked, chosen), Kind::Many { items, .. }) => {
            let room = height.saturating_sub(block.lines.len() + refused.len() + help.len() + 1);
            let mark = |at: usize| if chosen[at] { "[x] " } else { "[ ] " };
            window(&mut block, items, *marked, mark, width, room);
            block.push(Look::Bad, refused);
            block.push(Look::Dim, help);
        }
        _ => {}
    }
    block
}

fn default(kind: &Kind) -> String {
    match kind {
        Kind::Text { default, optional } if default.is_empty() && *optional => " [none]".to_owned(),
        Kind::Text { default, .. } if !default.is_empty() => format!(" [{default}]"),
        _ => String::new(),
    }
}

fn help(kind: &Kind) -> String {
    let first = match kind {
        Kind::Text { default, optional } => {
            let mut words = String::new();
            if !default.is_empty() {
                words.push_str("Enter takes [ ], Tab edits it; ");
            }
            if *optional && !default.is_empty() {
                words.push_str("- is none; ");
            }
            words
        }
        Kind::One { .. } => "↑ ↓ and Enter choose; ".to_owned(),
        Kind::Many { .. } => "↑ ↓ and space mark, Enter goes on; ".to_owned(),
    };
    format!("{first}< or Esc goes back, Ctrl-C leaves")
}

/// The lines that are typed into, with the cursor.
fn input(block: &mut Block, typed: &[char], at: usize, width: usize) {
    let room = width.saturating_sub(3);
    let (mut line, mut used) = (String::new(), 0);
    let first = block.lines.len();
    let mut cursor = None;
    let mut lines = Vec::new();
    for (index, character) in typed.iter().enumerate() {
        let wide = measure_text_width(&character.to_string());
        if used + wide > room {
            lines.push(std::mem::take(&mut line));
            used = 0;
        }
        if index == at {
            cursor = Some((first + lines.len(), used + 2));
        }
        line.push(*character);
        used += wide;
    }
    block.cursor = cursor.or(Some((first + lines.len(), used + 2)));
    lines.push(line);
    for (n, line) in lines.into_iter().enumerate() {
        let mark = if n == 0 { "›" } else { " " };
        block.push(Look::Plain, [format!("{mark} {line}")]);
    }
}

/// As many lines of a choice as there is room for, the marked one among them.
fn window(
    block: &mut Block,
    items: &[Item],
    marked: usize,
    chosen: impl Fn(usize) -> &'static str,
    width: usize,
    room: usize,
) {
    let label = |item: &Item| measure_text_width(&item.label);
    let longest = items.iter().map(label).max().unwrap_or(0);
    let column = if longest <= 24 { longest } else { 0 };
    let texts: Vec<(Look, Vec<String>)> = items
        .iter()
        .enumerate()
        .map(|(at, item)| {
            let mark = if at == marked { "›" } else { " " };
            let fill = " ".repeat(column.saturating_sub(label(item)));
            let text = match item.about.as_str() {
                "" => format!("{mark} {}{}", chosen(at), item.label),
                about if item.available => format!("{mark} {}{}{fill}  {about}", chosen(at), item.label),
                about => format!("{mark} {}{}{fill}  ({about})", chosen(at), item.label),
            };
            let look = match (at == marked, item.available) {
                (_, false) => Look::Dim,
                (true, true) => Look::Marked,
                (false, true) => Look::Plain,
            };
            (look, wrap_item(&text, width))
        })
        .collect();
    let room = room.max(3);
    let (mut first, mut last) = (marked, marked + 1);
    let mut used = texts.get(marked).map_or(0, |(_, lines)| lines.len());
    // The window grows around the mark, downwards first, as long as a line for what is not shown is left.
    loop {
        let below = texts.get(last).map(|(_, lines)| lines.len());
        let above = first.checked_sub(1).map(|at| texts[at].1.len());
        let hidden = usize::from(first > 0) + usize::from(last < texts.len());
        match (below, above) {
            (Some(lines), _)
                if used + lines + hidden <= room && (last - marked <= marked - first || above.is_none()) =>
            {
                used += lines;
                last += 1;
            }
            (_, Some(lines)) if used + lines + hidden <= room => {
                used += lines;
                first -= 1;
            }
            (Some(lines), _) if used + lines + hidden <= room => {
                used += lines;
                last += 1;
            }
            _ => break,
        }
    }
    if first > 0 {
        block.push(Look::Dim, [format!("    {first} more above")]);
    }
    for (look, lines) in &texts[first..last.min(texts.len())] {
        block.push(*look, lines.iter().cloned());
    }
    if last < texts.len() {
        block.push(Look::Dim, [format!("    {} more below", texts.len() - last)]);
    }
}

fn wrap_item(text: &str, width: usize) -> Vec<String> {
    let options = textwrap::Options::new(width.max(20)).subsequent_indent("      ");
    broken(text, options)
}

/// The one or more lines that stay of an answered question.
pub(super) fn answered(question: &Question, answer: &Answer, width: usize) -> Vec<String> {
    let label = |pick| match &question.kind {
        Kind::One { items, .. } | Kind::Many { items, .. } => {
            let found = items.iter().find(|item| item.pick == pick);
            found.map(|item| item.label.clone()).unwrap_or_default()
        }
        Kind::Text { .. } => String::new(),
    };
    let words = match answer {
        Answer::Text(text) => text.trim().to_owned(),
        Answer::One(pick) => label(pick.clone()),
        Answer::Many(picks) => picks.iter().cloned().map(label).collect::<Vec<_>>().join(", "),
    };
    let words = if words.is_empty() {
        "none".to_owned()
    } else {
        words
    };
    wrap(
        &format!("✔ {}: {words}", question.prompt),
        width.saturating_sub(1),
        "  ",
    )
}
