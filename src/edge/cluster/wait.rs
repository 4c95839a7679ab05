//! Deadlines, the wish to stop, and waiting for something to become true.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::ClusterError;

/// How long apart two looks at the same thing are at most.
const PAUSE: Duration = Duration::from_secs(1);

/// A moment after which nothing is begun and nothing is waited for.
#[derive(Debug, Clone, Copy)]
pub struct Deadline {
    at: Instant,
    total: Duration,
}

impl Deadline {
    /// A deadline this far in the future.
    pub fn after(total: Duration) -> Self {
        Self {
            at: Instant::now() + total,
            total,
        }
    }

    /// The earlier one of this deadline and one that is this far in the future.
    pub fn within(self, limit: Duration) -> Self {
        if limit < self.left() {
            Self::after(limit)
        } else {
            self
        }
    }

    /// The time that is left, zero when it has passed.
    pub fn left(self) -> Duration {
        self.at.saturating_duration_since(Instant::now())
    }

    /// The error that says it has passed.
    pub fn passed(self, doing: &str) -> ClusterError {
        ClusterError::Deadline {
            doing: doing.to_owned(),
            seconds: self.total.as_secs(),
        }
    }
}

/// The user's wish to stop after the present object; clones share it.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Asks to stop.
    pub fn request(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Whether it was asked for.
    pub fn requested(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }

    /// Listens for Ctrl-C from now on, calls `say` at the first one, and ends the process with 130 at the second.
    ///
    /// Must be called inside [`super::block_on`].
    pub fn on_interrupt(&self, say: impl FnOnce() + Send + 'static) {
        let stop = self.clone();
        tokio::spawn(async move {
            if tokio::signal::ctrl_c().await.is_ok() {
                stop.request();
                say();
                if tokio::signal::ctrl_c().await.is_ok() {
                    std::process::exit(130);
                }
            }
        });
    }

    /// An error when it was asked for.
    pub fn check(&self, doing: &str) -> Result<(), ClusterError> {
        if self.requested() {
            return Err(ClusterError::Interrupted {
                doing: doing.to_owned(),
            });
        }
        Ok(())
    }
}

/// The pause between two looks at something that is to become true.
#[derive(Debug)]
pub struct Pace {
    doing: String,
    deadline: Deadline,
    stop: Stop,
    pause: Duration,
}

impl Pace {
    /// Begins to wait; `doing` is what the error at the deadline says.
    pub fn new(doing: impl Into<String>, deadline: Deadline, stop: &Stop) -> Self {
        Self {
            doing: doing.into(),
            deadline,
            stop: stop.clone(),
            pause: Duration::from_millis(50),
        }
    }

    /// Lets some time pass before the next look; an error at the deadline or when asked to stop.
    pub async fn next(&mut self) -> Result<(), ClusterError> {
        self.stop.check(&self.doing)?;
        let left = self.deadline.left();
        if left.is_zero() {
            return Err(self.deadline.passed(&self.doing));
        }
        tokio::time::sleep(self.pause.min(left)).await;
        self.pause = (self.pause * 2).min(PAUSE);
        Ok(())
    }
}
