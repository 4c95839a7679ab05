//! One Kubernetes cluster, reached by exactly the context that was asked for.
//!
//! ```text
//! kubeconfig ──▶ client ── call ──▶ API server
//!                  │ retry, wait       │ refusal
//!                  ▼                   ▼
//!              discovery             error ──▶ exit code
//! ```

mod call;
mod client;
mod discovery;
mod error;
mod kubeconfig;
mod parallel;
mod refusal;
mod retry;
mod wait;

pub use call::{As, Call};
pub use client::Cluster;
pub use discovery::{Discovery, Resource};
pub use error::ClusterError;
pub use kubeconfig::{Kubeconfigs, Target};
pub use parallel::bounded;
pub use refusal::{Cause, Refusal};
pub use wait::{Deadline, Pace, Stop};

/// Runs a future to its end on a runtime of its own; the rest of the program is synchronous.
pub fn block_on<T>(future: impl Future<Output = T>) -> Result<T, ClusterError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|cause| ClusterError::Runtime {
            cause: cause.to_string(),
        })?;
    let result = runtime.block_on(future);
    // A plug-in that hangs must not keep the program alive.
    runtime.shutdown_background();
    Ok(result)
}
