//! An answer while it is typed or chosen: what each key does to it.

use console::Key;

use super::answers::NONE;
use super::question::{Answer, Item, Kind, Question};

/// What is typed or marked so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Entry {
    /// Characters, and where the next one goes.
    Text(Vec<char>, usize),
    /// The marked line.
    One(usize),
    /// The marked line, and which are chosen.
    Many(usize, Vec<bool>),
}

/// What a key led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Pressed {
    /// Nothing more than another entry.
    Stay,
    /// An answer.
    Answer(Answer),
    /// The question before is wanted.
    Back,
    /// The wizard is to be left.
    Leave,
}

/// Ctrl-D, the end of input.
const END_OF_INPUT: char = '\u{4}';
/// Ctrl-U, which deletes the line.
const DELETE_LINE: char = '\u{15}';

impl Entry {
    pub(super) fn new(question: &Question) -> Self {
        match &question.kind {
            Kind::Text { .. } => Self::Text(Vec::new(), 0),
            Kind::One { default, .. } => Self::One(*default),
            Kind::Many { chosen, .. } => Self::Many(0, chosen.clone()),
        }
    }

    /// Takes a key.
    pub(super) fn press(&mut self, question: &Question, key: &Key) -> Pressed {
        match key {
            Key::CtrlC | Key::Char(END_OF_INPUT) => return Pressed::Leave,
            Key::Escape => return Pressed::Back,
            _ => {}
        }
        match (self, &question.kind) {
            (Self::Text(typed, at), Kind::Text { default, .. }) => text(typed, at, default, key),
            (Self::One(marked), Kind::One { items, .. }) => match key {
                Key::Char('<') => Pressed::Back,
                Key::Enter => match items.get(*marked).filter(|item| item.available) {
                    Some(item) => Pressed::Answer(Answer::One(item.pick.clone())),
                    None => Pressed::Stay,
                },
                _ => walk(marked, items, key),
            },
            (Self::Many(marked, chosen), Kind::Many { items, .. }) => match key {
                Key::Char('<') => Pressed::Back,
                Key::Char(' ') => {
                    if let (Some(chosen), true) = (chosen.get_mut(*marked), items[*marked].available) {
                        *chosen = !*chosen;
                    }
                    Pressed::Stay
                }
                Key::Enter => {
                    let all = items.iter().zip(chosen).filter(|(_, chosen)| **chosen);
                    Pressed::Answer(Answer::Many(all.map(|(item, _)| item.pick.clone()).collect()))
                }
                _ => walk(marked, items, key),
            },
            _ => Pressed::Stay,
        }
    }
}

fn text(typed: &mut Vec<char>, at: &mut usize, default: &str, key: &Key) -> Pressed {
    match key {
        Key::Enter => {
            let text: String = typed.iter().collect();
            return match text.trim() {
                "<" => Pressed::Back,
                "" => Pressed::Answer(Answer::Text(default.to_owned())),
                _ => Pressed::Answer(Answer::Text(text)),
            };
        }
        Key::Backspace if *at > 0 => {
            *at -= 1;
            typed.remove(*at);
        }
        Key::Del if *at < typed.len() => drop(typed.remove(*at)),
        Key::ArrowLeft => *at = at.saturating_sub(1),
        Key::ArrowRight => *at = typed.len().min(*at + 1),
        Key::Home => *at = 0,
        Key::End => *at = typed.len(),
        Key::Tab if typed.is_empty() && default != NONE => {
            typed.extend(default.chars());
            *at = typed.len();
        }
        Key::Char(DELETE_LINE) => {
            typed.clear();
            *at = 0;
        }
        Key::Char(character) if !character.is_control() => {
            typed.insert(*at, *character);
            *at += 1;
        }
        _ => {}
    }
    Pressed::Stay
}

/// Moves the mark over the lines that can be chosen, around the ends.
fn walk(marked: &mut usize, items: &[Item], key: &Key) -> Pressed {
    let count = items.len();
    let step = match key {
        Key::ArrowDown | Key::Tab | Key::Char('j') => 1,
        Key::ArrowUp | Key::BackTab | Key::Char('k') => count.saturating_sub(1),
        _ => return Pressed::Stay,
    };
    let places = (1..=count).map(|n| (*marked + n * step) % count);
    *marked = places
        .into_iter()
        .find(|at| items[*at].available)
        .unwrap_or(*marked);
    Pressed::Stay
}

#[cfg(test)]
mod tests {
    use super::super::pick::Pick;
    use super::super::step::Step;
    use super::*;

    fn typed(keys: &[Key], default: &str) -> Pressed {
        let question = Question::text(Step::Name, "Name", default);
        let mut entry = Entry::new(&question);
        let pressed = keys.iter().map(|key| entry.press(&question, key));
        pressed.last().unwrap_or(Pressed::Stay)
    }

    #[test]
    fn keys_make_an_answer() {
        use Key::{ArrowLeft, Backspace, Char, CtrlC, Del, End, Enter, Escape, Home, Tab};
        let answer = |text: &str| Pressed::Answer(Answer::Text(text.to_owned()));
        let cases: &[(&[Key], Pressed)] = &[
            (&[Enter], answer("demo")),
            (
                &[Char('a'), Char('c'), ArrowLeft, Char('b'), Enter],
                answer("abc"),
            ),
            (&[Char('a'), Char('b'), Backspace, Enter], answer("a")),
            (
                &[Char('a'), Home, Del, Char('b'), End, Char('c'), Enter],
                answer("bc"),
            ),
            (&[Tab, Char('2'), Enter], answer("demo2")),
            (&[Char('x'), Char(DELETE_LINE), Enter], answer("demo")),
            (&[Char('<'), Enter], Pressed::Back),
            (&[Char('a'), Escape], Pressed::Back),
            (&[Char('a'), CtrlC], Pressed::Leave),
            (&[Char(END_OF_INPUT)], Pressed::Leave),
            (&[Backspace, ArrowLeft, Char('é'), Enter], answer("é")),
        ];
        for (keys, wanted) in cases {
            assert_eq!(typed(keys, "demo"), *wanted, "{keys:?}");
        }
    }

    #[test]
    fn the_mark_steps_over_what_cannot_be_chosen() {
        let items = vec![
            Item::new("a", "", Pick::Add),
            Item::new("b", "", Pick::Done).unavailable("not available yet"),
            Item::new("c", "", Pick::Write),
        ];
        let question = Question::one(Step::Name, "Which", items, &Pick::Done);
        let mut entry = Entry::new(&question);
        assert_eq!(entry, Entry::One(0), "the first that can be chosen");
        for (key, wanted) in [
            (Key::ArrowDown, 2),
            (Key::ArrowDown, 0),
            (Key::ArrowUp, 2),
            (Key::ArrowUp, 0),
        ] {
            assert_eq!(entry.press(&question, &key), Pressed::Stay, "{key:?}");
            assert_eq!(entry, Entry::One(wanted), "{key:?}");
        }
    }
}
