//! etcd, on loopback, without fsync: the data live as long as the tests.

use crate::lab::supervisor::Process;
use crate::lab::{binaries, ports, run::Run};

/// Starts etcd and returns its client URL; the API server retries until it answers.
pub(crate) fn start(run: &Run) -> String {
    let client = format!("http://127.0.0.1:{}", ports::free());
    let peer = format!("http://127.0.0.1:{}", ports::free());
    let arguments = [
        format!("--data-dir={}", run.path("etcd").display()),
        format!("--listen-client-urls={client}"),
        format!("--advertise-client-urls={client}"),
        format!("--listen-peer-urls={peer}"),
        format!("--initial-advertise-peer-urls={peer}"),
        format!("--initial-cluster=default={peer}"),
        "--unsafe-no-fsync".to_string(),
    ];
    run.start(Process::new("etcd", &binaries::path("etcd"), arguments));
    client
}
