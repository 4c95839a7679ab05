//! Who may use a control plane at the same time.

use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::supervisor::Supervisor;

/// Held by a test that changes cluster-wide policies: no other test runs on this control plane.
#[derive(Debug)]
#[must_use = "the control plane is free again as soon as this is dropped"]
pub(crate) struct Exclusive<'a> {
    _under_way: UnderWay<'a>,
    _lock: RwLockWriteGuard<'a, ()>,
}

/// Held by a test that stays within namespaces of its own; others may run beside it. Never take two in one test.
#[derive(Debug)]
#[must_use = "the control plane is free again as soon as this is dropped"]
pub(crate) struct Shared<'a> {
    _under_way: UnderWay<'a>,
    _lock: RwLockReadGuard<'a, ()>,
}

/// Waits until no other test uses the control plane.
pub(super) fn exclusive<'a>(lock: &'a RwLock<()>, supervisor: &'a Supervisor) -> Exclusive<'a> {
    // A test that failed while it held the lock leaves nothing behind it that the lock protects.
    let lock = lock.write().unwrap_or_else(PoisonError::into_inner);
    Exclusive {
        _under_way: UnderWay::begin(supervisor),
        _lock: lock,
    }
}

/// Waits until no test has the control plane for itself.
pub(super) fn shared<'a>(lock: &'a RwLock<()>, supervisor: &'a Supervisor) -> Shared<'a> {
    let lock = lock.read().unwrap_or_else(PoisonError::into_inner);
    Shared {
        _under_way: UnderWay::begin(supervisor),
        _lock: lock,
    }
}

/// Tells the supervisor from when until when something runs, so that it keeps the logs of what was cut off.
#[derive(Debug)]
pub(super) struct UnderWay<'a>(&'a Supervisor);

impl<'a> UnderWay<'a> {
    pub(super) fn begin(supervisor: &'a Supervisor) -> UnderWay<'a> {
        supervisor.note("begin");
        UnderWay(supervisor)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.note(if std::thread::panicking() { "keep" } else { "ok" });
    }
}
