//! When a request is sent again, and after how long.

use std::time::Duration;

/// How often a request is sent at most.
const TRIES: u32 = 4;
/// The longest wait that a server may ask for.
const LONGEST: Duration = Duration::from_secs(10);
/// The first wait when the server asks for none; each further one is three times as long.
const FIRST: Duration = Duration::from_millis(100);

/// What went wrong with a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure {
    /// The server answered with this status and, maybe, the seconds to wait.
    Status(u16, Option<u64>),
    /// The connection was refused or broke.
    Broken,
    /// Anything else: a certificate, a name, a rejected body.
    Other,
}

/// The wait before the next try; `None` when there should be none.
///
/// `tries` counts those made; `left` is the time until the deadline. Every request of this program may be repeated:
/// reads, reviews, dry runs, server-side applies, and patches with a precondition.
pub(super) fn after(failure: Failure, tries: u32, left: Duration) -> Option<Duration> {
    if tries >= TRIES {
        return None;
    }
    let usual = FIRST * 3u32.pow(tries.saturating_sub(1).min(8));
    let wait = match failure {
        Failure::Status(429 | 503 | 504, Some(seconds)) => Duration::from_secs(seconds).min(LONGEST),
        Failure::Status(429 | 503 | 504, None) | Failure::Broken => usual,
        Failure::Status(..) | Failure::Other => return None,
    };
    (wait < left).then_some(wait)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_passes_by_itself_is_tried_again_and_never_beyond_the_deadline() {
        let hour = Duration::from_secs(3600);
        let ms = |n| Some(Duration::from_millis(n));
        for (failure, tries, left, expected) in [
            (Failure::Status(503, None), 1, hour, ms(100)),
            (Failure::Status(504, None), 2, hour, ms(300)),
            (Failure::Broken, 3, hour, ms(900)),
            (Failure::Broken, 4, hour, None),
            (Failure::Status(429, Some(2)), 1, hour, ms(2000)),
            (Failure::Status(429, Some(86_400)), 1, hour, ms(10_000)),
            (Failure::Status(429, Some(2)), 1, Duration::from_secs(1), None),
            (Failure::Status(409, None), 1, hour, None),
            (Failure::Status(500, Some(1)), 1, hour, None),
            (Failure::Other, 1, hour, None),
        ] {
            assert_eq!(after(failure, tries, left), expected, "{failure:?} after {tries}");
        }
    }
}
