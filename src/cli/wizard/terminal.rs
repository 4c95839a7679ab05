//! The terminal of a wizard: quiet while it runs, as it was before when it ends, however it ends.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use console::{Key, Style, Term};
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

use super::layout::{Block, Line, Look};

/// A terminal that shows one block at a time below what stays.
pub(super) struct Terminal {
    term: Term,
    /// The lines of the block, and the line of it that the cursor is on.
    drawn: Option<(usize, usize)>,
    before: Before,
}

/// The settings that the terminal had before; nothing once they are restored.
type Before = Arc<Mutex<Option<Termios>>>;

impl Terminal {
    /// Takes the terminal; standard input and standard error must be one.
    pub(super) fn take() -> io::Result<Self> {
        let former = tcgetattr(io::stdin())?;
        let mut quiet = former.clone();
        // What is typed before a question is there waits for it: it is not shown, and Ctrl-C is a key like others.
        quiet.local_modes -= LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG;
        let before: Before = Arc::new(Mutex::new(Some(former)));
        restore_on_signal(Arc::clone(&before))?;
        tcsetattr(io::stdin(), OptionalActions::Drain, &quiet)?;
        Ok(Self {
            term: Term::buffered_stderr(),
            drawn: None,
            before,
        })
    }

    /// Height and width in characters.
    pub(super) fn size(&self) -> (usize, usize) {
        let (height, width) = self.term.size();
        (height.into(), width.into())
    }

    /// The next key.
    pub(super) fn key(&self) -> io::Result<Key> {
        self.term.read_key_raw()
    }

    /// Shows a block in place of the one before.
    pub(super) fn show(&mut self, block: &Block) -> io::Result<()> {
        self.clear()?;
        let texts: Vec<String> = block.lines.iter().map(dressed).collect();
        self.term.write_str(&texts.join("\n"))?;
        let last = block.lines.len().saturating_sub(1);
        match block.cursor {
            None => self.term.hide_cursor()?,
            Some((line, column)) => {
                self.term.move_cursor_up(last.saturating_sub(line))?;
                self.term.write_str("\r")?;
                self.term.move_cursor_right(column)?;
                self.term.show_cursor()?;
            }
        }
        self.drawn = Some((block.lines.len(), block.cursor.map_or(last, |(line, _)| line)));
        self.term.flush()
    }

    /// Removes the block and writes lines that stay.
    pub(super) fn stay(&mut self, look: Look, texts: &[String]) -> io::Result<()> {
        self.clear()?;
        for text in texts {
            let line = Line {
                look,
                text: text.clone(),
            };
            self.term.write_line(&dressed(&line))?;
        }
        self.term.flush()
    }

    fn clear(&mut self) -> io::Result<()> {
        if let Some((_, line)) = self.drawn.take() {
            self.term.move_cursor_up(line)?;
            self.term.write_str("\r")?;
            self.term.clear_to_end_of_screen()?;
        }
        Ok(())
    }

    /// Leaves the block where it is and goes to the line below it.
    pub(super) fn below(&mut self) -> io::Result<()> {
        if let Some((lines, line)) = self.drawn.take() {
            self.term.move_cursor_down(lines.saturating_sub(line + 1))?;
            self.term.write_line("")?;
        }
        Ok(())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        restore(&self.before);
    }
}

fn restore(before: &Before) {
    let former = before.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(former) = former {
        // A terminal that is gone needs no settings.
        let _ = tcsetattr(io::stdin(), OptionalActions::Drain, &former);
        let _ = Term::stderr().show_cursor();
    }
}

/// Ends the process on a signal as it would have ended, with the terminal as it was before.
fn restore_on_signal(before: Before) -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let kinds = [
        SignalKind::interrupt(),
        SignalKind::terminate(),
        SignalKind::hangup(),
    ];
    let context = runtime.enter();
    let [mut interrupt, mut terminate, mut hangup] =
        [signal(kinds[0])?, signal(kinds[1])?, signal(kinds[2])?];
    drop(context);
    std::thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || {
            let number = runtime.block_on(async {
                tokio::select! {
                    _ = interrupt.recv() => 2,
                    _ = terminate.recv() => 15,
                    _ = hangup.recv() => 1,
                }
            });
            restore(&before);
            std::process::exit(128 + number);
        })?;
    Ok(())
}

fn dressed(line: &Line) -> String {
    let style = Style::new().for_stderr();
    let style = match line.look {
        Look::Plain => return line.text.clone(),
        Look::Strong => style.bold(),
        Look::Dim => style.dim(),
        Look::Marked => style.cyan(),
        Look::Good => style.green(),
        Look::Bad => style.red(),
    };
    style.apply_to(&line.text).to_string()
}
