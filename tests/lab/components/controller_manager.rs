//! kube-controller-manager, as kubeadm runs it: its own identity, one service account per controller.

use std::time::Duration;

use super::apiserver::Apiserver;
use crate::lab::supervisor::Process;
use crate::lab::users::User;
use crate::lab::{Cluster, binaries, ports, run::Run};

/// Starts the controller manager.
pub(crate) fn start(run: &Run, apiserver: &Apiserver) {
    let arguments = [
        format!(
            "--kubeconfig={}",
            run.path(&User::ControllerManager.file()).display()
        ),
        "--use-service-account-credentials=true".to_string(),
        format!("--service-account-private-key-file={}", apiserver.key.display()),
        format!("--root-ca-file={}", apiserver.certificates.display()),
        "--bind-address=127.0.0.1".to_string(),
        format!("--secure-port={}", ports::free()),
        format!("--cert-dir={}", run.path("controller-manager").display()),
        // The default lies under /usr, and it would be created.
        format!("--flex-volume-plugin-dir={}", run.path("flexvolume").display()),
        "--leader-elect=false".to_string(),
    ];
    run.start(Process::new(
        "kube-controller-manager",
        &binaries::path("kube-controller-manager"),
        arguments,
    ));
}

/// Waits for the first thing that it makes.
pub(crate) fn ready(cluster: &Cluster) {
    cluster
        .run
        .ready("kube-controller-manager", Duration::from_secs(60), || {
            let account = ["-n", "default", "get", "serviceaccount", "default"];
            cluster
                .kubectl(User::Root, &account, None)
                .status
                .success()
                .then_some(())
        });
}
