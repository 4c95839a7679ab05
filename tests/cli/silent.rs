//! An API server that takes connections and never says a word.

use std::net::{TcpListener, TcpStream};

use super::sandbox::Sandbox;

/// A port that is connected to and then left waiting.
pub(crate) struct SilentServer {
    listener: TcpListener,
}

impl SilentServer {
    /// Listens on a free port and writes a kubeconfig `silent.kubeconfig` whose context `fra1-admin` leads there.
    pub(crate) fn start(sandbox: &Sandbox) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        kubeconfig(
            sandbox,
            "silent.kubeconfig",
            listener.local_addr().unwrap().port(),
        );
        Self { listener }
    }

    /// Waits until somebody has connected; the connection stays open as long as the answer is kept.
    pub(crate) fn connected(&self) -> TcpStream {
        self.listener.accept().unwrap().0
    }
}

/// Writes a kubeconfig whose one context `fra1-admin` leads to a port of this machine.
pub(crate) fn kubeconfig(sandbox: &Sandbox, name: &str, port: u16) {
    let text = format!(
        "apiVersion: v1\nkind: Config\n\
         contexts: [{{name: fra1-admin, context: {{cluster: a, user: a}}}}, {{name: \"$(touch x)\"}}]\n\
         clusters: [{{name: a, cluster: {{server: \"https://127.0.0.1:{port}\"}}}}]\n\
         users: [{{name: a, user: {{token: t}}}}]\n"
    );
    sandbox.write(name, &text);
}
