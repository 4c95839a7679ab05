//! kube-apiserver, with the admission plugins and the RBAC that a default installation has.

use std::path::PathBuf;
use std::time::Duration;

use crate::lab::supervisor::Process;
use crate::lab::users::User;
use crate::lab::{Cluster, binaries, ports};

/// What other components need to know of a running API server.
#[derive(Debug)]
pub(crate) struct Apiserver {
    /// Its own certificate and the CA that signed it.
    pub(crate) certificates: PathBuf,
    /// The key that signs service account tokens.
    pub(crate) key: PathBuf,
}

/// Starts the API server, writes the users' kubeconfigs and returns when it is ready.
pub(crate) fn start(cluster: &Cluster, etcd: &str) -> Apiserver {
    let run = &cluster.run;
    let port = ports::free();
    let certificates = run.path("apiserver/apiserver.crt");
    // The API server makes this pair itself at its start. The key also signs service account tokens, so that the lab
    // needs no tool that generates keys.
    let key = run.path("apiserver/apiserver.key");
    let arguments = [
        format!("--etcd-servers={etcd}"),
        format!("--cert-dir={}", run.path("apiserver").display()),
        format!("--secure-port={port}"),
        "--bind-address=127.0.0.1".to_string(),
        // An address of the documentation block: otherwise it looks for an interface to advertise and fails on a
        // machine that has only loopback. Nobody connects to it.
        "--advertise-address=192.0.2.1".to_string(),
        "--endpoint-reconciler-type=none".to_string(),
        "--service-account-issuer=https://kubernetes.default.svc".to_string(),
        format!("--service-account-key-file={}", key.display()),
        format!("--service-account-signing-key-file={}", key.display()),
        "--authorization-mode=RBAC".to_string(),
        format!("--token-auth-file={}", run.path("tokens.csv").display()),
        "--service-cluster-ip-range=10.0.0.0/24".to_string(),
        "--allow-privileged=true".to_string(),
    ];
    run.start(Process::new(
        "kube-apiserver",
        &binaries::path("kube-apiserver"),
        arguments,
    ));
    run.ready("kube-apiserver", Duration::from_secs(60), || {
        key.exists().then_some(())
    });
    run.write_kubeconfigs(&format!("https://127.0.0.1:{port}"), &certificates);
    run.ready("kube-apiserver", Duration::from_secs(120), || {
        let answer = cluster.kubectl(User::Root, &["get", "--raw", "/readyz"], None);
        answer.status.success().then_some(())
    });
    Apiserver { certificates, key }
}
