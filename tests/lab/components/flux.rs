//! Flux's kustomize-controller, with the flags by which Flux's documentation locks down a cluster of several tenants.

use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

use crate::lab::supervisor::Process;
use crate::lab::users::User;
use crate::lab::{Cluster, binaries, crds, ports};

/// Installs what the controller needs.
pub(crate) fn install(cluster: &Cluster) {
    let sets = [
        &crds::KUSTOMIZE_CONTROLLER,
        &crds::SOURCE_CONTROLLER,
        &crds::HELM_CONTROLLER,
    ];
    crds::install(cluster, &sets);
    cluster.apply(User::Root, include_str!("flux.yaml"));
}

/// Starts the controller and returns when it listens.
pub(crate) fn start(cluster: &Cluster) {
    let run = &cluster.run;
    let health = ports::free();
    let arguments = [
        "--watch-all-namespaces".to_string(),
        "--no-cross-namespace-refs=true".to_string(),
        "--no-remote-bases=true".to_string(),
        "--default-service-account=default".to_string(),
        // Instead of 30 s, for each stage that waits for the one before it.
        "--requeue-dependency=1s".to_string(),
        format!("--metrics-addr=127.0.0.1:{}", ports::free()),
        format!("--health-addr=127.0.0.1:{health}"),
        "--events-addr=".to_string(),
        "--log-encoding=console".to_string(),
    ];
    let program = binaries::path("kustomize-controller");
    let mut process = Process::new("kustomize-controller", &program, arguments);
    let kubeconfig = run.path(&User::KustomizeController.file());
    // Where it unpacks what it fetches; a killed controller leaves that behind.
    let scratch = run.path("kustomize-controller");
    std::fs::create_dir_all(&scratch).unwrap_or_else(|error| panic!("{}: {error}", scratch.display()));
    process.env = [
        ("RUNTIME_NAMESPACE", "flux-system".to_string()),
        ("KUBECONFIG", kubeconfig.display().to_string()),
        ("TMPDIR", scratch.display().to_string()),
    ]
    .map(|(key, value)| (key.to_string(), value))
    .into();
    run.start(process);
    run.ready("kustomize-controller", Duration::from_secs(60), || {
        TcpStream::connect((Ipv4Addr::LOCALHOST, health)).ok()
    });
}
