//! Free TCP ports on loopback.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::{Mutex, PoisonError};

/// Below the range from which Linux takes the local ports of outgoing connections (32768 by default): between this
/// check and the moment a component listens, some client's connection would otherwise now and then take its port.
const RANGE: std::ops::Range<u16> = 20_000..32_000;

/// Returns a port that nobody listens on and that this process has not given out yet.
pub(super) fn free() -> u16 {
    static GIVEN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());
    let mut given = GIVEN.lock().unwrap_or_else(PoisonError::into_inner);
    // Test binaries that start at the same moment begin to look at different places.
    let offset = (std::process::id() as usize).wrapping_mul(31) % RANGE.len();
    let port = RANGE
        .skip(offset)
        .chain(RANGE.take(offset))
        .find(|port| !given.contains(port) && TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
        .expect("a free port on loopback");
    given.insert(port);
    port
}
