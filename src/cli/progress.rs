//! Progress on a terminal: a spinner on standard error, from half a second on.
//!
//! Nothing is shown when standard error is no terminal, with `--no-progress`, `--quiet` or `--log-format json`. A step
//! that fails leaves a line that says how far it came.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::args::{Global, LogFormat};
use super::color::{self, Stream};
use super::talk;
use crate::edge::clock;

/// What takes less is not shown.
const PATIENCE: Duration = Duration::from_millis(500);
/// Time between two pictures of the spinner.
const TICK: Duration = Duration::from_millis(100);

/// The bar that is on the screen, so that lines of talk go above it.
static SHOWN: Mutex<Option<ProgressBar>> = Mutex::new(None);

/// Something that is under way; dropping it without [`Step::done`] means that it failed.
pub(super) struct Step {
    what: String,
    bar: ProgressBar,
    began: Instant,
    /// Ends the wait for the moment to show the bar.
    waiting: Option<(Sender<()>, JoinHandle<()>)>,
    done: bool,
}

/// Begins a step; `what` is a phrase such as `applying fra1`.
pub(super) fn start(global: &Global, what: impl Into<String>) -> Step {
    let what = what.into();
    let bar = ProgressBar::hidden();
    let silent = global.no_progress
        || global.quiet
        || global.log_format == LogFormat::Json
        || color::is_dumb()
        || !color::is_terminal(Stream::Err);
    let waiting = (!silent).then(|| later(&what, &bar));
    Step {
        what,
        bar,
        began: clock::steady(),
        waiting,
        done: false,
    }
}

/// Runs something that answers without steps of its own, such as a render.
pub(super) fn during<T, E>(
    global: &Global,
    what: impl Into<String>,
    work: impl FnOnce() -> Result<T, E>,
) -> Result<T, E> {
    let step = start(global, what);
    let result = work();
    if result.is_ok() {
        step.done();
    }
    result
}

/// Shows the bar after [`PATIENCE`], unless the step is over by then.
fn later(what: &str, bar: &ProgressBar) -> (Sender<()>, JoinHandle<()>) {
    if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix} {pos} {wide_msg}") {
        bar.set_style(style);
    }
    bar.set_prefix(what.to_owned());
    let (over, wait) = channel::<()>();
    let bar = bar.clone();
    let thread = std::thread::spawn(move || {
        if wait.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
            bar.set_draw_target(ProgressDrawTarget::stderr());
            bar.enable_steady_tick(TICK);
            *shown() = Some(bar);
        }
    });
    (over, thread)
}

fn shown() -> std::sync::MutexGuard<'static, Option<ProgressBar>> {
    SHOWN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Writes something while no bar is on the screen.
pub(super) fn aside(write: impl FnOnce()) {
    let bar = shown().clone();
    match bar {
        Some(bar) => bar.suspend(write),
        None => write(),
    }
}

impl Step {
    /// One more part is done; `-vv` says which.
    pub(super) fn item(&self, text: impl FnOnce() -> String) {
        let text = text();
        talk::detail(2, || format!("{}: {text}", self.what));
        self.bar.inc(1);
        self.bar.set_message(text);
    }

    /// It went well: nothing stays on the screen; `-v` says how long it took.
    pub(super) fn done(mut self) {
        self.done = true;
        self.clear();
        let seconds = self.began.elapsed().as_secs_f64();
        talk::detail(1, || match self.bar.position() {
            0 => format!("{}: {seconds:.2} s", self.what),
            parts => format!("{}: {parts} in {seconds:.2} s", self.what),
        });
    }

    /// Takes the bar off the screen; whether it was there.
    fn clear(&mut self) -> bool {
        if let Some((over, thread)) = self.waiting.take() {
            drop(over);
            // It ends at once; a panic in it has taken nothing along.
            let _ = thread.join();
        }
        let was_shown = shown().take().is_some();
        self.bar.finish_and_clear();
        was_shown
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        if !self.done && self.clear() {
            let last = self.bar.message();
            let after = if last.is_empty() {
                String::new()
            } else {
                format!(" after {}, last {last}", self.bar.position())
            };
            talk::say(&format!("✗ {} stopped{after}", self.what));
        }
    }
}
