//! Running kubectl, and what it answered.

use std::fmt;
use std::io::Write;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

/// What a command answered.
#[derive(Clone, Debug)]
pub(crate) struct Output {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Output {
    /// Whether admission denied the request and names this policy; any other failure is no denial.
    pub(crate) fn denied_by(&self, policy: &str) -> bool {
        !self.status.success()
            && (self.stderr.contains("denied the request") || self.stderr.contains("denied request"))
            && self.stderr.contains(policy)
    }
}

impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}\nstdout:\n{}\nstderr:\n{}",
            self.status, self.stdout, self.stderr
        )
    }
}

/// Runs kubectl with a kubeconfig; `home` holds its caches and hides the person's own settings.
pub(super) fn run(
    program: &Path,
    home: &Path,
    kubeconfig: &Path,
    arguments: &[&str],
    stdin: Option<&str>,
) -> Output {
    let mut child = Command::new(program)
        // No single request may hang for ever when a control plane is gone.
        .arg("--request-timeout=60s")
        .arg("--kubeconfig")
        .arg(kubeconfig)
        .args(arguments)
        .env("HOME", home)
        .env_remove("KUBECONFIG")
        .env_remove("KUBECACHEDIR")
        .env("KUBERC", "off")
        .stdin(if stdin.is_some() {
            Stdio::piped()
        } else {
            Stdio::null()
        })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("`{}` cannot be run: {error}", program.display()));
    let pipe = child.stdin.take();
    let output = std::thread::scope(|scope| {
        // Beside reading its output, or both sides could wait for each other with full pipes.
        scope.spawn(move || {
            if let (Some(mut pipe), Some(text)) = (pipe, stdin) {
                // kubectl closes its stdin early when it fails; its exit status says so.
                let _ = pipe.write_all(text.as_bytes());
            }
        });
        child.wait_with_output()
    })
    .unwrap_or_else(|error| panic!("`{}`: {error}", program.display()));
    Output {
        status: output.status,
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}
