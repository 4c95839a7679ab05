//! kwok, the kubelet of every node: nodes are ready and keep their leases, scheduled pods run, deleted pods go.

use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

use crate::lab::supervisor::Process;
use crate::lab::users::User;
use crate::lab::{Cluster, binaries, ports};

/// Starts kwok and returns when it listens.
pub(crate) fn start(cluster: &Cluster) {
    cluster.apply(User::Root, include_str!("kwok-rights.yaml"));
    let run = &cluster.run;
    let stages = run.write("kwok-stages.yaml", include_str!("kwok-stages.yaml"));
    let port = ports::free();
    let arguments = [
        format!("--kubeconfig={}", run.path(&User::Kwok.file()).display()),
        format!("--config={}", stages.display()),
        "--manage-all-nodes=true".to_string(),
        "--node-ip=127.0.0.1".to_string(),
        "--cidr=10.1.0.0/16".to_string(),
        "--node-lease-duration-seconds=40".to_string(),
        format!("--server-address=127.0.0.1:{port}"),
    ];
    run.start(Process::new("kwok", &binaries::path("kwok"), arguments));
    run.ready("kwok", Duration::from_secs(60), || {
        TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok()
    });
}
