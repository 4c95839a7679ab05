//! One run at a time on one target.

use std::fs::File;
use std::io::{Read, Seek, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::{FlockOperation, Mode, OFlags};

use super::error::{DiskError, io_at};
use crate::edge::clock;

/// An exclusive lock, held while the value lives.
///
/// It is an advisory `flock` on a file: the kernel lets go of it when the process ends, however it ends, so a lock
/// cannot be stale. The file says who holds it, and is removed at the end. On network file systems without `flock`
/// taking it fails with the system's error rather than going on without.
#[derive(Debug)]
pub struct RunLock {
    file: File,
    /// The lock file, removed at the end; `None` when a directory itself is locked.
    path: Option<PathBuf>,
}

impl RunLock {
    /// How often a held lock is tried again: `flock` has no wait with a deadline.
    const PAUSE: Duration = Duration::from_millis(20);

    /// Takes the lock file, waiting up to `wait` for another run to end.
    pub fn take(path: &Path, wait: Duration) -> Result<Self, DiskError> {
        Self::wait_for(path, wait, Self::attempt, holder)
    }

    /// Locks a directory itself, for where no lock file can lie yet; the holder is not known by name.
    pub(crate) fn take_directory(path: &Path, wait: Duration) -> Result<Self, DiskError> {
        Self::wait_for(path, wait, Self::attempt_directory, |_| ANOTHER.to_owned())
    }

    fn wait_for(
        path: &Path,
        wait: Duration,
        attempt: impl Fn(&Path) -> Result<Option<Self>, DiskError>,
        holder: impl Fn(&Path) -> String,
    ) -> Result<Self, DiskError> {
        let started = clock::steady();
        loop {
            if let Some(lock) = attempt(path)? {
                return Ok(lock);
            }
            if started.elapsed() >= wait {
                let holder = holder(path);
                return Err(DiskError::Locked {
                    path: path.to_owned(),
                    holder,
                    waited_seconds: wait.as_secs(),
                });
            }
            std::thread::sleep(Self::PAUSE.min(wait.saturating_sub(started.elapsed())));
        }
    }

    fn attempt_directory(path: &Path) -> Result<Option<Self>, DiskError> {
        let locked = open_and_lock(path, OFlags::RDONLY | OFlags::DIRECTORY)?;
        Ok(locked.map(|file| Self { file, path: None }))
    }

    fn attempt(path: &Path) -> Result<Option<Self>, DiskError> {
        let Some(mut file) = open_and_lock(path, OFlags::RDWR | OFlags::CREATE)? else {
            return Ok(None);
        };
        // The former holder may have removed the file between our open and our lock: then we hold a lock on nothing.
        let ours = file.metadata().map_err(io_at("locked", path))?;
        match std::fs::symlink_metadata(path) {
            Ok(named) if named.is_file() && (named.dev(), named.ino()) == (ours.dev(), ours.ino()) => {}
            _ => return Ok(None),
        }
        let mut text = format!("process {}", rustix::process::getpid().as_raw_nonzero());
        let host = rustix::system::uname();
        text.push_str(&format!(" on {}\n", host.nodename().to_string_lossy()));
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| file.write_all(text.as_bytes()))
            .map_err(io_at("locked", path))?;
        Ok(Some(Self {
            file,
            path: Some(path.to_owned()),
        }))
    }
}

impl Drop for RunLock {
    fn drop(&mut self) {
        // Removed while still locked, so that nobody can be holding the name we remove.
        if let Some(path) = &self.path {
            let _ = std::fs::remove_file(path);
        }
        let _ = rustix::fs::flock(&self.file, FlockOperation::Unlock);
    }
}

/// Opens and tries to lock; `None` when another holds it.
fn open_and_lock(path: &Path, access: OFlags) -> Result<Option<File>, DiskError> {
    let flags = access | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let descriptor =
        rustix::fs::open(path, flags, Mode::from_raw_mode(0o644)).map_err(io_at("locked", path))?;
    match rustix::fs::flock(&descriptor, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(Some(File::from(descriptor))),
        Err(rustix::io::Errno::WOULDBLOCK) => Ok(None),
        Err(errno) => Err(io_at("locked", path)(errno)),
    }
}

/// A holder of whom nothing is known.
const ANOTHER: &str = "another process";

/// What the holder wrote, bounded and without control characters; the file is foreign text.
fn holder(path: &Path) -> String {
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(200).read_to_string(&mut text));
    match (read, text.trim()) {
        (Ok(_), known) if !known.is_empty() => known.escape_debug().to_string(),
        _ => ANOTHER.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_holder_waits_then_names_the_first() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let first = RunLock::take(&path, Duration::ZERO).unwrap();
        let error = RunLock::take(&path, Duration::from_millis(50)).unwrap_err();
        let wanted = format!("locked by process {}", std::process::id());
        assert!(error.to_string().contains(&wanted), "{error}");
        drop(first);
        assert!(!path.exists(), "the lock file is removed at the end");
        assert!(RunLock::take(&path, Duration::ZERO).is_ok(), "free again");
    }

    #[test]
    fn what_a_dead_process_left_does_not_block() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        std::fs::write(&path, "process 1 on elsewhere\n").unwrap();
        assert!(
            RunLock::take(&path, Duration::ZERO).is_ok(),
            "a file alone is no lock"
        );
    }

    #[test]
    fn many_threads_hold_it_one_after_the_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let inside = std::sync::atomic::AtomicU32::new(0);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let _lock = RunLock::take(&path, Duration::from_secs(60)).unwrap();
                    let others = inside.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                    assert_eq!(others, 0, "alone while holding the lock");
                    std::thread::yield_now();
                    inside.fetch_sub(1, std::sync::atomic::Ordering::SeqCst);
                });
            }
        });
    }
}
