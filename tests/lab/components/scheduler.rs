//! kube-scheduler, as kubeadm runs it: its own identity, default configuration.

use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

use crate::lab::supervisor::Process;
use crate::lab::users::User;
use crate::lab::{Cluster, binaries, ports};

/// Starts the scheduler and returns when it listens.
pub(crate) fn start(cluster: &Cluster) {
    let run = &cluster.run;
    let port = ports::free();
    let arguments = [
        format!("--kubeconfig={}", run.path(&User::Scheduler.file()).display()),
        "--bind-address=127.0.0.1".to_string(),
        format!("--secure-port={port}"),
        format!("--cert-dir={}", run.path("scheduler").display()),
        "--leader-elect=false".to_string(),
    ];
    run.start(Process::new(
        "kube-scheduler",
        &binaries::path("kube-scheduler"),
        arguments,
    ));
    run.ready("kube-scheduler", Duration::from_secs(60), || {
        TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok()
    });
}
