//! The seam of the fault tests: every effect that a crash can separate from the next one passes here.
//!
//! In release builds `effect` is empty. In debug builds two variables, set only by tests, pick one effect by number:
//! `PLATFORM_TEST_KILL_AT=n` ends the process there as `kill -9` does, `PLATFORM_TEST_FAIL_AT=n:errno` lets it fail.

/// Called immediately before an effect on disk.
#[cfg(not(debug_assertions))]
#[inline(always)]
pub(crate) fn effect() -> std::io::Result<()> {
    Ok(())
}

/// Called immediately before an effect on disk.
#[cfg(debug_assertions)]
pub(crate) fn effect() -> std::io::Result<()> {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    static COUNT: AtomicU64 = AtomicU64::new(0);
    static CHOICE: OnceLock<Choice> = OnceLock::new();
    let choice = CHOICE.get_or_init(Choice::from_environment);
    let number = COUNT.fetch_add(1, Ordering::Relaxed) + 1;
    if choice.kill_at == Some(number) {
        // Not `abort`: no handler, no destructor and no flush may run, as with a real `kill -9`.
        let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
    }
    match choice.fail_at {
        Some((at, errno)) if at == number => Err(std::io::Error::from_raw_os_error(errno)),
        _ => Ok(()),
    }
}

#[cfg(debug_assertions)]
struct Choice {
    kill_at: Option<u64>,
    fail_at: Option<(u64, i32)>,
}

#[cfg(debug_assertions)]
impl Choice {
    fn from_environment() -> Self {
        let read = |name: &str| crate::edge::env::variable(name).ok().flatten();
        let fail_at = read("PLATFORM_TEST_FAIL_AT").and_then(|text| {
            let (at, errno) = text.split_once(':')?;
            Some((at.parse().ok()?, errno.parse().ok()?))
        });
        Self {
            kill_at: read("PLATFORM_TEST_KILL_AT").and_then(|text| text.parse().ok()),
            fail_at,
        }
    }
}
