//! Waiting for something by looking again until a deadline.

use std::thread::sleep;
use std::time::{Duration, Instant};

/// Between two looks; short against the seconds that components take, long against the cost of one kubectl.
const INTERVAL: Duration = Duration::from_millis(100);

/// Returns what `look` found, or `None` when it found nothing until the deadline; it looks at least once.
pub(crate) fn poll<T>(deadline: Duration, mut look: impl FnMut() -> Option<T>) -> Option<T> {
    let end = Instant::now() + deadline;
    loop {
        if let Some(found) = look() {
            return Some(found);
        }
        if Instant::now() >= end {
            return None;
        }
        sleep(INTERVAL);
    }
}
