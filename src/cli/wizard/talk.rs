//! The wizard on a terminal: shows each question, takes keys, and leaves the answers behind.

use std::io;

use super::entry::{Entry, Pressed};
use super::judge::Refusal;
use super::layout::{Look, answered, block, wrap};
use super::machine::{Next, Wizard};
use super::step::Step;
use super::terminal::Terminal;

/// How a conversation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum End {
    /// The spec is to be written.
    Write,
    /// Nothing is to be written, as was chosen.
    Abort,
    /// Ctrl-C, or nobody is there any more.
    Left,
}

/// Asks until the summary is answered. `greeting` is said first.
pub(in crate::cli) fn converse(wizard: &mut Wizard, greeting: &str) -> io::Result<End> {
    let mut terminal = Terminal::take()?;
    let (_, width) = terminal.size();
    terminal.stay(Look::Plain, &wrap(greeting, width.saturating_sub(1), ""))?;
    let mut section = "";
    loop {
        let question = wizard.question();
        if question.section != section {
            section = question.section;
            terminal.stay(Look::Strong, &[String::new(), section.to_owned()])?;
        }
        let step = wizard.step();
        match ask(wizard, &mut terminal)? {
            Some(Next::Write) => return Ok(End::Write),
            Some(Next::Abort) => return Ok(End::Abort),
            Some(Next::Ask) => {}
            Some(Next::Back(_)) => {
                let text = format!("← back from: {}", question.prompt);
                if step != wizard.step() {
                    let (_, width) = terminal.size();
                    terminal.stay(Look::Dim, &wrap(&text, width.saturating_sub(1), "  "))?;
                }
            }
            None => return Ok(End::Left),
        }
    }
}

/// One question until it is answered; `None` when the wizard is left.
fn ask(wizard: &mut Wizard, terminal: &mut Terminal) -> io::Result<Option<Next>> {
    let mut question = wizard.question();
    if wizard.step() == Step::Summary {
        // The summary may be longer than the terminal is high, so it stays above its question.
        let (_, width) = terminal.size();
        let about = std::mem::take(&mut question.about);
        let lines = about
            .iter()
            .flat_map(|line| wrap(&format!("  {line}"), width.saturating_sub(1), "  "));
        terminal.stay(Look::Plain, &lines.collect::<Vec<_>>())?;
    }
    let mut entry = Entry::new(&question);
    let mut refusal: Option<Refusal> = None;
    loop {
        let (height, width) = terminal.size();
        terminal.show(&block(&question, &entry, refusal.as_ref(), width, height))?;
        let key = match terminal.key() {
            Ok(key) => key,
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            Err(error) => return Err(error),
        };
        match entry.press(&question, &key) {
            Pressed::Stay => {}
            Pressed::Leave => {
                terminal.below()?;
                return Ok(None);
            }
            Pressed::Back if wizard.back() => return Ok(Some(Next::Back(true))),
            Pressed::Back => refusal = Some(Refusal::new("this is the first question")),
            Pressed::Answer(answer) => match wizard.answer(&answer) {
                Ok(Next::Back(false)) => refusal = Some(Refusal::new("this is the first question")),
                Ok(next) => {
                    let (_, width) = terminal.size();
                    if !matches!(next, Next::Back(_)) {
                        terminal.stay(Look::Good, &answered(&question, &answer, width))?;
                    }
                    return Ok(Some(next));
                }
                Err(refused) => {
                    refusal = Some(refused);
                    entry = Entry::new(&question);
                }
            },
        }
    }
}
