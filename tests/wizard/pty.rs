//! The binary on a pseudo-terminal, and the screen that a person would see.

use std::io::{Read, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use super::sandbox::Sandbox;
use super::support::{golden, project, updating};

/// How long a screen may take; a machine that builds something else beside is slow.
const DEADLINE: Duration = Duration::from_secs(60);
/// A screen that has not changed for so long is recorded when golden files are rewritten.
const QUIET: Duration = Duration::from_millis(400);

pub(crate) const ENTER: &str = "\r";
pub(crate) const DOWN: &str = "\u{1b}[B";
pub(crate) const UP: &str = "\u{1b}[A";
pub(crate) const ESCAPE: &str = "\u{1b}";
pub(crate) const CTRL_C: &str = "\u{3}";
pub(crate) const CTRL_D: &str = "\u{4}";

/// A run of the binary on a terminal.
pub(crate) struct Pty {
    master: Box<dyn MasterPty + Send>,
    keys: Box<dyn Write + Send>,
    output: Receiver<Vec<u8>>,
    child: Box<dyn Child + Send + Sync>,
    parser: vt100::Parser,
    /// Everything that was written to the terminal.
    pub(crate) bytes: Vec<u8>,
}

impl Pty {
    /// Starts the binary in the working directory of a sandbox, on a terminal of some width and 30 lines.
    pub(crate) fn start(sandbox: &Sandbox, columns: u16, arguments: &[&str]) -> Self {
        Self::start_with(sandbox, columns, 30, &[], arguments)
    }

    pub(crate) fn start_with(
        sandbox: &Sandbox,
        columns: u16,
        rows: u16,
        environment: &[(&str, &str)],
        arguments: &[&str],
    ) -> Self {
        let size = PtySize {
            rows,
            cols: columns,
            pixel_width: 0,
            pixel_height: 0,
        };
        let pair = native_pty_system().openpty(size).expect("a pseudo-terminal");
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_platform"));
        command.args(arguments);
        command.cwd(sandbox.path(""));
        command.env_clear();
        for (name, value) in [
            ("PATH", std::env::var("PATH").unwrap_or_default().as_str()),
            ("HOME", &sandbox.path("../home").to_string_lossy()),
            ("TMPDIR", &sandbox.path("../tmp").to_string_lossy()),
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("TERM", "xterm-256color"),
            ("SOURCE_DATE_EPOCH", "1700000000"),
        ] {
            command.env(name, value);
        }
        for (name, value) in environment {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).expect("the binary starts");
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().expect("a reader");
        let (sender, output) = channel();
        std::thread::spawn(move || {
            let mut buffer = vec![0; 1 << 16];
            while let Ok(count) = reader.read(&mut buffer) {
                if count == 0 || sender.send(buffer[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self {
            keys: pair.master.take_writer().expect("a writer"),
            master: pair.master,
            output,
            child,
            parser: vt100::Parser::new(rows, columns, 0),
            bytes: Vec::new(),
        }
    }

    /// What the screen shows, without blanks at the ends of lines.
    pub(crate) fn screen(&self) -> String {
        let contents = self.parser.screen().contents();
        let lines: Vec<&str> = contents.lines().map(str::trim_end).collect();
        format!("{}\n", lines.join("\n").trim_end())
    }

    pub(crate) fn cursor_is_hidden(&self) -> bool {
        self.parser.screen().hide_cursor()
    }

    /// Whether the terminal shows what is typed, as it does for a shell.
    pub(crate) fn echoes(&self) -> bool {
        let settings = self.master.get_termios().expect("the settings of the terminal");
        format!("{:?}", settings.local_flags).contains("ECHO ")
            || format!("{:?}", settings.local_flags).contains("ECHO)")
    }

    /// Takes what was written; `false` when nothing more comes.
    fn take(&mut self, most: Duration) -> Result<bool, RecvTimeoutError> {
        let bytes = self.output.recv_timeout(most)?;
        self.parser.process(&bytes);
        self.bytes.extend(bytes);
        Ok(true)
    }

    /// Waits until the screen is as wanted.
    #[track_caller]
    pub(crate) fn until(&mut self, what: &str, wanted: impl Fn(&str) -> bool) {
        let end = Instant::now() + DEADLINE;
        while !wanted(&self.screen()) {
            let left = end.saturating_duration_since(Instant::now());
            if let Err(error) = self.take(left) {
                panic!("{what} did not come ({error}); the screen is:\n{}", self.screen());
            }
        }
    }

    /// Waits until the last question on the screen has a text in its first line.
    #[track_caller]
    pub(crate) fn asked(&mut self, prompt: &str) {
        self.until(prompt, |screen| {
            let last = screen.lines().rev().find(|line| line.starts_with("? "));
            last.is_some_and(|line| line.contains(prompt)) && screen.contains("Ctrl-C")
        });
    }

    /// Waits for a text anywhere on the screen.
    #[track_caller]
    pub(crate) fn shows(&mut self, text: &str) {
        self.until(text, |screen| screen.contains(text));
    }

    pub(crate) fn press(&mut self, keys: &str) {
        self.keys
            .write_all(keys.as_bytes())
            .expect("the terminal takes keys");
        self.keys.flush().expect("the terminal takes keys");
    }

    /// Waits for a question, then answers it.
    #[track_caller]
    pub(crate) fn answer(&mut self, prompt: &str, keys: &str) {
        self.asked(prompt);
        self.press(keys);
    }

    /// Waits until the screen is the recorded one, or records it.
    #[track_caller]
    pub(crate) fn recorded(&mut self, name: &str) {
        let path = project("tests/wizard/screens").join(format!("{name}.txt"));
        if updating() {
            while self.take(QUIET).is_ok() {}
            golden(&path, &self.screen());
            return;
        }
        let wanted = std::fs::read_to_string(&path).unwrap_or_default();
        let end = Instant::now() + DEADLINE;
        while self.screen() != wanted {
            let left = end.saturating_duration_since(Instant::now());
            if self.take(left.min(Duration::from_secs(10))).is_err() {
                let difference = golden(&path, &self.screen());
                panic!(
                    "{name}: another screen than recorded\n{}",
                    difference.unwrap_or_default()
                );
            }
        }
    }

    /// The exit code, once the process has ended and everything that it wrote was read.
    #[track_caller]
    pub(crate) fn ended(&mut self) -> u32 {
        let end = Instant::now() + DEADLINE;
        loop {
            match self.take(end.saturating_duration_since(Instant::now())) {
                Ok(_) => {}
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    panic!("it does not end; the screen is:\n{}", self.screen());
                }
            }
        }
        let status = self.child.wait().expect("the child ends");
        status.exit_code()
    }

    /// The process, for signals.
    pub(crate) fn process(&self) -> u32 {
        self.child.process_id().expect("it runs")
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        // A test that failed leaves nothing running.
        let _ = self.child.kill();
    }
}
